"""The text of one heading or item: what a reader sees, and the comment at its end."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token


@dataclass(frozen=True)
class InlineText:
    """`text` is plain and on one line; `comment` what stood in the comments at the end, None without any."""

    text: str
    comment: str | None
    links: tuple[str, ...]
    misplaced: bool
    unclosed: bool


def read_inline(markdown: MarkdownIt, references: MutableMapping[str, object], content: str) -> InlineText:
    """Read Markdown of one paragraph; several comments at the end count as one."""
    parsed = markdown.parseInline(content, references)
    children = list(parsed[0].children or []) if parsed else []
    comments = _take_comments(children)
    text = " ".join("".join(map(_words, children)).split())
    links = tuple(str(child.attrGet("href")) for child in children if child.type == "link_open")
    misplaced = any(map(_is_comment, children))
    return InlineText(text, "; ".join(comments) if comments else None, links, misplaced, "<!--" in text)


def _take_comments(children: list[Token]) -> list[str]:
    comments: list[str] = []
    while children and (_is_comment(children[-1]) or _is_blank(children[-1])):
        last = children.pop()
        if _is_comment(last):
            comments.insert(0, _comment_text(last.content))
    return comments


def _comment_text(comment: str) -> str:
    # CommonMark knows two comments that are empty and overlap their own ends.
    return "" if comment in ("<!-->", "<!--->") else comment[4:-3].strip()


def _is_comment(token: Token) -> bool:
    return token.type == "html_inline" and token.content.startswith("<!--")


def _is_blank(token: Token) -> bool:
    return token.type == "softbreak" or (token.type == "text" and not token.content.strip())


def _words(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return " "
    return token.content if token.type in ("text", "code_inline", "image") else ""
