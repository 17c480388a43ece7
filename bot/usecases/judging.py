"""Load a deployment and judge it: roles first, then every item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from bot.core.checklist import Checklist, Item, Kind, Requirement, RoleKind
from bot.core.checklist_parser import parse
from bot.core.decision import Decision
from bot.core.deployment import Deployment
from bot.core.item import Carried, ItemState, ItemWord, state_of
from bot.core.policy import Environment, Project, Role
from bot.core.refusal import Refused
from bot.core.roles import roles_for
from bot.core.signoff import subject_digest
from bot.core.signoff_rules import DEFAULT_APPROVAL_DAYS, RoleState, RoleWord, judge
from bot.usecases.item_checks import inapplicable
from bot.usecases.ports import Reader, Standing
from bot.usecases.situation import Situation

SECURITY = "security"
_DAY = 24 * 3600
_ROLE_WORDS = {
    RoleWord.REJECTED: ItemWord.FAILED,
    RoleWord.STALE: ItemWord.WAITING,
    RoleWord.WAITING: ItemWord.OPEN,
    RoleWord.NOT_REQUIRED: ItemWord.NOT_APPLICABLE,
    RoleWord.TURNED_OFF: ItemWord.NOT_APPLICABLE,
}


@lru_cache(maxsize=64)
def _parsed(file: str, text: str) -> Checklist:
    return parse(text, file)


def checklist_of(reader: Reader, deployment: Deployment) -> Checklist:
    """The pinned revision, parsed once for its text."""
    return _parsed(reader.checklists.file(deployment.revision), reader.checklists.text(deployment.revision))


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
    """Read and judge one deployment. Raises Refused where there is none of that id."""
    deployment = reader.deployments.find(deployment_id)
    if deployment is None:
        raise Refused("This message belongs to a deployment that this gonogo does not know.")
    raw = _read(reader, project, deployment, now)
    roles = tuple(_judge_role(raw, role) for role in roles_for(raw.checklist, project, raw.kind))
    with_roles = replace(raw, roles=roles)
    standing = reader.standings.of(deployment.team, deployment.project, deployment.environment)
    return replace(with_roles, states=_states(with_roles, standing))


def _read(reader: Reader, project: Project, deployment: Deployment, now: datetime) -> Situation:
    return Situation(
        deployment=deployment,
        project=project,
        environment=environment_of(project, deployment),
        checklist=checklist_of(reader, deployment),
        now=now,
        deployers=reader.deployments.deployers(deployment.id),
        files=reader.files.of(deployment.id),
        decisions=_by_item(reader.decisions.of(deployment.id)),
        results=reader.results.newest(deployment.id),
        runs=reader.results.runs(deployment.id),
        notices=reader.notices.of(deployment.id),
        states={},
        roles=(),
        sign_offs=reader.sign_offs.of(deployment.id),
        subject=subject_of(deployment),
        names=reader.people.names(),
    )


def _by_item(decisions: tuple[Decision, ...]) -> Mapping[str, tuple[Decision, ...]]:
    found: dict[str, list[Decision]] = {}
    for decision in decisions:
        found.setdefault(decision.item, []).append(decision)
    return {item: tuple(made) for item, made in found.items()}


def _judge_role(raw: Situation, role: Role) -> RoleState:
    days = raw.project.freshness.get("approval", DEFAULT_APPROVAL_DAYS * _DAY) // _DAY
    state = judge(role, raw.sign_offs, raw.subject, raw.deployer_ids, raw.now, days)
    state = replace(state, gating=_gates(raw, role))
    if role.when_facts:
        return _by_facts(raw, state)
    if role.kind is RoleKind.ACKNOWLEDGE and state.word is RoleWord.WAITING and _start_notice_arrived(raw):
        return replace(state, word=RoleWord.ACKNOWLEDGED, reason="notice delivered")
    return state


def _gates(raw: Situation, role: Role) -> bool:
    """What the checklist requires for go; a role that only the settings give to an item gates in production."""
    item = raw.checklist.item(role.item)
    if item.role is None:
        return raw.kind is Kind.PRODUCTION
    return item.required(raw.kind) is Requirement.GO


def _by_facts(raw: Situation, state: RoleState) -> RoleState:
    """ "If required" is decided from facts; where nobody could look, the role may sign and does not gate."""
    reason = raw.deployment.facts.get(SECURITY)
    if reason is None:
        return replace(state, gating=False, reason=state.reason or "nothing could tell whether it is required")
    if reason == "" and state.word in {RoleWord.WAITING, RoleWord.STALE}:
        return replace(state, word=RoleWord.NOT_REQUIRED, reason="no file touches roles, grants or row security")
    return replace(state, reason=state.reason or reason)


def _start_notice_arrived(raw: Situation) -> bool:
    return any(notice.state == "start" and notice.delivered_at for notice in raw.notices)


def _states(raw: Situation, standing: Mapping[str, Standing]) -> Mapping[str, ItemState]:
    applying = [item for item in raw.checklist.items if item.applies(raw.kind)]
    states = {item.id: _state(raw, item, standing.get(item.id)) for item in applying}
    for item in applying:
        if item.when and states[item.id].word is ItemWord.OPEN and not _is_done(states, item.when):
            states[item.id] = ItemState(ItemWord.NOT_APPLICABLE, why=_not_done_words(raw, item.when))
    return states | _by_completion(raw, states)


def _by_completion(raw: Situation, states: Mapping[str, ItemState]) -> Mapping[str, ItemState]:
    """Items that completing settles, with how much of the checklist was settled."""
    mine = [item for item in raw.checklist.items if item.by_completion and item.id in states]
    if raw.deployment.completed_at is None:
        return {}
    others = [
        state for item_id, state in states.items() if _counts(raw, item_id) and item_id not in {one.id for one in mine}
    ]
    why = f"settled by completing: {sum(state.settled for state in others)} of {len(others)} items"
    return {
        item.id: ItemState(ItemWord.DONE, results=states[item.id].results, why=why)
        for item in mine
        if states[item.id].word in {ItemWord.OPEN, ItemWord.DONE} and states[item.id].decision is None
    }


def _counts(raw: Situation, item_id: str) -> bool:
    return raw.checklist.item(item_id).counts(raw.kind)


def _is_done(states: Mapping[str, ItemState], item_id: str) -> bool:
    return item_id in states and states[item_id].word is ItemWord.DONE


def _not_done_words(raw: Situation, item_id: str) -> str:
    return f"applies only once “{raw.checklist.item(item_id).label}” is done"


def _state(raw: Situation, item: Item, standing: Standing | None) -> ItemState:
    role = raw.role_of_item(item.id)
    if role is not None:
        return ItemState(_ROLE_WORDS.get(role.word, ItemWord.DONE), why=role.reason)
    decisions = raw.decisions.get(item.id, ())
    own = [decision for decision in decisions if decision.carried_from is None]
    results = raw.results_of(item)
    carried = _carried(raw, decisions) or _standing(raw, item, standing)
    return state_of(own, results, len(raw.checks_of(item)), carried, inapplicable(raw.environment, item))


def _carried(raw: Situation, decisions: tuple[Decision, ...]) -> Carried | None:
    """The newest carried decision that was made for today's files (its fingerprint is in `seen`)."""
    for decision in reversed(decisions):
        if decision.carried_from and raw.deployment.fingerprint in decision.seen:
            return Carried(decision.who, decision.at, decision.reason, decision.carried_from)
    return None


def _standing(raw: Situation, item: Item, standing: Standing | None) -> Carried | None:
    if standing is None or item.valid_days is None or standing.valid_until <= raw.now:
        return None
    return Carried(standing.who, standing.at, standing.evidence, standing.deployment_id, standing.valid_until)
