"""What the panel beside the workspace does to the world outside of Slack: databases, files, backups."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import psycopg

from bot.demo.sample import dumps, mishaps
from bot.demo.sample.addresses import AddressFault
from bot.demo.sample.databases import SampleDatabases
from bot.demo.sample.history import CLOCK_VARIABLE

T = TypeVar("T")
LOOK_SECONDS = 2.0
OUTPUT_LINES = 200


class Mishap(Exception):
    """An act of the panel did not work; the message is for the person."""


@dataclass(frozen=True)
class DatabaseState:
    """What the panel shows of a database. `applied` are versions, oldest first."""

    running: bool
    applied: tuple[int, ...] = ()


class Panel:
    """Acts block for as long as they take: call them off the event loop. `changed` is called after each."""

    def __init__(
        self,
        databases: SampleDatabases,
        migrations: Path,
        backups: Path,
        clock_file: Path,
        changed: Callable[[], None],
    ) -> None:
        self.databases, self.migrations, self.backups = databases, migrations, backups
        self._clock_file, self._changed = clock_file, changed
        self.states: dict[str, DatabaseState] = {}
        self.output: deque[str] = deque(maxlen=OUTPUT_LINES)
        self.running_in = ""  # the environment that the migration runner works in
        self._locks: dict[str, mishaps.TableLock] = {}
        self._mends: dict[tuple[str, str], str] = {}
        self._stopping = threading.Event()
        self._looking = threading.Thread(target=self._look, name="panel-look", daemon=True)

    # --- looking ------------------------------------------------------------------------------------------------

    def start(self) -> None:
        self.refresh()
        self._looking.start()

    def stop(self) -> None:
        """Lets go of what it holds."""
        self._stopping.set()
        for environment in list(self._locks):
            self.release(environment)

    def _look(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            self.refresh()

    def refresh(self) -> None:
        """Reads the history tables; tells of a change."""
        seen = {name: self._state(name) for name in self.databases.environments}
        if seen != self.states:
            self.states = seen
            self._changed()

    def _state(self, name: str) -> DatabaseState:
        if not self.databases.running(name):
            return DatabaseState(running=False)
        try:
            return DatabaseState(running=True, applied=self.databases.applied_versions(name))
        except (AddressFault, psycopg.Error):
            return self.states.get(name, DatabaseState(running=True))

    # --- the migration runner -----------------------------------------------------------------------------------

    def run_migrations(self, environment: str, slowly: bool) -> None:
        """The sample's runner as an engineer starts it in a shell; its lines come into `output`. Raises Mishap."""
        if self.running_in:
            raise Mishap(f"The runner works in {self.running_in}; wait until it has ended.")
        self.running_in = environment
        arguments = ["--source", str(self.migrations), *(["--statement-delay", "1.5"] if slowly else [])]
        self._print(f"$ migrate run --source migrations   # {environment}")
        try:
            self._print(f"ended with exit code {self._stream(environment, arguments)}")
        finally:
            self.running_in = ""
            self.refresh()
            self._changed()

    def _stream(self, environment: str, arguments: list[str]) -> int:
        command = [sys.executable, "-P", "-m", "bot.demo.sample.runner", *arguments]
        address = self.databases.migrator_urls[environment]
        variables = {**os.environ, "DATABASE_URL": address, CLOCK_VARIABLE: str(self._clock_file)}
        with subprocess.Popen(
            command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as runner:
            for line in runner.stdout or ():
                self._print(line.rstrip())
                self.refresh()
        return runner.returncode

    def _print(self, line: str) -> None:
        self.output.append(line)
        self._changed()

    # --- migration files ----------------------------------------------------------------------------------------

    def files(self) -> list[str]:
        """The up files, in order."""
        return sorted(path.name for path in self.migrations.glob("*.up.sql"))

    def text(self, name: str) -> str:
        return self._path(name).read_text(encoding="utf-8")

    def is_edited(self, name: str) -> bool:
        return self.text(name) != (mishaps.MIGRATIONS / name).read_text(encoding="utf-8")

    def save(self, name: str, text: str) -> None:
        """Line ends as a browser sends them become those of the file."""
        self._path(name).write_text(text.replace("\r\n", "\n"), encoding="utf-8")
        self._changed()

    def undo(self, name: str) -> None:
        """The file, and its down file, as they were."""
        for path in mishaps.MIGRATIONS.glob(name.replace(".up.sql", ".*.sql")):
            (self.migrations / path.name).write_bytes(path.read_bytes())
        self._changed()

    def place(self, key: str) -> str:
        """Puts a fault in; the name of its file."""
        fault = next(each for each in mishaps.FAULTS if each.key == key)
        mishaps.place(fault, self.migrations)
        self._changed()
        return fault.file

    def _path(self, name: str) -> Path:
        if name not in self.files():
            raise Mishap(f"There is no migration file {name}.")
        return self.migrations / name

    # --- breaking and mending -----------------------------------------------------------------------------------

    def is_broken(self, environment: str, what: str) -> bool:
        """`what` is lock, index or invalid."""
        return environment in self._locks if what == "lock" else (environment, what) in self._mends

    def lock(self, environment: str) -> None:
        self._locks[environment] = self._tried(lambda: mishaps.lock_table(self._owner(environment)))

    def release(self, environment: str) -> None:
        self._locks.pop(environment).release()
        self._changed()

    def drop_index(self, environment: str) -> None:
        self._mends[environment, "index"] = self._tried(lambda: mishaps.drop_index(self._owner(environment)))

    def leave_invalid_index(self, environment: str) -> None:
        self._mends[environment, "invalid"] = self._tried(lambda: mishaps.leave_invalid_index(self._owner(environment)))

    def mend(self, environment: str, what: str) -> None:
        """Takes one break back; it stays broken where that fails."""
        self._tried(lambda: mishaps.execute(self._owner(environment), self._mends[environment, what]))
        del self._mends[environment, what]
        self._changed()

    def stop_database(self, environment: str) -> None:
        if environment in self._locks:
            self.release(environment)
        self.databases.stop_database(environment)
        self.refresh()

    def start_database(self, environment: str) -> None:
        self.databases.start_database(environment)
        self.refresh()

    # --- backups ------------------------------------------------------------------------------------------------

    def take_backup(self, environment: str) -> str:
        """A dump of the database; one line about it. Raises Mishap."""
        manifest = self._tried(lambda: dumps.take(self._owner(environment), self.backups, environment))
        return f"{manifest.file}, {manifest.size / 1e6:.1f} MB, {manifest.total_rows:,} rows"

    def last_backup(self, environment: str) -> datetime | None:
        """When the newest backup was taken; None where there is none."""
        try:
            return datetime.fromisoformat(dumps.newest(self.backups, environment).taken_at)
        except dumps.BackupFault:
            return None

    def _owner(self, environment: str) -> str:
        return self.databases.migrator_urls[environment]

    def _tried(self, act: Callable[[], T]) -> T:
        """What the act gives. Raises Mishap in words that hold no address."""
        try:
            done = act()
        except psycopg.Error as error:
            raise Mishap(f"PostgreSQL said: {error.diag.message_primary or 'the connection was lost'}.") from None
        except (AddressFault, dumps.BackupFault) as fault:
            raise Mishap(f"{fault}.") from None
        self._changed()
        return done
