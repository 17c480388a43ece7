"""How a deployment stands, as plain frozen facts: its dashboard, the way back, a notice, App Home, and the past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.attention import Hours
from bot.core.deployment import Deployment
from bot.usecases.books.rows import Lock, Subscription
from bot.usecases.facts import AskedFacts, Assigned, Blocker, ItemFacts, Named, Progress, SignOffFacts, Watch
from bot.usecases.verb import Verb
from checks.result import Finding


@dataclass(frozen=True)
class NoticeFacts:
    """One message of a notice. `event` is what it tells: start, parked, go, held, rollback, completion, rolled-back or
    abort, and `at` since when.

    `now` is the event that holds today where that is another, and `now_at` since when; `announced_at` is when people
    were told of another title or range. `notice_id` is what *Acknowledge* is about, empty where a newer message has it;
    `told_below` says that it has the news too. `words` is the set of templates of its audience, "" the general one;
    `interruption` is "none" or "likely" where checks could tell; `ended_by` is what a person types who wished to hear
    of it and does no longer, empty for an audience.
    """

    deployment: Deployment
    event: str
    at: datetime
    owner: str
    channel: str
    reason: str = ""
    now: str = ""
    now_at: datetime | None = None
    announced_at: datetime | None = None
    acknowledged: tuple[tuple[str, datetime], ...] = ()
    notice_id: str = ""
    told_below: bool = False
    words: str = ""
    interruption: str = ""
    ended_by: str = ""


@dataclass(frozen=True)
class WayBack:
    """A rollback while it runs: `undone` of the versions `of` are out of history, `known` is whether history is read.

    `files` are down files still to apply, in their order, `command` applies them; `cancel` ends what still runs.
    """

    choice: str
    undone: int
    of: int
    known: bool
    files: tuple[str, ...] = ()
    command: str = ""
    cancel: str = ""

    @property
    def is_over(self) -> bool:
        """As far as history says; fixing forward undoes nothing, and where no history is read people know."""
        return self.choice == "forward" or not self.known or self.undone >= self.of


@dataclass(frozen=True)
class DashboardFacts:
    """The one message of the channel. `step` is the next step's word: go, complete, close, or empty at the end.

    `items` are the lines that `blockers` are about, by id. `next_act` is the first of `buttons` where it is a person's
    turn, `running` the titles of the checks that run. After completion `blockers` are what wants people now, and
    `watch` is how the watching stands. `last_by` and `last_reason` tell of parking, aborting and closing.
    """

    deployment: Deployment
    started_by: Named
    owner: Named
    deployers: tuple[Named, ...]
    step: str
    needed_done: int
    needed_total: int
    blockers: tuple[Blocker, ...]
    warnings: tuple[str, ...]
    obstacles: tuple[Finding, ...]
    sign_offs: tuple[SignOffFacts, ...]
    buttons: tuple[Verb, ...]
    menu: tuple[Verb, ...]
    progress: Progress | None = None
    head: str = ""
    runner_command: str = ""
    applied: int = 0
    of_range: int = 0
    live: tuple[str, ...] = ()
    amber: tuple[str, ...] = ()
    broken_glass: str = ""
    hold_reason: str = ""
    hold_finding: str = ""
    next_statement: str = ""
    subject: str = ""
    names: dict[str, str] = field(default_factory=dict)
    lesson: str = ""
    has_changed_files: bool = False
    notes: int = 0
    way_back: WayBack | None = None
    items: Mapping[str, ItemFacts] = field(default_factory=dict)
    next_act: Verb | None = None
    running: tuple[str, ...] = ()
    watch: Watch | None = None
    last_by: str = ""
    last_reason: str = ""
    held_by: str = ""


@dataclass(frozen=True)
class HourFacts:
    """What the hour after completion has for the owner, each line as it stands today; `permalink` of the thread.

    `is_over`: it was rolled back since, or another completion has an hour of its own.
    """

    deployment: Deployment
    items: tuple[ItemFacts, ...]
    is_over: bool = False
    permalink: str = ""


@dataclass(frozen=True)
class LockFacts:
    """A lock that holds, and who locked it, by name."""

    lock: Lock
    by: str


@dataclass(frozen=True)
class Past:
    """An earlier deployment: from start to go, from go to completion, and how long each role was waited for."""

    deployment: Deployment
    to_go: timedelta | None = None
    ran: timedelta | None = None
    waits: Mapping[str, timedelta] = field(default_factory=dict)


class WorkWord(StrEnum):
    """How work stands that one person was given."""

    OPEN = "to do"
    DONE = "settled"
    GIVEN_BACK = "given back"
    MOVED = "no longer this person's"
    ENDED = "the deployment has ended"


@dataclass(frozen=True)
class WorkFacts:
    """What one person was given or is on: an item, or a section with its lines. `by` gave it, `assigned` whose it is.

    `due` is when the first of it begins to be due, where that is still to come; `can_wait` where none of it is yet.
    """

    deployment: Deployment
    title: str
    item: str
    section: str
    items: tuple[ItemFacts, ...]
    by: Named
    assigned: Assigned | None
    word: WorkWord = WorkWord.OPEN
    can_wait: bool = False
    due: datetime | None = None
    permalink: str = ""

    @property
    def left(self) -> tuple[ItemFacts, ...]:
        return tuple(item for item in self.items if not item.settled)


@dataclass(frozen=True)
class HoursFacts:
    """When one person is written to; `is_own`: by hours of their own; `silent_until`: do-not-disturb that runs."""

    hours: Hours
    words: str
    is_own: bool = False
    silent_until: datetime | None = None


@dataclass(frozen=True)
class HomeFacts:
    """App Home of one person. `decided` is what they said for roles and can still take back, `subscriptions` what they
    wish to hear of.

    `work` is what they were given or are on.
    """

    person: Named
    needs_me: tuple[tuple[Deployment, str, SignOffFacts | None], ...]
    open: tuple[DashboardFacts, ...]
    recent: tuple[Deployment, ...]
    permalinks: dict[str, str] = field(default_factory=dict)
    decided: tuple[AskedFacts, ...] = ()
    hours: HoursFacts | None = None
    work: tuple[WorkFacts, ...] = ()
    locks: tuple[LockFacts, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
