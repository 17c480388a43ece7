"""The baseline: what a database looked like before go, read in one short look, and the differences after it.

`take` returns plain JSON data, which the caller keeps and gives back as `Inputs.baseline`:
`taken_at`, `server_version`, `database` (counters of pg_stat_database), `connections`, `archiver`, `wal`,
`invalid_indexes` (index -> table), `indexes` (name -> table, scans), `tables` (name -> bytes by relpages, rows, scans,
changed rows) and `statements`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checks.base import CannotRun, DatabaseAddress
from checks.contexts import TargetContext
from checks.targetdb.asking import USER_SCHEMA, moment

if TYPE_CHECKING:
    from checks.targetdb.session import Session

# The largest tables; a schema of 50,000 partitions need not become 20 MB of JSON.
MOST_TABLES = 3000
MOST_STATEMENTS = 200
_NEEDED = ("database", "connections", "tables", "invalid_indexes")

_DATABASE = """
SELECT xact_commit, xact_rollback, blks_read, blks_hit, deadlocks, temp_files, temp_bytes, conflicts, numbackends,
       tup_inserted, tup_updated, tup_deleted, coalesce(checksum_failures, 0) AS checksum_failures,
       coalesce(stats_reset::text, '') AS stats_reset
FROM pg_stat_database WHERE datname = current_database()
"""
_SESSIONS = """
SELECT sessions, sessions_abandoned, sessions_fatal, sessions_killed FROM pg_stat_database
WHERE datname = current_database()
"""
_TABLES = f"""
SELECT c.oid::regclass::text AS name, c.relpages::bigint * current_setting('block_size')::int AS bytes,
       greatest(c.reltuples, 0)::bigint AS rows, coalesce(s.seq_scan, 0) AS seq_scan,
       coalesce(s.seq_tup_read, 0) AS seq_tup_read, coalesce(s.idx_scan, 0) AS idx_scan,
       coalesce(s.n_tup_ins, 0) AS inserted, coalesce(s.n_tup_upd, 0) AS updated, coalesce(s.n_tup_del, 0) AS deleted
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid
WHERE c.relkind IN ('r', 'm') AND {USER_SCHEMA} ORDER BY c.relpages DESC, 1 LIMIT {MOST_TABLES}
"""
# c is the index: what hangs on it keeps it from being dropped by itself.
TIED = """(c.relispartition OR EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype <> 'f'))"""
INVALID = f"""
SELECT c.oid::regclass::text AS name, i.indrelid::regclass::text AS on_table,
       {TIED} AS is_tied
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE (NOT i.indisvalid OR NOT i.indisready) AND c.relkind = 'i' AND {USER_SCHEMA}
  AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid) ORDER BY 1
"""
# Never unique ones, nor the only one that a foreign key can use: those work without being scanned.
INDEXES = f"""
SELECT s.indexrelid::regclass::text AS name, s.relid::regclass::text AS on_table, s.idx_scan AS scans,
       c.relpages::bigint * current_setting('block_size')::int AS bytes
FROM pg_stat_user_indexes s JOIN pg_class c ON c.oid = s.indexrelid JOIN pg_index i ON i.indexrelid = s.indexrelid
WHERE i.indisvalid AND NOT i.indisunique AND NOT i.indisexclusion AND NOT c.relispartition
  AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conrelid = i.indrelid
                  AND f.conkey[1] = i.indkey[0]) ORDER BY 4 DESC, 1 LIMIT {MOST_TABLES}
"""
CONNECTION_COUNTS = """
SELECT count(*) AS used, count(*) FILTER (WHERE state = 'active') AS active,
       count(*) FILTER (WHERE state LIKE 'idle in transaction%' AND state_change < now() - interval '1 minute') AS idle,
       current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS usable
FROM pg_stat_activity WHERE backend_type = 'client backend'
"""
_ARCHIVER = "SELECT archived_count, failed_count FROM pg_stat_archiver"
_WAL = "SELECT wal_bytes::bigint AS wal_bytes, wal_records FROM pg_stat_wal"
_EXTENSION = """
SELECT n.nspname::text AS schema, e.extversion::text AS version, 
       current_setting('shared_preload_libraries') AS preloaded
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'
"""
# Since 1.8 (PostgreSQL 13) the columns are total_exec_time and calls; utility statements are not told apart. What the
# bot asks is none of the application's.
_STATEMENTS = """
SELECT queryid::text AS id, sum(calls)::bigint AS calls, round(sum(total_exec_time))::bigint AS total_ms,
       left(regexp_replace(min(query), '\\s+', ' ', 'g'), 100) AS query
FROM {}.pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND queryid IS NOT NULL AND userid <> current_user::regrole
GROUP BY queryid ORDER BY sum(total_exec_time) DESC LIMIT {}
"""


def measure(session: Session) -> dict[str, Any]:
    """Plain JSON data, as `take` says. `statements` is None where pg_stat_statements is not to be had."""
    version = session.server_version // 10000
    database = session.row(_DATABASE)._asdict()
    if version >= 14:
        database |= session.row(_SESSIONS)._asdict()
    return {
        "server_version": session.server_version,
        "taken_at": session.value("""SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""),
        "database": database,
        "connections": session.row(CONNECTION_COUNTS)._asdict(),
        "archiver": session.row(_ARCHIVER)._asdict(),
        "wal": session.row(_WAL)._asdict() if version >= 14 else {},
        "invalid_indexes": {row.name: row.on_table for row in session.rows(INVALID)},
        "indexes": {row.name: _without_name(row) for row in session.rows(INDEXES)},
        "tables": {row.name: _without_name(row) for row in session.rows(_TABLES)},
        "statements": statements(session),
    }


def statements(session: Session) -> dict[str, Any] | None:
    """queryid -> calls, total_ms, query (cut) of the statements that took most; None without pg_stat_statements."""
    from psycopg import sql

    found = session.row(_EXTENSION)
    if found is None or "pg_stat_statements" not in (found.preloaded or ""):
        return None
    query = sql.SQL(_STATEMENTS).format(sql.Identifier(found.schema), sql.Literal(MOST_STATEMENTS))
    return {row.id: {"calls": row.calls, "total_ms": row.total_ms, "query": row.query} for row in session.rows(query)}


def _without_name(row: Any) -> dict[str, Any]:
    return {key: value for key, value in row._asdict().items() if key != "name"}


@dataclass(frozen=True)
class Difference:
    """Two measurements of the same database; `seconds` lie between them."""

    before: Mapping[str, Any]
    now: Mapping[str, Any]
    seconds: float

    def counter(self, name: str, part: str = "database") -> int:
        """How much a counter grew; what it is now where the statistics were reset meanwhile."""
        before, now = self.before.get(part, {}).get(name, 0), self.now.get(part, {}).get(name, 0)
        return int(now - before) if now >= before and not self.was_reset else int(now)

    @property
    def was_reset(self) -> bool:
        return bool(self.before["database"].get("stats_reset") != self.now["database"].get("stats_reset"))

    @property
    def reset_words(self) -> str:
        """What belongs behind a number that counts from a reset, and nothing otherwise."""
        return " (statistics were reset meanwhile)" if self.was_reset else ""

    def table(self, name: str, column: str) -> int:
        """How much a table's number grew; a table made since counts from nothing."""
        before = self.before["tables"].get(name, {}).get(column, 0)
        return int(self.now["tables"].get(name, {}).get(column, 0) - before)


def take(address: DatabaseAddress) -> dict[str, Any]:
    """The baseline of a database, for `json.dumps`. Raises CannotConnect, CannotRun."""
    from checks.targetdb.session import Target

    with closing(Target(address)) as target, target.session("baseline") as session:
        return measure(session)


def difference(context: TargetContext) -> Difference:
    """The target now against its baseline. Raises CannotRun where there is none."""
    before = context.inputs.baseline
    if before is None:
        raise CannotRun(f"no baseline of {context.name}: it is taken before go", "ask again after go")
    if not all(isinstance(before.get(part), Mapping) for part in _NEEDED):
        raise CannotRun(f"the baseline of {context.name} cannot be read", "ask again after the next go")
    with context.session() as session:
        now = measure(session)
    seconds = (moment(now["taken_at"]) - moment(str(before["taken_at"]))).total_seconds()
    return Difference(before, now, max(seconds, 0.0))
