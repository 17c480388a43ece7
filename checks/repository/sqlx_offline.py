"""sqlx-offline: the query data of SQLx is there, is whole, and speaks of tables that the migrations make."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from checks.base import CannotRun, Finding, MigrationFile, Result, counted, files_check
from checks.contexts import FilesContext
from checks.documents import Documents, documents_of
from checks.findings import verdict
from checks.options import text_option
from checks.repository.changed_documents import identified
from checks.sql.mentions import RELATION
from checks.sql.objects import MATVIEW, SEQUENCE, TABLE, VIEW
from checks.sql.statements import SqlError, split
from checks.sql.tree import bare

_AGAIN = "cargo sqlx prepare, then commit .sqlx"


@files_check(
    title="SQLx's offline query data is whole",
    option="folder",
    decides='With `[checks.sqlx-offline] folder = ".sqlx"`: passes when there is query data, each file has the hash of '
    "its query, and every table in it is one that the migrations make. That the types still fit, only "
    "`cargo sqlx prepare --check` knows.",
    cost="Reads the query data and the migration files; needs neither cargo nor a database.",
    fix="Run `cargo sqlx prepare` against a database with all migrations, and commit the folder.",
)
def sqlx_offline(context: FilesContext) -> Result:
    """Failed for data that is broken, or whose tables are dropped; passed with the number of queries."""
    documents, folder = documents_of(context.options), text_option(context.options, sqlx_offline.id, "folder")
    paths = documents.matching(f"{folder.rstrip('/')}/query-*.json")
    if not paths:
        raise CannotRun(f"no query-*.json in {folder}", _AGAIN)
    known = _known_tables(context)
    findings = [one for path in paths for one in _faults(path, documents, known)]
    tables = ", its tables there" if known else ""
    told = f"{counted(len(paths), 'offline query', 'offline queries')} in {folder}, each whole{tables}"
    return identified(verdict(findings, told), str(len(paths)), *(finding.message for finding in findings))


def _faults(path: str, documents: Documents, known: frozenset[str]) -> Iterator[Finding]:
    data = _data(documents.text(path))
    query = data.get("query") if data else None
    if not isinstance(query, str) or "describe" not in (data or {}):
        yield Finding("is no query data of SQLx", path, path, None, _AGAIN, "error")
        return
    expected = hashlib.sha256(query.encode()).hexdigest()
    if data is not None and data.get("hash") != expected:
        yield Finding("its hash is not that of its query: edited by hand", path, path, None, _AGAIN, "error")
    if known and (gone := sorted(_tables(query) - known)):
        message = f"asks {', '.join(gone)}, which no migration makes"
        yield Finding(message, gone[0], path, None, f"change the query, then {_AGAIN}", "error")


def _data(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _known_tables(context: FilesContext) -> frozenset[str]:
    """Tables and views after all migrations, without their schema; none where the migrations are no SQL."""
    if not context.migrations.is_sql:
        return frozenset()
    existing = (declared for kind in (TABLE, VIEW, MATVIEW, SEQUENCE) for declared in context.declared.of(kind))
    return frozenset(bare(declared.name) for declared in existing)


def _tables(query: str) -> set[str]:
    """What a query reads or writes, without schema; none of a query that does not parse, nor of PostgreSQL's own."""
    try:
        statements = split(MigrationFile("", "query", query.encode()))
    except SqlError:
        return set()
    named = (name.name for s in statements for name in s.mentions if name.kind == RELATION)
    return {bare(name) for name in named if not name.startswith(("pg_", "information_schema."))}
