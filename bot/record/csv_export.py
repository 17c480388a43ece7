"""The journal of one deployment as CSV, a row an entry, for a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from bot.core.journal import REMOVED, Entry
from bot.usecases.ports import Reader

COLUMNS = ("row", "at", "event", "who", "name", "reason", "facts", "hash")
_SHOWN_APART = frozenset({"at", "event", "who", "name", "reason"})
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export_csv(reader: Reader, deployment_id: str) -> str:
    """CSV text (RFC 4180, UTF-8) with a heading. Raises LookupError where there is no such deployment."""
    chain = reader.deployments.get(deployment_id).chain
    texts = reader.journal.texts(chain)
    page = io.StringIO(newline="")
    writer = csv.writer(page)
    writer.writerow(COLUMNS)
    for entry in reader.journal.entries(chain):
        writer.writerow([_safe(cell) for cell in _cells(entry, texts)])
    return page.getvalue()


def _cells(entry: Entry, texts: Mapping[str, tuple[str, str | None]]) -> Iterator[str]:
    body: dict[str, Any] = json.loads(entry.body)
    rest = {key: value for key, value in body.items() if key not in _SHOWN_APART}
    yield from (str(entry.seq), body["at"], body["event"], body.get("who", ""))
    yield from (_text(body, key, texts) for key in ("name", "reason"))
    yield json.dumps(rest, ensure_ascii=False, sort_keys=True) if rest else ""
    yield entry.hash


def _text(body: Mapping[str, Any], key: str, texts: Mapping[str, tuple[str, str | None]]) -> str:
    if key not in body:
        return ""
    text = texts.get(body[key], ("", None))[1]
    return REMOVED if text is None else text


def _safe(cell: str) -> str:
    """A spreadsheet would run what begins like a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
