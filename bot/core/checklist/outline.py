"""Markdown read into headings and items, with the text of each and the comment that annotates it."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.core.checklist.annotations import stray_problems
from bot.core.checklist.text import is_forbidden, name_character, problem
from checks.result import Finding


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


# CommonMark only (markdown-it-py, preset `commonmark`): plugins turn comments or boxes into something else.
# A line that looks like an item and that Markdown reads as something else is a problem: no item is lost in silence.

ITEM_START = re.compile(r"^(?P<lead>[\s>]*(?:[-*+]|\d{1,9}[.)]))(?P<gap>[ \t]+)\[(?P<box>[ xX])\](?=\s)")
_BOX = re.compile(r"^\[([ xX])\](?:\s+|$)")


@dataclass(frozen=True)
class Heading:
    """A heading of the file; `line` and `end_line` count from 1, `comment` is what annotates it."""

    level: int
    title: str
    line: int
    end_line: int
    comment: str | None


@dataclass(frozen=True)
class Entry:
    """An item of the file. Nested items are entries of their own; `end_line` is the last line of the label."""

    label: str
    line: int
    end_line: int
    comment: str | None
    ticked: bool
    links: tuple[str, ...]


@dataclass(frozen=True)
class Outline:
    """Headings and items in the order of the file."""

    nodes: tuple[Heading | Entry, ...]
    intro: str
    problems: tuple[Finding, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(node for node in self.nodes if isinstance(node, Entry))


def read_outline(text: str, lines: Sequence[str], file: str) -> Outline:
    """Headings at the margin and items at any depth. `lines` are those of `text`, for their exact wording."""
    markdown, blocks = MarkdownIt("commonmark"), MarkdownIt("commonmark")
    blocks.core.ruler.disable(["inline", "text_join"])  # each heading and item is read once, by itself
    references: dict[str, object] = {}
    tokens = blocks.parse(text, references)
    reader = _Reader(markdown, references, lines, file)
    nodes = tuple(node for index in range(len(tokens)) for node in reader.read(tokens, index))
    item_lines = {node.line for node in nodes if isinstance(node, Entry)}
    reader.problems.extend(stray_problems(tokens, lines, item_lines, file))
    return Outline(nodes, reader.intro(tokens), tuple(reader.problems))


class _Reader:
    """Turns tokens into headings and entries, and gathers what is wrong on the way."""

    def __init__(self, markdown: MarkdownIt, references: dict[str, object], lines: Sequence[str], file: str) -> None:
        self.markdown, self.references, self.lines, self.file = markdown, references, lines, file
        self.problems: list[Finding] = []

    def read(self, tokens: Sequence[Token], index: int) -> Iterator[Heading | Entry]:
        token = tokens[index]
        if token.type == "heading_open" and token.level == 0:
            yield self._heading(token, tokens[index + 1])
        elif token.type == "list_item_open" and tokens[index + 1].type == "paragraph_open":
            yield from self._entry(tokens[index + 2])

    def intro(self, tokens: Sequence[Token]) -> str:
        """The paragraphs at the margin before the first item and the second heading."""
        paragraphs: list[str] = []
        headings = 0
        for index, token in enumerate(tokens):
            headings += token.type == "heading_open"
            if headings > 1 or token.type == "list_item_open":
                break
            if token.type == "paragraph_open" and token.level == 0:
                paragraphs.append(self._inline(tokens[index + 1].content).text)
        return "\n\n".join(filter(None, paragraphs))

    def _inline(self, content: str) -> InlineText:
        return read_inline(self.markdown, self.references, content)

    def _heading(self, token: Token, inline: Token) -> Heading:
        first, past = token.map or (0, 1)
        words = self._inline(inline.content)
        self._check(words, inline.content, first + 1)
        return Heading(int(token.tag[1]), words.text, first + 1, past, words.comment)

    def _entry(self, inline: Token) -> Iterator[Entry]:
        box = _BOX.match(inline.content)
        if not box:
            return
        first, past = inline.map or (0, 1)
        if not ITEM_START.match(self.lines[first] + " "):
            self._refuse(first + 1, "The box does not begin this line.", "Write the item as `- [ ] text` on one line.")
        words = self._inline(inline.content[box.end() :])
        self._check(words, inline.content, past)
        yield Entry(words.text, first + 1, past, words.comment, box[1] != " ", words.links)

    def _check(self, words: InlineText, content: str, line: int) -> None:
        if words.unclosed:
            self._refuse(line, "The comment that opens here with <!-- is not closed.", "End it with --> on this line.")
        if words.misplaced:
            sentence = "A comment stands before the end of the line."
            self._refuse(line, sentence, "Move it behind the text, as the last thing on the line.")
        # One that stands in the file itself is told by checklist_source.
        for character in dict.fromkeys(each for each in words.text if is_forbidden(each) and each not in content):
            sentence = f"An entity here stands for {name_character(character)}, which a reader cannot see."
            self._refuse(line, sentence, "Remove that entity.")

    def _refuse(self, line: int, sentence: str, mend: str) -> None:
        self.problems.append(problem(self.file, line, sentence, mend))
