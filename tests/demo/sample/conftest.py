"""Real servers for the sample's tests: a throw-away one per major version, and one set of sample databases."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from bot.demo.sample.databases import SampleDatabases
from checks.scratchdb.server import Server, shared_server

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


@dataclass(frozen=True)
class EmptyDatabase:
    """A database without objects, owned by a login that is no superuser; `bin_dir` has its server's own programs."""

    url: str
    bin_dir: Path


def _server(version: str) -> Server:
    if version == "18":
        return shared_server()
    if not (DEBIAN_15 / "postgres").exists():
        pytest.skip(f"PostgreSQL 15 is not installed in {DEBIAN_15}; apt-get install postgresql-15")
    return shared_server(DEBIAN_15)


def _empty_database(server: Server) -> Iterator[EmptyDatabase]:
    name = f"sample_{secrets.token_hex(4)}"
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{name}'".encode())
        connection.execute(f"CREATE DATABASE {name} OWNER {name}".encode())
        yield EmptyDatabase(server.conninfo_for(name, name, name), server.bin_dir)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
        connection.execute(f"DROP ROLE {name}".encode())


@pytest.fixture(params=["18", pytest.param("15", marks=pytest.mark.postgres15)])
def any_database(request: pytest.FixtureRequest) -> Iterator[EmptyDatabase]:
    yield from _empty_database(_server(request.param))


@pytest.fixture
def database() -> Iterator[EmptyDatabase]:
    yield from _empty_database(_server("18"))


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleDatabases]:
    running = SampleDatabases.start(tmp_path_factory.mktemp("demo"))
    yield running
    running.stop()
