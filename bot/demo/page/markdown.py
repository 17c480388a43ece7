"""Markdown files, such as a deployment's record, drawn for reading."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt

from bot.demo.page.nodes import Node, h

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_BOX = re.compile(r"^(\s*[-*] )\[([ xX])\] ", re.MULTILINE)
_PARSER = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")


def markdown(text: str) -> Node:
    """Comments are hidden as GitHub hides them; boxes are drawn, HTML stays text."""
    shown = _BOX.sub(lambda found: f"{found[1]}{'☑' if found[2] in 'xX' else '☐'} ", _COMMENT.sub("", text))
    return h("div", class_="markdown", innerHTML=_PARSER.render(shown))
