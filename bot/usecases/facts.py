"""Plain frozen facts that views give and messages, exports and App Home show. Words and layout are not in here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.checklist.items import Phase, Requirement
from bot.core.decision import SignOff
from bot.core.deployment import ENDED, Deployment
from bot.core.item import SETTLED, ItemWord
from bot.core.signoff import RoleWord
from bot.core.team import Role
from bot.usecases.verb import Verb
from checks.result import Status

ASKING = frozenset({Phase.VERIFY, Phase.TROUBLESHOOT, Phase.ROLLBACK})


@dataclass(frozen=True)
class Named:
    """A person as shown: the id for mentions (only of who is asked), the name for past acts."""

    user_id: str
    name: str


@dataclass(frozen=True)
class Assigned:
    """Whose work it is, a person's or a role's (its title, and no user id); `old` is a claim that nobody counts on."""

    to: Named
    at: datetime
    claimed: bool = False
    old: bool = False


@dataclass(frozen=True)
class Blocker:
    """One thing that stands before the next step, and who can mend it (user ids, `@group` handles; empty: anyone).

    `kind`: item, sign-off, rejection, history, files, window, freeze, lock, reading, phase, journal; of closing also
    review, environment and watch, which is only a matter of time. Of an item, `told` is what its checks say is wrong,
    which the sentence holds too; `mend` is what to do or type. A lock ends at `until`, and `told` is its sentence
    without that.
    """

    kind: str
    subject: str
    sentence: str
    who: tuple[str, ...] = ()
    told: str = ""
    mend: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class ItemFacts:
    """One line of a section. `evidence` is one line without time and name; `act` is the likely act.

    `run_acts` are (id, title) of short acts that may be run now. `added_by` and `added_at` are set of a line that was
    added.
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
    assigned: Assigned | None = None
    notes: int = 0
    condition: str = ""
    run_acts: tuple[tuple[str, str], ...] = ()
    overridden: bool = False
    verdict: Status | None = None
    added_by: Named | None = None
    added_at: datetime | None = None

    @property
    def settled(self) -> bool:
        return self.word in SETTLED


@dataclass(frozen=True)
class SectionFacts:
    """A section of one deployment, whole; messages cut it into parts. `due` is when it begins to be due, if ever.

    `assigned` is whose it is as a whole; lines of it may be somebody else's.
    `can_wait` while nobody needs to look: its checks run unasked, or it is not due yet. `may_add` while lines can be
    added.
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
    assigned: Assigned | None = None
    may_add: bool = False

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
        return tuple(item for item in unsettled if self.assigned or _is_wanting(item))

    @property
    def runnable(self) -> int:
        """How many distinct checks the section's items have; none once the deployment has ended."""
        if self.deployment.state in ENDED:
            return 0
        return len({check for item in self.items for check in item.checks if not check.startswith("own-")})

    @property
    def settled(self) -> int:
        return sum(item.settled for item in self.items)


def _is_wanting(item: ItemFacts) -> bool:
    return item.word is ItemWord.FAILED or item.required is not Requirement.NO or item.assigned is not None


@dataclass(frozen=True)
class Watch:
    """After completion: how many lines machines settled, when the next look is, and when it closes by itself.

    `closes_at` is None while people have to answer first; `continued_in` is the label of the deployment that took the
    watching over, and `link` leads to it.
    """

    by_machines: int
    next_look: datetime | None
    closes_at: datetime | None
    continued_in: str = ""
    link: str = ""


@dataclass(frozen=True)
class PhaseFacts:
    """A phase with its sections in the checklist's order, how far its checks are, and whether it is open now.

    `watch` is that of verify, while it goes on.
    """

    deployment: Deployment
    phase: Phase
    sections: tuple[SectionFacts, ...]
    progress: Progress | None = None
    is_open: bool = False
    watch: Watch | None = None


SignOffWord = RoleWord


@dataclass(frozen=True)
class GivenSignOff:
    """One decision on a role, standing or not, with the names of all involved."""

    sign_off: SignOff
    who: Named
    on_behalf_of: Named | None = None


@dataclass(frozen=True)
class FileSeen:
    """One file in range: the words of its name, and its heaviest statement as it was observed; "" where nobody tried.

    `weight` is its place among the files, 0 for the riskiest; None where it locks nothing that is there.
    """

    version: str
    words: str
    observed: str = ""
    weight: int | None = None


@dataclass(frozen=True)
class NotPassed:
    """A check that did not pass, and who overrode what it says."""

    title: str
    status: Status
    summary: str
    overridden_by: str = ""


@dataclass(frozen=True)
class Rehearsal:
    """How long the environment before took from go to completion, a span a deployment; `missing` files it never ran."""

    environment: str
    took: tuple[timedelta, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Card:
    """What is decided, at one look. `not_tried` is why no statement was observed; empty where one was."""

    files: tuple[FileSeen, ...]
    not_tried: str = ""
    rehearsal: Rehearsal | None = None
    commit: str = ""
    commit_link: str = ""
    checks_passed: int = 0
    checks_total: int = 0
    not_passed: tuple[NotPassed, ...] = ()
    open_items: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class SignOffFacts:
    """The message of one role: what is decided, by whom it may be, what was said so far.

    `subject` is the digest a decision button carries; empty while the files are not read. `card` is read only for
    messages that show it. `notified_at` is when the first notice arrived, of a role that acknowledges.
    """

    deployment: Deployment
    role: Role
    word: SignOffWord
    subject: str
    may_sign: tuple[str, ...]
    may_not: tuple[Named, ...]
    given: tuple[GivenSignOff, ...]
    asked: bool
    reason: str = ""
    have: int = 0
    notified_at: datetime | None = None
    acts: tuple[Verb, ...] = ()
    names: dict[str, str] = field(default_factory=dict)
    card: Card | None = None


class AskedWord(StrEnum):
    """How what was asked of one person stands."""

    OPEN = "open"
    MINE = "decided by this person"
    OTHERS = "decided by others"
    REPLACED = "asked again in a later message"
    MOVED = "about files that are no longer those"
    NOT_ASKED = "no longer this person's to decide"
    ENDED = "nothing is prepared any more"


@dataclass(frozen=True)
class AskedFacts:
    """What one person was asked as one role. `mine` is what they decided, `again` that they were asked before.

    `why` says why they, where that is not because the role is theirs.
    """

    sign_off: SignOffFacts
    word: AskedWord
    asked_by: str = ""
    mine: GivenSignOff | None = None
    again: bool = False
    permalink: str = ""
    why: str = ""


@dataclass(frozen=True)
class Progress:
    """A batch of checks that runs now."""

    done: int
    total: int
