"""Load a deployment and judge it: roles first, then every item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from bot.core.assignment import Assignment, is_old
from bot.core.checklist.items import Checklist, Item, Kind, Phase, Requirement, RoleKind
from bot.core.checklist.reader import parse
from bot.core.decision import PEERS_SAY, WAIVING, CheckResult, Decision, SignOff, SignOffDecision, subject_digest
from bot.core.deployment import Deployment, Outcome, State
from bot.core.item import Carried, ItemState, ItemWord, speaks_of_newest_backup, state_of
from bot.core.refusal import Refused
from bot.core.signoff import DEFAULT_APPROVAL_DAYS, RoleState, RoleWord, judge
from bot.core.team import Environment, Project, Role, roles_for
from bot.usecases.act import hours_of
from bot.usecases.books.rows import Standing
from bot.usecases.books.units import Reader
from bot.usecases.permit import expand
from bot.usecases.situation.own_checks import counts_all, inapplicable
from bot.usecases.situation.snapshot import RUNNING, Situation
from checks.result import Status

_DAY = 24 * 3600
_NO_DOUBT = frozenset({Status.PASSED, Status.NOT_APPLICABLE, Status.EVIDENCE})
_ROLE_WORDS = {
    RoleWord.REJECTED: ItemWord.FAILED,
    RoleWord.STALE: ItemWord.WAITING,
    RoleWord.WAITING: ItemWord.OPEN,
    RoleWord.NOT_REQUIRED: ItemWord.NOT_APPLICABLE,
    RoleWord.TURNED_OFF: ItemWord.NOT_APPLICABLE,
}


def checklist_of(reader: Reader, deployment: Deployment) -> Checklist:
    """The pinned revision, with the lines that were added to this deployment. Raises ChecklistError."""
    pinned = parse(reader.checklists.text(deployment.revision), reader.checklists.file(deployment.revision))
    added = reader.lines.of(deployment.id)
    return pinned.with_added(added, deployment.kind) if added else pinned


def environment_of(project: Project, deployment: Deployment) -> Environment:
    """The environment as configured today, or a bare one where the settings no longer name it."""
    return project.environment(deployment.environment) or Environment(deployment.environment, deployment.kind)


def subject_of(deployment: Deployment) -> str:
    """What a decision is about today; empty while the files are not read."""
    if deployment.fingerprint is None:
        return ""
    return subject_digest(
        deployment.fingerprint, deployment.team, deployment.project, deployment.environment, deployment.revision
    )


def load(reader: Reader, project: Project, deployment_id: str, now: datetime) -> Situation:
    """Read one deployment; items are judged when they are looked at, so that a click pays for its own.

    Raises Refused where there is none of that id.
    """
    deployment = reader.deployments.find(deployment_id)
    if deployment is None:
        raise Refused("This message belongs to a deployment that this gonogo does not know.")
    raw = _read(reader, project, deployment, now)
    raw = replace(raw, before_go=dict(_before_go(reader, raw)))
    roles = tuple(_judge_role(reader, raw, role) for role in _roles(raw.checklist, project, raw.kind))
    with_roles = replace(raw, roles=roles)
    standing = reader.standings.of(deployment.team, deployment.project, deployment.environment)
    return replace(with_roles, states=States(with_roles, standing))


def _before_go(reader: Reader, raw: Situation) -> Iterator[tuple[str, CheckResult]]:
    """What each sign that is bad now said before go; where it was not asked then, at the last deployment that went."""
    here, go_at, bad = raw.deployment, raw.deployment.go_at, raw.turned_bad
    if go_at is None or not bad:
        return
    past = reader.deployments.of_environment(here.team, here.project, here.environment, 10)
    last = next((one for one in past if one.id != here.id and one.result is Outcome.SUCCESS), here)
    for check in bad:
        answers = (reader.results.newest_until(one.id, check, go_at) for one in (here, last))
        if found := next(filter(None, answers), None):
            yield check, found


_roles_found: dict[tuple[str, int, Kind], tuple[Project, tuple[Role, ...]]] = {}


def _roles(checklist: Checklist, project: Project, kind: Kind) -> tuple[Role, ...]:
    """The roles of a revision under these settings, looked up once: neither ever changes."""
    key = (checklist.revision, id(project), kind)
    known = _roles_found.get(key)
    if known is None or known[0] is not project:
        known = _roles_found[key] = (project, roles_for(checklist, project, kind))
    return known[1]


def _read(reader: Reader, project: Project, deployment: Deployment, now: datetime) -> Situation:
    assignments = reader.assignments.of(deployment.id)
    return Situation(
        deployment=deployment,
        project=project,
        environment=environment_of(project, deployment),
        checklist=checklist_of(reader, deployment),
        now=now,
        deployers=reader.deployments.deployers(deployment.id),
        files=reader.files.of(deployment.id),
        decisions=reader.decisions.by_item(deployment.id),
        results=reader.results.newest(deployment.id),
        runs=reader.results.runs(deployment.id),
        notices=reader.notices.of(deployment.id),
        states={},
        roles=(),
        sign_offs=reader.sign_offs.of(deployment.id),
        subject=subject_of(deployment),
        names=reader.people.names(),
        glass=reader.troubles.broken_glass(deployment.id) if deployment.state is State.VERIFYING else None,
        assignments=assignments,
        old_claims=frozenset(one.id for one in assignments if _is_old(reader, project, deployment, one, now)),
        lock=reader.locks.on(deployment.team, deployment.project, deployment.environment),
        corrected_by=_corrective(reader, deployment) if deployment.result is Outcome.ROLLED_BACK else "",
    )


def _is_old(reader: Reader, project: Project, deployment: Deployment, one: Assignment, now: datetime) -> bool:
    is_claim = one.ended_at is None and one.is_claim
    running = deployment.state in RUNNING
    return is_claim and is_old(one, hours_of(reader, project, one.person), now, running=running)


def _corrective(reader: Reader, deployment: Deployment) -> str:
    """While it is under way: it may still be aborted, and then the environment is held again."""
    found = (one for one in reader.deployments.open() if one.facts.corrects == deployment.id)
    return next((one.label for one in found if one.state is not State.VERIFYING), "")


def _judge_role(reader: Reader, raw: Situation, role: Role) -> RoleState:
    days = raw.project.freshness.get("approval", DEFAULT_APPROVAL_DAYS * _DAY) // _DAY
    state = judge(role, raw.sign_offs, raw.subject, raw.barred_ids, _judged_at(raw), days)
    state = replace(state, gating=_gates(raw, role))
    if role.when_facts:
        return _by_facts(raw, state)
    return by_notices(reader, raw, state) if role.kind is RoleKind.ACKNOWLEDGE and role.enabled else state


def by_notices(reader: Reader, raw: Situation, state: RoleState) -> RoleState:
    """Notified once a notice arrived; acknowledged only by somebody who pressed, here or on a notice."""
    if state.word is RoleWord.REJECTED:
        return state
    pressed = {one.who: one for one in (*_acknowledgements(reader, raw, state.role), *state.counting)}
    said = tuple(pressed.values())
    told = min((one.delivered_at for one in raw.notices if one.delivered_at), default=None)
    word = RoleWord.ACKNOWLEDGED if said else RoleWord.NOTIFIED if told else state.word
    return replace(state, word=word, counting=said, seats=len(said), notified_at=told)


def _acknowledgements(reader: Reader, raw: Situation, role: Role) -> Iterator[SignOff]:
    """What holders of the role acknowledged on notices, each once; of a role open to everybody whoever did."""
    pressed = [pair for one in raw.notices for pair in zip(one.acknowledged_at, one.acknowledged, strict=True)]
    members = expand(reader, role.holders) if pressed else frozenset()
    first = {who: at for at, who in sorted(pressed, reverse=True) if who in members or not role.members}
    for who, at in sorted(first.items(), key=lambda pair: pair[1]):
        said = SignOffDecision.ACKNOWLEDGE
        yield SignOff(f"{role.name}:{who}", raw.deployment.id, role.name, raw.subject, said, who, at, at)


def _judged_at(raw: Situation) -> datetime:
    """Approvals grow old until go; what was approved then stays approved."""
    go_at = raw.deployment.go_at
    return raw.now if go_at is None or raw.has_changed_files else go_at


def _gates(raw: Situation, role: Role) -> bool:
    """What the checklist requires for go; a role that only the settings give to an item gates in production."""
    item = raw.checklist.item(role.item)
    if item.role is None:
        return raw.kind is Kind.PRODUCTION
    return item.required(raw.kind) is Requirement.GO


def _by_facts(raw: Situation, state: RoleState) -> RoleState:
    """ "If required" is decided from facts; where nobody could look, the role may sign and only a rejection gates."""
    reason = raw.deployment.facts.security
    if reason is None and state.word is not RoleWord.REJECTED:
        return replace(state, gating=False, reason=state.reason or "nothing could tell whether it is required")
    if reason == "" and state.word in {RoleWord.WAITING, RoleWord.STALE}:
        return replace(state, word=RoleWord.NOT_REQUIRED, reason="no file touches roles, grants or row security")
    return replace(state, reason=state.reason or reason or "")


class States(Mapping[str, ItemState]):
    """The state of every item that applies, each judged when it is first looked at."""

    def __init__(self, situation: Situation, standing: Mapping[str, Standing]) -> None:
        self._situation = replace(situation, states=self)
        self._standing = standing
        self._judged: dict[str, ItemState] = {}
        kind = situation.kind
        self._applying = {item.id: item for item in situation.checklist.items if item.applies(kind)}

    def __getitem__(self, item_id: str) -> ItemState:
        if item_id not in self._judged:
            self._judged[item_id] = self._judge(self._applying[item_id])
        return self._judged[item_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._applying)

    def __len__(self) -> int:
        return len(self._applying)

    def _judge(self, item: Item) -> ItemState:
        state = _state(self._situation, item, self._standing.get(item.id))
        if item.when and state.word is ItemWord.OPEN and not self._is_done(item.when):
            other = self._situation.checklist.item(item.when).label
            return ItemState(ItemWord.NOT_APPLICABLE, why=f"applies only once “{other}” is done")
        if counts_all(item):
            passed = any(result.status is Status.PASSED for result in state.results)
            return ItemState(ItemWord.DONE if passed else ItemWord.OPEN, results=state.results)
        completed = self._situation.deployment.completed_at is not None
        if completed and item.by_completion and not item.checks and state.word is ItemWord.OPEN:
            return replace(state, word=ItemWord.DONE, why="settled by completing")
        later = self._situation.deployment.facts.continued_in
        if later and state.word is ItemWord.OPEN and item.phase(self._situation.kind) is Phase.VERIFY:
            return replace(state, word=ItemWord.NOT_APPLICABLE, why=f"continued in {later}")
        return state

    def _is_done(self, item_id: str) -> bool:
        return item_id in self._applying and self[item_id].word is ItemWord.DONE


def _state(raw: Situation, item: Item, standing: Standing | None) -> ItemState:
    role = raw.role_of_item(item.id)
    if role is not None:
        return ItemState(_ROLE_WORDS.get(role.word, ItemWord.DONE), why=role.reason)
    decisions = raw.decisions.get(item.id, ())
    own = [one for one in decisions if one.carried_from is None and not _is_ended(raw, item, one)]
    results = raw.results_of(item)
    carried = _carried(raw, item, decisions) or _standing(raw, item, standing)
    made = raw.newest_backup if speaks_of_newest_backup(item, raw.kind) else None
    state = state_of(own, results, _wanted(raw, item), carried, inapplicable(raw.environment, item), made)
    if is_settled_by_probe(raw, item, state):
        return replace(state, word=ItemWord.DONE)
    return replace(state, word=ItemWord.WAITING) if _wants_a_person(raw, item, state) else state


def is_settled_by_probe(raw: Situation, item: Item, state: ItemState) -> bool:
    """Whether only evidence stands beside a probe that passed: evidence decides nothing, the team's own probe does."""
    probes = raw.project.probes.get(item.id, ())
    passed = any(one.check_id.partition("@")[0] in probes and one.status is Status.PASSED for one in state.results)
    answered = len(state.results) >= _wanted(raw, item) and {one.status for one in state.results} <= _NO_DOUBT
    return state.word is ItemWord.WAITING and state.decision is None and passed and answered


def _is_ended(raw: Situation, item: Item, decision: Decision) -> bool:
    """Whether it counts no longer because somebody behind it deploys: a waiver of what is required, a peer's word."""
    waives = decision.kind in WAIVING and item.required(raw.kind) is not Requirement.NO
    says = decision.kind in PEERS_SAY and raw.wants_peer(item)
    return (waives or says) and bool(decision.people & raw.barred_ids)


def _wants_a_person(raw: Situation, item: Item, state: ItemState) -> bool:
    """Whether machines alone settled a line that a person answers for (`by: person`).

    A probe is the team's own word for that line, so it does settle it.
    """
    by_machines = state.word is ItemWord.DONE and state.decision is None and state.carried is None
    return item.by_person and by_machines and not raw.project.probes.get(item.id)


def _wanted(raw: Situation, item: Item) -> int:
    """How many answers settle the item: its checks; where it has none, the short acts that do what it says."""
    return len(raw.checks_of(item)) or len(raw.acts_of(item))


def _carried(raw: Situation, item: Item, decisions: tuple[Decision, ...]) -> Carried | None:
    """The newest carried decision that was made for today's files (its fingerprint is in `seen`)."""
    for decision in reversed(decisions):
        if decision.carried_from and raw.deployment.fingerprint in decision.seen and not _is_ended(raw, item, decision):
            return Carried(decision.who, decision.at, decision.reason, decision.carried_from, verdict=decision.verdict)
    return None


def _standing(raw: Situation, item: Item, standing: Standing | None) -> Carried | None:
    if standing is None or item.valid_days is None or standing.valid_until <= raw.now:
        return None
    return Carried(
        standing.who, standing.at, standing.evidence, standing.deployment_id, standing.valid_until, standing.verdict
    )
