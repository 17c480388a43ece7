"""Hold a deployment that runs, and leave the hold."""

from __future__ import annotations

from dataclasses import replace

from bot.core.deployment import Deployment, State
from bot.core.policy import Project
from bot.core.refusal import Refused
from bot.usecases.act import Act, Answer
from bot.usecases.books.rows import Hold
from bot.usecases.chronicle import chronicle, head
from bot.usecases.continuing import before_continuing
from bot.usecases.permit import require_deployer, require_holder, require_state
from bot.usecases.ports import Unit
from bot.usecases.say import post_in_thread, repaint_all
from bot.usecases.situation.judging import load


def hold(unit: Unit, project: Project, act: Act, deployment_id: str, reason: str, finding: str = "") -> Answer:
    """Stop the line: nothing more is started until the hold is left. Raises Refused without a reason."""
    situation = load(unit, project, deployment_id, act.at)
    if situation.deployment.state is State.HELD:
        return Answer("It is held already.", deployment_id)
    require_state(situation, State.DEPLOYING)
    require_holder(unit, situation, act)
    if not reason.strip():
        raise Refused("Say why it is held: everybody in the thread will ask.")
    facts = situation.deployment.facts
    finding = finding or facts.finding or ""
    statement = facts.next_statement or ""
    record = Hold(unit.new_id(), deployment_id, act.who, reason.strip(), finding, statement, act.at)
    unit.troubles.hold(record)
    deployment = unit.deployments.save(replace(situation.deployment, state=State.HELD, last_act_at=act.at))
    chronicle(unit, deployment, act, "held", {"finding": finding}, reason=reason.strip())
    said = {"by": situation.name(act.who), "reason": reason.strip(), "finding": finding, "statement": statement}
    post_in_thread(unit, project, deployment, act, "held", **said)
    repaint_all(unit, project, deployment, act.at)
    return Answer(deployment_id=deployment_id)


def retry(unit: Unit, project: Project, act: Act, deployment_id: str) -> Answer:
    """Leave the hold: unchanged, or with the changed files that were chosen and that the DBA approved.

    Raises Refused with what is missing.
    """
    situation = load(unit, project, deployment_id, act.at)
    require_state(situation, State.HELD)
    require_deployer(unit, situation, act)
    if situation.deployment.moved_fingerprint is not None:
        raise Refused("The files changed while it was held: look at the difference and use the new files, or stay.")
    missing = [blocker.sentence for blocker in before_continuing(situation)]
    if missing:
        raise Refused("Not yet:\n" + "\n".join(f"• {sentence}" for sentence in missing))
    changed = situation.has_changed_files
    current = unit.troubles.current_hold(deployment_id)
    if current is not None:
        unit.troubles.end_hold(current.id, "continue" if changed else "retry", act.who, act.at)
    deployment = unit.deployments.save(_going_on(situation.deployment, act))
    event = "continued" if changed else "retried"
    chronicle(unit, deployment, act, event, {"fingerprint": deployment.fingerprint or ""})
    post_in_thread(unit, project, deployment, act, event, by=situation.name(act.who), head=head(unit, deployment))
    repaint_all(unit, project, deployment, act.at)
    return Answer(deployment_id=deployment_id)


def _going_on(held: Deployment, act: Act) -> Deployment:
    """What was seen before the hold is looked at anew."""
    facts = replace(held.facts, continues_with=None, finding=None, next_statement=None)
    return replace(held, state=State.DEPLOYING, facts=facts, last_act_at=act.at)
