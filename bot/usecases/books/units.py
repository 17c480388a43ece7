"""What use cases, publisher, clock and pool need of a store: all books, to read and inside one unit of work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from bot.usecases.books.decided import (
    ChecklistReader,
    Checklists,
    DecisionReader,
    Decisions,
    DeploymentReader,
    Deployments,
    FileReader,
    Files,
    ResultReader,
    Results,
    SignOffReader,
    SignOffs,
)
from bot.usecases.books.rows import Live, Said
from bot.usecases.books.told import (
    ClickReader,
    Clicks,
    Journal,
    JournalReader,
    NoticeReader,
    Notices,
    Outbox,
    OutboxReader,
    People,
    PeopleReader,
    ReminderReader,
    Reminders,
    StandingReader,
    Standings,
    TroubleReader,
    Troubles,
)

# What use cases need of a store: books to read and write inside one unit of work.
#
# A caller opens the unit: `store.write(lambda unit: sign_off(unit, …))`. A use case never begins or commits.
# A reader is the same set of books on a read-only connection: of each book what reads, by its type.


class Reader(Protocol):
    """Books on a read-only connection, for views; none of them has a method that writes."""

    checklists: ChecklistReader
    files: FileReader
    deployments: DeploymentReader
    decisions: DecisionReader
    results: ResultReader
    sign_offs: SignOffReader
    people: PeopleReader
    outbox: OutboxReader
    reminders: ReminderReader
    notices: NoticeReader
    standings: StandingReader
    troubles: TroubleReader
    journal: JournalReader
    clicks: ClickReader


class Unit(Reader, Protocol):
    """Books inside one transaction of the one writer."""

    checklists: Checklists
    files: Files
    deployments: Deployments
    decisions: Decisions
    results: Results
    sign_offs: SignOffs
    people: People
    outbox: Outbox
    reminders: Reminders
    notices: Notices
    standings: Standings
    troubles: Troubles
    journal: Journal
    clicks: Clicks

    def new_id(self) -> str: ...


class HeldByAnother(Exception):
    """A partial unique index refused: another deployment holds the environment or the database."""


# What the publisher, the alarm clock and the check pool need of a store, beyond the books of `ports`.
#
# They sit beside the storage, not above it, so they know it by these Protocols only.

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
    permalink: str | None = None
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
    def behind(self, at: datetime, limit: int = 100) -> tuple[Live, ...]:
        """Messages to send now (behind, not dead, not being sent, not waiting): urgent first, then oldest."""
        ...


class LivePost(LiveReader, Protocol):
    def recover(self) -> int:
        """After a start: what was being sent is `unsure` (a first post) or to be sent again (an update)."""
        ...

    def start_sending(self, message_id: str) -> Live | None:
        """The message at the version to send, one attempt more; the row is `sending` now. None where it is not behind.

        Its `state` is the one before: `unsure` means: look the first post up by its metadata before sending.
        """
        ...

    def mark_sent(
        self, message_id: str, version: int, rendered_hash: str, *, ts: str | None = None, thread_ts: str | None = None
    ) -> None:
        """Sent (or found unchanged) at `version`; `ts` and `thread_ts` after a first post."""
        ...

    def mark_unsure(self, message_id: str, not_before: datetime) -> None:
        """The answer to a first post was lost."""
        ...

    def retry_at(self, message_id: str, not_before: datetime) -> None: ...
    def mark_gone(self, message_id: str) -> None:
        """Slack does not know the message any more: it is posted anew."""
        ...

    def mark_dead(self, message_id: str) -> None:
        """Given up, until it is wanted again."""
        ...


class SaidReader(Protocol):
    """Said rows on their way; a row waits behind the earlier open rows of its lane."""

    def get(self, delivery_id: str) -> SaidRow | None: ...
    def at_place(self, channel: str, ts: str) -> SaidRow | None:
        """The said row that Slack shows there: a click in any other message is in a copy."""
        ...

    def on_its_way(self) -> tuple[SaidRow, ...]:
        """What was given to Slack and is not known to have arrived."""
        ...

    def open(self, at: datetime, limit: int = 100) -> tuple[SaidRow, ...]:
        """The head of every lane that may be sent now, oldest first. A row put off on purpose (`Said.not_before`)
        does not hold up its lane; one that waits for a retry does."""
        ...

    def dead(self, limit: int = 100) -> tuple[SaidRow, ...]:
        """What was given up, newest first, for doctor and the operator."""
        ...


class SaidPost(SaidReader, Protocol):
    def recover(self) -> int:
        """After a start: posts, direct messages and files that were being sent are `unsure`, ephemerals are dead
        (at most once)."""
        ...

    def start_sending(self, delivery_id: str) -> SaidRow | None:
        """The row, now `sending`, one attempt more; None where it is not open any more. Its `state` is the one before:
        `unsure` means: look it up before sending."""
        ...

    def mark_sent(
        self, delivery_id: str, at: datetime, *, channel: str = "", ts: str = "", permalink: str = ""
    ) -> None: ...
    def mark_unsure(self, delivery_id: str, not_before: datetime, error: str) -> None: ...
    def retry_at(self, delivery_id: str, not_before: datetime, error: str) -> None: ...
    def mark_dead(self, delivery_id: str, error: str) -> None: ...
    def keep_progress(self, delivery_id: str, progress: Mapping[str, str]) -> None:
        """Steps of a file that are done, e.g. its `file_id`."""
        ...

    def expire(self, at: datetime) -> int:
        """Open rows past `expires_at` are dead; returns how many."""
        ...


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


class Store(Protocol):
    """The state, as listeners, publisher, alarm clock and check pool hold it."""

    def write(self, work: Callable[[PostUnit], T]) -> T:
        """Run `work` in one unit: committed when it returns, rolled back whole when it raises."""
        ...

    def read(self, work: Callable[[PostReader], T]) -> T:
        """Run `work` on one consistent snapshot."""
        ...

    def copy(self) -> AbstractContextManager[Store]:
        """The state of this moment in a file of its own, thrown away afterwards."""
        ...

    def on_commit(self, callback: Callable[[], None]) -> None:
        """Call this after every commit of this process: set an Event, no work."""
        ...
