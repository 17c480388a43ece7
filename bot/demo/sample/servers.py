"""The PostgreSQL servers of the sample: one per environment, each with its own `system_identifier`."""

from __future__ import annotations

import contextlib
import fcntl
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg

from checks.scratchdb.server import Server, shared_server, start_server
from checks.scratchdb.sweep import OWNER_FILE, PREFIX

# Demo data are made anew at each start; a flush to disk would only slow the start down.
_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "log_lock_waits": "on"}


@dataclass
class SampleServer:
    """A server that can be stopped and started again with its data; its folder lies below the temp folder.

    The lock on `owner` ends with this process, even by kill -9, and lets `sweep` tell a leftover.
    """

    server: Server
    owner: IO[str]

    @classmethod
    def create(cls) -> SampleServer:
        """Makes and starts a server of the wheel's PostgreSQL. Raises CannotRun with a sentence."""
        directory = Path(tempfile.mkdtemp(prefix=PREFIX))
        owner = (directory / OWNER_FILE).open("w")
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            server = start_server(directory, password=secrets.token_urlsafe(24), settings=_SETTINGS)
        except BaseException:
            owner.close()
            shutil.rmtree(directory, ignore_errors=True)
            raise
        return cls(server, owner)

    @property
    def running(self) -> bool:
        return self.server.running

    def start(self) -> None:
        """Starts it again on its old port and data; harmless while it runs."""
        if not self.running:
            old = self.server
            self.server = start_server(old.directory, old.port, password=old.password, settings=_SETTINGS)

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
