"""Changes the rules of trust one by one, and prints each change that no test notices and `mutants.md` does not explain.

Which files and which tests: `[tool.mutmut]` in pyproject.toml. Constants and decorated methods are not changed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

EXPLAINED = Path(__file__).with_suffix(".md")
ROW = re.compile(r"^\| `(?P<function>[^`]+)` \| `(?P<line>.+)` \| .+ \|$", re.MULTILINE)


def mutmut(*arguments: str, quiet: bool = True) -> str:
    command = [sys.executable, "-m", "mutmut", *arguments]
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE if quiet else None, check=False)
    if done.returncode:
        sys.exit(done.stdout or "mutmut stopped: are the tests green without a change?")
    return done.stdout or ""


def survivors() -> list[str]:
    """Their names, like `bot.core.item.x_state_of__mutmut_5`; a mutant that no test reaches is one too."""
    lines = [line.strip().rpartition(": ") for line in mutmut("results").splitlines()]
    return [name for name, _, how in lines if how in {"survived", "no tests", "suspicious"}]


def change(name: str) -> tuple[str, str]:
    """Function and changed line: they tell a mutant again when others come and go."""
    added = [line[1:].strip() for line in mutmut("show", name).splitlines() if re.match(r"\+(?!\+\+)", line)]
    return re.sub(r"__mutmut_\d+$", "", name).replace(".x_", "."), " ".join(added)


def main() -> None:
    mutmut("run", "--max-children", str(os.cpu_count() or 2), quiet=False)
    explained = {(row["function"], row["line"]) for row in ROW.finditer(EXPLAINED.read_text(encoding="utf-8"))}
    found = {name: change(name) for name in survivors()}
    unexplained = {name: what for name, what in found.items() if what not in explained}
    for name, (function, line) in unexplained.items():
        print(f"{name}\n| `{function}` | `{line}` | why? |")
    for function, line in explained - set(found.values()):
        print(f"explained, and not alive: {function}: {line}")
    print(f"{len(found)} mutants live, {len(found) - len(unexplained)} of them explained")
    sys.exit(bool(unexplained))


if __name__ == "__main__":
    main()
