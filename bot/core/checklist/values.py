"""The values of annotations: one reader a key, each raising a Unusable that names what may stand there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TypeVar

from bot.core.checklist.items import Due, DueUnit, Kind, RoleAnnotation, RoleKind
from bot.core.checklist.text import MAX_SLUG, nearest, slug
from checks.result import Unusable

Value = TypeVar("Value")
Word = TypeVar("Word", bound=StrEnum)

# A value for each kind; the key None holds for the kinds that are not named.
Choice = Mapping[Kind | None, Value]

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DURATION = re.compile(r"([1-9]\d{0,3})\s*(m|min|minutes?|h|hours?|d|days?|w|weeks?)")
_SPAN = re.compile(r"(day|week)s?\s+([1-9]\d{0,2})(?:\s*(?:-|–|to)\s*([1-9]\d{0,2}))?")
_UNITS = {unit.value[0]: unit for unit in DueUnit}


def read_id(value: str) -> str:
    """An id looks like the slug that would be made: `backup-done`, `testing/backup-done`."""
    if len(value) > MAX_SLUG or any(slug(part) != part for part in value.split("/")):
        mend = f"Use lower case letters, digits, hyphens and slashes, at most {MAX_SLUG} characters: `id: backup-done`."
        raise Unusable(f"{value!r} is no id.", mend)
    return value


def read_kinds(value: str) -> frozenset[Kind]:
    return frozenset(_word(part, "environments", Kind) for part in _parts(value))


def read_carry(value: str) -> bool:
    if value.lower() != "files":
        raise Unusable(f"`carry` cannot be {value!r}.", "Write `carry: files` or `carry: none`.")
    return True


def read_days(value: str) -> int:
    """Whole days: `30d`, `90 days`, `4w`."""
    match = _DURATION.fullmatch(value.lower())
    unit = _UNITS[match[2][0]] if match else None
    if not match or unit not in (DueUnit.DAY, DueUnit.WEEK):
        raise Unusable(f"`valid` cannot be {value!r}.", "Write whole days or weeks: `valid: 30d`, `valid: 4w`.")
    return int(match[1]) * unit.length.days


def read_due(value: str) -> Due:
    """`45m`, `1h`, `3d`: from completion on; `day 1-7`, `week 2`: a span after it."""
    due = duration_due(value.lower()) or span_due(value.lower())
    if not due:
        raise Unusable(f"`due` cannot be {value!r}.", "Write `due: 1h`, `due: day 1-7` or `due: week 1-4`.")
    return due


def duration_due(text: str) -> Due | None:
    """A time from completion, such as "1h" or "24 hours"."""
    match = _DURATION.fullmatch(text)
    return Due(0, int(match[1]), _UNITS[match[2][0]]) if match else None


def span_due(text: str) -> Due | None:
    """Days or weeks after completion, such as "day 1-7" or "weeks 1–4"; None where the last is before the first."""
    match = _SPAN.fullmatch(text)
    if not match:
        return None
    first, last = int(match[2]), int(match[3] or match[2])
    return Due(first, last, DueUnit(match[1])) if first <= last else None


def read_checks(value: str) -> tuple[str, ...]:
    """Check ids, each once, in the order given."""
    for part in _parts(value):
        if not _NAME.fullmatch(part):
            raise Unusable(
                f"{part!r} is no check id.", "Check ids are words joined by hyphens; `gonogo checks` lists them."
            )
    return tuple(dict.fromkeys(_parts(value)))


def read_when(value: str) -> str:
    """The id of the item that has to be done for this one to apply."""
    words = value.split()
    if len(words) != 2 or words[1].lower() != "done":
        raise Unusable(f"`when` cannot be {value!r}.", "Write the id of another item and `done`: `when: backup done`.")
    return words[0]


def read_role(value: str) -> RoleAnnotation:
    """A role's name and what it does: `dba approve`."""
    words = value.lower().split()
    if len(words) != 2 or not _NAME.fullmatch(words[0]):
        raise Unusable(f"`role` cannot be {value!r}.", "Write the role's name and what it does: `role: dba approve`.")
    return RoleAnnotation(words[0], _word(words[1], "role", RoleKind))


def read_by(value: str) -> str:
    """`completion` settles the item; `person` says yes over what gonogo's own checks found."""
    if value.lower() not in ("completion", "person", "peer"):
        raise Unusable(
            f"`by` cannot be {value!r}.", "Write `by: completion`, `by: person` or `by: peer`, or remove it."
        )
    return value.lower()


def read_by_kind(value: str, key: str, words: type[Word]) -> Choice[Word]:
    """A word for every kind, or one each: `deploy in staging, prepare in production`."""
    chosen: dict[Kind | None, Word] = {}
    for part in _parts(value):
        for kind, word in _one_choice(part, key, words):
            if kind in chosen:
                where = f"in {kind}" if kind else "for every other kind"
                raise Unusable(f"`{key}` says twice what holds {where}.", "Keep one of the two.")
            chosen[kind] = word
    return chosen


def _one_choice(part: str, key: str, words: type[Word]) -> Iterator[tuple[Kind | None, Word]]:
    word, *rest = re.split(r"\s+in\s+", part.strip(), maxsplit=1)
    if not rest and word.lower() in set(Kind):
        mend = f"Join kinds by `and`: `{next(iter(words))} in staging and production`."
        raise Unusable(f"`{key}` names {word!r} without a value for it.", mend)
    chosen = _word(word, key, words)
    kinds: list[Kind | None] = [_word(kind, key, Kind) for kind in re.split(r"\s+and\s+", rest[0])] if rest else [None]
    for kind in kinds:
        yield kind, chosen


def _word(word: str, key: str, words: type[Word]) -> Word:
    try:
        return words(word.strip().lower())
    except ValueError:
        known = ", ".join(words)
        raise Unusable(
            f"`{key}` does not know {word!r}.{nearest(word.lower(), words)}", f"Use one of {known}."
        ) from None


def _parts(value: str) -> list[str]:
    parts = [part.strip() for part in value.split(",")]
    if not all(parts):
        raise Unusable(f"There is nothing between two commas in {value!r}.", "Remove the comma that is too many.")
    return parts
