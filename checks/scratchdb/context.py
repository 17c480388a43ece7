"""The files, applied to a throw-away database: what scratch checks look at."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from checks.base import CannotRun, DatabaseAddress, Inputs, MigrationFile
from checks.contexts import FilesContext
from checks.measures import duration, size
from checks.risk.observer import seen_after
from checks.scratchdb import NAME
from checks.scratchdb._supervisor import TIME
from checks.scratchdb.schema import Objects, schema_objects
from checks.sql.foreign import in_a_sentence
from checks.sql.reach import first_reach

if TYPE_CHECKING:
    from checks.scratchdb.apply import Applied
    from checks.scratchdb.apply_errors import ApplyError
    from checks.scratchdb.database import ScratchDatabase, ScratchServer
    from checks.targetdb.session import Connection, Query


TRIAL_SECONDS = 5


class ScratchContext:
    """One database with all up files applied, made at first use and dropped by `close`.

    `applied` is the log, with the error where it stopped: the database then holds what went in before. Checks read
    with `rows`, and try things in `trial`, which is rolled back.
    """

    def __init__(self, files: FilesContext, inputs: Inputs) -> None:
        self.inputs = inputs
        self._files = files
        self._stack = contextlib.ExitStack()
        self._lock = threading.RLock()
        self._database: ScratchDatabase | None = None
        self._connection: Connection | None = None
        self._refusal: CannotRun | None = None
        self._reached = ""
        self._applied: Applied | None = None
        self._before: Objects | None = None
        self._dump: MigrationFile | None = None
        self.unmade: tuple[ApplyError, ...] = ()

    @property
    def files(self) -> FilesContext:
        """The files that are applied: all, or those after the dump that the database begins with. Raises CannotRun."""
        if self.inputs.scratch_start is not None and self._files.migrations.is_sql:
            self.database  # noqa: B018
        return self._files

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
                    self._open()
                except CannotRun as refusal:
                    self._refusal = refusal
                    raise
                if self._reached:
                    # The run's time ended meanwhile, and nobody waits for this any more.
                    self._stack.close()
                    raise self._stopped(self._reached)
            assert self._database is not None
            return self._database

    def _open(self) -> None:
        start, files = self.inputs.scratch_start, self._files.migrations
        if start is None or not files.is_sql:
            self._refuse_reach()
            self._database = self._stack.enter_context(self.server.database(files.files))
            return
        from checks.scratchdb import start as starting

        server = self.server
        self._dump = dump = starting.dump_of(start, self.inputs, server.started.bin_dir if server.started else None)
        self._database = self._stack.enter_context(server.database((dump, *files.files)))
        with contextlib.closing(self._database.connect()) as connection:
            self.unmade = starting.load(connection, dump)
        made = DatabaseAddress(NAME, self._database.conninfo, "scratch")
        version = starting.version_in(start, self.inputs, dump, made, files)
        self._files = replace(self._files, migrations=starting.after(files, version, dump))
        self._refuse_reach()

    def _refuse_reach(self) -> None:
        """Nothing is run of files that reach for more than their database."""
        if not self.inputs.scratch_server or not self._files.migrations.is_sql:
            return
        if found := first_reach(self._files.migrations.files):
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
        with self._lock:
            if self._applied is None:
                self._applied = self._apply()
                if self._applied.error is not None and self._applied.error.limit:
                    self._reached = self._applied.error.limit
            if (error := self._applied.error) and any(one.file.name == error.file for one in self.files.foreign):
                raise CannotRun(*in_a_sentence(self.files.foreign))
            return self._applied

    def _apply(self) -> Applied:
        """What the target has goes in whole; then each pending statement is looked at, in a session of its own."""
        from checks.scratchdb.apply import apply_files, apply_whole, begun_with

        self.files.require_sql()
        tool, pending, reversible = self.files.migrations.tool, self.files.pending, self.reversible
        self._make_history_table(tool)
        begun = apply_whole(self.connection, self.files.applied, tool)
        if begun.error is not None or not pending:
            return begun
        if self.files.applied:
            self._disconnect()
        begun = begun.then(begun_with(self.connection))
        done = begun.then(apply_files(self.connection, pending[: len(pending) - len(reversible)], tool, seen_after))
        if done.error is not None or not reversible:
            return done
        if self.files.pending_downs:
            self._before = schema_objects(self.connection)
        return done.then(apply_files(self.connection, reversible, tool, seen_after))

    @cached_property
    def reversible(self) -> tuple[MigrationFile, ...]:
        """The pending files after the last one without a down file: there is no way back past that one."""
        downs = {file.version for file in self.files.pending_downs}
        found: list[MigrationFile] = []
        for file in reversed(self.files.pending):
            if downs and file.version not in downs:
                break
            found.insert(0, file)
        return tuple(found)

    @property
    def before(self) -> Objects:
        """The schema before the `reversible` files. Raises CannotRun, as `require_applied` does."""
        self.require_applied()
        return self._before or {}

    def _make_history_table(self, tool: str) -> None:
        """As the tool does before its first file; some files touch it. One that cannot be made, those files tell."""
        from psycopg import Error

        from checks.history.tools import table_ddl, tables_of

        name = str(self.inputs.options.get("history_table") or "")
        own = next(iter(tables_of(tool)), "")
        statements = table_ddl(tool).replace(own, name) if name and own else table_ddl(tool)
        if statements:
            with contextlib.suppress(Error), self.connection.transaction():
                self.connection.execute(statements.encode())

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()

    @property
    def server_version(self) -> int:
        """As PostgreSQL numbers it: 180006 is 18.6."""
        return self.database.server_version

    @property
    def known_start(self) -> str:
        """The server's major version and the digest of the dump, if it begins with one; "" while nothing was made."""
        if self._database is None:
            return ""
        return f"{self._database.server_version // 10000}{f' {self._dump.sha256}' if self._dump else ''}"

    @property
    def tried(self) -> Applied:
        """The log of a run that ended well, or at a fault of the files. Raises CannotRun for what the server lacks."""
        applied = self.applied
        if applied.error is not None and applied.error.lacking:
            error = applied.error
            sentence = f"the scratch server lacks {error.lacking}, which {error.where} needs: {error.message}"
            raise CannotRun(sentence, "set [scratch] server to one that has it")
        if applied.error is not None and self.unmade:
            from checks.scratchdb.start import blamed

            raise blamed(self.unmade, applied.error)
        return applied

    def require_applied(self) -> Applied:
        """The log of a run without error. Raises CannotRun naming where it stopped."""
        if error := self.tried.error:
            raise CannotRun(f"the files do not apply: {error.where}: {error.message}", "mend that first")
        return self.applied

    def rows(self, query: Query, parameters: Sequence[object] | None = None) -> list[Any]:
        """Named tuples from the migrated database; names come as `public.orders`, as on a target."""
        from psycopg import Error
        from psycopg.rows import namedtuple_row

        from checks.targetdb.errors import cannot_run

        self.tried  # noqa: B018 - the database is migrated at first use
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

        self.tried  # noqa: B018
        connection = self.connection
        with contextlib.suppress(Rollback), connection.transaction(force_rollback=True):
            connection.execute(f"SET LOCAL statement_timeout = '{seconds}s'".encode())
            yield connection

    @contextlib.contextmanager
    def copy(self) -> Iterator[ScratchDatabase]:
        """A copy of the migrated database, for a check that must commit (down and up again; a runner).

        Roles belong to the whole server, so those that the files create are there already.
        """
        self.applied  # noqa: B018
        with self._lock:
            self._disconnect()
        with self.server.copy(self.database) as database:
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
