"""`python -m tests.mutants`: changes the rules of trust one at a time, and prints each change that no test noticed.

mutmut makes and tries the changes (`[tool.mutmut]` in pyproject.toml); `tests/mutants.md` explains those that change
nothing a test could notice. Exits 1 where a survivor is not explained.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXPLAINED = ROOT / "tests" / "mutants.md"
_MUTMUT = str(Path(sys.executable).with_name("mutmut"))


def main() -> int:
    """Runs all, prints the survivors with their change, and says which of them are explained."""
    subprocess.run([_MUTMUT, "run", "--max-children", str(os.cpu_count() or 1)], cwd=ROOT, check=True)
    known = EXPLAINED.read_text(encoding="utf-8")
    found = {name: change(name) for name in survivors()}
    unexplained = {name: text for name, text in found.items() if not is_explained(text, known)}
    for name, text in unexplained.items():
        print(f"\n{name}\n{text}")
    print(f"\n{len(found)} survived, {len(found) - len(unexplained)} of them explained in tests/mutants.md")
    return 1 if unexplained else 0


def survivors() -> list[str]:
    """The names of mutants that no test killed, also of those that no test ran."""
    told = subprocess.run([_MUTMUT, "results"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return re.findall(r"^\s+(\S+): (?:survived|no tests|suspicious|timeout)$", told, re.MULTILINE)


def change(name: str) -> str:
    """What the mutant changed: the lines taken out and put in, with `-` and `+`."""
    told = subprocess.run([_MUTMUT, "show", name], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    lines = (line for line in told.splitlines() if line[:1] in {"-", "+"} and not line.startswith(("---", "+++")))
    return "\n".join(line[0] + " " + line[1:].strip() for line in lines)


def is_explained(text: str, known: str) -> bool:
    """By its change, since mutants are numbered anew when the code above them changes."""
    return text in known


if __name__ == "__main__":
    sys.exit(main())
