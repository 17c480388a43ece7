"""Sequences that give numbers which are there already."""

from __future__ import annotations

import time
from typing import Any

from checks.base import CannotRun, Finding, NotApplicable, Result, counted, evidence, passed, target_check
from checks.contexts import TargetContext
from checks.findings import judged
from checks.measures import size
from checks.targetdb.asking import short
from checks.targetdb.rows import LOOK_SECONDS, readable
from checks.targetdb.sequences import NUMBERED, Numbered, behind, following, highest, met, numbered

_ALL_SECONDS = 20.0
_SCANNED_BYTES = 8 * 1024**2


@target_check(
    title="Sequences are ahead of their columns",
    decides="For serial and identity columns and those whose default is nextval: fails where the sequence will give a "
    "number that is there and unique, so that an insert fails; a warning where it is not unique, or a million numbers "
    "away. Evidence where some could not be read; needs SELECT on the column and the sequence.",
    cost="One catalog query; then the largest number of each table by its index, 2 s at most, without index up to "
    "8 MB; 20 s in all. What a change holds or awaits is left out.",
    fix="setval to the largest number; look for what inserts numbers of its own.",
)
def sequences_behind(context: TargetContext) -> Result:
    sequences = numbered(context.rows(NUMBERED))
    if not sequences:
        raise NotApplicable(f"no column of {context.name} is numbered by a sequence")
    give_up = time.monotonic() + _ALL_SECONDS
    findings: list[Finding] = []
    doubts: list[CannotRun] = []
    for sequence in sequences:
        try:
            findings += _look(context, sequence, give_up)
        except CannotRun as doubt:
            doubts.append(doubt)
    return _judged(findings, doubts, len(sequences) - len(doubts))


def _judged(findings: list[Finding], doubts: list[CannotRun], looked: int) -> Result:
    if not looked:
        raise doubts[0]
    shown = f"{counted(looked, 'sequence')} {'is ahead of its column' if looked == 1 else 'are ahead of their columns'}"
    unread = f"{len(doubts)} not looked at: {doubts[0].sentence}" if doubts else ""
    good = evidence(f"{shown}; {unread}", hint=doubts[0].hint) if doubts else passed(shown)
    return judged(findings, good, unread)


def _look(context: TargetContext, sequence: Numbered, give_up: float) -> list[Finding]:
    """Tables before the sequence: what is inserted meanwhile is then no number ahead of it."""
    if time.monotonic() > give_up:
        raise CannotRun(f"not done after {_ALL_SECONDS:.0f} s", "ask again in a quiet moment")
    tops = {table: top for table in sequence.tables if (top := _highest(context, table)) is not None}
    if not tops:
        return []
    with context.session(LOOK_SECONDS) as session:
        place = readable(session, sequence.oid, sequence.name).quoted
        row = session.row(f"SELECT last_value, is_called FROM {place}")
        number, high = following(sequence, row.last_value, row.is_called), max(tops.values())
        found = [session.value(met(table, sequence, number, top)) for table, top in tops.items() if top >= number]
    firsts = [first for first in found if first is not None]
    is_unique = any(table.is_unique for table, top in tops.items() if top >= number)
    return [behind(sequence, number, high, min(firsts), is_unique)] if firsts else []


def _highest(context: TargetContext, table: Any) -> int | None:
    with context.session(LOOK_SECONDS) as session:
        relation = readable(session, table.oid, table.name, [table.plain_column])
        if not relation.bytes:
            return None
        if not table.indexed and relation.bytes > _SCANNED_BYTES:
            name = short(table.name)
            sentence = f"{name}.{table.column} has no index, and {name} {size(relation.bytes)}"
            raise CannotRun(sentence, f"CREATE INDEX CONCURRENTLY ON {relation.quoted} ({table.column})")
        top = session.value(highest(table))
        return None if top is None else int(top)
