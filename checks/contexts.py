"""What a check is given: the files, a target, two targets, or a team's own probe. Scratch: `scratchdb.context`.

The runner builds each once for a run and shares it; a check reads, and never keeps anything in it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from checks.base import CannotRun, DatabaseAddress, Inputs, MigrationFile, MigrationSet, NotApplicable, ProbeSpec
from checks.sql.foreign import Foreign, foreign, in_a_sentence
from checks.sql.made_earlier import defined_in_text
from checks.sql.statements import SqlError, Statement, check_syntax, collector_paused, split

if TYPE_CHECKING:
    from checks.risk.facts import Observed
    from checks.sql.declared import Declarations
    from checks.targetdb.session import Query, Session, Target


@dataclass
class FilesContext:
    """The migration files. Everything is read lazily and kept, so that a check pays for what it looks at.

    `statements` and what builds on it raise CannotRun for a file that does not parse: no check over the statements
    may pass a file that nobody could read.
    """

    migrations: MigrationSet
    options: Mapping[str, object] = field(default_factory=dict)
    observe: Callable[[], Observed] = dict
    _statements: dict[MigrationFile, tuple[Statement, ...]] = field(default_factory=dict, repr=False)
    _observed: Observed | None = field(default=None, repr=False)

    @property
    def observed(self) -> Observed:
        """What scratch saw of pending statements, by file and offset; empty where this run does not apply the files.

        Kept by hand: up to Python 3.11 a `cached_property` has one lock for all runs, and another's files take minutes.
        """
        if self._observed is None:
            self._observed = self.observe()
        return self._observed

    @cached_property
    def pending(self) -> tuple[MigrationFile, ...]:
        """The up files that the target does not have yet; online-safety checks look at these only."""
        return self.migrations.pending

    @cached_property
    def applied(self) -> tuple[MigrationFile, ...]:
        return self.migrations.ups[: len(self.migrations.ups) - len(self.pending)]

    @cached_property
    def pending_downs(self) -> tuple[MigrationFile, ...]:
        versions = {file.version for file in self.pending}
        return tuple(down for down in self.migrations.downs if down.version in versions)

    @cached_property
    def _pending_set(self) -> frozenset[MigrationFile]:
        return frozenset(self.pending)

    @cached_property
    def ups(self) -> tuple[MigrationFile, ...]:
        """All up files, as SQL. Raises NotApplicable for tools whose migrations are programs."""
        self.require_sql()
        return self.migrations.ups

    def require_sql(self) -> None:
        """Raises NotApplicable where the migrations are no SQL."""
        if not self.migrations.is_sql:
            raise NotApplicable(f"{self.migrations.tool} migrations are programs, not SQL files")

    def is_pending(self, file: MigrationFile) -> bool:
        return file in self._pending_set

    def syntax_error(self, file: MigrationFile) -> SqlError | None:
        """The first fault of a file, or None; about twenty times cheaper than `statements`."""
        self.require_sql()
        return None if file in self._statements else check_syntax(file)

    def statements(self, file: MigrationFile) -> tuple[Statement, ...]:
        """The statements of one file, up or down."""
        self.require_sql()
        if file not in self._statements:
            try:
                self._statements[file] = split(file)
            except SqlError as fault:
                if any(one.file is file for one in self.foreign):
                    raise CannotRun(*in_a_sentence(self.foreign)) from None
                sentence = f"{fault.file}:{fault.line} does not parse: {fault.message}"
                raise CannotRun(sentence, fault.hint) from None
        return self._statements[file]

    @cached_property
    def foreign(self) -> tuple[Foreign, ...]:
        """Files of the set that do not parse since they are templates, or for another database. Parses all of them."""
        return foreign(self.migrations.files)

    def all_statements(self, files: Sequence[MigrationFile] | None = None) -> Iterator[Statement]:
        """The statements of the files (all up files when left out), in order."""
        wanted = self.ups if files is None else files
        with collector_paused():
            found = [self.statements(file) for file in wanted]
        for statements in found:
            yield from statements

    @cached_property
    def applied_names(self) -> frozenset[tuple[str, str]]:
        """(kind, name) of what the text of applied files makes: a search, since parsing them all would take seconds."""
        return defined_in_text(self.applied)

    @cached_property
    def declared(self) -> Declarations:
        """What all up files declare. Costs a tree of every file."""
        from checks.sql.declared import declare

        return declare(self.all_statements())


@dataclass
class TargetContext:
    """One database that people use, under guard. `rows` is one short READ ONLY transaction a call."""

    target: Target
    inputs: Inputs
    check_id: str = ""

    @property
    def name(self) -> str:
        """What people call it, for sentences."""
        return self.target.address.name

    @property
    def migrations(self) -> MigrationSet:
        """The files that the target is compared with. Raises CannotRun where none are configured."""
        return migrations_of(self.inputs)

    @contextlib.contextmanager
    def session(self, statement_timeout: float = 5.0) -> Iterator[Session]:
        """One READ ONLY transaction over several queries; seconds, at most 15. See `Target.session`."""
        with self.target.session(self.check_id, statement_timeout) as session:
            yield session

    def rows(self, query: Query, parameters: Sequence[object] | None = None) -> list[Any]:
        with self.session() as session:
            return session.rows(query, parameters)

    def value(self, query: Query, parameters: Sequence[object] | None = None) -> Any:
        with self.session() as session:
            return session.value(query, parameters)


@dataclass
class PairContext:
    """Two databases to compare: `target`, and `other` that it should equal."""

    target: TargetContext
    other: TargetContext


@dataclass
class ProbeContext:
    """For checks that ask a command, an http address or Prometheus."""

    inputs: Inputs
    check_id: str = ""

    @property
    def spec(self) -> ProbeSpec:
        """The probe that has this check's id. Raises CannotRun where the settings have none."""
        for spec in self.inputs.probes:
            if spec.id == self.check_id:
                return spec
        sentence = f"no probe {self.check_id} is configured"
        raise CannotRun(sentence, f"add [probes.{self.check_id}] with command, http or prometheus")


def migrations_of(inputs: Inputs) -> MigrationSet:
    """The migration files, or CannotRun that says where to set them."""
    if inputs.migrations is None:
        raise CannotRun("no migration files are configured", "set [migrations] directory, or --migrations DIR")
    return inputs.migrations


def database_of(inputs: Inputs, address: DatabaseAddress | None) -> DatabaseAddress:
    """The address, or CannotRun that says where to set it."""
    if address is not None and address.conninfo:
        return address
    place = str(inputs.options.get("environment") or (address.name if address else "") or "this environment")
    hint = f'set database = "env:…" under [environments.{place}]' if " " not in place else "give --url"
    raise CannotRun(f"no database is configured for {place}", hint)
