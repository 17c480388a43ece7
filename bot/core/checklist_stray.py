"""Lines that a person means as an item or an annotation and that Markdown reads as something else."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from markdown_it.token import Token

from bot.core.checklist_annotations import looks_like_annotation
from bot.core.checklist_problems import problem
from checks.result import Finding

_ITEM_LIKE = re.compile(r"^[\s>]*(?:[-*+]|\d{1,9}[.)])\s*\[\s*[xX]?\s*\](?![(\[:])")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


def stray_problems(
    tokens: Sequence[Token], lines: Sequence[str], item_lines: Collection[int], file: str
) -> Iterator[Finding]:
    """One problem for each line that would be lost. Code fences and commented-out lines are left alone."""
    hidden = _hidden_lines(tokens)
    for number, line in enumerate(lines, 1):
        if number not in item_lines and number not in hidden and _ITEM_LIKE.match(line):
            yield problem(file, number, "Markdown does not read this line as an item.", _mend_for(line))
    for token in tokens:
        if token.type == "html_block":
            yield from _comment_problems(token, file)


def _mend_for(line: str) -> str:
    if not re.match(r"^[\s>]*\S+[ \t]+\[[ xX]\]\s", line):
        return "Write it as `- [ ] text`: a space before the box, one inside it, one behind it."
    return "Leave an empty line before the list, and indent it by fewer than four spaces more than the text above."


def _hidden_lines(tokens: Sequence[Token]) -> set[int]:
    hidden: set[int] = set()
    for token in tokens:
        first, past = token.map or (0, 0)
        if token.type == "fence":
            hidden.update(range(first + 1, past + 1))
        elif token.type == "html_block":
            hidden.update(first + 1 + offset for offset in _commented_out(token.content))
    return hidden


def _commented_out(content: str) -> Iterator[int]:
    for match in _COMMENT.finditer(content):
        first = content.count("\n", 0, match.start())
        yield from range(first + 1, first + match[0].count("\n") + 1)


def _comment_problems(token: Token, file: str) -> Iterator[Finding]:
    for match in _COMMENT.finditer(token.content):
        line = (token.map or (0, 0))[0] + 1 + token.content.count("\n", 0, match.start())
        if not match[0].endswith("-->"):
            sentence = "The comment that opens here with <!-- is not closed and hides the rest of the file."
            yield problem(file, line, sentence, "Close it with -->.")
        elif looks_like_annotation(match[0][4:-3]):
            sentence = "This annotation stands on a line of its own and belongs to nothing."
            yield problem(file, line, sentence, "Put it at the end of the heading's or the item's line.")
