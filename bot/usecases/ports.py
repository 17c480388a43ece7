"""What use cases need of a store: books to read and write inside one unit of work.

A caller opens the unit: `store.write(lambda unit: sign_off(unit, …))`. A use case never begins or commits.
A reader is the same set of books on a read-only connection: of each book what reads, by its type.
"""

from __future__ import annotations

from typing import Protocol

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
