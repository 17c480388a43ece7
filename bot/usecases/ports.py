"""What use cases need of a store: books to read and write inside one unit of work.

A caller opens the unit: `store.write(lambda unit: sign_off(unit, …))`. A use case never begins or commits.
A reader is the same set of books on a read-only connection: of each book what reads, by its type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.core.decision import CheckResult, CheckRun, Decision, Purpose
from bot.core.deployment import Deployer, Deployment, PinnedFile
from bot.core.journal import Entry
from bot.core.person import Members, Person
from bot.core.signoff import Delegation, SignOff, SignOffDecision
from bot.usecases.rows import (
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


class ChecklistReader(Protocol):
    def text(self, sha: str) -> str: ...
    def file(self, sha: str) -> str: ...


class Checklists(ChecklistReader, Protocol):
    def keep(self, sha: str, file: str, text: str) -> None: ...


class FileReader(Protocol):
    def content(self, sha: str) -> bytes: ...
    def of(self, deployment_id: str) -> tuple[PinnedFile, ...]: ...


class Files(FileReader, Protocol):
    def keep(self, contents: Mapping[str, bytes]) -> None: ...
    def pin(self, deployment_id: str, files: Sequence[PinnedFile]) -> None: ...


class DeploymentReader(Protocol):
    def get(self, deployment_id: str) -> Deployment: ...
    def find(self, deployment_id: str) -> Deployment | None: ...
    def by_number(self, team: str, project: str, number: int) -> Deployment | None: ...
    def holder(self, team: str, project: str, environment: str) -> Deployment | None: ...
    def open(self) -> tuple[Deployment, ...]: ...
    def of_environment(self, team: str, project: str, environment: str) -> tuple[Deployment, ...]:
        """Newest first, every state."""
        ...

    def recent(self, limit: int) -> tuple[Deployment, ...]: ...
    def deployers(self, deployment_id: str) -> tuple[Deployer, ...]: ...


class Deployments(DeploymentReader, Protocol):
    def next_number(self, team: str, project: str) -> int: ...
    def add(self, deployment: Deployment) -> None: ...
    def save(self, deployment: Deployment) -> Deployment:
        """Store every field, `version` raised by one. Raises `HeldByAnother` when a holding index refuses."""
        ...

    def add_deployer(self, deployment_id: str, deployer: Deployer) -> None: ...


class DecisionReader(Protocol):
    def of(self, deployment_id: str) -> tuple[Decision, ...]:
        """Oldest first; `reason` is "[removed]" where the text was erased."""
        ...

    def by_item(self, deployment_id: str) -> Mapping[str, tuple[Decision, ...]]:
        """The same, by item."""
        ...


class Decisions(DecisionReader, Protocol):
    def add(self, decision: Decision) -> None: ...


class ResultReader(Protocol):
    def has_free(self, at: datetime) -> bool:
        """Whether a claim would find a run."""
        ...

    def interrupted_acts(self) -> tuple[CheckRun, ...]:
        """Short acts that are under way; at a start, those that the earlier process left half done."""
        ...

    def newest(self, deployment_id: str) -> Mapping[str, CheckResult]: ...
    def runs(self, deployment_id: str) -> tuple[CheckRun, ...]:
        """Queued and running ones, and the done ones of batches that still run."""
        ...

    def batch(self, deployment_id: str, batch: str) -> tuple[CheckRun, ...]: ...


class Results(ResultReader, Protocol):
    def queue(
        self,
        deployment_id: str,
        check_ids: Iterable[str],
        purpose: Purpose,
        batch: str,
        asked_by: str | None,
        at: datetime,
    ) -> int:
        """Queue what is not queued already; returns how many were new."""
        ...

    def claim(self, at: datetime, lease_until: datetime, limit: int) -> tuple[CheckRun, ...]:
        """Take queued runs, or running ones whose lease ran out, of one deployment and one batch."""
        ...

    def finish(self, run_id: str, result: CheckResult | None, at: datetime) -> None: ...
    def requeue(self) -> int:
        """At start: free what an earlier process left running."""
        ...

    def cancel(self, deployment_id: str, at: datetime) -> None: ...


class SignOffReader(Protocol):
    def of(self, deployment_id: str) -> tuple[SignOff, ...]: ...
    def delegations(self, team: str, project: str, at: datetime) -> tuple[Delegation, ...]: ...


class SignOffs(SignOffReader, Protocol):
    def add(self, sign_off: SignOff) -> SignOffDecision | None:
        """None when it was added; else what stands already of that person, for that role and subject."""
        ...

    def save(self, sign_off: SignOff) -> None: ...
    def delegate(self, team: str, delegation: Delegation) -> None: ...
    def end_delegation(self, delegation_id: str, at: datetime) -> None: ...


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
