"""Sign-offs: decide for a role, second, reject, withdraw, clear a rejection, say that a role is not required."""

from __future__ import annotations

from dataclasses import replace

from bot.core.checklist.items import RoleKind
from bot.core.decision import SignOff, SignOffDecision
from bot.core.deployment import State
from bot.core.refusal import Refused
from bot.core.signoff import Behind, Deciding, RoleState, RoleWord
from bot.core.team import Project
from bot.usecases.act import Act, Answer, chronicle, want_dashboard, want_sign_off
from bot.usecases.books.units import Unit
from bot.usecases.permit import require_full_member, require_may, require_named, require_state
from bot.usecases.situation.gate import decides_again
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation
from bot.usecases.who_waits import tell_if_all_signed, tell_owner

_DECISIONS = {
    RoleKind.APPROVE: SignOffDecision.APPROVE,
    RoleKind.REVIEW: SignOffDecision.REVIEW,
    RoleKind.ACKNOWLEDGE: SignOffDecision.ACKNOWLEDGE,
}


def sign(
    unit: Unit,
    project: Project,
    act: Act,
    deployment_id: str,
    role: str,
    subject: str,
    comment: str = "",
    typed_environment: str = "",
) -> Answer:
    """Approve, review or acknowledge for a role, about exactly the subject that was shown.

    Raises Refused for deployers (of gating roles), for who does not hold the role, when the subject moved, and where
    the role's yes is confirmed by typing and is not.
    """
    situation, state = _open_role(unit, project, act, deployment_id, role)
    behind = require_may(unit, situation, act, Deciding.SIGN, state.role)
    _require_subject(situation, subject)
    _require_confirmed(situation, state, typed_environment)
    return _keep(unit, situation, act, state, _DECISIONS[state.role.kind], behind, comment)


def second(
    unit: Unit, project: Project, act: Act, deployment_id: str, role: str, subject: str, typed_environment: str = ""
) -> Answer:
    """Sign for a role whose only members are deployers, as another approver; shown amber. Refuses as `sign` does."""
    situation, state = _open_role(unit, project, act, deployment_id, role)
    behind = require_may(unit, situation, act, Deciding.SECOND, state.role)
    _require_subject(situation, subject)
    _require_confirmed(situation, state, typed_environment)
    return _keep(unit, situation, act, state, SignOffDecision.SECOND, behind)


def reject(unit: Unit, project: Project, act: Act, deployment_id: str, role: str, subject: str, reason: str) -> Answer:
    """Reject for a role, with a reason; blocks until its author, changed files, or the owner clears it."""
    situation, state = _open_role(unit, project, act, deployment_id, role)
    behind = require_may(unit, situation, act, Deciding.SIGN, state.role)
    _require_subject(situation, subject)
    if not reason.strip():
        raise Refused("Give the reason for rejecting: the deployer has to know what to mend.")
    return _keep(unit, situation, act, state, SignOffDecision.REJECT, behind, reason)


def withdraw(unit: Unit, project: Project, act: Act, deployment_id: str, role: str, reason: str = "") -> Answer:
    """Take one's own decision back, until go."""
    situation, state = _open_role(unit, project, act, deployment_id, role)
    mine = [one for one in situation.sign_offs if one.role == role and one.who == act.who and one.stands]
    if not mine:
        raise Refused(f"You have no decision as {state.role.title} that stands.")
    for sign_off in mine:
        unit.sign_offs.save(replace(sign_off, withdrawn_at=act.at, ended_why=reason.strip()))
    chronicle(unit, situation.deployment, act, "sign-off-withdrawn", {"role": role}, reason=reason.strip())
    _repaint(unit, situation, act, state)
    return Answer(deployment_id=deployment_id)


def clear_rejection(unit: Unit, project: Project, act: Act, deployment_id: str, role: str, reason: str) -> Answer:
    """The author of a rejection clears it, or the owner with a reason."""
    situation, state = _open_role(unit, project, act, deployment_id, role)
    if state.word is not RoleWord.REJECTED:
        return Answer("There is no rejection that stands.", deployment_id)
    authors = {one.who for one in state.counting}
    if act.who not in authors and act.who != situation.deployment.owner:
        raise Refused("A rejection is cleared by its author, or by the owner of the deployment with a reason.")
    if act.who not in authors and not reason.strip():
        raise Refused("Give a reason: it stands in the record beside the rejection.")
    for sign_off in state.counting:
        unit.sign_offs.save(replace(sign_off, cleared_at=act.at, cleared_by=act.who, ended_why=reason.strip()))
    chronicle(unit, situation.deployment, act, "rejection-cleared", {"role": role}, reason=reason.strip())
    _repaint(unit, situation, act, state)
    return Answer(deployment_id=deployment_id)


def not_required(
    unit: Unit, project: Project, act: Act, deployment_id: str, role: str, subject: str, reason: str
) -> Answer:
    """Another approver says that a role is not required this time, for exactly this subject; never a deployer."""
    situation, state = _open_role(unit, project, act, deployment_id, role)
    behind = require_may(unit, situation, act, Deciding.WAIVE_ROLE, state.role)
    _require_subject(situation, subject)
    if not reason.strip():
        raise Refused("Give a reason: it stands in the record.")
    return _keep(unit, situation, act, state, SignOffDecision.NOT_REQUIRED, behind, reason)


def _open_role(unit: Unit, project: Project, act: Act, deployment_id: str, role: str) -> tuple[Situation, RoleState]:
    require_full_member(unit, project, act)
    situation = load(unit, project, deployment_id, act.at)
    state = situation.role(role)
    if state.role.gates and not decides_again(situation, state):
        require_state(situation, State.PREPARING, State.PARKED)
    return situation, state


def _require_subject(situation: Situation, subject: str) -> None:
    """A decision carries what was decided; it has to be today's."""
    if not situation.subject:
        raise Refused("There is nothing to decide yet: the migration files are not read.")
    if subject != situation.subject:
        raise Refused(
            "What you looked at is no longer what would run: the files or the checklist changed. "
            "Nothing was recorded. Look at what is there now and decide again.",
            offer_again=True,
        )


def _require_confirmed(situation: Situation, state: RoleState, typed_environment: str) -> None:
    """`confirm_typed`: a yes of this role says for which environment it is. The button alone asks for that."""
    if state.role.confirm_typed:
        require_named(situation, typed_environment)


def _keep(
    unit: Unit,
    situation: Situation,
    act: Act,
    state: RoleState,
    decision: SignOffDecision,
    behind: Behind,
    reason: str = "",
) -> Answer:
    role = state.role
    _end_lapsed(unit, situation, act, state)
    sign_off = SignOff(
        id=unit.new_id(),
        deployment_id=situation.deployment.id,
        role=role.name,
        subject=situation.subject,
        decision=decision,
        who=act.who,
        at=act.at,
        entered_at=act.entered,
        on_behalf_of=behind.on_behalf_of,
        reason=reason.strip(),
    )
    standing = unit.sign_offs.add(sign_off)
    if standing not in {None, decision}:
        raise Refused(f"your {standing} as {role.name} stands: withdraw it first, then {decision}")
    if standing is not None:
        return Answer(
            f"You decided as {role.title} already. Withdraw it first to change your mind.", situation.deployment.id
        )
    facts = {"role": role.name, "decision": str(decision), "subject": situation.subject}
    facts |= {"on_behalf_of": behind.on_behalf_of} if behind.on_behalf_of else {}
    chronicle(unit, situation.deployment, act, "signed", facts, reason=reason.strip())
    _repaint(unit, situation, act, state)
    _tell(unit, situation, act, state, sign_off)
    return Answer(deployment_id=situation.deployment.id)


def _tell(unit: Unit, situation: Situation, act: Act, state: RoleState, given: SignOff) -> None:
    """The owner hears of each rejection, and of the last sign-off."""
    if given.decision is not SignOffDecision.REJECT:
        tell_if_all_signed(unit, situation, act, given.id)
        return
    facts = {"role": given.role, "title": state.role.title, "role_kind": str(state.role.kind)}
    facts |= {"by": situation.name(act.who), "reason": given.reason}
    tell_owner(unit, situation, act, "rejected", given.id, **facts)


def _end_lapsed(unit: Unit, situation: Situation, act: Act, state: RoleState) -> None:
    """What the person said of these very files and grew too old makes way: they are asked again, so they may answer."""
    for one in situation.sign_offs:
        mine = one.role == state.role.name and one.who == act.who and one.stands and one.subject == situation.subject
        if mine and one.decision is not SignOffDecision.REJECT and one not in state.counting:
            unit.sign_offs.save(replace(one, stale_at=act.at, ended_why="grew too old"))


def _repaint(unit: Unit, situation: Situation, act: Act, state: RoleState) -> None:
    want_sign_off(unit, situation.project, situation.deployment, state.role.name, act.at, urgent=True)
    want_dashboard(unit, situation.project, situation.deployment, act.at)
