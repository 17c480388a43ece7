"""Plain frozen facts that views give and messages, exports and App Home show. Words and layout are not in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.core.checklist.items import Phase, Requirement
from bot.core.decision import SignOff
from bot.core.deployment import ENDED, Deployment
from bot.core.item import SETTLED, ItemWord
from bot.core.signoff import RoleWord
from bot.core.team import Role
from bot.usecases.verb import Verb
from checks.result import Finding, Status

ASKING = frozenset({Phase.VERIFY, Phase.TROUBLESHOOT, Phase.ROLLBACK})


@dataclass(frozen=True)
class Named:
    """A person as shown: the id for mentions (only of who is asked), the name for past acts."""

    user_id: str
    name: str


@dataclass(frozen=True)
class Blocker:
    """One thing that stands before the next step, and who can mend it (user ids, `@group` handles; empty: anyone).

    `kind`: item, sign-off, rejection, history, files, window, freeze, reading, phase, journal.
    """

    kind: str
    subject: str
    sentence: str
    who: tuple[str, ...] = ()


@dataclass(frozen=True)
class ItemFacts:
    """One line of a section. `evidence` is one line without time and name; `act` is the likely act.

    `run_acts` are (id, title) of short acts that may be run now.
    """

    id: str
    label: str
    word: ItemWord
    required: Requirement
    evidence: str = ""
    hint: str = ""
    by: Named | None = None
    at: datetime | None = None
    act: Verb | None = None
    checks: tuple[str, ...] = ()
    running: bool = False
    carried: bool = False
    standing_until: datetime | None = None
    link: str = ""
    assigned: Named | None = None
    notes: int = 0
    condition: str = ""
    run_acts: tuple[tuple[str, str], ...] = ()
    verdict: Status | None = None

    @property
    def settled(self) -> bool:
        return self.word in SETTLED


@dataclass(frozen=True)
class SectionFacts:
    """A section of one deployment, whole; messages cut it into parts. `due` is when it begins to be due, if ever.

    `can_wait` while nobody needs to look: its checks run unasked, or it is not due yet.
    """

    deployment: Deployment
    id: str
    title: str
    group: str
    phase: Phase
    items: tuple[ItemFacts, ...]
    running: int = 0
    due: datetime | None = None
    can_wait: bool = False

    @property
    def wanting(self) -> tuple[ItemFacts, ...]:
        """What is for a person: what failed, what the next step needs, what somebody was given to do.

        A list that was opened, or has come due, asks about everything that is not settled. What else is optional
        stands in nobody's way.
        """
        has_ended = self.deployment.state in ENDED
        unsettled = [item for item in self.items if not (item.settled or has_ended)]
        if self.phase in ASKING:
            return tuple(unsettled)
        return tuple(item for item in unsettled if _is_wanting(item))

    @property
    def runnable(self) -> int:
        """How many distinct checks the section's items have."""
        return len({check for item in self.items for check in item.checks if not check.startswith("own-")})

    @property
    def settled(self) -> int:
        return sum(item.settled for item in self.items)


def _is_wanting(item: ItemFacts) -> bool:
    return item.word is ItemWord.FAILED or item.required is not Requirement.NO or item.assigned is not None


@dataclass(frozen=True)
class PhaseFacts:
    """A phase with its sections in the checklist's order, how far its checks are, and whether it is open now."""

    deployment: Deployment
    phase: Phase
    sections: tuple[SectionFacts, ...]
    progress: Progress | None = None
    is_open: bool = False


SignOffWord = RoleWord


@dataclass(frozen=True)
class GivenSignOff:
    """One decision on a role, standing or not, with the names of all involved."""

    sign_off: SignOff
    who: Named
    on_behalf_of: Named | None = None


@dataclass(frozen=True)
class SignOffFacts:
    """The message of one role: what is decided, by whom it may be, what was said so far.

    `subject` is the digest a decision button carries; empty while the files are not read.
    """

    deployment: Deployment
    role: Role
    word: SignOffWord
    subject: str
    files: int
    may_sign: tuple[str, ...]
    may_not: tuple[Named, ...]
    given: tuple[GivenSignOff, ...]
    asked: bool
    checks_passed: int = 0
    checks_total: int = 0
    checks_at: datetime | None = None
    open_items: int = 0
    warnings: tuple[str, ...] = ()
    reason: str = ""
    have: int = 0
    acts: tuple[Verb, ...] = ()
    names: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Progress:
    """A batch of checks that runs now."""

    done: int
    total: int


@dataclass(frozen=True)
class DashboardFacts:
    """The one message of the channel. `step` is the next step's word: go, complete, close, or empty at the end."""

    deployment: Deployment
    started_by: Named
    owner: Named
    deployers: tuple[Named, ...]
    step: str
    needed_done: int
    needed_total: int
    others_open: int
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


@dataclass(frozen=True)
class Past:
    """An earlier deployment: from start to go, from go to completion, and how long each role was waited for."""

    deployment: Deployment
    to_go: timedelta | None = None
    ran: timedelta | None = None
    waits: Mapping[str, timedelta] = field(default_factory=dict)


@dataclass(frozen=True)
class HomeFacts:
    """App Home of one person."""

    person: Named
    needs_me: tuple[tuple[Deployment, str, SignOffFacts | None], ...]
    open: tuple[DashboardFacts, ...]
    recent: tuple[Deployment, ...]
    permalinks: dict[str, str] = field(default_factory=dict)
