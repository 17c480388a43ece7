"""What a check is: an id, what it needs, and a function from a context to a `Result`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from checks.result import ERROR, NOTE, WARNING, Finding, Result, Status, counted

if TYPE_CHECKING:
    from checks.accepted import Accepted

# Besides what stands here: the words of a result, so that a check imports from one place.
__all__ = ["ERROR", "NOTE", "WARNING", "Finding", "Result", "Status", "counted"]

Context = TypeVar("Context")


class CannotRun(Exception):
    """Raised by a context or a check that lacks something; the runner makes *could-not-run* of it.

    `sentence` says what is missing, `hint` the next thing to type. Neither ever holds a conninfo.
    """

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint


class NotApplicable(Exception):
    """Raised by a context or a check whose question does not arise here; `sentence` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Need(StrEnum):
    """What a check asks of its surroundings; a check names one, the runner builds each once and shares it."""

    FILES = "files"
    SCRATCH = "scratch"
    TARGET = "target"
    PAIR = "pair"
    COMMAND = "command"
    HTTP = "http"
    PROMETHEUS = "prometheus"
    OWN = "own"


def version_key(version: str) -> tuple[int, tuple[int, ...], str]:
    """What orders and equates versions: `00007` is `7`, `1_2` is `1.2`; names come after numbers."""
    parts = version.replace("_", ".").split(".")
    if all(part.isascii() and part.isdigit() for part in parts):
        return (0, tuple(int(part) for part in parts), "")
    return (1, (), version)


@dataclass(frozen=True)
class MigrationFile:
    """One migration as bytes; `version` as the tool orders it, `name` that of its file, with folders where they count.

    `whole` is the file of which `content` is only a part, such as the way back of a goose file; b"" where it is all.
    """

    version: str
    name: str
    content: bytes = field(repr=False)
    is_down: bool = False
    whole: bytes = field(default=b"", repr=False)

    @property
    def source(self) -> bytes:
        """The bytes as they are on disk; of a diesel migration its metadata.toml comes after them."""
        return self.whole or self.content

    @property
    def sha256(self) -> str:
        """Hex digest of `source`."""
        return hashlib.sha256(self.source).hexdigest()

    @property
    def given_name(self) -> str:
        """The part of the name that people chose: the folder of `up.sql` or `migration.sql`, else the file's own."""
        folder, _, name = self.name.rpartition("/")
        return folder.rpartition("/")[2] if name in ("up.sql", "down.sql", "migration.sql") and folder else name

    @property
    def text(self) -> str:
        """The file decoded as UTF-8 without a byte-order mark; undecodable bytes become U+FFFD."""
        return self.content.decode("utf-8-sig", errors="replace")


@dataclass(frozen=True)
class MigrationSet:
    """The files of a migrations folder in the tool's order.

    `applied_through` is the last version that the target already has (None: none);
    files after it are *pending*. `tool` is one of `layouts.names.TOOLS`.
    `ignored` are names in the folder that look like migrations and that the tool will not apply.
    """

    files: tuple[MigrationFile, ...]
    tool: str = "sqlx"
    applied_through: str | None = None
    ignored: tuple[str, ...] = ()

    @property
    def ups(self) -> tuple[MigrationFile, ...]:
        return tuple(file for file in self.files if not file.is_down)

    @property
    def downs(self) -> tuple[MigrationFile, ...]:
        return tuple(file for file in self.files if file.is_down)

    @property
    def is_sql(self) -> bool:
        """Whether the files are SQL; those of alembic, django and rails are programs."""
        return self.tool not in ("alembic", "django", "rails")

    @property
    def pending(self) -> tuple[MigrationFile, ...]:
        """The up files after `applied_through`, which need not be among the files."""
        if self.applied_through is None:
            return self.ups
        last = version_key(self.applied_through)
        matches = [n for n, file in enumerate(self.ups) if version_key(file.version) == last]
        if matches:
            return self.ups[matches[-1] + 1 :]
        return tuple(file for file in self.ups if version_key(file.version) > last)


@dataclass(frozen=True)
class DatabaseAddress:
    """Where a database is. The conninfo is a secret and never shown; `name` is what people call it."""

    name: str
    conninfo: str = field(repr=False)
    kind: str = "production"


@dataclass(frozen=True)
class ProbeSpec:
    """A team's own check from the settings: a command, an http address or a prometheus query."""

    id: str
    command: tuple[str, ...] = ()
    http: str = ""
    prometheus: str = ""
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class ScratchLimits:
    """What the files of one run may take of a scratch server: seconds of its checks; of one of ours bytes, too."""

    time: float = 300.0
    disk: int = 4 * 1024**3
    memory: int = 2 * 1024**3


@dataclass(frozen=True)
class ScratchStart:
    """What scratch databases begin with, beside empty: the schema dump `file`, or one of the database at `address`.

    `version` is the last migration in it; "" where the history in the dump or of its database tells, or the target's.
    With neither file nor address it is the target's, and there is none.
    """

    file: str = ""
    address: DatabaseAddress | None = None
    version: str = ""


@dataclass(frozen=True)
class Inputs:
    """Everything a run of checks may use; what is absent makes the checks that need it *could not run*.

    `scratch_server` is "embedded", a conninfo, or "" for none. `baseline` is what an earlier
    `checks.targetdb.baseline.take` returned, as plain JSON data. `since` is an ISO time (UTC): the moment of go.
    `accepted` are the findings that people accept.
    """

    migrations: MigrationSet | None = None
    scratch_server: str = field(default="", repr=False)
    scratch_limits: ScratchLimits = ScratchLimits()
    scratch_start: ScratchStart | None = None
    target: DatabaseAddress | None = None
    compare_with: DatabaseAddress | None = None
    forbidden_scratch: tuple[DatabaseAddress, ...] = ()
    probes: tuple[ProbeSpec, ...] = ()
    baseline: Mapping[str, object] | None = None
    since: str = ""
    options: Mapping[str, object] = field(default_factory=dict)
    accepted: tuple[Accepted, ...] = ()


@dataclass(frozen=True)
class Check(Generic[Context]):
    """A check in the catalogue. Adding one is a function under `check`, and one line in its folder's list.

    `option` is the key of `[checks.ID]` without which there is nothing to ask: until it is set the check is not
    applicable, and no line of a checklist waits for it.
    `also` are fields of `Inputs`, beside what `needs` says, without which there is nothing to say: `migrations`,
    `target`, `baseline`, `since`. A run of everything leaves the check out until they are there.
    """

    id: str
    title: str
    needs: Need
    run: Callable[[Context], Result]
    decides: str = ""
    cost: str = ""
    fix: str = ""
    version: int = 1
    option: str = ""
    also: tuple[str, ...] = ()

    def has_inputs(self, inputs: Inputs) -> bool:
        """Whether everything is there that `also` names."""
        return all(getattr(inputs, name) for name in self.also)

    def is_set_up(self, options: Mapping[str, object]) -> bool:
        """Whether `[checks.ID]` has what the check cannot do without; `options` are all those tables."""
        table = options.get(self.id)
        return not self.option or (isinstance(table, Mapping) and bool(table.get(self.option)))


def check(
    *,
    title: str,
    needs: Need,
    decides: str,
    cost: str,
    fix: str,
    version: int = 1,
    option: str = "",
    also: tuple[str, ...] = (),
) -> Callable[[Callable[[Context], Result]], Check[Context]]:
    """Makes a `Check` of the function below it, whose name it has: `fk_index` is fk-index.

    `decides` says what it is for, so that it needs no docstring.
    """

    def made(run: Callable[[Context], Result]) -> Check[Context]:
        return Check(run.__name__.replace("_", "-"), title, needs, run, decides, cost, fix, version, option, also)

    return made


# A check of each room, with what most of the room cost.
files_check = partial(check, needs=Need.FILES, cost="Milliseconds; nothing is connected to.")
scratch_check = partial(
    check, needs=Need.SCRATCH, cost="One catalog query in the scratch database, once the files are applied."
)
target_check = partial(check, needs=Need.TARGET)


def hash_findings(findings: Iterable[Finding]) -> str:
    """Digest of the findings' identities, without numbers: a target's `inputs_hash`."""
    lines = sorted(f"{f.object}\t{f.file}\t{f.severity}" for f in findings)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def passed(summary: str, findings: Iterable[Finding] = ()) -> Result:
    return Result(Status.PASSED, summary, findings=tuple(findings))


def failed(summary: str, findings: Iterable[Finding], hint: str = "") -> Result:
    """A failure names at least one thing: `inputs_hash` of a target is made of the findings."""
    return Result(Status.FAILED, summary, hint, tuple(findings))


def warning(summary: str, findings: Iterable[Finding] = (), hint: str = "") -> Result:
    return Result(Status.WARNING, summary, hint, tuple(findings))


def evidence(summary: str, findings: Iterable[Finding] = (), hint: str = "") -> Result:
    return Result(Status.EVIDENCE, summary, hint, tuple(findings))
