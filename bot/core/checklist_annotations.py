"""Annotations: the comment at the end of a heading or item, `key: value; key: value`, read into plain values.

    phase: deploy in staging, prepare in production     also `phase: prepare`; kinds not named: does not apply
    required: complete in staging, go in production     go, complete, no; also `go in staging and production`
    environments: staging, production                   the kinds in which it applies
    id: backup                                          lower case letters, digits, - and /
    carry: files         valid: 30d         due: 1h | day 1-7 | week 1-4
    check: syntax, sequential-numbering                 when: maintenance-on done
    role: dba approve    (or review, acknowledge)       by: completion | person | peer

The first seven may stand on a heading and hold for what is below it; the others only on an item.
`none` as the value of carry, valid, due or role takes back what a heading says or what would be inferred.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from bot.core.checklist import values
from bot.core.checklist.values import Choice
from bot.core.checklist_problems import problem
from bot.core.checklist_text import nearest
from bot.core.checklist_words import Due, Kind, Phase, Requirement, RoleAnnotation
from checks.result import Finding, Unusable

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
    "phase": values.read_phase,
    "required": values.read_requirement,
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
    for entry in _entries(comment):
        try:
            key, value = _split(entry, on_item, seen)
            annotation = _set(annotation, key, value)
        except Unusable as fault:
            problems.append(problem(file, line, fault.sentence, fault.hint))
    return annotation, problems


def looks_like_annotation(comment: str) -> bool:
    """Whether a comment on a line of its own was meant to annotate: one of its entries begins with a known key."""
    return any(entry.partition(":")[0].strip().lower() in _READERS for entry in comment.split(";") if ":" in entry)


def _entries(comment: str) -> Iterator[str]:
    entries = [entry.strip() for entry in comment.split(";")]
    yield from [entry for entry in entries if entry] or [""]


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
