"""Down files of pending versions take back what their up files made, and up again gives the same schema."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from checks.base import ERROR, Finding, MigrationFile, NotApplicable, Result, counted, scratch_check, version_key
from checks.findings import verdict
from checks.scratchdb.context import ScratchContext
from checks.scratchdb.schema import Objects, difference, differing, schema_objects
from checks.sql.statements import SqlError, Statement, split

if TYPE_CHECKING:
    from checks.targetdb.session import Connection


_ROLES = ("CreateRoleStmt", "DropRoleStmt", "AlterRoleStmt")
_MOST_SHOWN = 20
_SECONDS = 120


@dataclass(frozen=True)
class _Trip:
    """The schema before the files, after them, after their down files, and after up again, or where that stopped."""

    before: Objects
    up: Objects
    down: Objects
    again: Objects
    stop: Finding | None = None


class _Stopped(Exception):
    """A file that did not apply on the way."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


@scratch_check(
    title="Down files undo their up files",
    decides="Runs the down files of pending versions in reverse in the scratch database, then their up files again, "
    "and takes it back, or in a copy of it. Fails when one of them ends in an error or the schema after up, down, up "
    "differs; a warning for objects that are left, gone or changed after down, with what differs. Down files before a "
    "pending file that has none are left out: there is no way back past that one. Says which rows going down throws "
    "away.",
    cost="One more run of the pending files; a copy of the scratch database where they cannot be in one transaction.",
    fix="Drop in the down file what the up file makes, in reverse order. Statements about roles are left out.",
    version=2,
)
def down_up(context: ScratchContext) -> Result:
    pending, reversible = context.files.pending, context.reversible
    versions = {file.version for file in reversible}
    every = sorted(context.files.pending_downs, key=lambda file: version_key(file.version), reverse=True)
    if not pending:
        raise NotApplicable("no file is pending")
    if not every:
        raise NotApplicable("the pending files have no down files: forward only")
    context.require_applied()
    downs = [down for down in every if down.version in versions]
    if not downs:
        return verdict(_missing(pending, every), "")
    try:
        trip = _travel(context, reversible, downs)
    except _Stopped as stop:
        return verdict([stop.finding], "")
    stopped = [trip.stop] if trip.stop else _again(trip, pending)
    findings = [*stopped, *_missing(pending, every), *_left(trip, downs)]
    note = f"; rows are lost with {lost}" if (lost := _lost(downs)) else ""
    return verdict(findings, f"{counted(len(downs), 'down file')} ran and up again: {len(trip.up)} objects equal{note}")


def _travel(context: ScratchContext, ups: Sequence[MigrationFile], downs: Sequence[MigrationFile]) -> _Trip:
    """In a transaction that is rolled back; where that cannot be, or ends in an error, in a copy, which tells where."""
    from psycopg import Error

    from checks.scratchdb.apply import apply_inside, fits_inside

    tool, before = context.files.migrations.tool, context.before
    inside = [_without_roles(file) for file in (*downs, *ups)]
    if all(fits_inside(file) for file in inside):
        with suppress(Error), context.trial(_SECONDS) as connection:
            up = schema_objects(connection)
            apply_inside(connection, inside[: len(downs)])
            down = schema_objects(connection)
            apply_inside(connection, inside[len(downs) :])
            return _Trip(before, up, down, schema_objects(connection))
    with context.copy() as database, database.connect() as connection:
        up = schema_objects(connection)
        _apply(connection, downs, tool, "down")
        down = schema_objects(connection)
        try:
            _apply(connection, ups, tool, "up again")
        except _Stopped as stop:
            return _Trip(before, up, down, {}, stop.finding)
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
    last = downs[0].name
    found = [Finding(f"{_bare(n)} is left after the down files", _bare(n), last, None, "drop it there") for n in left]
    found += [Finding(f"{_bare(n)} was there before and is gone", _bare(n), last, None, "do not drop it") for n in gone]
    hint = "take back exactly what the up file changed"
    for name in differing(trip.before, trip.down):
        what = f"{_bare(name)} is not as it was before: it {difference(trip.down[name], trip.before[name])}"
        found.append(Finding(what, _bare(name), last, None, hint))
    return _told(found)


def _again(trip: _Trip, pending: Sequence[MigrationFile]) -> list[Finding]:
    told = dict.fromkeys(trip.up.keys() - trip.again.keys(), "is gone")
    told |= dict.fromkeys(trip.again.keys() - trip.up.keys(), "was not there before")
    told |= {n: f"it {difference(trip.again[n], trip.up[n])}" for n in differing(trip.up, trip.again)}
    hint = "IF NOT EXISTS passed over what was left, or something was left out"
    last = pending[-1].name
    found = [(f"{_bare(name)} differs after up, down, up: {told[name]}", _bare(name)) for name in sorted(told)]
    return _told([Finding(message, name, last, None, hint, ERROR) for message, name in found])


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
