"""Things that go wrong on purpose, for the panel's *Break something*; each is real, and each can be mended."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import psycopg
from psycopg import sql

from bot.demo.sample.addresses import connect

APPLICATION = "night-report"


@dataclass(frozen=True)
class TableLock:
    """A transaction that holds ACCESS EXCLUSIVE on a table until it is released. `pid` is its backend's."""

    table: str
    pid: int
    connection: psycopg.Connection

    def release(self) -> None:
        """Ends the transaction; a connection that somebody cut meanwhile is as good."""
        with suppress(psycopg.Error):
            self.connection.rollback()
        self.connection.close()


def lock_table(address: str, table: str = "orders") -> TableLock:
    """Opens the transaction; waits at most 2 s for the lock. Raises psycopg.Error where it is not to be had."""
    connection = connect(address, APPLICATION)
    try:
        connection.execute("SET lock_timeout = '2s'")
        connection.execute("SET idle_in_transaction_session_timeout = 0")
        connection.execute("BEGIN")
        connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(table)))
    except psycopg.Error:
        connection.close()
        raise
    return TableLock(table, connection.info.backend_pid, connection)


def drop_index(address: str, index: str = "orders_user_id_placed_at_idx") -> str:
    """Drops the index; the statement that brings it back."""
    with connect(address, APPLICATION) as connection:
        connection.execute("SET lock_timeout = '2s'")
        row = connection.execute("SELECT pg_get_indexdef(%s::regclass)", [index]).fetchone()
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(index)))
    return str(row[0]) if row else ""


def leave_invalid_index(address: str, index: str = "orders_one_per_user_key") -> str:
    """Builds a unique index that the rows refuse, which leaves it INVALID; the statement that mends it."""
    with connect(address, APPLICATION) as connection, suppress(psycopg.errors.UniqueViolation):
        connection.execute("SET lock_timeout = '2s'")
        create = sql.SQL("CREATE UNIQUE INDEX CONCURRENTLY {} ON orders (user_id)")
        connection.execute(create.format(sql.Identifier(index)))
    return f"DROP INDEX CONCURRENTLY {index}"


def execute(address: str, statement: str) -> None:
    """Runs one statement that a break returned as its mend."""
    with connect(address, APPLICATION) as connection:
        connection.execute("SET lock_timeout = '2s'")
        connection.execute(statement.encode())
