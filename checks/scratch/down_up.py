"""Down files of pending versions take back what their up files made, and up again gives the same schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from checks.base import ERROR, Finding, MigrationFile, NotApplicable, Result, counted, scratch_check, version_key
from checks.findings import verdict
from checks.scratchdb.context import ScratchContext
from checks.sql.statements import SqlError, Statement, split
from checks.targetdb.asking import USER_SCHEMA

if TYPE_CHECKING:
    from checks.targetdb.session import Connection


_KINDS = (
    "CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' "
    "WHEN 'i' THEN 'index' WHEN 'I' THEN 'index' WHEN 'c' THEN 'type' ELSE 'table' END"
)
_OBJECTS = f"""
SELECT {_KINDS} || ' ' || c.oid::regclass::text AS object, md5(concat_ws('|', c.relkind, c.relpersistence,
  c.relrowsecurity, c.relacl, c.reloptions, pg_get_expr(c.relpartbound, c.oid), obj_description(c.oid, 'pg_class'),
  CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) WHEN c.relkind IN ('i', 'I') THEN pg_get_indexdef(c.oid)
  END, (SELECT string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
    a.attgenerated, pg_get_expr(f.adbin, f.adrelid), col_description(c.oid, a.attnum)), ',' ORDER BY a.attnum)
    FROM pg_attribute a LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind <> 'i'))) AS digest
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind <> 't' AND {USER_SCHEMA}
UNION ALL SELECT 'constraint ' || k.conname::text || ' on ' || k.conrelid::regclass::text,
  md5(pg_get_constraintdef(k.oid) || k.convalidated::text) FROM pg_constraint k
JOIN pg_namespace n ON n.oid = k.connamespace
WHERE k.conrelid <> 0 AND {USER_SCHEMA}
UNION ALL SELECT 'trigger ' || t.tgname::text || ' on ' || t.tgrelid::regclass::text,
  md5(pg_get_triggerdef(t.oid) || t.tgenabled::text)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND {USER_SCHEMA}
UNION ALL SELECT CASE p.prokind WHEN 'a' THEN 'aggregate ' ELSE 'function ' END || p.oid::regprocedure::text,
  md5(concat_ws('|', CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END, p.proacl,
    obj_description(p.oid, 'pg_proc')))
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {USER_SCHEMA}
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                  AND d.deptype = 'e')
UNION ALL SELECT 'type ' || t.oid::regtype::text, md5(concat_ws('|', t.typtype, format_type(t.typbasetype, t.typtypmod),
  t.typdefault, t.typnotnull, obj_description(t.oid, 'pg_type'),
  (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)))
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype IN ('e', 'd', 'r') AND {USER_SCHEMA}
UNION ALL SELECT 'policy ' || p.polname::text || ' on ' || p.polrelid::regclass::text,
  md5(concat_ws('|', p.polcmd, pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)))
FROM pg_policy p
UNION ALL SELECT 'schema ' || n.nspname::text, md5(coalesce(n.nspacl::text, '')) FROM pg_namespace n WHERE {USER_SCHEMA}
UNION ALL SELECT 'extension ' || e.extname::text, md5(e.extversion) FROM pg_extension e
"""


def schema_objects(connection: Connection) -> dict[str, str]:
    """`table public.orders` and so on, each with a digest of its definition, owner's grants and comment."""
    with connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL search_path = pg_catalog, pg_temp")
        return {str(name): str(digest) for name, digest in connection.execute(_OBJECTS.encode()).fetchall()}


_ROLES = ("CreateRoleStmt", "DropRoleStmt", "AlterRoleStmt")
_MOST_SHOWN = 20


@dataclass(frozen=True)
class _Trip:
    """The schema before the pending files, after them, after their down files, and after up again."""

    before: Mapping[str, str]
    up: Mapping[str, str]
    down: Mapping[str, str]
    again: Mapping[str, str]


class _Stopped(Exception):
    """A file that did not apply on the way."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


@scratch_check(
    title="Down files undo their up files",
    decides="Applies all files to a second scratch database, then the down files of pending versions in reverse, then "
    "their up files again. Fails when one of them ends in an error or the schema after up, down, up differs; a "
    "warning for objects that are left, gone or changed after down. Says which rows going down throws away.",
    cost="Another scratch database and two runs of the files, about a second for ten.",
    fix="Drop in the down file what the up file makes, in reverse order. Statements about roles are left out.",
)
def down_up(context: ScratchContext) -> Result:
    pending = context.files.pending
    downs = sorted(context.files.pending_downs, key=lambda file: version_key(file.version), reverse=True)
    if not pending:
        raise NotApplicable("no file is pending")
    if not downs:
        raise NotApplicable("the pending files have no down files: forward only")
    context.require_applied()
    try:
        trip = _travel(context, pending, downs)
    except _Stopped as stop:
        return verdict([stop.finding], "")
    findings = [*_missing(pending, downs), *_left(trip, downs), *_again(trip, pending)]
    note = f"; rows are lost with {lost}" if (lost := _lost(downs)) else ""
    return verdict(findings, f"{counted(len(downs), 'down file')} ran and up again: {len(trip.up)} objects equal{note}")


def _travel(context: ScratchContext, pending: Sequence[MigrationFile], downs: Sequence[MigrationFile]) -> _Trip:
    tool = context.files.migrations.tool
    applied = [file for file in context.files.ups if file not in pending]
    reversible = [file for file in pending if any(file.version == down.version for down in downs)]
    with context.fresh_database() as database, database.connect() as connection:
        _apply(connection, applied, tool, "up")
        _apply(connection, [file for file in pending if file not in reversible], tool, "up")
        before = schema_objects(connection)
        _apply(connection, reversible, tool, "up")
        up = schema_objects(connection)
        _apply(connection, downs, tool, "down")
        down = schema_objects(connection)
        _apply(connection, reversible, tool, "up again")
        return _Trip(before, up, down, schema_objects(connection))


def _apply(connection: Connection, files: Sequence[MigrationFile], tool: str, way: str) -> None:
    from checks.scratchdb.apply import apply_files

    error = apply_files(connection, [_without_roles(file) for file in files], tool).error
    if error is not None:
        message, hint = f"{way}: {error.sqlstate} {error.message}", error.hint or "mend the statement"
        raise _Stopped(Finding(message, error.statement, error.file, error.line, hint, ERROR))


def _without_roles(file: MigrationFile) -> MigrationFile:
    """Roles belong to the whole server and are there already: their statements are blanked, lines stay."""
    content = file.content
    for statement in _statements(file):
        if statement.kind in _ROLES:
            text = statement.text.encode()
            blank = bytes(byte if byte == 10 else 32 for byte in text)
            content = content[: statement.offset] + blank + content[statement.offset + len(text) :]
    return replace(file, content=content)


def _statements(file: MigrationFile) -> tuple[Statement, ...]:
    try:
        return split(file)
    except SqlError:
        return ()


def _missing(pending: Sequence[MigrationFile], downs: Sequence[MigrationFile]) -> list[Finding]:
    versions = {down.version for down in downs}
    alone = [file for file in pending if file.version not in versions]
    return [Finding(f"{up.name} has no down file, others have", up.version, up.name, hint="add one") for up in alone]


def _left(trip: _Trip, downs: Sequence[MigrationFile]) -> list[Finding]:
    """What is there after the down files and was not before, or is gone, or differs."""
    left = sorted(set(trip.down) - set(trip.before))
    gone = sorted(set(trip.before) - set(trip.down))
    changed = sorted(name for name in trip.before.keys() & trip.down.keys() if trip.before[name] != trip.down[name])
    last = downs[0].name
    found = [Finding(f"{_bare(n)} is left after the down files", _bare(n), last, None, "drop it there") for n in left]
    found += [Finding(f"{_bare(n)} was there before and is gone", _bare(n), last, None, "do not drop it") for n in gone]
    hint = "take back exactly what the up file changed"
    found += [Finding(f"{_bare(n)} is not as it was before", _bare(n), last, None, hint) for n in changed]
    return _told(found)


def _again(trip: _Trip, pending: Sequence[MigrationFile]) -> list[Finding]:
    names = sorted(n for n in trip.up.keys() | trip.again.keys() if trip.up.get(n) != trip.again.get(n))
    hint = "IF NOT EXISTS passed over what was left, or something was left out"
    last = pending[-1].name
    return _told([Finding(f"{_bare(n)} differs after up, down, up", _bare(n), last, None, hint, ERROR) for n in names])


def _told(found: list[Finding]) -> list[Finding]:
    """Those that name a whole object first; what hangs on them is cut."""
    return sorted(found, key=lambda f: f.object.split(" ")[0] not in ("table", "type", "function"))[:_MOST_SHOWN]


def _lost(downs: Sequence[MigrationFile]) -> str:
    """`2 tables, 1 column`: what rows the down files throw away, by their statements."""
    tables = columns = 0
    for file in downs:
        for statement in _statements(file):
            if statement.kind == "DropStmt" and statement.tree.get("removeType") == "OBJECT_TABLE":
                tables += len(statement.tree.get("objects", ()))
            commands = statement.tree.get("cmds", ()) if statement.kind == "AlterTableStmt" else ()
            columns += sum(c.get("AlterTableCmd", {}).get("subtype") == "AT_DropColumn" for c in commands)
    return ", ".join(counted(count, noun) for count, noun in ((tables, "table"), (columns, "column")) if count)


def _bare(name: str) -> str:
    return name.replace(" public.", " ")
