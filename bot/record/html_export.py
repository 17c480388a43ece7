"""The record as one HTML page that needs nothing else: no script, no picture, no font from elsewhere."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

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
    markdown.add_render_rule("text", _text)
    return markdown


def _shown_as_text(_renderer: Any, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    content = tokens[at].content
    return "" if content.lstrip().startswith("<!--") else html.escape(content)


def _text(_renderer: Any, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    content = tokens[at].content
    if at == 0 and content[:4] in _BOXES:
        content = _BOXES[content[:4]] + content[4:]
    return html.escape(content)
