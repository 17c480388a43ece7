"""Pages whose examples are done: files are written, edits are made, commands are run and compared with what is shown.

    <!-- runs -->          the console block below is run in the page's folder, and has to print what it shows
    <!-- runs in: NAME --> the same in a folder of its own; `team` and `running` have a deployment, before and after go
    <!-- file: NAME -->    the block below is written to that file
    <!-- edit: NAME -->    the diff below is made in that file

In what is shown "…" stands for anything on a line, and a line of only "…" for any lines.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(
    r"(?:^[ ]*<!-- (?P<directive>[^\n]*?) -->\n)?^(?P<indent>[ ]*)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """One fenced block with the directive above it, empty where there is none."""

    page: str
    line: int
    directive: str
    language: str
    text: str

    @property
    def runs(self) -> bool:
        return self.directive.split(" ")[0] == "runs"

    @property
    def place(self) -> str:
        """What stands after the colon: a file, or a folder."""
        return self.directive.partition(": ")[2]

    def sessions(self) -> Iterator[tuple[str, str]]:
        """Each command of a console block with what it is shown to print."""
        for part in re.split(r"^\$ ", self.text, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            yield command, shown


def blocks(page: Path) -> list[Block]:
    """Every fenced block of a page."""
    text = page.read_text(encoding="utf-8")
    return [_block(page.name, text, match) for match in _BLOCK.finditer(text)]


def _block(page: str, text: str, match: re.Match[str]) -> Block:
    line = text.count("\n", 0, match.start("text")) + 1
    return Block(page, line, match["directive"] or "", match["language"], textwrap.dedent(match["text"]))


def matches(shown: str, printed: str) -> bool:
    """Whether a command printed what the page shows."""
    lines = [".*" if line.strip() == "…" else _line(line) for line in shown.rstrip("\n").split("\n")]
    pattern = "\n".join(lines).replace("\n.*", "(?:\n.*)*").replace(".*\n", "(?:.*\n)*")
    return re.fullmatch(pattern, printed.rstrip("\n")) is not None


def _line(line: str) -> str:
    return re.escape(line).replace("…", "[^\n]*?")


def edited(text: str, diff: str) -> str:
    """The text after a diff without line numbers. Raises ValueError where its lines are not there exactly once."""
    before = "".join(line[1:] + "\n" for line in diff.splitlines() if line[:1] in (" ", "-"))
    after = "".join(line[1:] + "\n" for line in diff.splitlines() if line[:1] in (" ", "+"))
    if text.count(before) != 1:
        raise ValueError(f"{text.count(before)} places for:\n{before}")
    return text.replace(before, after)
