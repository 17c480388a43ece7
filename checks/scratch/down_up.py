"""down-up: down files of pending versions take back what their up files made, and up again gives the same schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from checks.base import Check, Finding, MigrationFile, Need, NotApplicable, Result, counted, version_key
from checks.result import ERROR, WARNING
from checks.scratch.schema_objects import schema_objects
from checks.scratchdb.context import ScratchContext
from checks.sql.statements import SqlError, Statement, split
from checks.verdict import verdict

if TYPE_CHECKING:
    from checks.scratchdb.apply_errors import ApplyError
    from checks.targetdb.session import Connection

_ROLES = ("CreateRoleStmt", "DropRoleStmt", "AlterRoleStmt")
_SHOWN = 5


@dataclass(frozen=True)
class _Trip:
    """The schema before the pending files, after them, after their down files, and after up again."""

    before: Mapping[str, str]
    up: Mapping[str, str]
    down: Mapping[str, str]
    again: Mapping[str, str]


class _Stopped(Exception):
    """A file that did not apply on the way."""

    def __init__(self, error: ApplyError, way: str) -> None:
        super().__init__(way)
        self.error = error
        self.way = way


def run(context: ScratchContext) -> Result:
    """Failed where a down file fails or up again differs; a warning for what a down file leaves behind."""
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
        return verdict([_stopped(stop)], "")
    findings = [*_missing(pending, downs), *_left(trip, downs), *_again(trip, pending)]
    lost = _lost(downs)
    note = f"; rows are lost with {lost}" if lost else ""
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

    done = apply_files(connection, [_without_roles(file) for file in files], tool)
    if done.error is not None:
        raise _Stopped(done.error, way)


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


def _stopped(stop: _Stopped) -> Finding:
    error = stop.error
    message = f"{stop.way}: {error.sqlstate} {error.message}"
    return Finding(message, error.statement, error.file, error.line, error.hint or "mend the statement", ERROR)


def _missing(pending: Sequence[MigrationFile], downs: Sequence[MigrationFile]) -> list[Finding]:
    versions = {down.version for down in downs}
    return [
        Finding(f"{file.name} has no down file, others have", file.version, file.name, None, "add one", WARNING)
        for file in pending
        if file.version not in versions
    ]


def _left(trip: _Trip, downs: Sequence[MigrationFile]) -> list[Finding]:
    """What is there after the down files and was not before, or is gone, or differs."""
    left = sorted(set(trip.down) - set(trip.before))
    gone = sorted(set(trip.before) - set(trip.down))
    changed = sorted(name for name in trip.before.keys() & trip.down.keys() if trip.before[name] != trip.down[name])
    last = downs[0].name
    found = [Finding(f"{_bare(n)} is left after the down files", _bare(n), last, None, "DROP it there") for n in left]
    found += [Finding(f"{_bare(n)} was there before and is gone", _bare(n), last, None, "do not drop it") for n in gone]
    hint = "take back exactly what the up file changed"
    found += [Finding(f"{_bare(n)} is not as it was before", _bare(n), last, None, hint) for n in changed]
    return _told(found)


def _again(trip: _Trip, pending: Sequence[MigrationFile]) -> list[Finding]:
    names = sorted(n for n in trip.up.keys() | trip.again.keys() if trip.up.get(n) != trip.again.get(n))
    hint = "IF NOT EXISTS passed over what was left, or something was left out"
    found = [
        Finding(f"{_bare(n)} differs after up, down, up", _bare(n), pending[-1].name, None, hint, ERROR) for n in names
    ]
    return _told(found)


def _told(found: list[Finding]) -> list[Finding]:
    """Those that name a whole object first; what hangs on them is cut."""
    return sorted(found, key=lambda f: f.object.split(" ")[0] not in ("table", "type", "function"))[: 4 * _SHOWN]


def _lost(downs: Sequence[MigrationFile]) -> str:
    """`2 tables, 1 column`: what rows the down files throw away, by their statements."""
    tables = columns = 0
    for file in downs:
        for statement in _statements(file):
            if statement.kind == "DropStmt" and statement.tree.get("removeType") == "OBJECT_TABLE":
                tables += len(statement.tree.get("objects", ()))
            commands = statement.tree.get("cmds", ()) if statement.kind == "AlterTableStmt" else ()
            columns += sum(c.get("AlterTableCmd", {}).get("subtype") == "AT_DropColumn" for c in commands)
    counts = [counted(tables, "table")] if tables else []
    return ", ".join(counts + ([counted(columns, "column")] if columns else []))


def _bare(name: str) -> str:
    return name.replace(" public.", " ")


CHECK = Check(
    id="down-up",
    title="Down files undo their up files",
    needs=Need.SCRATCH,
    run=run,
    decides="Applies all files to a second scratch database, then the down files of pending versions in reverse, then "
    "their up files again. Fails when one of them ends in an error or the schema after up, down, up differs; a "
    "warning for objects that are left, gone or changed after down. Says which rows going down throws away.",
    cost="Another scratch database and two runs of the files, about a second for ten.",
    fix="Drop in the down file what the up file makes, in reverse order. Statements about roles are left out.",
)
