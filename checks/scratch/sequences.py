"""Rows that files insert with numbers of their own, and the sequences that will give those numbers again."""

from __future__ import annotations

from typing import Any

from checks.base import Finding, NotApplicable, Result, counted, scratch_check
from checks.findings import verdict
from checks.scratch.places import PG_CLASS, Places
from checks.scratchdb.context import ScratchContext
from checks.sql.statements import Statement
from checks.sql.tree import bare, relation_name
from checks.targetdb.sequences import NUMBERED, Numbered, behind, following, highest, met, numbered


@scratch_check(
    title="Inserted rows leave their sequence ahead",
    decides="For tables that pending files make or insert into: fails where a sequence will give a number that rows of "
    "the files have already and that is unique. What the target holds is asked by sequences-behind.",
    cost="One catalog query, and one a numbered table, in the scratch database.",
    fix="After the INSERT: SELECT setval(…), as the hint says; or leave the numbers to the sequence.",
)
def seeded_sequences(context: ScratchContext) -> Result:
    places = Places(context)
    sequences = numbered(context.rows(NUMBERED))
    inserts = [s for s in context.files.all_statements(context.files.pending) if s.kind == "InsertStmt"]
    looked = [(one, place) for one in sequences if (place := _place(places, one, inserts)) is not None]
    if not looked:
        raise NotApplicable("no pending file makes or fills a table that a sequence numbers")
    found = [finding for one, place in looked for finding in _look(context, places, one, place)]
    return verdict(found, f"{counted(len(looked), 'sequence')} of new or filled tables, each ahead of the rows")


def _place(places: Places, sequence: Numbered, inserts: list[Statement]) -> Statement | None:
    """The last pending statement that inserts into one of its tables, or what made that."""
    names = {table.plain for table in (*sequence.tables, *sequence.roots)}
    found = [s for s in inserts if (name := relation_name(s.tree["relation"])) in names or _bare_in(name, names)]
    return found[-1] if found else places.made_by(PG_CLASS, sequence.roots[0].oid)


def _bare_in(name: str, names: set[str]) -> bool:
    """Whether a name without schema may be one of these, by a search_path of the file."""
    return "." not in name and name in {bare(each) for each in names}


def _look(context: ScratchContext, places: Places, sequence: Numbered, place: Statement) -> list[Finding]:
    tops: dict[Any, int] = {t: top for t in sequence.tables if (top := context.value(highest(t))) is not None}
    [row] = context.rows(f"SELECT last_value, is_called FROM {sequence.quoted}")
    number = following(sequence, row.last_value, row.is_called)
    ahead = {table: top for table, top in tops.items() if top >= number}
    found = [context.value(met(table, sequence, number, top)) for table, top in ahead.items()]
    firsts = [first for first in found if first is not None]
    if not firsts:
        return []
    told = behind(sequence, number, max(tops.values()), min(firsts), any(table.is_unique for table in ahead))
    return [places.finding(place, told.message, told.object, told.hint, told.severity)]
