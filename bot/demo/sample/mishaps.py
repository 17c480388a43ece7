"""What goes wrong on purpose: faulty variants of the shop's migrations, and breaks of its databases."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bot.demo.sample.addresses import connect

HERE = Path(__file__).parent
MIGRATIONS = HERE / "migrations"


@dataclass(frozen=True)
class Fault:
    """A migration written wrongly. `shows` is what goes wrong and where it is seen."""

    key: str
    file: str
    title: str
    shows: str

    @property
    def folder(self) -> Path:
        """The faulty variants, named as the files that they replace."""
        return HERE / "faults" / self.key


BLOCKING_INDEX = Fault(
    "blocking_index",
    "00009_index_open_orders.up.sql",
    "Build the index without CONCURRENTLY",
    "Nobody can order while the index on orders is built; a check of the files says so.",
)
UNKNOWN_LABEL = Fault(
    "unknown_label",
    "00008_add_loyalty_tier.up.sql",
    "Use a tier that the enum does not have",
    "The file does not run anywhere: 'platinum' is no label of loyalty_tier; the run on a scratch database says so.",
)
NO_UNIQUE_INDEX = Fault(
    "no_unique_index",
    "00010_create_daily_revenue.up.sql",
    "Forget the unique index of the materialized view",
    "The view cannot be refreshed while it is read: REFRESH … CONCURRENTLY needs a unique index.",
)
DUPLICATE_NAMES = Fault(
    "duplicate_names",
    "00009_index_open_orders.up.sql",
    "Ask for unique product names",
    "Runs on staging, fails in production, where one product is listed twice, and leaves an INVALID index behind.",
)
FAULTS = (BLOCKING_INDEX, UNKNOWN_LABEL, NO_UNIQUE_INDEX, DUPLICATE_NAMES)


def copy_migrations(directory: Path) -> Path:
    """Copies the set, up and down files, into a folder that the demo may edit; the folder."""
    directory.mkdir(parents=True, exist_ok=True)
    for path in sorted(MIGRATIONS.glob("*.sql")):
        shutil.copyfile(path, directory / path.name)
    return directory


def place(fault: Fault, directory: Path) -> None:
    """Overwrites the files in the copied folder with their faulty variants."""
    for path in sorted(fault.folder.glob("*.sql")):
        shutil.copyfile(path, directory / path.name)


APPLICATION = "night-report"


@dataclass(frozen=True)
class TableLock:
    """A transaction that holds ACCESS EXCLUSIVE on a table until it is released."""

    connection: psycopg.Connection

    def release(self) -> None:
        """Ends the transaction; a connection that somebody cut meanwhile is as good."""
        with suppress(psycopg.Error):
            self.connection.rollback()
        self.connection.close()


def lock_table(address: str) -> TableLock:
    """Opens the transaction; waits at most 2 s for the lock. Raises psycopg.Error where it is not to be had."""
    connection = connect(address, APPLICATION)
    try:
        connection.execute("SET lock_timeout = '2s'")
        connection.execute("SET idle_in_transaction_session_timeout = 0")
        connection.execute("BEGIN")
        connection.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
    except psycopg.Error:
        connection.close()
        raise
    return TableLock(connection)


def drop_index(address: str) -> str:
    """Drops the index; the statement that brings it back."""
    with connect(address, APPLICATION) as connection:
        connection.execute("SET lock_timeout = '2s'")
        row = connection.execute("SELECT pg_get_indexdef('orders_user_id_placed_at_idx'::regclass)").fetchone()
        connection.execute("DROP INDEX orders_user_id_placed_at_idx")
    return str(row[0]) if row else ""


def leave_invalid_index(address: str) -> str:
    """Builds a unique index that the rows refuse, which leaves it INVALID; the statement that mends it."""
    with connect(address, APPLICATION) as connection, suppress(psycopg.errors.UniqueViolation):
        connection.execute("SET lock_timeout = '2s'")
        connection.execute("CREATE UNIQUE INDEX CONCURRENTLY orders_one_per_user_key ON orders (user_id)")
    return "DROP INDEX CONCURRENTLY orders_one_per_user_key"


def execute(address: str, statement: str) -> None:
    """Runs one statement that a break returned as its mend."""
    with connect(address, APPLICATION) as connection:
        connection.execute("SET lock_timeout = '2s'")
        connection.execute(statement.encode())
