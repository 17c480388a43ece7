"""What goes on in a database now: progress of long commands, who blocks whom, old transactions.

Safe at any moment: only statistics views and pg_locks, no relation is opened.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checks import live_read
from checks.base import CannotRun, counted
from checks.measures import duration
from checks.targetdb.asking import short

if TYPE_CHECKING:
    from checks.targetdb.session import Session

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
    query: str

    @property
    def line(self) -> str:
        """`pid 4711 (app) waits 12 s for AccessShareLock on orders, blocked by pid 4700: SELECT …`."""
        pids = ", ".join(map(str, self.by))
        on = f" on {self.object}" if self.object else ""
        return _cut(
            f"pid {self.pid} ({self.who}) waits {duration(self.seconds)} for {self.mode}{on}, blocked by pid {pids}"
        )


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
    def longest(self) -> Transaction | None:
        return self.transactions[0] if self.transactions else None

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
    running = tuple(_running(row) for query in _progress(session) for row in session.rows(query))
    blocked = tuple(_blocked(row) for row in session.rows(live_read.BLOCKED))
    transactions = tuple(_transaction(row) for row in session.rows(live_read.TRANSACTIONS))
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


def _progress(session: Session) -> Iterable[str]:
    yield from live_read.PROGRESS.values()
    if session.server_version >= 140000:
        yield live_read.COPY


def _running(row: Any) -> Running:
    percent = min(100, int(100 * row.done / row.total)) if row.total else None
    objects = row.object or row.on_table
    if row.object and row.object == row.on_table:
        objects = row.on_table
    return Running(row.pid, row.command, short(objects) or "…", row.phase, percent)


def _blocked(row: Any) -> Blocked:
    who = row.application or row.role or "unknown"
    return Blocked(row.pid, tuple(sorted(set(row.by))), row.seconds or 0.0, row.mode, short(row.object), who, row.query)


def _transaction(row: Any) -> Transaction:
    who = row.application or row.role or "unknown"
    return Transaction(row.pid, who, row.state or "unknown", row.seconds, row.idle or 0.0, row.query or "")


def _cut(text: str) -> str:
    return text if len(text) <= LINE else text[: LINE - 1] + "…"
