"""The state file: one locked writer, a few read-only readers, and all books on one connection."""

from __future__ import annotations

import logging
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import TypeVar

from bot.resources import migrations_folder
from bot.storage.chain import ChecklistBook, JournalBook, Key, Texts, unsigned
from bot.storage.course import AnchorBook, NoticeBook, SubscriptionBook, TroubleBook
from bot.storage.decisions import AssignmentBook, DecisionBook, LineBook, LockBook, SignOffBook, StandingBook
from bot.storage.deployments import DeploymentBook, FileBook
from bot.storage.erasure import ErasureBook
from bot.storage.ledger import Ledger
from bot.storage.migrate import migrate, refuse_other_schema
from bot.storage.outbox import LiveBook, OutboxBook, SaidBook
from bot.storage.people import ClickBook, HeartbeatBook, PeopleBook
from bot.storage.reminders import DigestBook, ReminderBook
from bot.storage.results import ResultBook
from bot.storage.sqlite import BUSY_SECONDS, StoreFault, backup, new_id, open_reader, open_writer
from bot.usecases.books import decided, told, units
from bot.usecases.books.units import PostReader


class Unit(units.PostUnit):
    """All books; mypy holds every assignment against its Protocol.

    On a read-only connection it is handed out as a `PostReader`; what writes raises `sqlite3.OperationalError` there.
    """

    def __init__(self, connection: sqlite3.Connection, key: Key = unsigned) -> None:
        texts, ledger = Texts(connection), Ledger(connection)
        self.checklists: decided.Checklists = ChecklistBook(connection)
        self.files: decided.Files = FileBook(connection, ledger)
        self.deployments: decided.Deployments = DeploymentBook(connection, texts, ledger)
        self.decisions: decided.Decisions = DecisionBook(connection, texts, ledger)
        self.assignments: decided.Assignments = AssignmentBook(connection, ledger)
        self.lines: decided.Lines = LineBook(connection, texts, ledger)
        self.results: decided.Results = ResultBook(connection, ledger)
        self.sign_offs: decided.SignOffs = SignOffBook(connection, texts, ledger)
        self.people: told.People = PeopleBook(connection)
        self.outbox: told.Outbox = OutboxBook(connection)
        self.reminders: told.Reminders = ReminderBook(connection)
        self.digests: told.Digests = DigestBook(connection)
        self.notices: told.Notices = NoticeBook(connection, ledger)
        self.subscriptions: told.Subscriptions = SubscriptionBook(connection)
        self.standings: told.Standings = StandingBook(connection)
        self.locks: told.Locks = LockBook(connection, texts, ledger)
        self.troubles: told.Troubles = TroubleBook(connection, texts, ledger)
        self.journal: told.Journal = JournalBook(connection, texts, ledger, key)
        self.anchors: told.Anchors = AnchorBook(connection)
        self.clicks: told.Clicks = ClickBook(connection)
        self.live: units.LivePost = LiveBook(connection)
        self.said: units.SaidPost = SaidBook(connection)
        self.heartbeats: units.Heartbeats = HeartbeatBook(connection)
        self._connection, self._texts, self._ledger = connection, texts, ledger

    @cached_property
    def erasure(self) -> ErasureBook:
        """Wanted by one command only."""
        return ErasureBook(self._connection, self._texts, self._ledger)

    def new_id(self) -> str:
        """26 characters; id order is order of making."""
        return new_id()


class StoreBusy(StoreFault, units.StateBusy):
    """The writer's place was taken for longer than anybody waits."""

    def __init__(self) -> None:
        super().__init__("the state file is busy, nothing was recorded", "try again in a moment")


T = TypeVar("T")
_READERS = 4
_log = logging.getLogger(__name__)


class Store:
    """Units of work on one SQLite file; safe from any thread. Made by `Store.open`."""

    def __init__(self, path: Path, writer: sqlite3.Connection | None, key: Key = unsigned) -> None:
        self._path, self._key = path, key
        self._writer = writer
        self._readers = _Readers(path)
        self._lock = threading.Lock()
        self._holder: int | None = None
        self._callbacks: list[Callable[[], None]] = []

    @classmethod
    def open(
        cls, path: Path | str, *, read_only: bool = False, migrations: Path | None = None, key: Key = unsigned
    ) -> Store:
        """Open the state file, made and migrated where needed; `read_only` for export, verify and doctor.

        `key` gives what signs heads; it is no part of the file.

        Raises `StoreFault` (a sentence) where it cannot be opened, `MigrationRefused` where its schema is another.
        """
        file, folder = Path(path), migrations or migrations_folder()
        if read_only:
            _check(file, folder)
            return cls(file, None)
        return cls(file, _migrated(file, folder), key)

    @classmethod
    def beside(cls, path: Path | str, key: Key = unsigned) -> Store:
        """A second writer beside the bot, on a file that is there and up to date. Raises `StoreFault`."""
        file = Path(path)
        _check(file, migrations_folder())
        return cls(file, open_writer(file), key)

    def write(self, work: Callable[[Unit], T]) -> T:
        """Run `work` in one unit: committed when it returns, rolled back whole when it raises.

        Raises `StoreFault` for a closed or read-only store, and `StoreBusy` when the writer's place is not free within
        `BUSY_SECONDS`, other threads that wait for it included.
        """
        if self._holder == threading.get_ident():
            raise RuntimeError("a unit of work inside another: a use case never opens one")
        deadline = monotonic() + BUSY_SECONDS
        if not self._lock.acquire(timeout=BUSY_SECONDS):
            raise StoreBusy
        try:
            self._holder = threading.get_ident()
            result = _in_transaction(self._open_writer(), work, self._key, deadline)
        finally:
            self._holder = None
            self._lock.release()
        self._tell()
        return result

    def read(self, work: Callable[[PostReader], T]) -> T:
        """Run `work` on one consistent snapshot. Take rows, not cursors, out of it: it ends when `work` returns."""
        with self._readers.snapshot() as connection:
            return work(Unit(connection))

    def on_commit(self, callback: Callable[[], None]) -> None:
        """Call this after every commit of this process, in the thread that committed: set an Event, no work."""
        self._callbacks.append(callback)

    def backup(self, target: Path | str) -> None:
        """A copy of this moment, while others write. Raises `StoreFault` where `target` exists."""
        backup(self._path, Path(target))

    @contextmanager
    def copy(self) -> Iterator[Store]:
        """A store on a copy of this moment, in a temporary folder that is gone afterwards."""
        with tempfile.TemporaryDirectory(prefix="gonogo-copy-") as folder:
            file = Path(folder) / "copy.db"
            self.backup(file)
            with closing(Store.open(file)) as copied:
                yield copied

    def close(self) -> None:
        """Waits for the unit that runs; later ones are refused."""
        with self._lock:
            writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()
        self._readers.close()

    def _open_writer(self) -> sqlite3.Connection:
        if self._writer is None:
            raise StoreFault("the store is closed, or was opened for reading only")
        return self._writer

    def _tell(self) -> None:
        for callback in self._callbacks:
            try:
                callback()
            except Exception:
                # The unit is committed: whoever wrote it must not hear that it failed.
                _log.exception("a listener to commits failed")


class _Readers:
    """At most four read-only connections, made when first needed, lent for one snapshot each."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._free: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(_READERS)
        self._closed = False

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """A connection inside a transaction: everything read is of one moment."""
        with self._places:
            connection = self._take()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                self._give_back(connection)

    def close(self) -> None:
        """Close what is free now; what is lent is closed when it comes back."""
        with self._lock:
            self._closed = True
            free, self._free = self._free, []
        for connection in free:
            connection.close()

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            if self._closed:
                raise StoreFault("the store is closed")
            if self._free:
                return self._free.pop()
        return open_reader(self._path)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            if not self._closed:
                self._free.append(connection)
                return
        connection.close()


def _migrated(path: Path, folder: Path) -> sqlite3.Connection:
    writer = open_writer(path)
    try:
        migrate(writer, folder)
    except sqlite3.Error as error:
        writer.close()
        raise StoreFault(f"the state file {path} could not be brought up to date: {error}") from error
    except BaseException:
        writer.close()
        raise
    return writer


def _check(path: Path, folder: Path) -> None:
    with closing(open_reader(path)) as reader:
        refuse_other_schema(reader, folder)


def _in_transaction(connection: sqlite3.Connection, work: Callable[[Unit], T], key: Key, deadline: float) -> T:
    _begin(connection, deadline)
    try:
        unit = Unit(connection, key)
        result = work(unit)
        unit.journal.keep_rows()
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result


def _begin(connection: sqlite3.Connection, deadline: float) -> None:
    connection.execute(f"PRAGMA busy_timeout = {max(0, int(1000 * (deadline - monotonic())))}")
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise StoreFault(f"the state file cannot be written: {error}") from error
        raise StoreBusy from error
