"""The PostgreSQL servers of the sample, one per environment, and what its administrator does once."""

from __future__ import annotations

import contextlib
import random
import secrets
import shutil
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from bot.demo.sample.addresses import connect
from checks.scratchdb.cluster import HOST
from checks.scratchdb.server import Server, shared_server, start_server
from checks.scratchdb.sweep import PREFIX, owned_folder

DATABASE = "shop"
SAMPLE = Path(__file__).parent

_ROLES = (
    "CREATE ROLE migrator LOGIN PASSWORD {migrator}",
    "ALTER ROLE migrator SET lock_timeout = '10s'",
    "ALTER ROLE migrator SET idle_in_transaction_session_timeout = '10min'",
    "CREATE ROLE app LOGIN PASSWORD {app}",
    "ALTER ROLE app SET statement_timeout = '30s'",
    "CREATE ROLE gonogo LOGIN CONNECTION LIMIT 5 PASSWORD {gonogo}",
    "GRANT pg_monitor TO gonogo",
)
_GRANTS = (
    "CREATE SCHEMA monitoring",
    "CREATE EXTENSION pg_stat_statements SCHEMA monitoring",
    "GRANT USAGE ON SCHEMA monitoring TO gonogo",
    "REVOKE ALL ON DATABASE shop FROM PUBLIC",
    "GRANT CONNECT ON DATABASE shop TO gonogo",
    "GRANT CONNECT, TEMPORARY ON DATABASE shop TO app",
    "ALTER DEFAULT PRIVILEGES FOR ROLE migrator IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app",
    "ALTER DEFAULT PRIVILEGES FOR ROLE migrator IN SCHEMA public GRANT SELECT ON SEQUENCES TO gonogo",
)
_AFTER_MIGRATING = (
    "REVOKE INSERT, UPDATE, DELETE ON audit_log FROM app",
    "REVOKE ALL ON _sqlx_migrations FROM app",
    "GRANT SELECT ON _sqlx_migrations TO gonogo",
)


def create_roles(server: Server, passwords: dict[str, str]) -> None:
    """`migrator` owns, `app` reads and writes rows, `gonogo` reads statistics; none is a superuser."""
    literals = {role: sql.Literal(password) for role, password in passwords.items()}
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        for statement in _ROLES:
            connection.execute(sql.SQL(statement).format(**literals))


def create_database(server: Server) -> None:
    """An empty database of the migrator's."""
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute("CREATE DATABASE shop OWNER migrator")
    with psycopg.connect(server.conninfo_for(DATABASE), autocommit=True) as connection:
        for statement in _GRANTS:
            connection.execute(sql.SQL(statement))


def load_rows(migrator_url: str, app_url: str, environment: str, orders: int) -> None:
    """Grants what only exists after migrating, then fills the shop with `orders` orders, as the application."""
    with connect(migrator_url, "shop-bootstrap") as connection:
        for statement in _AFTER_MIGRATING:
            connection.execute(sql.SQL(statement))
    with connect(app_url, "shop-seed") as connection, connection.transaction():
        connection.execute("SELECT set_config('shop.orders', %s, true)", [str(orders)])
        connection.execute((SAMPLE / "seed.sql").read_bytes())
        if environment == "production":
            connection.execute((SAMPLE / "seed_production.sql").read_bytes())
    with connect(migrator_url, "shop-bootstrap") as connection:
        for (view,) in connection.execute("SELECT matviewname FROM pg_matviews ORDER BY matviewname").fetchall():
            connection.execute(sql.SQL("REFRESH MATERIALIZED VIEW {}").format(sql.Identifier(view)))
        connection.execute("ANALYZE")


def archive_wal(server: Server) -> None:
    """Begins a new file of WAL, so that the one that the rows are in is archived."""
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute("SELECT pg_switch_wal()")


_PORTS = range(20_000, 32_000)  # below those that a system gives to outgoing connections


def free_ports() -> Iterator[int]:
    """Ports that nobody listens on, each once; nobody will until a server of ours does."""
    for port in random.sample(_PORTS, len(_PORTS)):
        with contextlib.suppress(OSError), socket.create_server((HOST, port)):
            yield port


# Demo data are made anew at each start; a flush to disk would only slow the start down.
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "log_lock_waits": "on",
    "shared_preload_libraries": "pg_stat_statements",
}
# Only production has its WAL archived, as it is alone backed up; the command runs in the data folder.
ARCHIVING = {
    "archive_mode": "on",
    "archive_timeout": "5min",
    "archive_command": "mkdir -p archived && cp %p archived/%f",
}


@dataclass
class SampleServer:
    """A server that can be stopped and started again with its data; its folder lies below the temp folder.

    The lock on `owner` ends with this process, even by kill -9, and lets `sweep` tell a leftover.
    """

    server: Server
    owner: IO[str]
    settings: Mapping[str, str]

    @classmethod
    def create(cls, port: int, settings: Mapping[str, str]) -> SampleServer:
        """Makes and starts a server of the wheel's PostgreSQL, with these settings besides the demo's.

        Raises CannotRun with a sentence.
        """
        directory, owner = owned_folder(PREFIX)
        settings = {**_SETTINGS, **settings}
        try:
            server = start_server(directory, port, password=secrets.token_urlsafe(24), settings=settings)
        except BaseException:
            owner.close()
            shutil.rmtree(directory, ignore_errors=True)
            raise
        return cls(server, owner, settings)

    @property
    def running(self) -> bool:
        return self.server.running

    def start(self) -> None:
        """Starts it again on its old port and data; harmless while it runs."""
        if not self.running:
            old = self.server
            self.server = start_server(old.directory, old.port, password=old.password, settings=self.settings)

    def stop(self) -> None:
        """Stops it and keeps its data."""
        self.server.stop()

    def remove(self) -> None:
        """Stops it for good and deletes its folder."""
        self.server.stop()
        self.owner.close()
        shutil.rmtree(self.server.directory, ignore_errors=True)


@contextlib.contextmanager
def drill_database() -> Iterator[str]:
    """The address of an empty database on a throw-away server of this process, for the time of the block."""
    server = shared_server()
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS drill")
        connection.execute("CREATE DATABASE drill")
    yield server.conninfo_for("drill")
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute("DROP DATABASE drill")
