"""Plain frozen facts that views give and messages, exports and App Home show. Words and layout are not in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.checklist import Phase, Requirement
from bot.core.decision import CheckResult, Decision
from bot.core.deployment import Deployment, Obstacle, PinnedFile
from bot.core.item import ItemWord
from bot.core.policy import Role
from bot.core.signoff import SignOff
from bot.core.signoff_rules import RoleWord


class Verb(StrEnum):
    """Everything a person can do by a button or menu entry; a reader finds the use case under this name."""

    START = "start"
    JOIN = "join"
    TAKE_OVER = "take_over"
    PARK = "park"
    UNPARK = "unpark"
    RUN_CHECKS = "run_checks"
    ASK_NOW = "ask_now"
    GO = "go"
    BREAK_GLASS = "break_glass"
    REVIEW_GLASS = "review_glass"
    USE_NEW_FILES = "use_new_files"
    STAY = "stay"
    HOLD = "hold"
    RETRY = "retry"
    COMPLETE = "complete"
    CLOSE = "close"
    ABORT = "abort"
    ROLL_BACK = "roll_back"
    LIFT = "lift"
    TROUBLESHOOT = "troubleshoot"
    SEE_EVERYTHING = "see_everything"
    BLOCKERS = "blockers"
    STATUS = "status"
    TICK = "tick"
    UNDO = "undo"
    RUN_CHECK = "run_check"
    TICK_MANY = "tick_many"
    MORE_ABOUT = "more_about"
    NOT_APPLICABLE = "not_applicable"
    NOTE = "note"
    ASSIGN = "assign"
    OVERRIDE = "override"
    SIGN = "sign"
    SECOND = "second"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    CLEAR_REJECTION = "clear_rejection"
    NOT_REQUIRED = "not_required"
    SEE_SUBJECT = "see_subject"
    ACKNOWLEDGE = "acknowledge"
    DELEGATE = "delegate"
    ADD_TO_RECORD = "add_to_record"
    GIVE_RANGE = "give_range"
    SET_WINDOW = "set_window"
    RUN_ACT = "run_act"
    PLAN = "plan"


@dataclass(frozen=True)
class Named:
    """A person as shown: the id for mentions (only of who is asked), the name for past acts."""

    user_id: str
    name: str


@dataclass(frozen=True)
class Blocker:
    """One thing that stands before the next step, and who can mend it (user ids, `@group` handles; empty: anyone).

    `kind`: item, sign-off, rejection, history, files, window, freeze, reading, phase.
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


@dataclass(frozen=True)
class SectionFacts:
    """A section of one deployment, whole; messages cut it into parts."""

    deployment: Deployment
    id: str
    title: str
    group: str
    phase: Phase
    items: tuple[ItemFacts, ...]
    running: int = 0
    batch_done: int = 0
    batch_total: int = 0

    @property
    def runnable(self) -> int:
        """How many distinct checks the section's items have."""
        return len({check for item in self.items for check in item.checks if not check.startswith("own-")})

    @property
    def settled(self) -> int:
        return sum(item.word in {ItemWord.DONE, ItemWord.NOT_APPLICABLE} for item in self.items)


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
    obstacles: tuple[Obstacle, ...]
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
class ItemDetail:
    """The modal of one item: everything about it, and what this person may do."""

    deployment: Deployment
    item: ItemFacts
    section: str
    results: tuple[CheckResult, ...]
    titles: dict[str, str]
    decisions: tuple[tuple[Decision, Named], ...]
    acts: tuple[Verb, ...]
    refusals: tuple[str, ...] = ()
    seen: str = ""


@dataclass(frozen=True)
class SubjectDetail:
    """See everything of what a role decides: files with their SQL, checks, open items."""

    deployment: Deployment
    subject: str
    files: tuple[tuple[PinnedFile, int, str], ...]
    results: tuple[CheckResult, ...]
    titles: dict[str, str]
    open_items: tuple[ItemFacts, ...]


@dataclass(frozen=True)
class CompletionForm:
    """The six fields, prefilled. `proposed` is success or partial (or rolled-back), computed from history."""

    deployment: Deployment
    date: datetime
    deployed_by: str
    environment: str
    versions: str
    proposed: str
    choices: tuple[str, ...]
    open_required: tuple[str, ...]
    applied: tuple[str, ...] = ()
    not_applied: tuple[str, ...] = ()
    notes: str = ""


@dataclass(frozen=True)
class GoForm:
    """The confirmation before go: what runs, what warns. `subject` is carried by the submit."""

    deployment: Deployment
    subject: str
    blockers: tuple[Blocker, ...]
    warnings: tuple[str, ...]
    files: tuple[PinnedFile, ...] = ()
    estimate_minutes: int = 30
    longest_minutes: int | None = None


@dataclass(frozen=True)
class FileChange:
    """One file that moved: `word` is added, removed or changed; `diff` is a unified diff."""

    name: str
    word: str
    diff: str


@dataclass(frozen=True)
class MovedFiles:
    """The choice between the pinned files and those of now. `fingerprint` is what a choice carries."""

    deployment: Deployment
    fingerprint: str
    changes: tuple[FileChange, ...]


@dataclass(frozen=True)
class RollBackForm:
    """What is known: what a restore loses, whether every file has a down file, how to cancel what still runs."""

    deployment: Deployment
    choices: tuple[str, ...] = ("down", "forward", "restore")
    loses: str = ""
    down_files: str = ""
    cancel_statement: str = ""
    is_rolling_back: bool = False


@dataclass(frozen=True)
class ActForm:
    """The confirmation of a short act: what runs, with which command, for which item."""

    deployment: Deployment
    item_id: str
    item: str
    act_id: str
    title: str
    command: str


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


@dataclass(frozen=True)
class StartForm:
    """What `/deploy start` asks when it cannot know: the environment, the range, and what is not configured.

    `range_needed` is true where no migrations are configured; `environment` and `range_text` prefill.
    """

    environments: tuple[str, ...]
    environment: str = ""
    range_needed: bool = True
    range_text: str = ""
    unconfigured: tuple[str, ...] = ()
    project: str = ""
