"""A reader cannot be asked to write: a type checker says so for each book."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

from mypy import api

from bot.usecases.books.units import PostReader, PostUnit

ROOT = Path(__file__).parents[2]


def methods(book: type) -> set[str]:
    return {name for name in dir(book) if not name.startswith("_")}


def asked(reads: bool) -> Iterator[str]:
    """Every method of every book, as a reader would be asked for it."""
    readers: dict[str, Any] = get_type_hints(PostReader)
    for name, book in get_type_hints(PostUnit).items():
        known = methods(readers[name])
        yield from (f"reader.{name}.{method}" for method in sorted(methods(book)) if (method in known) is reads)


def test_no_reader_can_write(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(ROOT)
    reads, writes = list(asked(reads=True)), list(asked(reads=False))
    snippet = tmp_path / "snippet.py"
    head = ["from bot.usecases.books.units import PostReader", "def ask(reader: PostReader) -> None:"]
    snippet.write_text("\n".join([*head, *(f"    {call}" for call in (*reads, *writes))]))
    said, _, _ = api.run(["--strict", "--config-file=", f"--cache-dir={tmp_path / 'cache'}", str(snippet)])
    refused = {int(line) for line in re.findall(r"snippet\.py:(\d+): error: .* has no attribute", said)}
    first = len(head) + len(reads) + 1
    assert refused == set(range(first, first + len(writes))), said
    assert len(writes) > 40
