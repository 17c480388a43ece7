"""Annotations: the comment at the end of a heading or item, read into plain values; and lines meant as one."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from markdown_it.token import Token

from bot.core.checklist import values
from bot.core.checklist.items import Due, Kind, Phase, Requirement, RoleAnnotation
from bot.core.checklist.text import nearest, problem
from bot.core.checklist.values import Choice
from checks.result import Finding, Unusable

# `key: value; key: value`:
#
#     phase: deploy in staging, prepare in production     also `phase: prepare`; kinds not named: does not apply
#     required: complete in staging, go in production     go, complete, no; also `go in staging and production`
#     environments: staging, production                   the kinds in which it applies
#     id: backup                                          lower case letters, digits, - and /
#     carry: files         valid: 30d         due: 1h | day 1-7 | week 1-4
#     check: syntax, sequential-numbering                 when: maintenance-on done
#     role: dba approve    (or review, acknowledge)       by: completion | person | peer
#
# The first seven may stand on a heading and hold for what is below it; the others only on an item.
# `none` as the value of carry, valid, due or role takes back what a heading says or what would be inferred.

ITEM_ONLY = ("check", "when", "role", "by")
MAX_COMMENT = 1000
MAY_BE_NONE = ("carry", "valid", "due", "role")


@dataclass(frozen=True)
class Annotation:
    """What a comment says; None, empty or False where it says nothing. `declined` holds the keys set to none."""

    id: str | None = None
    phase: Choice[Phase] | None = None
    required: Choice[Requirement] | None = None
    environments: frozenset[Kind] | None = None
    carry: bool = False
    valid: int | None = None
    due: Due | None = None
    check: tuple[str, ...] = ()
    when: str | None = None
    role: RoleAnnotation | None = None
    by: str = ""
    declined: frozenset[str] = field(default_factory=frozenset)


NOTHING = Annotation()

_READERS: Mapping[str, Callable[[str], object]] = {
    "id": values.read_id,
    "phase": partial(values.read_by_kind, key="phase", words=Phase),
    "required": partial(values.read_by_kind, key="required", words=Requirement),
    "environments": values.read_kinds,
    "carry": values.read_carry,
    "valid": values.read_days,
    "due": values.read_due,
    "check": values.read_checks,
    "when": values.read_when,
    "role": values.read_role,
    "by": values.read_by,
}


def read_annotation(comment: str | None, on_item: bool, file: str, line: int) -> tuple[Annotation, list[Finding]]:
    """The values of one comment, and every fault in it; faulty entries are left out."""
    if comment is None:
        return NOTHING, []
    if len(comment) > MAX_COMMENT:
        sentence = f"The comment at the end of this line has {len(comment)} characters; at most {MAX_COMMENT} are read."
        return NOTHING, [problem(file, line, sentence, "Shorten it; a remark goes on a line of its own.")]
    annotation, problems = NOTHING, []
    seen: set[str] = set()
    entries = [entry.strip() for entry in comment.split(";") if entry.strip()]
    for entry in entries or [""]:
        try:
            key, value = _split(entry, on_item, seen)
            annotation = _set(annotation, key, value)
        except Unusable as fault:
            problems.append(problem(file, line, fault.sentence, fault.hint))
    return annotation, problems


def looks_like_annotation(comment: str) -> bool:
    """Whether a comment on a line of its own was meant to annotate: one of its entries begins with a known key."""
    return any(entry.partition(":")[0].strip().lower() in _READERS for entry in comment.split(";") if ":" in entry)


def _split(entry: str, on_item: bool, seen: set[str]) -> tuple[str, str]:
    key, colon, value = (part.strip() for part in entry.partition(":"))
    key = key.lower()
    if not colon:
        mend = "Write `key: value; key: value`; a remark goes on a line of its own."
        raise Unusable(f"The comment at the end of this line is no annotation: {entry!r}.", mend)
    if key not in _READERS:
        raise Unusable(f"There is no annotation {key!r}.{nearest(key, _READERS)}", f"Use one of {', '.join(_READERS)}.")
    if key in ITEM_ONLY and not on_item:
        raise Unusable(f"`{key}` cannot stand on a heading.", "Write it at the end of each item that it is about.")
    if key in seen:
        raise Unusable(f"`{key}` is given twice.", "Keep one of the two.")
    seen.add(key)
    return key, value


def _set(annotation: Annotation, key: str, value: str) -> Annotation:
    if not value:
        raise Unusable(f"`{key}` has no value.", f"Write one, or remove `{key}:`.")
    if value.lower() == "none" and key in MAY_BE_NONE:
        return replace(annotation, declined=annotation.declined | {key})
    return replace(annotation, **{key: _READERS[key](value)})  # type: ignore[arg-type]


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
