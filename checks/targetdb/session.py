"""Guarded sessions on a database that people use: read-only, short, never in anybody's way.

Each session is one READ ONLY transaction with its time-outs set by SET LOCAL, which also holds through pgbouncer in
transaction mode. A `Target` keeps one connection, and a timer at the client ends what the server does not.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus
from psycopg.rows import namedtuple_row

from checks.base import DatabaseAddress
from checks.targetdb.conninfo import CannotConnect, parse
from checks.targetdb.errors import cannot_connect, cannot_run

CONNECT_TIMEOUT = 5
STATEMENT_TIMEOUT = 5.0
MAX_STATEMENT_TIMEOUT = 15.0
LOCK_TIMEOUT = 0.2
TRANSACTION_TIMEOUT = 15.0
IDLE_TIMEOUT = 10.0
CANCEL_GRACE = 2.0
# So that a run of twenty checks does not wait twenty times for a host that does not answer.
REFUSAL_KEPT = 20.0

_OPTIONS = (
    "-c default_transaction_read_only=on -c statement_timeout=15s -c lock_timeout=200ms"
    " -c idle_in_transaction_session_timeout=10s"
)
# A dead network must end a query too: libpq's own limits, in seconds and (the last) milliseconds.
_NETWORK = {"keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "2", "tcp_user_timeout": "15000"}

Query = str | sql.Composed | sql.SQL
Connection = psycopg.Connection[Any]


class Session:
    """One READ ONLY transaction. Rows are named tuples; errors come out as CannotRun in our own words."""

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self.name = name
        # For SQL that others wrote: READ ONLY lets set_config and NOTIFY pass, and only a ROLLBACK undoes them.
        self.rolls_back = False

    @property
    def server_version(self) -> int:
        """As PostgreSQL numbers it: 180006 is 18.6."""
        return self._connection.info.server_version

    def rows(self, query: Query, parameters: Sequence[object] | None = None) -> list[Any]:
        try:
            with self._connection.cursor(row_factory=namedtuple_row) as cursor:
                cursor.execute(query.encode() if isinstance(query, str) else query, parameters)
                return cursor.fetchall()
        except psycopg.Error as fault:
            raise cannot_run(fault, self.name, self._connection.info.user) from None

    def row(self, query: Query, parameters: Sequence[object] | None = None) -> Any:
        found = self.rows(query, parameters)
        return found[0] if found else None

    def value(self, query: Query, parameters: Sequence[object] | None = None) -> Any:
        """The first column of the first row, or None."""
        found = self.row(query, parameters)
        return found[0] if found else None


class Target:
    """A database under guard: one connection, opened at the first session, closed by `close`.

    Not for two threads at once; a run of checks asks one after the other.
    """

    def __init__(self, address: DatabaseAddress) -> None:
        self.address = address
        self._connection: Connection | None = None
        self._refusal: tuple[float, CannotConnect] | None = None

    @contextlib.contextmanager
    def session(
        self, check_id: str = "", statement_timeout: float = STATEMENT_TIMEOUT, lock_timeout: float = LOCK_TIMEOUT
    ) -> Iterator[Session]:
        """A short READ ONLY transaction named `gonogo/<check-id>`; time-outs in seconds.

        `search_path` is pg_catalog, so names come out as `public.orders` (see `short`). Raises CannotConnect,
        CannotRun (busy, a missing grant).
        """
        connection = self._connected()
        watch = _Deadline(connection, TRANSACTION_TIMEOUT)
        session = None
        try:
            with watch:
                connection = self._begin(connection, check_id, statement_timeout, lock_timeout)
                watch.connection = connection
                session = Session(connection, self.address.name)
                yield session
        except psycopg.Error as fault:
            raise cannot_run(fault, self.address.name, connection.info.user) from None
        finally:
            self._end(connection, session)

    def close(self) -> None:
        """Ends the connection; a later session opens a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(psycopg.Error):
                connection.close()

    def abandon(self) -> None:
        """From another thread: stops what runs and lets go of the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            _cancel(connection)
            _cut(connection)

    def _connected(self) -> Connection:
        if self._refusal is not None and time.monotonic() - self._refusal[0] < REFUSAL_KEPT:
            raise self._refusal[1]
        if self._connection is None or self._connection.closed:
            try:
                self._connection = connect(self.address)
            except CannotConnect as refusal:
                self._refusal = (time.monotonic(), refusal)
                raise
        return self._connection

    def _begin(self, connection: Connection, check_id: str, statement: float, lock: float) -> Connection:
        """Begins; a connection that the other side closed meanwhile is replaced once."""
        try:
            _begin(connection, check_id, statement, lock)
        except psycopg.OperationalError:
            if not connection.closed:
                raise
            self._connection = None
            connection = self._connected()
            _begin(connection, check_id, statement, lock)
        return connection

    def _end(self, connection: Connection, session: Session | None) -> None:
        """COMMIT where no query failed: a ROLLBACK would count among those of the application."""
        is_whole = connection.info.transaction_status is TransactionStatus.INTRANS
        try:
            if is_whole and session is not None and not session.rolls_back:
                connection.commit()
            else:
                connection.rollback()
        except psycopg.Error:
            self.close()


class _Deadline:
    """Cancels a connection's query after some seconds, from a timer's thread; then cuts the line."""

    def __init__(self, connection: Connection, seconds: float) -> None:
        self.connection = connection
        self._done = threading.Event()
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True

    def __enter__(self) -> _Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._timer.cancel()

    def _expire(self) -> None:
        _cancel(self.connection)
        if not self._done.wait(CANCEL_GRACE):
            _cut(self.connection)


def connect(address: DatabaseAddress, application_name: str = "gonogo") -> Connection:
    """An autocommit connection with our limits. Raises CannotConnect, in own words only.

    Limits go as start-up options too, as a second belt; a pooler that refuses options gets a connection without.
    """
    parameters = parse(address) | {"application_name": application_name, "client_encoding": "utf8"}
    parameters = _NETWORK | {"connect_timeout": str(CONNECT_TIMEOUT)} | parameters
    own = parameters.get("options", "")
    try:
        return _open(parameters | {"options": f"{own} {_OPTIONS}".strip()})
    except psycopg.Error as fault:
        refusal = cannot_connect(fault, address.name)
    if refusal.reason != "options":
        raise refusal
    try:
        return _open({key: value for key, value in parameters.items() if key != "options"})
    except psycopg.Error as fault:
        refusal = cannot_connect(fault, address.name)
    raise refusal


def database_key(session: Session) -> str:
    """`system_identifier/datname`: tells one database from every other, except a physical copy of its server."""
    query = "SELECT system_identifier::text || '/' || current_database() FROM pg_control_system()"
    return str(session.value(query))


def _open(parameters: dict[str, str]) -> Connection:
    # No prepared statements: poolers in transaction mode hand the next one to another server.
    return psycopg.connect(make_conninfo(**parameters), autocommit=True, prepare_threshold=None)


def _begin(connection: Connection, check_id: str, statement: float, lock: float) -> None:
    settings = {
        "statement_timeout": _milliseconds(min(statement, MAX_STATEMENT_TIMEOUT)),
        "lock_timeout": _milliseconds(lock),
        "idle_in_transaction_session_timeout": _milliseconds(IDLE_TIMEOUT),
        "max_parallel_workers_per_gather": "0",
        "search_path": "pg_catalog, pg_temp",
        "application_name": f"gonogo/{check_id}" if check_id else "gonogo",
    }
    if connection.info.server_version >= 170000:
        settings["transaction_timeout"] = _milliseconds(TRANSACTION_TIMEOUT)
    begin: list[sql.Composable] = [sql.SQL("BEGIN TRANSACTION READ ONLY")]
    begin += [_set_local(name, value) for name, value in settings.items()]
    connection.execute(sql.SQL("; ").join(begin))


def _set_local(name: str, value: str) -> sql.Composed:
    shown = sql.SQL("pg_catalog, pg_temp") if name == "search_path" else sql.Literal(value)
    return sql.SQL("SET LOCAL {} = {}").format(sql.Identifier(name), shown)


def _milliseconds(seconds: float) -> str:
    return f"{round(seconds * 1000)}ms"


def _cancel(connection: Connection) -> None:
    with contextlib.suppress(psycopg.Error):
        connection.cancel_safe(timeout=CANCEL_GRACE)


def _cut(connection: Connection) -> None:
    """Shuts the socket, which wakes a reader that a dead network would keep for minutes."""
    with contextlib.suppress(psycopg.Error, OSError):
        line = socket.socket(fileno=os.dup(connection.fileno()))
        line.shutdown(socket.SHUT_RDWR)
        line.close()
