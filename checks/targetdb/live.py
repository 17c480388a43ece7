"""What goes on in a database now: progress of long commands, who blocks whom, old transactions.

Safe at any moment: only statistics views and pg_locks, no relation is opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checks.base import CannotRun, counted
from checks.measures import duration
from checks.sql.statements import without_values
from checks.targetdb.asking import short

if TYPE_CHECKING:
    from checks.targetdb.session import Session


# Words in the order of https://www.postgresql.org/docs/current/progress-reporting.html.
_NAME = "coalesce(nullif({}::regclass::text, '-'), '')"
PROGRESS = {
    "CREATE INDEX": f"""
SELECT p.pid, p.command AS command, {_NAME.format("p.index_relid")} AS object, {_NAME.format("p.relid")} AS on_table,
       p.phase AS phase, CASE WHEN p.lockers_total > p.lockers_done THEN p.lockers_done
         WHEN p.blocks_total > 0 THEN p.blocks_done ELSE p.tuples_done END AS done,
       CASE WHEN p.lockers_total > p.lockers_done THEN p.lockers_total
         WHEN p.blocks_total > 0 THEN p.blocks_total ELSE p.tuples_total END AS total
FROM pg_stat_progress_create_index p WHERE p.datname = current_database()""",
    "VACUUM": f"""
SELECT p.pid, 'VACUUM' AS command, '' AS object, {_NAME.format("p.relid")} AS on_table, p.phase,
       p.heap_blks_scanned AS done, p.heap_blks_total AS total
FROM pg_stat_progress_vacuum p WHERE p.datname = current_database()""",
    "CLUSTER": f"""
SELECT p.pid, p.command, '' AS object, {_NAME.format("p.relid")} AS on_table, p.phase,
       p.heap_blks_scanned AS done, p.heap_blks_total AS total
FROM pg_stat_progress_cluster p WHERE p.datname = current_database()""",
    "ANALYZE": f"""
SELECT p.pid, 'ANALYZE' AS command, '' AS object, {_NAME.format("p.relid")} AS on_table, p.phase,
       p.sample_blks_scanned AS done, p.sample_blks_total AS total
FROM pg_stat_progress_analyze p WHERE p.datname = current_database()""",
}
COPY = f"""
SELECT p.pid, p.command, '' AS object, {_NAME.format("p.relid")} AS on_table,
       p.tuples_processed::text || ' rows' AS phase, p.bytes_processed AS done, p.bytes_total AS total
FROM pg_stat_progress_copy p WHERE p.datname = current_database()"""

BLOCKED = """
SELECT a.pid, pg_blocking_pids(a.pid) AS by, extract(epoch FROM now() - a.query_start)::float AS seconds,
       coalesce(l.mode, a.wait_event) AS mode, coalesce(l.relation::regclass::text, '') AS object,
       coalesce(a.application_name, '') AS application, coalesce(a.usename::text, '') AS role
FROM pg_stat_activity a LEFT JOIN pg_locks l ON l.pid = a.pid AND NOT l.granted AND l.locktype = 'relation'
WHERE a.wait_event_type = 'Lock' AND a.datname = current_database() AND cardinality(pg_blocking_pids(a.pid)) > 0
ORDER BY a.query_start"""

TRANSACTIONS = """
SELECT a.pid, coalesce(a.usename::text, '') AS role, coalesce(a.application_name, '') AS application, a.state,
       extract(epoch FROM now() - a.xact_start)::float AS seconds,
       extract(epoch FROM now() - a.state_change)::float AS idle,
       left(regexp_replace(a.query, '\\s+', ' ', 'g'), 80) AS query
FROM pg_stat_activity a WHERE a.datname = current_database() AND a.backend_type = 'client backend'
  AND a.xact_start IS NOT NULL AND a.pid <> pg_backend_pid() ORDER BY a.xact_start LIMIT 20"""

# %s: names as public.orders. Granted locks that a DDL statement would wait for, and requests before it.
HELD_ON = """
SELECT a.pid, c.oid::regclass::text AS object, l.mode, l.granted, coalesce(a.usename::text, '') AS role,
       coalesce(a.application_name, '') AS application, a.state,
       extract(epoch FROM now() - a.xact_start)::float AS seconds,
       extract(epoch FROM now() - a.state_change)::float AS idle
FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'relation' AND l.pid <> pg_backend_pid() AND a.datname = current_database()
  AND (c.relname = ANY (%s) OR n.nspname || '.' || c.relname = ANY (%s)) ORDER BY a.xact_start"""

PREPARED = """
SELECT gid, extract(epoch FROM now() - prepared)::float AS seconds FROM pg_prepared_xacts
WHERE database = current_database() ORDER BY prepared"""

LINE = 120
# Shorter ones are the daily traffic of an application.
LONG_TRANSACTION = 60.0
LONG_IDLE = 60.0


@dataclass(frozen=True)
class Running:
    """A command that reports progress; `percent` is None where the phase has no total."""

    pid: int
    command: str
    object: str
    phase: str
    percent: int | None

    @property
    def line(self) -> str:
        """`CREATE INDEX orders_idx 63 % (building index: scanning table)`."""
        done = f" {self.percent} %" if self.percent is not None else ""
        return _cut(f"{self.command} {self.object}{done} ({self.phase})")


@dataclass(frozen=True)
class Blocked:
    """A session that waits for a lock, and the pids that it waits for; seconds since its statement began."""

    pid: int
    by: tuple[int, ...]
    seconds: float
    mode: str
    object: str
    who: str

    @property
    def line(self) -> str:
        """`pid 4711 (app) waits 12 s for AccessShareLock on orders, blocked by pid 4700`."""
        pids = ", ".join(map(str, self.by))
        on = f" on {self.object}" if self.object else ""
        waits = f"waits {duration(self.seconds)} for {self.mode}{on}"
        return _cut(f"pid {self.pid} ({self.who}) {waits}, blocked by pid {pids}")


@dataclass(frozen=True)
class Transaction:
    """An open transaction; seconds since it began, and since its session last did anything."""

    pid: int
    who: str
    state: str
    seconds: float
    idle: float
    query: str

    @property
    def is_idle(self) -> bool:
        return self.state.startswith("idle in transaction")

    @property
    def line(self) -> str:
        """`pid 4711 (app) idle in transaction, open for 14 min: UPDATE …`."""
        query = f": {self.query}" if self.query else ""
        return _cut(f"pid {self.pid} ({self.who}) {self.state}, open for {duration(self.seconds)}{query}")


@dataclass(frozen=True)
class LiveProgress:
    """One look at a database. `history_rows` is None where there is no history table, or it may not be read."""

    history_rows: int | None
    running: tuple[Running, ...]
    blocked: tuple[Blocked, ...]
    transactions: tuple[Transaction, ...]

    @property
    def blockers(self) -> tuple[int, ...]:
        """Pids at the head of a queue: they block others and wait for nobody."""
        waiting = {session.pid for session in self.blocked}
        heads = (pid for session in self.blocked for pid in session.by if pid not in waiting)
        return tuple(dict.fromkeys(heads))

    @property
    def cancel(self) -> tuple[str, ...]:
        """What a person can type about each head of a queue, and otherwise about each running command."""
        states = {transaction.pid: transaction.is_idle for transaction in self.transactions}
        pids = self.blockers or tuple(running.pid for running in self.running)
        return tuple(cancel_statement(pid, states.get(pid, False)) for pid in pids)

    def lines(self) -> list[str]:
        """What a person reads, most urgent first, each of at most 120 characters."""
        found = [session.line for session in self.blocked]
        found += [running.line for running in self.running]
        found += [transaction.line for transaction in self.transactions if transaction.seconds >= LONG_TRANSACTION]
        if self.history_rows is not None:
            found.append(f"{counted(self.history_rows, 'row')} in the history table")
        return found


def read_live(session: Session, tool: str = "auto") -> LiveProgress:
    """One look; every query is one that waits for nobody. Raises CannotRun when the session is lost."""
    # The history comes last: a missing grant on it ends the transaction.
    progress = [*PROGRESS.values(), *([COPY] if session.server_version >= 140000 else [])]
    running = tuple(_running(row) for query in progress for row in session.rows(query))
    blocked = tuple(_blocked(row) for row in session.rows(BLOCKED))
    transactions = tuple(_transaction(row) for row in session.rows(TRANSACTIONS))
    return LiveProgress(_history_rows(session, tool), running, blocked, transactions)


def cancel_statement(pid: int, is_idle: bool = False) -> str:
    """`SELECT pg_cancel_backend(pid)`; a session that is idle in a transaction has nothing to cancel."""
    return f"SELECT pg_terminate_backend({pid})" if is_idle else f"SELECT pg_cancel_backend({pid})"


def _history_rows(session: Session, tool: str) -> int | None:
    """An AccessShareLock on the small history table, which its tool holds only against other runners."""
    from checks.history.reading import read_history

    try:
        history = read_history(session, tool)
    except CannotRun:
        return None
    return len(history.rows) if history.found else None


def _running(row: Any) -> Running:
    percent = min(100, int(100 * row.done / row.total)) if row.total else None
    return Running(row.pid, row.command, short(row.object or row.on_table) or "…", row.phase, percent)


def _blocked(row: Any) -> Blocked:
    who = row.application or row.role or "unknown"
    return Blocked(row.pid, tuple(sorted(set(row.by))), row.seconds or 0.0, row.mode, short(row.object), who)


def _transaction(row: Any) -> Transaction:
    who = row.application or row.role or "unknown"
    return Transaction(
        row.pid, who, row.state or "unknown", row.seconds, row.idle or 0.0, without_values(row.query or "")
    )


def _cut(text: str) -> str:
    return text if len(text) <= LINE else text[: LINE - 1] + "…"
