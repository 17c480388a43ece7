"""A deployment: one run of a checklist revision for one environment and one migration range."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.checklist.items import Kind
from checks.result import Finding


class State(StrEnum):
    """Where a deployment stands in its life."""

    PREPARING = "preparing"
    DEPLOYING = "deploying"
    VERIFYING = "verifying"
    CLOSED = "closed"
    PARKED = "parked"
    HELD = "held"
    ROLLING_BACK = "rolling-back"
    ABORTED = "aborted"


class Outcome(StrEnum):
    """How a deployment ended."""

    SUCCESS = "success"
    PARTIAL = "partial"
    ROLLED_BACK = "rolled-back"


HOLDS_ENVIRONMENT = frozenset({State.PREPARING, State.DEPLOYING, State.HELD, State.ROLLING_BACK})
HOLDS_DATABASE = frozenset({State.DEPLOYING, State.HELD, State.ROLLING_BACK})
ENDED = frozenset({State.CLOSED, State.ABORTED})
OPEN_STATES = frozenset(State) - ENDED
IDLE = timedelta(hours=4)
"""After how long without an act a deployment is idle."""

MOVES: Mapping[State, frozenset[State]] = {
    State.PREPARING: frozenset({State.DEPLOYING, State.PARKED, State.ABORTED}),
    State.PARKED: frozenset({State.PREPARING, State.ABORTED}),
    State.DEPLOYING: frozenset({State.HELD, State.ROLLING_BACK, State.VERIFYING}),
    State.HELD: frozenset({State.DEPLOYING, State.ROLLING_BACK, State.VERIFYING}),
    State.ROLLING_BACK: frozenset({State.VERIFYING}),
    State.VERIFYING: frozenset({State.CLOSED, State.ROLLING_BACK}),
    State.CLOSED: frozenset(),
    State.ABORTED: frozenset(),
}


@dataclass(frozen=True)
class PinnedFile:
    """One file of the range, kept by hash."""

    version: str
    name: str
    sha: str
    is_down: bool


@dataclass(frozen=True)
class History:
    """What the target's history table said when it was last read.

    Every field but `tool` holds versions. `changed` differ from the file with that version,
    `unknown` have no file, `running` have started and not ended.
    """

    tool: str = ""
    table: str = ""
    applied: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    dirty: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    running: tuple[str, ...] = ()
    fault: str = ""


@dataclass(frozen=True)
class KnownFacts:
    """What preflight, the watch over the target and people's choices left behind. None: nobody could look, or chose.

    `security` is why the security team has to look, "" where nothing asks for it; `changes` what each file of the range
    says of itself, a line each; `live` the progress of what runs, a line each, and `cancel` the statement that ends it;
    `finding` and `next_statement` propose a hold; `moved_commit` is the commit of the files that moved and
    `moved_security` what they ask, `stayed` the fingerprint that was not taken, `continues_with` the one chosen while
    held; `rollback_reason_given` the time of that reason, `rollback_choice` the way back, and `undoing` the versions
    that history had when it began; `returned` is set from the return from parking until history was read, and
    `taken_out` are versions that went in meanwhile; `ran_at` is when history had all of the range first, `expected` how
    many minutes that may take, `expected_of` who took them; `nothing_pending` is why it was none, told to its starter
    alone; `corrects` the id of the rolled back deployment whose environment it took; `offered_to` whom its owner
    asked to take it over; `says` the last line of each running act; `looking` are the looks under way after completion,
    a line each, `looked` the last that has ended, and `continued_in` the label of the deployment that took the watching
    over. `others` are facts of other versions of gonogo, kept as they are.
    """

    security: str | None = None
    changes: str | None = None
    live: str | None = None
    cancel: str | None = None
    finding: str | None = None
    next_statement: str | None = None
    moved_commit: str | None = None
    moved_security: str | None = None
    stayed: str | None = None
    continues_with: str | None = None
    rollback_reason_given: str | None = None
    rollback_choice: str | None = None
    undoing: str | None = None
    returned: str | None = None
    taken_out: str | None = None
    ran_at: str | None = None
    expected: str | None = None
    expected_of: str | None = None
    nothing_pending: str | None = None
    corrects: str | None = None
    offered_to: str | None = None
    looking: str | None = None
    looked: str | None = None
    continued_in: str | None = None
    says: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_plain(cls, stored: Mapping[str, str]) -> KnownFacts:
        """Takes every key: one without a field of its own goes to `others`."""
        named = {name: stored[key] for name, key in _FACT_KEYS.items() if key in stored}
        says = {key.removeprefix(_SAYS): text for key, text in stored.items() if key.startswith(_SAYS)}
        known = {*_FACT_KEYS.values(), *(_SAYS + act for act in says)}
        return cls(**named, says=says, others={key: text for key, text in stored.items() if key not in known})

    def plain(self) -> dict[str, str]:
        """By the keys under which they are stored and exported, sorted; what is None is left out."""
        named = {key: getattr(self, name) for name, key in _FACT_KEYS.items()}
        says = {_SAYS + act: line for act, line in self.says.items()}
        found = {**self.others, **says, **{key: text for key, text in named.items() if text is not None}}
        return dict(sorted(found.items()))


_SAYS = "says:"
_FACT_KEYS = {field.name: field.name for field in fields(KnownFacts) if field.name not in {"says", "others"}}
_FACT_KEYS["rollback_reason_given"] = "rollback-reason-given"


@dataclass(frozen=True)
class Deployment:
    """One row of the book of deployments; `number` counts within a project.

    `obstacles` are what preflight found in the way: warnings with their mend, never a gate of their own.
    """

    id: str
    team: str
    project: str
    number: int
    environment: str
    kind: Kind
    revision: str
    state: State
    starter: str
    owner: str
    started_at: datetime
    last_act_at: datetime
    result: Outcome | None = None
    database_key: str | None = None
    first_version: str | None = None
    last_version: str | None = None
    fingerprint: str | None = None
    moved_fingerprint: str | None = None
    source_commit: str | None = None
    history: History | None = None
    history_read_at: datetime | None = None
    obstacles: tuple[Finding, ...] = ()
    facts: KnownFacts = KnownFacts()
    window_start: datetime | None = None
    window_end: datetime | None = None
    estimate_minutes: int | None = None
    parked_at: datetime | None = None
    asked_at: datetime | None = None
    go_asked_at: datetime | None = None
    go_asked_by: str | None = None
    go_at: datetime | None = None
    completed_at: datetime | None = None
    closed_at: datetime | None = None
    completion: Mapping[str, str] | None = None
    lifted: bool = False
    moved_files: tuple[PinnedFile, ...] = ()
    title: str = ""
    version: int = 1

    @property
    def chain(self) -> str:
        """The name of this deployment's journal chain."""
        return f"{self.team}/{self.project}/{self.number}"

    @property
    def label(self) -> str:
        """How people name it: `12`, or `billing/12` outside the unnamed project."""
        return str(self.number) if self.project == "default" else f"{self.project}/{self.number}"

    @property
    def changes(self) -> tuple[str, ...]:
        """What the files of the range say of themselves, a line a file; none while they are not read."""
        return tuple(line for line in (self.facts.changes or "").splitlines() if line)

    @property
    def title_words(self) -> str:
        """What it is about, in words a product owner reads: as typed, else what its files say; empty for neither."""
        more = f" and {len(self.changes) - 1} more" if len(self.changes) > 1 else ""
        return self.title or "".join(self.changes[:1]) + more

    @property
    def range_words(self) -> str:
        """`00008–00010`, `00008`, or the sentence that stands before the files were read."""
        if self.first_version is None or self.last_version is None:
            return "migrations not read yet"
        if self.first_version == self.last_version:
            return self.first_version
        return f"{self.first_version}–{self.last_version}"

    @property
    def undoing(self) -> tuple[str, ...]:
        """The versions that a rollback undoes."""
        return tuple((self.facts.undoing or "").split())

    @property
    def undone(self) -> tuple[str, ...]:
        """Of them, those that history has no longer."""
        applied = set(self.history.applied) if self.history else set()
        return tuple(version for version in self.undoing if version not in applied)

    @property
    def left_to_undo(self) -> tuple[str, ...]:
        """Of them, those that history still has."""
        undone = set(self.undone)
        return tuple(version for version in self.undoing if version not in undone)

    @property
    def is_held_after_rollback(self) -> bool:
        """Rolled back keeps the environment until a corrective start or the owner lifts it."""
        return self.state is State.VERIFYING and self.result is Outcome.ROLLED_BACK and not self.lifted

    @property
    def holds_environment(self) -> bool:
        return self.state in HOLDS_ENVIRONMENT or self.is_held_after_rollback

    @property
    def holds_database(self) -> bool:
        return self.state in HOLDS_DATABASE


@dataclass(frozen=True)
class Deployer:
    """Whoever started, joined, took over or broke the glass."""

    user_id: str
    how: str
    at: datetime


def fingerprint(files: Iterable[PinnedFile]) -> str:
    """sha-256 of lines `version\\tname\\tsha256\\n` in the tool's order, down files included."""
    lines = "".join(f"{file.version}\t{file.name}\t{file.sha}\n" for file in files)
    return hashlib.sha256(lines.encode()).hexdigest()


def differing(approved: Mapping[str, str], now: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What makes two sets of files, digests by name, unequal: each file with `changed`, `removed` or `added`.

    Those of the first come first, in its order.
    """
    names = [*approved, *(name for name in now if name not in approved)]
    words = {name: "added" if name not in approved else "removed" if name not in now else "changed" for name in names}
    return tuple((name, word) for name, word in words.items() if approved.get(name) != now.get(name))
