"""Everything about one deployment, loaded once and judged by the core rules; views and use cases stand on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from bot.core.assignment import Assignment, in_force
from bot.core.calendar import due_from
from bot.core.checklist.items import Checklist, Item, Kind, Phase, Requirement, Section
from bot.core.decision import CheckResult, CheckRun, Decision, DecisionKind, RunState, SignOff
from bot.core.deployment import ENDED, Deployer, Deployment, PinnedFile, State
from bot.core.item import ItemState
from bot.core.refusal import Refused
from bot.core.signoff import RoleState, two_persons
from bot.core.team import Environment, Project, ShortAct
from bot.usecases.books.rows import BreakGlass, Lock, Notice
from bot.usecases.situation.own_checks import acts_of, checks_of, counts_all, is_own, own_result
from checks.result import Status

PREPARATION = frozenset({State.PREPARING, State.PARKED})
_RUNS_OR_RAN = frozenset({State.DEPLOYING, State.HELD, State.VERIFYING})
WATCHED_AFTER = timedelta(hours=1)
_FAILED = frozenset({Status.FAILED})
_NOT_FINE = frozenset({Status.FAILED, Status.WARNING})
SIGNS: Mapping[str, frozenset[Status]] = {"can-connect": _FAILED, "blocking": _NOT_FINE, "error-signs": _NOT_FINE}
"""Checks of the target that tell whether the application suffers, and which of their answers say so."""
RUNNING = frozenset({State.DEPLOYING, State.HELD, State.ROLLING_BACK})


@dataclass(frozen=True)
class Situation:
    """One deployment as it stands at `now`. `states` holds every item that applies in its kind.

    After completion closing waits for the review of `glass`, and for the deployment of the label `corrected_by`.
    `assignments` are all that there were, `old_claims` the ids of claims that say only that somebody was on it.
    `before_go` has, of what turned bad, what it said before go, or when the last deployment there was fine.
    """

    deployment: Deployment
    project: Project
    environment: Environment
    checklist: Checklist
    now: datetime
    deployers: tuple[Deployer, ...]
    files: tuple[PinnedFile, ...]
    decisions: Mapping[str, tuple[Decision, ...]]
    results: Mapping[str, CheckResult]
    runs: tuple[CheckRun, ...]
    notices: tuple[Notice, ...]
    states: Mapping[str, ItemState]
    roles: tuple[RoleState, ...]
    sign_offs: tuple[SignOff, ...]
    subject: str
    names: Mapping[str, str]
    glass: BreakGlass | None = None
    assignments: tuple[Assignment, ...] = ()
    old_claims: frozenset[str] = frozenset()
    lock: Lock | None = None
    before_go: Mapping[str, CheckResult] = field(default_factory=dict)
    corrected_by: str = ""

    @property
    def kind(self) -> Kind:
        return self.deployment.kind

    @property
    def deployer_ids(self) -> frozenset[str]:
        return frozenset(deployer.user_id for deployer in self.deployers)

    @property
    def barred_ids(self) -> frozenset[str]:
        """Whose decisions do not count: every deployer until go; after it those of that moment, since go ends nothing.

        Going on with changed files is decided anew, so that every deployer of today is barred again.
        """
        go_at = None if self.has_changed_files else self.deployment.go_at
        first = {"started", "broke-glass"}
        return frozenset(one.user_id for one in self.deployers if go_at is None or one.how in first or one.at < go_at)

    @property
    def has_changed_files(self) -> bool:
        """Held, and what would go on is not what went."""
        deployment = self.deployment
        chosen = deployment.facts.continues_with
        return deployment.state is State.HELD and bool(chosen) and chosen == deployment.fingerprint

    @property
    def step(self) -> str:
        """The next step's word: go, complete, close, or empty where the deployment has ended."""
        if self.deployment.state in PREPARATION:
            return "go"
        if self.deployment.state in RUNNING:
            return "complete"
        return "close" if self.deployment.state is State.VERIFYING else ""

    def has_two_persons(self, goer: str) -> bool:
        """The two-person rule of production, where it is not switched off (`two_person`)."""
        is_alone_enough = self.kind is not Kind.PRODUCTION or not self.environment.two_person
        return is_alone_enough or two_persons(self.roles, self.deployer_ids, goer)

    def wants_peer(self, item: Item) -> bool:
        """Whether somebody who does not deploy has to say it (`by: peer`); a team of one (`two_person`) has nobody."""
        return item.by_peer and self.environment.two_person

    def require_open(self, why_not: str = "") -> None:
        """Raises Refused once the deployment has ended; `why_not` ends the sentence, as in ": its record is final"."""
        if self.deployment.state in ENDED:
            raise Refused(f"Deployment {self.deployment.label} is {self.deployment.state}{why_not}.")

    def item(self, item_id: str) -> Item:
        """The item, if it applies here. Raises Refused with a sentence otherwise."""
        if item_id not in self.states:
            raise Refused("That line is not part of this deployment's checklist.")
        return self.checklist.item(item_id)

    def role(self, name: str) -> RoleState:
        """The judged role. Raises Refused where this deployment has none of that name."""
        for state in self.roles:
            if state.role.name == name:
                return state
        raise Refused("This deployment asks no such role.")

    def role_of_item(self, item_id: str) -> RoleState | None:
        return next((state for state in self.roles if state.role.item == item_id), None)

    def assignment_of(self, item: Item) -> Assignment | None:
        """Whose work it is. It ends when the item is settled or the deployment ends, and is back when it reopens."""
        one = in_force(self.assignments, item.id, item.section_id)
        return one if one and self._is_open((item,)) else None

    def assignment_of_section(self, section_id: str) -> Assignment | None:
        """The same of a section as a whole, while a line of it is open."""
        one = in_force(self.assignments, "", section_id)
        return one if one and self._is_open(self.lines_of(section_id)) else None

    def lines_of(self, section_id: str) -> tuple[Item, ...]:
        """What is ticked of a section, in every phase."""
        return tuple(item for item in self.items_in(*Phase) if item.section_id == section_id)

    def _is_open(self, items: tuple[Item, ...]) -> bool:
        return self.deployment.state not in ENDED and not all(self.states[item.id].settled for item in items)

    @cached_property
    def _checks(self) -> dict[str, tuple[str, ...]]:
        """Of the items that somebody looked at: each is asked for five times a reading."""
        return {}

    def checks_of(self, item: Item) -> tuple[str, ...]:
        if item.id not in self._checks:
            self._checks[item.id] = checks_of(self.project, self.environment, item)
        return self._checks[item.id]

    def acts_of(self, item: Item) -> tuple[ShortAct, ...]:
        """Its short acts: they answer like checks, and run only when somebody confirms them."""
        return acts_of(self.project, self.environment, item)

    def answers_wanted(self, item: Item) -> tuple[str, ...]:
        """Everything whose answer is about the item: its checks and its short acts."""
        return (*self.checks_of(item), *(act.id for act in self.acts_of(item)))

    def items_answered_by(self, check_id: str) -> tuple[Item, ...]:
        """The items that apply and that an answer of this check, or of this short act, is about."""
        applying = (item for item in self.checklist.items if item.id in self.states)
        return tuple(item for item in applying if check_id in self.answers_wanted(item))

    def results_of(self, item: Item) -> tuple[CheckResult, ...]:
        """The newest result of each of the item's checks and acts that has answered, own ones included."""
        found = (self.result(check, item) for check in self.answers_wanted(item))
        return tuple(result for result in found if result is not None)

    def result(self, check: str, item: Item) -> CheckResult | None:
        """The newest answer of one check, asked of the bot's own books for `own-…`; none from before it was due."""
        if not self.is_due(item):
            return None
        result = own_result(check, self, item) if is_own(check) else self.results.get(check)
        due = self.due_from(item)
        return None if result is not None and due is not None and result.at < due else result

    def due_from(self, item: Item) -> datetime | None:
        """When the item begins to be due; None where it has no due time, and before completion."""
        return due_from(item.due, self.deployment.completed_at, self.environment.timezone)

    def is_due(self, item: Item) -> bool:
        """Whether a machine may settle it by now."""
        due = self.due_from(item)
        return item.due is None or (due is not None and due <= self.now)

    @property
    def turned_bad(self) -> tuple[str, ...]:
        """The signs by which a rollback is decided that are bad since go, by check id, until an hour after completion.

        Besides gonogo's own: what the team probes on lines of deploying and verifying.
        """
        deployment = self.deployment
        go_at, completed_at = deployment.go_at, deployment.completed_at
        is_over = completed_at is not None and self.now - completed_at > WATCHED_AFTER
        if go_at is None or deployment.state not in _RUNS_OR_RAN or deployment.is_held_after_rollback or is_over:
            return ()
        results = sorted(self.results.items())
        bad = {check: one.status for check, one in results if one.at > go_at and one.status in _NOT_FINE}
        watched = {item.id for item in self.items_in(Phase.DEPLOY, Phase.VERIFY)} if bad else set()
        probes = {probe for item, found in self.project.probes.items() if item in watched for probe in found}
        signs = {**dict.fromkeys(probes, _FAILED), **SIGNS}
        return tuple(check for check, status in bad.items() if status in signs.get(check, ()))

    @property
    def newest_backup(self) -> datetime | None:
        """When the newest backup was made that a check of this environment found, of those that there were at go."""
        until = self.deployment.go_at or self.now
        here = (result.made for check, result in self.results.items() if "@" not in check)
        return max((made for made in here if made and made <= until), default=None)

    def required(self, requirement: Requirement) -> tuple[Item, ...]:
        """Counted items that a step needs settled, in the checklist's order."""
        return tuple(
            item
            for item in self.checklist.items
            if item.counts(self.kind) and item.required(self.kind) is requirement and self.role_of_item(item.id) is None
        )

    @property
    def counted(self) -> tuple[Item, ...]:
        """What "n of m" counts everywhere: every line that counts here, sign-offs too, but the one that counts them."""
        lines = (item for item in self.checklist.items if item.counts(self.kind))
        return tuple(item for item in lines if not counts_all(item))

    @property
    def settled_of_all(self) -> tuple[int, int]:
        """How many lines are settled, and how many count: thread, dashboard, record and closing say these."""
        counted = self.counted
        return sum(self.states[item.id].settled for item in counted), len(counted)

    def given(self, role: str) -> tuple[SignOff, ...]:
        """All that was ever said for a role, the first first; what was acknowledged on a notice stands in no row."""
        rows = [one for one in self.sign_offs if one.role == role]
        return tuple(sorted(dict.fromkeys((*rows, *self.role(role).counting)), key=lambda one: one.at))

    def missing(self, requirement: Requirement) -> tuple[Item, ...]:
        return tuple(item for item in self.required(requirement) if not self.states[item.id].settled)

    def sections(self, *phases: Phase) -> tuple[tuple[Section, tuple[Item, ...]], ...]:
        """Sections with the items of these phases that are ticked (roles have messages of their own)."""
        chosen = (
            (
                section,
                tuple(item for item in items if item.phase(self.kind) in phases and not self.role_of_item(item.id)),
            )
            for section, items in self.checklist.items_for(self.kind) + self.checklist.on_demand_for(self.kind)
        )
        return tuple((section, items) for section, items in chosen if items)

    def items_in(self, *phases: Phase) -> tuple[Item, ...]:
        """The items of these sections."""
        return tuple(item for _, items in self.sections(*phases) for item in items)

    @property
    def running_checks(self) -> frozenset[str]:
        """The ids of checks that are queued or running."""
        return frozenset(run.check_id for run in self.runs if run.state in {RunState.QUEUED, RunState.RUNNING})

    @property
    def checks_passed(self) -> tuple[int, int]:
        """How many of the checks that apply have passed, and how many apply."""
        statuses = [result.status for result in self.results.values()]
        applying = [status for status in statuses if status is not Status.NOT_APPLICABLE]
        return applying.count(Status.PASSED), len(applying)

    @property
    def overrides(self) -> Mapping[str, Decision]:
        """The overrides that hold, by item: each is shown in amber wherever its line stands."""
        told = (item for item, said in self.decisions.items() if any(one.kind is DecisionKind.OVERRIDE for one in said))
        found = {item: self.states[item].decision for item in told if item in self.states and self.states[item].settled}
        return {item: one for item, one in found.items() if one and one.kind is DecisionKind.OVERRIDE}

    def name(self, user_id: str) -> str:
        return self.names.get(user_id, user_id)
