"""The files, applied to a throw-away database: what scratch checks look at."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from checks.base import CannotRun, Inputs
from checks.contexts import FilesContext
from checks.measures import duration, size
from checks.risk.observer import seen_after
from checks.scratchdb._supervisor import TIME
from checks.sql.foreign import in_a_sentence
from checks.sql.reach import first_reach

if TYPE_CHECKING:
    from checks.scratchdb.apply import Applied
    from checks.scratchdb.database import ScratchDatabase, ScratchServer
    from checks.targetdb.session import Connection, Query


TRIAL_SECONDS = 5


class ScratchContext:
    """One database with all up files applied, made at first use and dropped by `close`.

    `applied` is the log, with the error where it stopped: the database then holds what went in before. Checks read
    with `rows`, and try things in `trial`, which is rolled back.
    """

    def __init__(self, files: FilesContext, inputs: Inputs) -> None:
        self.files = files
        self.inputs = inputs
        self._stack = contextlib.ExitStack()
        self._lock = threading.RLock()
        self._database: ScratchDatabase | None = None
        self._connection: Connection | None = None
        self._refusal: CannotRun | None = None
        self._reached = ""
        self._applied: Applied | None = None

    @cached_property
    def server(self) -> ScratchServer:
        """Where scratch databases are made. Raises CannotRun."""
        from checks.scratchdb.database import open_scratch

        inputs = self.inputs
        may_be_clone = inputs.options.get("scratch_may_be_clone") is True
        opened = open_scratch(inputs.scratch_server, inputs.forbidden_scratch, may_be_clone, inputs.scratch_limits)
        return self._stack.enter_context(opened)

    @property
    def database(self) -> ScratchDatabase:
        """The one database of this run. Raises CannotRun, the second time at once."""
        with self._lock:
            if self._refusal is not None:
                raise self._refusal
            if self._database is None:
                try:
                    self._refuse_reach()
                    self._database = self._stack.enter_context(self.server.database(self.files.migrations.files))
                except CannotRun as refusal:
                    self._refusal = refusal
                    raise
                if self._reached:
                    # The run's time ended meanwhile, and nobody waits for this any more.
                    self._stack.close()
                    raise self._stopped(self._reached)
            return self._database

    def _refuse_reach(self) -> None:
        """Nothing is run of files that reach for more than their database."""
        if not self.inputs.scratch_server or not self.files.migrations.is_sql:
            return
        if found := first_reach(self.files.migrations.files):
            raise CannotRun(f"nothing was tried: {found}", "let an administrator do that, outside of the migrations")

    @property
    def connection(self) -> Connection:
        """As the owner, autocommit. Leave nothing behind: use `trial` to change anything."""
        with self._lock:
            if self._connection is None or self._connection.closed:
                self._connection = self.database.connect()
                self._stack.callback(self._connection.close)
            return self._connection

    @property
    def applied(self) -> Applied:
        """All up files applied in order, once for all checks. Raises CannotRun, NotApplicable (no SQL files)."""
        from checks.scratchdb.apply import apply_files

        with self._lock:
            if self._applied is None:
                self._applied = apply_files(self.connection, self.files.ups, self.files.migrations.tool, seen_after)
                if self._applied.error is not None and self._applied.error.limit:
                    self._reached = self._applied.error.limit
            if (error := self._applied.error) and any(one.file.name == error.file for one in self.files.foreign):
                raise CannotRun(*in_a_sentence(self.files.foreign))
            return self._applied

    @property
    def server_version(self) -> int:
        """As PostgreSQL numbers it: 180006 is 18.6."""
        return self.database.server_version

    @property
    def known_major(self) -> str:
        """The server's major version, or "" while no database was made."""
        return str(self._database.server_version // 10000) if self._database is not None else ""

    def require_applied(self) -> Applied:
        """The log of a run without error. Raises CannotRun naming where it stopped."""
        if error := self.applied.error:
            raise CannotRun(f"the files do not apply: {error.where}: {error.message}", "mend that first")
        return self.applied

    def rows(self, query: Query, parameters: Sequence[object] | None = None) -> list[Any]:
        """Named tuples from the migrated database; names come as `public.orders`, as on a target."""
        from psycopg import Error
        from psycopg.rows import namedtuple_row

        from checks.scratchdb.database import NAME
        from checks.targetdb.errors import cannot_run

        self.applied  # noqa: B018 - the database is migrated at first use
        connection = self.connection
        try:
            with connection.transaction(force_rollback=True), connection.cursor(row_factory=namedtuple_row) as cursor:
                cursor.execute("SET LOCAL search_path = pg_catalog, pg_temp")
                cursor.execute(query.encode() if isinstance(query, str) else query, parameters)
                return cursor.fetchall()
        except Error as fault:
            raise cannot_run(fault, NAME) from None

    def value(self, query: Query, parameters: Sequence[object] | None = None) -> Any:
        found = self.rows(query, parameters)
        return found[0][0] if found else None

    @contextlib.contextmanager
    def trial(self, seconds: int = TRIAL_SECONDS) -> Iterator[Connection]:
        """The migrated database to try things in, as the owner, `seconds` a statement; rolled back at the end."""
        from psycopg import Rollback

        self.applied  # noqa: B018
        connection = self.connection
        with contextlib.suppress(Rollback), connection.transaction(force_rollback=True):
            connection.execute(f"SET LOCAL statement_timeout = '{seconds}s'".encode())
            yield connection

    @contextlib.contextmanager
    def fresh_database(self) -> Iterator[ScratchDatabase]:
        """Another empty database of the same owner, for a check that must commit (up, down, up; a runner).

        Roles belong to the whole server, so those that the files create are there already.
        """
        with self.server.another(self.database) as database:
            yield database

    def stop(self) -> None:
        """From another thread, when the run's time is over: ends what runs there at once."""
        self._reached = self._reached or TIME
        if self._database is not None:
            self.server.stop(self._database)

    @property
    def stopped(self) -> CannotRun | None:
        """The limit that the files reached, after which no answer about them counts. None: they reached none."""
        started = self.server.started if self._database is not None else None
        self._reached = self._reached or (started.reached if started else "")
        return self._stopped(self._reached) if self._reached else None

    def _stopped(self, limit: str) -> CannotRun:
        error = self._applied.error if self._applied is not None else None
        limits = self.inputs.scratch_limits
        amount = duration(limits.time) if limit == TIME else f"{size(getattr(limits, limit))} of {limit}"
        where = f" at {error.where}" if error is not None else ""
        sentence = f"the scratch run was stopped{where}: {amount}, the limit"
        return CannotRun(sentence, f"mend it, or raise {limit} under [scratch] in gonogo.toml")

    def close(self) -> None:
        """Drops the database; raises nothing, since a server that is gone has dropped it too."""
        from psycopg import Error

        with contextlib.suppress(CannotRun, Error):
            self._stack.close()
