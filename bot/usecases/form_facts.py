"""What forms and modals show and ask, as plain frozen facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.core.checklist.items import Requirement
from bot.core.decision import CheckResult, Decision
from bot.core.deployment import Deployment, PinnedFile
from bot.usecases.facts import Assigned, Blocker, ItemFacts, Named
from bot.usecases.verb import Verb
from checks.result import Finding


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
class GiveForm:
    """Somebody is given an item or a section, the other of both is empty; `roles` are (name, title)."""

    deployment: Deployment
    item: str
    section: str
    title: str
    roles: tuple[tuple[str, str], ...]
    assigned: Assigned | None = None


@dataclass(frozen=True)
class AddForm:
    """`sections` are (id, title) of those a line can be added to, `required` what may need one, in any of them."""

    deployment: Deployment
    sections: tuple[tuple[str, str], ...]
    section: str
    required: tuple[Requirement, ...]


@dataclass(frozen=True)
class SubjectDetail:
    """See everything of what a role decides: checks and open items; `files` of its range are in `SqlDetail`."""

    deployment: Deployment
    subject: str
    files: int
    results: tuple[CheckResult, ...]
    titles: dict[str, str]
    open_items: tuple[ItemFacts, ...]


@dataclass(frozen=True)
class SqlDetail:
    """The files in range with their text, up files first; `observed` by file name, `page` counts from 0."""

    deployment: Deployment
    subject: str
    files: tuple[tuple[PinnedFile, str], ...]
    observed: Mapping[str, tuple[Finding, ...]]
    page: int = 0


@dataclass(frozen=True)
class CompletionForm:
    """The six fields, prefilled. `proposed` is success or partial (or rolled-back), computed from history.

    `advice` is what speaks for a rollback instead.
    """

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
    advice: tuple[str, ...] = ()


@dataclass(frozen=True)
class GoForm:
    """The confirmation before go: what runs, what warns. `subject` is carried by the submit.

    `estimate_minutes` is None where nobody knows; `estimate_of` says whose it is, "" for the deployer's own.
    """

    deployment: Deployment
    subject: str
    blockers: tuple[Blocker, ...]
    warnings: tuple[str, ...]
    files: tuple[PinnedFile, ...] = ()
    estimate_minutes: int | None = None
    estimate_of: str = ""


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
    """What is known: what a restore loses (`lost` is how much, at least), which down files, what cancels what runs."""

    deployment: Deployment
    choices: tuple[str, ...] = ("down", "forward", "restore")
    loses: str = ""
    lost: str = ""
    down_files: str = ""
    cancel_statement: str = ""


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
class StartForm:
    """What `/deploy start` asks when it cannot know: the environment, the range, and what is not configured.

    `range_needed` is true where no migrations are configured; `environment`, `range_text` and `title` prefill.
    """

    environments: tuple[str, ...]
    environment: str = ""
    range_needed: bool = True
    range_text: str = ""
    unconfigured: tuple[str, ...] = ()
    project: str = ""
    title: str = ""
