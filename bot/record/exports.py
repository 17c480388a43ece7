"""The record of one deployment as a file: JSON that verifies alone, CSV for a spreadsheet, one HTML page."""

from __future__ import annotations

import csv
import html
import io
import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.core.checklist.text import is_unseen
from bot.core.deployment import Deployment
from bot.core.journal import Entry
from bot.core.signing import SigningKey, export_message
from bot.core.verify import REMOVED
from bot.usecases.books.units import Reader
from bot.usecases.evidence import evidence


def export_json(reader: Reader, deployment: Deployment, key: SigningKey | None) -> str:
    """Everything about one deployment as JSON text, signed where there is a key.

    `journal.entries[].body` is a string, byte for byte as stored. What cannot be seen is written as JSON writes it in
    ASCII: the value is the same, and nobody's eye is fooled.
    """
    export = evidence(reader, deployment)
    if key:
        export["signature"] = {"key": key.fingerprint, "value": key.sign(export_message(export))}
    text = json.dumps(export, ensure_ascii=False, indent=1)
    unseen = {ord(each): json.dumps(each)[1:-1] for each in set(text) - {"\n"} if is_unseen(each)}
    return text.translate(unseen) + "\n"


COLUMNS = ("row", "at", "event", "who", "name", "reason", "facts", "hash")
_SHOWN_APART = frozenset({"at", "event", "who", "name", "reason", "rows"})
_FORMULA = frozenset("=+-@")
_LINES = frozenset("\t\r\n")


def export_csv(reader: Reader, deployment_id: str) -> str:
    """CSV text (RFC 4180, UTF-8, every cell quoted) with a heading. Raises LookupError without such a deployment."""
    chain = reader.deployments.get(deployment_id).chain
    texts = reader.journal.texts(chain)
    page = io.StringIO(newline="")
    writer = csv.writer(page, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for entry in reader.journal.entries(chain):
        writer.writerow([_safe(cell) for cell in _cells(entry, texts)])
    return page.getvalue()


def _cells(entry: Entry, texts: Mapping[str, tuple[str, str | None]]) -> Iterator[str]:
    body: dict[str, Any] = json.loads(entry.body)
    rest = {key: value for key, value in body.items() if key not in _SHOWN_APART}
    yield from (str(entry.seq), body["at"], body["event"], body.get("who", ""))
    yield from (_private_text(body, key, texts) for key in ("name", "reason"))
    yield json.dumps(rest, ensure_ascii=False, sort_keys=True) if rest else ""
    yield entry.hash


def _private_text(body: Mapping[str, Any], key: str, texts: Mapping[str, tuple[str, str | None]]) -> str:
    if key not in body:
        return ""
    text = texts.get(body[key], ("", None))[1]
    return REMOVED if text is None else text


def _safe(cell: str) -> str:
    """A spreadsheet would run what begins like a formula (owasp.org/www-community/attacks/CSV_Injection).

    It looks past spaces, and takes wide signs for narrow ones. What cannot be seen becomes U+FFFD.
    """
    seen = "".join(each for each in cell if each in _LINES or not is_unseen(each))
    begins = unicodedata.normalize("NFKC", seen).lstrip()[:1]
    shown = "".join("\ufffd" if is_unseen(each) and each not in _LINES else each for each in cell)
    return f"'{shown}" if begins in _FORMULA or cell[:1] in _LINES else shown


_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}"
    "h1,h2,h3{line-height:1.2}ul{padding-left:1.4rem}li{margin:.15rem 0}li li{color:#555;font-size:.92rem}"
    "code{overflow-wrap:anywhere}@media print{body{margin:0}}"
)
_BOXES = {"[x] ": "☑ ", "[X] ": "☑ ", "[ ] ": "☐ "}


def export_html(record: str, title: str) -> str:
    """A page of the record's Markdown (`views.record_text`). HTML in it is shown as text, its comments left out."""
    body = _markdown().render(record)
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title><style>{_STYLE}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n{body}</body></html>\n'


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark")
    for kind in ("html_inline", "html_block"):
        markdown.add_render_rule(kind, _shown_as_text)
    markdown.add_render_rule("text", _with_boxes)
    return markdown


def _shown_as_text(_renderer: Any, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    content = tokens[at].content
    return "" if content.lstrip().startswith("<!--") else html.escape(content)


def _with_boxes(_renderer: Any, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    content = tokens[at].content
    if at == 0 and content[:4] in _BOXES:
        content = _BOXES[content[:4]] + content[4:]
    return html.escape(content)
