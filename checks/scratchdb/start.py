"""What a scratch database begins with where old files need not apply: a schema dump, in which version."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from checks.base import CannotRun, DatabaseAddress, Inputs, MigrationFile, MigrationSet, ScratchStart, version_key
from checks.documents import documents_of
from checks.scratchdb.apply_errors import ApplyError, from_server, from_tool
from checks.sql.reach import reaches
from checks.sql.statements import SqlError, Statement, split
from checks.sql.tree import of_kind
from checks.targetdb.dump import dump_schema

if TYPE_CHECKING:
    from checks.targetdb.session import Connection

# Lines that psql reads and no server: https://www.postgresql.org/docs/current/app-psql.html
_PSQL = re.compile(r"^\\(?:restrict|unrestrict|connect|c|encoding|echo|set|unset|pset|timing|q)\b.*$", re.MULTILINE)
_SETTINGS = ("check_function_bodies", "search_path", "xmloption")
# What a scratch database does without: who owns what, and who may do what, where there is no such role.
_DISPENSABLE = ("AlterDefaultPrivilegesStmt", "CommentStmt", "GrantRoleStmt", "GrantStmt")


def dump_of(start: ScratchStart, inputs: Inputs, programs: Path | None) -> MigrationFile:
    """The dump as a file without a version. Raises CannotRun: no such document, or a database that is not dumped."""
    if start.file:
        name, text = start.file, documents_of(inputs.options).text(start.file)
    elif start.address is None:
        sentence = '[scratch] baseline = "target" needs the database of an environment'
        raise CannotRun(sentence, 'check an environment, or baseline = "db/schema.sql"')
    else:
        name, text = f"the schema of {start.address.name}", dump_schema(start.address, programs).decode()
    return MigrationFile("", name, _PSQL.sub("", text).encode())


def load(connection: Connection, dump: MigrationFile) -> tuple[ApplyError, ...]:
    """Makes what the dump holds, as its new owner; what cannot be made here, with why. Raises CannotRun."""
    try:
        statements = [statement for statement in split(dump) if not _is_left_out(statement)]
    except SqlError as fault:
        raise CannotRun(f"{dump.name}:{fault.line} does not parse: {fault.message}", fault.hint) from None
    beyond = {s.offset: reach for s in statements if (reach := next(reaches(s), None))}
    unmade = [from_tool(s, f"reaches for {beyond[s.offset].what}", "") for s in statements if s.offset in beyond]
    rest = [statement for statement in statements if statement.offset not in beyond]
    with contextlib.suppress(psycopg.Error), connection.transaction():
        connection.execute("\n;\n".join(statement.text for statement in rest).encode())
        return tuple(unmade)
    return (*unmade, *_one_by_one(connection, rest))


def _one_by_one(connection: Connection, statements: Iterable[Statement]) -> Iterable[ApplyError]:
    for statement in statements:
        try:
            connection.execute(statement.text.encode())
        except psycopg.Error as fault:
            if connection.closed or statement.kind not in _DISPENSABLE:
                yield from_server(statement, fault)


def _is_left_out(statement: Statement) -> bool:
    """Settings of the session that took the dump, owners, and what every database has."""
    tree = statement.tree
    match statement.kind:
        case "VariableSetStmt":
            return tree.get("name") not in _SETTINGS
        case "CreateSchemaStmt":
            return bool(tree.get("schemaname") == "public")
        case "CommentStmt":
            return bool(tree.get("objtype") == "OBJECT_EXTENSION")
        case "AlterTableStmt":
            return all(command.get("subtype") == "AT_ChangeOwner" for command in of_kind(tree["cmds"], "AlterTableCmd"))
    return statement.kind in ("AlterOwnerStmt", "TransactionStmt")


def version_in(
    start: ScratchStart, inputs: Inputs, dump: MigrationFile, made: DatabaseAddress, files: MigrationSet
) -> str:
    """The last migration in the dump: as set, else by the rows of history in it, by its database, by the target.

    Raises CannotRun where nothing tells.
    """
    from checks.history.reading import applied_versions, read_history

    if start.version:
        return start.version
    table = str(inputs.options.get("history_table") or "")
    places = [made] if b"INSERT INTO" in dump.content else []
    for place in (*places, *([start.address] if start.address else [])):
        versions = applied_versions(read_history(place, files.tool, table), files)
        if newest := max(versions, key=version_key, default=None):
            return newest
    if files.applied_through is None:
        sentence = f"nothing tells which migrations {dump.name} has"
        raise CannotRun(sentence, '[scratch] baseline_version = "00120", or --applied-through')
    return files.applied_through


def after(files: MigrationSet, version: str, dump: MigrationFile) -> MigrationSet:
    """The files that the dump has not. Raises CannotRun where it has one that is pending."""
    later = replace(files, applied_through=version).pending
    if files.applied_through is not None:
        held = [file.name for file in files.pending if file not in later]
        if held:
            sentence = f"{dump.name} has {held[0]} already, which is pending: nothing can be tried on it"
            raise CannotRun(sentence, 'take the dump of what is deployed, or baseline = "target"')
    versions = {file.version for file in later}
    kept = tuple(file for file in files.files if (file in later if not file.is_down else file.version in versions))
    return replace(files, files=kept)


def blamed(unmade: Sequence[ApplyError], error: ApplyError) -> CannotRun:
    """Why a file after the dump may have failed, where not all of the dump could be made."""
    first = next((one for one in unmade if one.lacking), unmade[0])
    if first.lacking:
        sentence = f"the scratch server lacks {first.lacking}, which {first.where} needs: {first.message}"
        return CannotRun(sentence, "set [scratch] server to one that has it")
    return CannotRun(
        f"{first.where} cannot be made in scratch ({first.message}), and {error.where} stops", "mend the dump"
    )
