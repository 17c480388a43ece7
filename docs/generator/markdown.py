"""Small pieces of Markdown."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "data"
NOTE = "<!-- Made by `make docs` from the code and docs/data; edit those. -->"


def data(name: str) -> dict[str, Any]:
    """One file of docs/data."""
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; what would end a cell is escaped."""
    lines = [_row(head), _row(["---"] * len(head)), *(_row([_cell(text) for text in row]) for row in rows)]
    return "\n".join(lines)


def anchor(heading: str) -> str:
    """What a heading is called in a link, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def page(*parts: str) -> str:
    """Parts with an empty line between them; the first is the title."""
    title, *rest = parts
    return "\n\n".join([title, NOTE, *(part for part in rest if part)]) + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
