"""Books of people and of what they are told: messages, reminders, notices; standings, trouble, journal, clicks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from bot.core.journal import Entry
from bot.core.team import Members, Person
from bot.usecases.books.rows import (
    BreakGlass,
    Hold,
    Identity,
    Live,
    Notice,
    PendingClick,
    Reminder,
    Said,
    Standing,
)


class PeopleReader(Protocol):
    def identity(self) -> Identity | None: ...
    def person(self, user_id: str) -> Person | None: ...
    def group(self, handle: str) -> Members: ...
    def channel(self, channel: str) -> Members: ...
    def names(self) -> Mapping[str, str]: ...


class People(PeopleReader, Protocol):
    def learn(self, identity: Identity, at: datetime) -> None: ...
    def keep(self, person: Person) -> None: ...
    def keep_group(self, handle: str, group_id: str, user_ids: Iterable[str], at: datetime) -> None: ...
    def keep_channel(self, channel: str, user_ids: Iterable[str], at: datetime) -> None: ...


class OutboxReader(Protocol):
    def wanted(self, deployment_id: str) -> tuple[Live, ...]:
        """Every live message of a deployment."""
        ...

    def message_at(self, channel: str, ts: str) -> Live | None: ...


class Outbox(OutboxReader, Protocol):
    def want(
        self,
        deployment_id: str | None,
        kind: str,
        subject: str,
        channel: str,
        at: datetime,
        *,
        part: int = 0,
        urgent: bool = False,
    ) -> None:
        """Ask for a live message at its next version; makes its row when there is none."""
        ...

    def say(self, said: Said, at: datetime) -> bool:
        """False when that key was said already."""
        ...

    def hasten(self, key: str) -> bool:
        """What was put off on purpose may be sent now; False where it was not put off, or is on its way."""
        ...


class ReminderReader(Protocol):
    def pending(self) -> tuple[Reminder, ...]: ...


class Reminders(ReminderReader, Protocol):
    def plan(self, deployment_id: str, kind: str, subject: str, due: datetime) -> None: ...
    def cancel(self, deployment_id: str, kinds: Iterable[str] | None, at: datetime) -> None: ...
    def claim(self, reminder_id: str, at: datetime) -> Reminder | None:
        """The reminder when it was still pending and is now done; None otherwise."""
        ...


class NoticeReader(Protocol):
    def of(self, deployment_id: str) -> tuple[Notice, ...]: ...
    def get(self, notice_id: str) -> Notice | None: ...


class Notices(NoticeReader, Protocol):
    def add(self, deployment_id: str, state: str, audience: str, outbox_key: str, at: datetime) -> bool: ...
    def acknowledge(self, notice_id: str, who: str, at: datetime) -> bool: ...


class StandingReader(Protocol):
    def of(self, team: str, project: str, environment: str) -> Mapping[str, Standing]: ...


class Standings(StandingReader, Protocol):
    def settle(self, team: str, project: str, environment: str, standing: Standing) -> None: ...
    def forget(self, team: str, project: str, environment: str, item: str) -> None: ...


class TroubleReader(Protocol):
    """Holds, break-glass and baselines."""

    def current_hold(self, deployment_id: str) -> Hold | None: ...
    def broken_glass(self, deployment_id: str) -> BreakGlass | None: ...
    def baseline(self, deployment_id: str) -> str | None: ...


class Troubles(TroubleReader, Protocol):
    def hold(self, hold: Hold) -> None: ...
    def end_hold(self, hold_id: str, exit: str, ended_by: str, at: datetime) -> None: ...
    def break_glass(self, record: BreakGlass) -> None: ...
    def review_glass(self, deployment_id: str, who: str, at: datetime) -> None: ...
    def keep_baseline(self, deployment_id: str, data: str, at: datetime) -> None: ...


class JournalReader(Protocol):
    def entries(self, chain: str) -> tuple[Entry, ...]: ...
    def head(self, chain: str) -> Entry | None: ...
    def texts(self, chain: str) -> Mapping[str, tuple[str, str | None]]:
        """digest -> (salt, text); text is None where it was erased."""
        ...


class Journal(JournalReader, Protocol):
    def append(
        self, chain: str, event: str, at: datetime, facts: Mapping[str, object], texts: Mapping[str, str]
    ) -> Entry:
        """Link one entry. `texts` (names, free text) go to the side table; the body holds their salted digests."""
        ...

    def erase(self, digests: Iterable[str], at: datetime) -> int: ...


class ClickReader(Protocol):
    def waiting(self) -> tuple[PendingClick, ...]: ...


class Clicks(ClickReader, Protocol):
    def keep(self, click: PendingClick) -> None: ...
    def settle(self, click_id: str, outcome: str, at: datetime) -> bool: ...
    def first_sight(self, event_id: str, at: datetime) -> bool:
        """Whether this event id is new; ids older than a day are forgotten."""
        ...
