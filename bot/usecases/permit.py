"""Who may do what with one deployment (DESIGN: the table of acts)."""

from __future__ import annotations

from bot.core.deployment import State
from bot.core.policy import Role
from bot.core.refusal import Refused
from bot.usecases.act import Act
from bot.usecases.membership import expand, holds, require_full_member, words
from bot.usecases.ports import Reader
from bot.usecases.situation import Situation


def require_state(situation: Situation, *states: State) -> None:
    """Today's state decides, never what an old message showed. Raises Refused."""
    state = situation.deployment.state
    if state not in states:
        expected = " or ".join(states)
        raise Refused(f"Deployment {situation.deployment.label} is {state} now; this needs it to be {expected}.")


def require_deployer(reader: Reader, situation: Situation, act: Act) -> None:
    """Go, complete, abort and park are for a deployer of this deployment. Raises Refused, NotYetKnown."""
    require_full_member(reader, situation.project, act)
    if act.who not in situation.deployer_ids:
        names = ", ".join(situation.name(user_id) for user_id in sorted(situation.deployer_ids))
        raise Refused(f"Only a deployer of this deployment can do that ({names}). Press Join to become one.")


def require_holder(reader: Reader, situation: Situation, act: Act) -> None:
    """Hold is for any deployer, any signer of this deployment, and on-call; a cached membership of any age will do."""
    require_full_member(reader, situation.project, act, any_age=True)
    signers = {sign_off.who for sign_off in situation.sign_offs}
    if act.who in situation.deployer_ids | signers:
        return
    if not holds(reader, act, situation.environment.on_call, any_age=True):
        raise Refused("Hold is for deployers, signers of this deployment, and on-call.")


def require_on_call_or_deployer(reader: Reader, situation: Situation, act: Act) -> None:
    """Rollback and troubleshooting: any deployer or on-call, at once; a cached membership of any age will do."""
    require_full_member(reader, situation.project, act, any_age=True)
    if act.who in situation.deployer_ids:
        return
    on_call = situation.environment.on_call
    if on_call and not holds(reader, act, on_call, any_age=True):
        raise Refused(f"This is for deployers of this deployment and on-call ({words(reader, on_call)}).")
    if not on_call:
        raise Refused("This is for deployers of this deployment; no on-call is configured (setting `on_call`).")


def require_approver(reader: Reader, situation: Situation, act: Act) -> None:
    """N/A or override on a required item is for an approver who is no deployer. Raises Refused, NotYetKnown."""
    require_full_member(reader, situation.project, act)
    if act.who in situation.deployer_ids:
        raise Refused("A deployer cannot waive a required item. Ask an approver who is no deployer.")
    if not is_approver(reader, situation, act):
        raise Refused("Only an approver (a holder of an approve or review role) can waive a required item.")


def is_approver(reader: Reader, situation: Situation, act: Act) -> bool:
    """Holder of any approve or review role; a role without members is open to any full member but a deployer."""
    gating = [state.role for state in situation.roles if state.role.gates and state.role.enabled]
    return any(holds_role(reader, situation, act, role) for role in gating)


def holds_role(reader: Reader, situation: Situation, act: Act, role: Role) -> bool:
    """Whether the person holds the role today, themselves or by delegation."""
    if not role.members:
        return act.who not in situation.deployer_ids
    return holds(reader, act, role.members) or delegator(reader, situation, act, role) is not None


def delegator(reader: Reader, situation: Situation, act: Act, role: Role) -> str | None:
    """For whom the person signs, where a holder of the role delegated it to them."""
    deployment = situation.deployment
    holders = expand(reader, role.members)
    for delegation in reader.sign_offs.delegations(deployment.team, deployment.project, act.at):
        if delegation.to_user == act.who and delegation.role == role.name and delegation.from_user in holders:
            return delegation.from_user
    return None
