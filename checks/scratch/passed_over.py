"""IF NOT EXISTS over an object of that name that is another one: PostgreSQL gives a notice, and makes nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from checks.base import ERROR, CannotRun, Finding, NotApplicable, Result, counted, evidence, scratch_check
from checks.findings import verdict
from checks.scratch.places import PG_CLASS, Places
from checks.scratchdb.context import ScratchContext
from checks.sql.names import qualified
from checks.sql.objects import INDEX, MATVIEW, TABLE, Made, dropped_by, made_by
from checks.targetdb.asking import UNLOCKED, short

if TYPE_CHECKING:
    from checks.sql.statements import Statement

# One relation by its name: what it is, an index in words, a materialized view's query, a table's columns.
_THERE = """
SELECT c.oid::bigint AS oid, c.oid::regclass::text AS name, c.relkind::text AS kind,
       CASE WHEN i.indexrelid IS NOT NULL THEN CASE WHEN i.indisunique THEN 'unique ' ELSE '' END || 'on ' || substr(
         d.text, strpos(d.text, quote_ident(c.relname) || ' ON ') + length(quote_ident(c.relname)) + 4) END AS words,
       CASE c.relkind WHEN 'm' THEN pg_get_viewdef(c.oid) END AS query,
       ARRAY(SELECT ARRAY[quote_ident(a.attname), format_type(a.atttypid, a.atttypmod)] FROM pg_attribute a
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum) AS columns
FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
LEFT JOIN LATERAL (SELECT pg_get_indexdef(i.indexrelid) AS text) d ON true
WHERE c.oid = to_regclass(%s) AND """
_KINDS = {
    "r": "a table", "p": "a table", "v": "a view", "m": "a materialized view", "S": "a sequence", "i": "an index",
    "I": "an index", "f": "a foreign table", "c": "a type",
}  # fmt: skip
_ALIKE = {INDEX: "iI", TABLE: "rp", MATVIEW: "m"}
_APART = "gonogo_wanted"


@dataclass(frozen=True)
class _Wanted:
    """A pending statement with IF NOT EXISTS, what it would make, and what that is like (row of _THERE)."""

    statement: Statement
    made: Made
    row: Any

    @property
    def name(self) -> str:
        """As it can be typed, with its schema."""
        return qualified(self.made.name.schema or "public", self.made.name.bare)

    def at_end(self, context: ScratchContext) -> Any:
        """What has the name once all files are applied, or None."""
        return next(iter(context.rows(_THERE + "true", [self.name])), None)

    def another(self, there: Any) -> str:
        """How what is there differs; "" where it does not."""
        name = short(there.name)
        if there.kind not in _ALIKE[self.made.kind]:
            return f"{name} is there as {_KINDS.get(there.kind, 'something else')}"
        if self.made.kind == MATVIEW:
            return "" if there.query == self.row.query else f"{name} is there with another query"
        if self.made.kind == INDEX:
            have, want = (words.replace("public.", "").replace("ONLY ", "") for words in (there.words, self.row.words))
            return "" if have == want else f"{name} is there {have}, not {want}"
        types = dict(there.columns)
        for column, of in self.row.columns:
            if column not in types:
                return f"{name} is there without {column} {of}"
            if types[column] != of:
                return f"{name} is there with {column} {types[column]}, not {of}"
        return ""


@scratch_check(
    title="IF NOT EXISTS passes over nothing else",
    decides="For CREATE INDEX, TABLE and MATERIALIZED VIEW with IF NOT EXISTS in pending files: fails where an index "
    "of that name has another table, columns, uniqueness or predicate, a table lacks a column or has it with another "
    "type, a view has another query; by what the files made before, and, where a target is known, by what that has.",
    cost="What it would make is made in the scratch database and rolled back; a short catalog query a name on the "
    "target.",
    fix="Give it a name of its own, or drop the other one first.",
)
def if_not_exists(context: ScratchContext) -> Result:
    places = Places(context)
    stated = list(_stated(context))
    if not stated:
        raise NotApplicable("no pending file creates a table, an index or a materialized view with IF NOT EXISTS")
    wanted = [_Wanted(*each, row) for each in stated if (row := _made_apart(context, *each)) is not None]
    passed_over = dict(places.made_nothing(PG_CLASS))
    found = [finding for one in wanted if (finding := _here(context, places, one, passed_over)) is not None]
    seen, lacks = {(finding.object, finding.line) for finding in found}, []
    try:
        found += [f for f in _on_target(context, places, wanted) if (f.object, f.line) not in seen]
    except CannotRun as lack:
        lacks.append(lack.sentence)
    if len(wanted) < len(stated):
        lacks.append(f"{len(stated) - len(wanted)} could not be tried on the last state of the tables")
    shown = f"{counted(len(wanted), 'statement')} with IF NOT EXISTS, none passes over another object"
    return evidence("; ".join([shown, *lacks])) if lacks and not found else verdict(found, shown)


def _stated(context: ScratchContext) -> Iterator[tuple[Statement, Made]]:
    for statement in context.files.all_statements(context.files.pending):
        for made in made_by(statement.kind, statement.tree):
            if made.may_be_there and made.kind in _ALIKE and made.name.bare and not made.is_temporary:
                yield statement, made


def _made_apart(context: ScratchContext, statement: Statement, made: Made) -> Any:
    """The object of the statement, made under another name or in another schema; None where that does not work."""
    import psycopg
    from psycopg.rows import namedtuple_row

    with contextlib.suppress(psycopg.Error), context.trial() as connection:
        connection.execute(f"CREATE SCHEMA {_APART}")
        connection.execute(_apart(statement, made).encode())
        connection.execute("SET LOCAL search_path = pg_catalog")
        schema, name = (made.name.schema or "public", _APART) if made.kind == INDEX else (_APART, made.name.bare)
        with connection.cursor(row_factory=namedtuple_row) as cursor:
            return cursor.execute((_THERE + "true").encode(), [qualified(schema, name)]).fetchone()
    return None


def _apart(statement: Statement, made: Made) -> str:
    from pglast import parse_sql
    from pglast.stream import RawStream

    node: Any = parse_sql(statement.text)[0].stmt
    node.if_not_exists = False
    if made.kind == INDEX:
        node.idxname, node.concurrent = _APART, False
    else:
        (node.into.rel if hasattr(node, "into") else node.relation).schemaname = _APART
    return str(RawStream()(node))


def _here(context: ScratchContext, places: Places, one: _Wanted, passed_over: dict[Statement, int]) -> Finding | None:
    """Where the statement made nothing, what it passed over is older than it, and not altered after it."""
    there = one.at_end(context) if one.statement in passed_over else None
    if there is None or there.oid > passed_over[one.statement]:
        return None
    altered = places.touched_by(there.oid, "alter")
    is_later = altered is not None and places.order(altered) > places.order(one.statement)
    words = "" if is_later else one.another(there)
    return _finding(places, one, f"IF NOT EXISTS makes nothing of {one.made.name}: {words}") if words else None


def _finding(places: Places, one: _Wanted, message: str) -> Finding:
    hint = f"give the {one.made.kind} a name of its own, or drop what is there before"
    return places.finding(one.statement, message, str(one.made.name), hint, ERROR)


def _on_target(context: ScratchContext, places: Places, wanted: list[_Wanted]) -> Iterator[Finding]:
    """What the target has of these names and no pending file drops first. Raises CannotRun."""
    from checks.targetdb.session import Target

    if context.inputs.target is None:
        return
    dropped = set(_dropped(context))
    with contextlib.closing(Target(context.inputs.target)) as target:
        for one in wanted:
            if one.made.name.bare in dropped:
                continue
            with target.session(if_not_exists.id) as session:
                there, end = session.row(_THERE + UNLOCKED, [one.name]), one.at_end(context)
            # Where it is as the files leave it, they have run there.
            if there is None or (end is not None and not replace(one, row=end).another(there)):
                continue
            if words := one.another(there):
                told = f"IF NOT EXISTS will make nothing of {one.made.name}: on {target.address.name} {words}"
                yield _finding(places, one, told)


def _dropped(context: ScratchContext) -> Iterator[str]:
    for statement in context.files.all_statements(context.files.pending):
        yield from (dropped.name.bare for dropped in dropped_by(statement.kind, statement.tree))
