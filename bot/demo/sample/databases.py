"""The sample databases development, staging and production: a server each, three roles, history and rows.

databases = SampleDatabases.start(directory)
databases.addresses["production"]        # as the bot's read-only role
databases.stop()
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from bot.demo.sample import history
from bot.demo.sample.addresses import ROLES, connect
from bot.demo.sample.mishaps import MIGRATIONS
from bot.demo.sample.runner import run
from bot.demo.sample.servers import (
    ARCHIVING,
    DATABASE,
    SampleServer,
    archive_wal,
    create_database,
    create_roles,
    free_ports,
    load_rows,
)
from checks.scratchdb.cluster import address_at
from checks.scratchdb.sweep import sweep

ADDRESSES_FILE = "addresses.json"


@dataclass(frozen=True)
class Environment:
    """An environment of the sample as it is when the demo starts."""

    name: str
    applied_through: int
    orders: int


ENVIRONMENTS = (
    Environment("development", applied_through=10, orders=200),
    Environment("staging", applied_through=7, orders=4000),
    Environment("production", applied_through=7, orders=4000),
)


@dataclass
class SampleDatabases:
    """Running sample databases. All addresses are secrets; `addresses_file` (mode 0600) holds them for the commands."""

    directory: Path
    source: Path
    environments: dict[str, Environment]
    servers: dict[str, SampleServer] = field(repr=False)
    passwords: dict[str, dict[str, str]] = field(repr=False)
    ports: dict[str, int]

    @classmethod
    def start(
        cls,
        directory: Path,
        source: Path = MIGRATIONS,
        environments: Iterable[Environment] = ENVIRONMENTS,
    ) -> SampleDatabases:
        """All of them, running. Raises checks.base.CannotRun with a sentence where a server cannot be started."""
        databases = cls.planned(directory, source, environments)
        try:
            databases.make(*databases.environments)
        except BaseException:
            databases.stop()
            raise
        return databases

    @classmethod
    def planned(
        cls,
        directory: Path,
        source: Path = MIGRATIONS,
        environments: Iterable[Environment] = ENVIRONMENTS,
    ) -> SampleDatabases:
        """None runs yet, but every address is known; sweeps what a killed demo left behind.

        `source` is the folder of migrations.
        """
        sweep()
        wanted = {environment.name: environment for environment in environments}
        passwords = {name: {role: secrets.token_urlsafe(24) for role in ROLES} for name in wanted}
        databases = cls(directory, source, wanted, {}, passwords, dict(zip(wanted, free_ports(), strict=False)))
        addresses = {name: {role: databases._address(name, role) for role in ROLES} for name in wanted}
        _write_secret(databases.addresses_file, json.dumps(addresses, indent=1))
        return databases

    def make(self, *names: str) -> None:
        """Starts, migrates and fills these at once. The servers stop with this process, however it ends.

        Raises checks.base.CannotRun with a sentence where a server cannot be started.
        """
        _at_once(self._create, names)

    def migrate(self, name: str, through: int | None = None, ahead: float = 0.0) -> None:
        """Applies what is pending, to this version or all of it; `ahead` are seconds of the try-out's clock."""
        with connect(self._address(name, "migrator"), "shop-migrate") as connection:
            run(connection, self.source, through, say=lambda _line: None, ahead=ahead)

    @property
    def addresses(self) -> dict[str, str]:
        """By environment, as `gonogo`: reads statistics and the history table, and nothing else."""
        return {name: self._address(name, "gonogo") for name in self.environments}

    @property
    def migrator_urls(self) -> dict[str, str]:
        """By environment, as `migrator`: owns everything and runs migrations."""
        return {name: self._address(name, "migrator") for name in self.environments}

    @property
    def addresses_file(self) -> Path:
        return self.directory / ADDRESSES_FILE

    def variables(self) -> dict[str, str]:
        """The environment variables that the settings name: `PRODUCTION_DATABASE_URL` and so on."""
        return {f"{name.upper()}_DATABASE_URL": address for name, address in self.addresses.items()}

    def applied_versions(self, name: str) -> tuple[int, ...]:
        """What the history table holds now. Raises addresses.Unreachable while the database is stopped."""
        with connect(self.addresses[name], "shop-panel") as connection:
            return tuple(history.read(connection))

    def stop_database(self, name: str) -> None:
        """Stops one server; its data stay."""
        self.servers[name].stop()

    def start_database(self, name: str) -> None:
        """Starts a stopped server again, at its old address."""
        self.servers[name].start()

    def running(self, name: str) -> bool:
        return name in self.servers and self.servers[name].running

    def stop(self) -> None:
        """Stops all servers and deletes their data and the addresses. Twice is harmless."""
        _at_once(lambda name: self.servers[name].remove(), list(self.servers))
        self.addresses_file.unlink(missing_ok=True)

    def _create(self, name: str) -> None:
        is_archived = name == "production"
        self.servers[name] = SampleServer.create(self.ports[name], ARCHIVING if is_archived else {})
        create_roles(self.servers[name].server, self.passwords[name])
        create_database(self.servers[name].server)
        environment = self.environments[name]
        self.migrate(name, environment.applied_through)
        load_rows(self._address(name, "migrator"), self._address(name, "app"), name, environment.orders)
        if is_archived:
            archive_wal(self.servers[name].server)

    def _address(self, name: str, role: str) -> str:
        return address_at(self.ports[name], DATABASE, role, self.passwords[name][role])


def _at_once(act: Callable[[str], None], names: Iterable[str]) -> None:
    """Acts on all of them in parallel; every one is finished before the first failure is raised."""
    with ThreadPoolExecutor(max_workers=3) as pool:
        running = [pool.submit(act, name) for name in names]
    for future in running:
        future.result()


def _write_secret(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
