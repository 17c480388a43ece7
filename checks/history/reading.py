"""The migration history of a database, and how it compares with the files."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checks.base import CannotRun, DatabaseAddress, MigrationFile, MigrationSet, version_key
from checks.history.rows import HistoryReader, HistoryRow, RowState
from checks.history.tools import READERS
from checks.sql.objects import Name

if TYPE_CHECKING:
    from checks.targetdb.session import Session

__all__ = ["Comparison", "History", "HistoryRow", "RowState", "applied_versions", "compare", "read_history"]

# By pg_class, not information_schema: that would hide a table that the role may not read, which must be told.
_FIND = """
SELECT n.nspname AS schema, c.relname AS name, array_agg(a.attname::text) AS columns
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND c.relname = ANY (%s) GROUP BY 1, 2 ORDER BY n.nspname <> 'public', 1, 2
"""
_LOCKED = """
SELECT l.pid FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND n.nspname = %s AND c.relname = %s LIMIT 1
"""
# What is missing for SELECT, as statements.
_GRANTS = """
SELECT array_remove(ARRAY[
  CASE WHEN NOT has_schema_privilege(n.oid, 'USAGE')
    THEN format('GRANT USAGE ON SCHEMA %%I TO %%I', n.nspname, current_user) END,
  CASE WHEN NOT has_table_privilege(c.oid, 'SELECT')
    THEN format('GRANT SELECT ON %%I.%%I TO %%I', n.nspname, c.relname, current_user) END], NULL) AS lacking
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = %s
"""


@dataclass(frozen=True)
class History:
    """What a tool says was applied. `table` is "" where the database has no history yet; then there are no rows.

    `one_row`: the tool keeps the last version only, and everything up to it counts as applied.
    """

    tool: str
    table: str
    rows: tuple[HistoryRow, ...]
    one_row: bool = False

    @property
    def found(self) -> bool:
        return bool(self.table)


@dataclass(frozen=True)
class Comparison:
    """Files against history. `out_of_order` are pending files older than the newest applied one; they are in
    `pending` too. `changed` pairs a row with the file whose bytes differ from those that were applied."""

    applied: tuple[MigrationFile, ...]
    pending: tuple[MigrationFile, ...]
    out_of_order: tuple[MigrationFile, ...]
    changed: tuple[tuple[HistoryRow, MigrationFile], ...]
    failed: tuple[HistoryRow, ...]
    dirty: tuple[HistoryRow, ...]
    unknown: tuple[HistoryRow, ...]


def read_history(source: Session | DatabaseAddress, tool: str = "auto", table: str = "") -> History:
    """The history in a database: that of `tool`, and where there is none that of any other tool.

    `table` (`schema.name`) names a table of another name. Raises CannotConnect, CannotRun: a missing grant, two
    histories to choose from.
    """
    if isinstance(source, DatabaseAddress):
        from checks.targetdb.session import Target

        with closing(Target(source)) as target, target.session("history") as session:
            return read_history(session, tool, table)
    own = [reader for reader in READERS if reader.tool == tool]
    found = list(_matching(source, own, table)) or _told_apart(source, list(_matching(source, READERS, table)))
    if not found:
        return History(tool if tool != "auto" else "", "", (), one_row=any(reader.one_row for reader in own))
    if len(found) > 1:
        names = ", ".join(f"{table} ({reader.tool})" for reader, table in found)
        raise CannotRun(f"the database has {len(found)} histories: {names}", "name the tool, or the table")
    reader, place = found[0]
    _refuse_locked(source, place)
    _refuse_unreadable(source, place)
    return History(reader.tool, str(place), reader.read(source, place), reader.one_row)


def applied_versions(history: History, migrations: MigrationSet) -> tuple[str, ...]:
    """Versions that went in well, as the files write them where there is a file."""
    written = {version_key(file.version): file.version for file in migrations.ups}
    good = {version_key(row.version): row.version for row in _fitted(history, migrations) if row.state is RowState.OK}
    return tuple(written.get(key, version) for key, version in sorted(good.items()))


def compare(history: History, migrations: MigrationSet) -> Comparison:
    """What is pending, out of order, changed, failed, dirty, or unknown to the files."""
    rows = _fitted(history, migrations)
    good = {version_key(row.version) for row in rows if row.state is RowState.OK}
    files = {version_key(file.version): file for file in migrations.ups}
    applied = tuple(file for key, file in files.items() if key in good)
    pending = tuple(file for key, file in files.items() if key not in good)
    return Comparison(
        applied,
        pending,
        tuple(_late(history.tool, applied, pending)),
        tuple(_changed(history, files.values())),
        tuple(row for row in rows if row.state is RowState.FAILED),
        tuple(row for row in rows if row.state in (RowState.DIRTY, RowState.RUNNING)),
        tuple(row for row in rows if version_key(row.version) not in files),
    )


def differs_only_in_line_ends(row: HistoryRow, file: MigrationFile, tool: str) -> bool:
    """Whether the applied file was this one with other line ends, as git checks them out on another system."""
    unix = file.content.replace(b"\r\n", b"\n")
    variants = (dataclasses.replace(file, content=content) for content in (unix, unix.replace(b"\n", b"\r\n")))
    return any(_checksum(tool, variant) == row.checksum for variant in variants)


def _matching(session: Session, readers: Iterable[HistoryReader], table: str) -> Iterator[tuple[HistoryReader, Name]]:
    """Tables with the name and the columns of a tool; several tools share the name schema_migrations."""
    schema, _, name = table.rpartition(".")
    for reader in readers:
        names = [name] if name else list(reader.tables)
        for row in session.rows(_FIND, [names]):
            columns = frozenset(row.columns)
            if columns >= reader.columns and not reader.others & columns and schema in ("", row.schema):
                yield reader, Name(row.schema, row.name)


def _told_apart(session: Session, found: list[tuple[HistoryReader, Name]]) -> list[tuple[HistoryReader, Name]]:
    """One reader a table: of two with the same columns the one whose other table is there, else the one without."""
    kept: dict[Name, tuple[HistoryReader, Name]] = {}
    for reader, place in sorted(found, key=lambda one: not one[0].beside):
        if place not in kept and (not reader.beside or session.rows(_FIND, [[reader.beside]])):
            kept[place] = (reader, place)
    return list(kept.values())


def _refuse_unreadable(session: Session, table: Name) -> None:
    row = session.row(_GRANTS, list(table))
    if row is not None and row.lacking:
        raise CannotRun(f"{session.name}: the role may not read table {table}", "; ".join(row.lacking))


def _refuse_locked(session: Session, table: Name) -> None:
    """So that nobody waits behind a runner that holds its own table."""
    row = session.row(_LOCKED, list(table))
    if row is not None:
        sentence = f"{table} is locked by pid {row.pid}: its tool works on it now"
        raise CannotRun(sentence, "try again in a moment")


def _changed(history: History, files: Iterable[MigrationFile]) -> Iterator[tuple[HistoryRow, MigrationFile]]:
    rows = {version_key(row.version): row for row in history.rows}
    for file in files:
        row = rows.get(version_key(file.version))
        if row is not None and row.checksum and _checksum(history.tool, file) not in ("", row.checksum):
            yield row, file


def _checksum(tool: str, file: MigrationFile) -> str:
    return next((reader.checksum(file) for reader in READERS if tool == reader.tool), "")


def _fitted(history: History, migrations: MigrationSet) -> tuple[HistoryRow, ...]:
    fitted = (reader.fit(history.rows, migrations.ups) for reader in READERS if history.tool == reader.tool)
    return next(fitted, history.rows)


def _late(tool: str, applied: Iterable[MigrationFile], pending: Iterable[MigrationFile]) -> Iterator[MigrationFile]:
    """Pending files older than the newest applied one of the same numbering.

    Alembic's order is in its files, and Liquibase runs what is missing wherever it stands.
    """
    if tool in ("alembic", "liquibase"):
        return
    newest: dict[object, tuple[int, tuple[int, ...], str]] = {}
    for file in applied:
        key = version_key(file.version)
        newest[_numbering(file)] = max(key, newest.get(_numbering(file), key))
    for file in pending:
        newer = newest.get(_numbering(file))
        if newer is not None and version_key(file.version) < newer and not file.version.startswith("R__"):
            yield file


def _numbering(file: MigrationFile) -> object:
    """What a version is counted in: numbers, or a Django app."""
    key = version_key(file.version)
    return 0 if key[0] == 0 else file.version.rpartition(".")[0]
