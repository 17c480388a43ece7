"""What use cases, publisher, clock and pool need of a store: all books, to read and inside one unit of work.

A caller opens the unit: `store.write(lambda unit: sign_off(unit, …))`. A use case never begins or commits. A reader is
the same set of books on a read-only connection: of each book what reads, by its type. Who stands beside the storage
knows it by these Protocols only; what each method promises stands at the book of that name in `bot/storage`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from bot.usecases.books import decided, told
from bot.usecases.books.rows import Live, Said


class Reader(Protocol):
    """Books on a read-only connection, for views; none of them has a method that writes."""

    checklists: decided.ChecklistReader
    files: decided.FileReader
    deployments: decided.DeploymentReader
    decisions: decided.DecisionReader
    assignments: decided.AssignmentReader
    lines: decided.LineReader
    results: decided.ResultReader
    sign_offs: decided.SignOffReader
    people: told.PeopleReader
    outbox: told.OutboxReader
    reminders: told.ReminderReader
    digests: told.DigestReader
    notices: told.NoticeReader
    subscriptions: told.SubscriptionReader
    standings: told.StandingReader
    locks: told.LockReader
    troubles: told.TroubleReader
    journal: told.JournalReader
    anchors: told.AnchorReader
    clicks: told.ClickReader


class Unit(Reader, Protocol):
    """Books inside one transaction of the one writer."""

    checklists: decided.Checklists
    files: decided.Files
    deployments: decided.Deployments
    decisions: decided.Decisions
    assignments: decided.Assignments
    lines: decided.Lines
    results: decided.Results
    sign_offs: decided.SignOffs
    people: told.People
    outbox: told.Outbox
    reminders: told.Reminders
    digests: told.Digests
    notices: told.Notices
    subscriptions: told.Subscriptions
    standings: told.Standings
    locks: told.Locks
    troubles: told.Troubles
    journal: told.Journal
    anchors: told.Anchors
    clicks: told.Clicks

    def new_id(self) -> str: ...


class HeldByAnother(Exception):
    """A partial unique index refused: another deployment holds the environment or the database."""


class StateBusy(Exception):
    """Another process keeps the state's one writer, so nothing was recorded."""


T = TypeVar("T")


@dataclass(frozen=True)
class SaidRow:
    """A said row on its way. Its key goes into the metadata of a post, so that a lost answer can be looked up.

    `facts` of `said` come back as JSON gives them: a tuple is a list. `progress` holds the steps of a file.
    """

    id: str
    said: Said
    state: str
    attempts: int
    created_at: datetime
    progress: Mapping[str, str] = field(default_factory=dict)
    channel: str | None = None
    ts: str | None = None
    error: str | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True)
class Heartbeat:
    name: str
    at: datetime
    detail: str


class LiveReader(Protocol):
    """Live messages on their way: posted once (metadata: the message's id), then updated as often as wanted."""

    def get(self, message_id: str) -> Live | None: ...
    def behind(self, at: datetime, limit: int = 100) -> tuple[Live, ...]: ...
    def on_its_way(self, channels: Sequence[str]) -> tuple[Live, ...]: ...


class LivePost(LiveReader, Protocol):
    def recover(self) -> int: ...

    def start_sending(self, message_id: str) -> Live | None: ...

    def mark_sent(
        self,
        message_id: str,
        version: int,
        rendered_hash: str,
        *,
        ts: str | None = None,
        thread_ts: str | None = None,
        channel: str | None = None,
    ) -> None: ...

    def mark_unsure(self, message_id: str, not_before: datetime) -> None: ...

    def retry_at(self, message_id: str, not_before: datetime) -> None: ...
    def keep_until(self, message_id: str, not_before: datetime) -> None: ...
    def mark_gone(self, message_id: str) -> None: ...

    def mark_dead(self, message_id: str) -> None: ...
    def hasten(self, channel: str) -> None: ...


class SaidReader(Protocol):
    """Said rows on their way; a row waits behind the earlier open rows of its lane."""

    def get(self, delivery_id: str) -> SaidRow | None: ...
    def at_place(self, channel: str, ts: str) -> SaidRow | None: ...

    def on_its_way(self) -> tuple[SaidRow, ...]: ...

    def open(self, at: datetime, limit: int = 100) -> tuple[SaidRow, ...]: ...

    def dead(self, limit: int = 100) -> tuple[SaidRow, ...]: ...


class SaidPost(SaidReader, Protocol):
    def recover(self) -> int: ...

    def start_sending(self, delivery_id: str) -> SaidRow | None: ...

    def mark_sent(self, delivery_id: str, at: datetime, *, channel: str = "", ts: str = "") -> None: ...
    def mark_unsure(self, delivery_id: str, not_before: datetime, error: str) -> None: ...
    def retry_at(self, delivery_id: str, not_before: datetime, error: str) -> None: ...
    def mark_dead(self, delivery_id: str, error: str) -> None: ...
    def hasten(self, channel: str) -> None: ...
    def keep_until(self, delivery_id: str, not_before: datetime) -> None: ...
    def keep_progress(self, delivery_id: str, progress: Mapping[str, str]) -> None: ...

    def expire(self, at: datetime) -> int: ...


class HeartbeatReader(Protocol):
    def all(self) -> Mapping[str, Heartbeat]: ...


class Heartbeats(HeartbeatReader, Protocol):
    def beat(self, name: str, at: datetime, detail: str) -> None: ...


class PostReader(Reader, Protocol):
    """All books on a read-only connection."""

    live: LiveReader
    said: SaidReader
    heartbeats: HeartbeatReader


class PostUnit(Unit, PostReader, Protocol):
    """All books inside one transaction of the one writer."""

    live: LivePost
    said: SaidPost
    heartbeats: Heartbeats


class Writing(Protocol):
    """The state, as listeners hold it: what they show a person they read by `sight.Sight`."""

    def write(self, work: Callable[[PostUnit], T]) -> T: ...


class Store(Writing, Protocol):
    """The state, as publisher, alarm clock and check pool hold it."""

    def read(self, work: Callable[[PostReader], T]) -> T: ...

    def copy(self) -> AbstractContextManager[Store]: ...

    def on_commit(self, callback: Callable[[], None]) -> None: ...
