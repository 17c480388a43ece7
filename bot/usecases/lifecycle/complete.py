"""Complete a deployment, close it, lift what a rollback left held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.core.calendar import AFTER_COMPLETION, after_completion
from bot.core.checklist.items import Phase
from bot.core.deployment import Deployment, Outcome, State
from bot.core.refusal import Refused, refuse_missing
from bot.core.team import Project
from bot.usecases.act import (
    Act,
    Answer,
    chronicle,
    post_in_thread,
    printed_head,
    repaint_all,
    want_items,
    want_phase,
)
from bot.usecases.books.units import Unit
from bot.usecases.checking.runs import queue_phase, queue_signs
from bot.usecases.lifecycle.custody import environment_released
from bot.usecases.lifecycle.watching import end_of_life, go_on, post_record, take_over_watching
from bot.usecases.notices import notify
from bot.usecases.permit import require_deployer, require_state
from bot.usecases.situation.gate import before_success, blockers
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation


def applied_and_not(situation: Situation) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """File names of the range that history has, and those it lacks; both empty where no history is read."""
    history = situation.deployment.history
    if history is None:
        return (), ()
    ups, has = [file for file in situation.files if not file.is_down], set(history.applied)
    missing = tuple(one.name for one in ups if one.version not in has)
    return tuple(one.name for one in ups if one.version in has), missing


def complete(
    unit: Unit,
    project: Project,
    act: Act,
    deployment_id: str,
    result: Outcome,
    notes: str,
    fields: Mapping[str, str] | None = None,
) -> Answer:
    """End deploying: release the environment, open verify and close, plan the reminders, send the notice.

    Raises Refused when *Success* still misses something, or *Partial* and *Rolled Back* have no notes.
    """
    situation = load(unit, project, deployment_id, act.at)
    require_state(situation, State.DEPLOYING, State.HELD, State.ROLLING_BACK)
    require_deployer(unit, situation, act)
    _refuse_wrong_result(situation, result, notes)
    applied, missing = applied_and_not(situation)
    facts = {**(fields or {}), "notes": notes.strip(), "by": act.who}
    facts |= {"applied": ", ".join(applied), "not_applied": ", ".join(missing)}
    deployment = _ended(unit, situation, act, result, facts)
    _open_verifying(unit, situation, act, deployment)
    _tell(unit, situation, act, deployment)
    environment_released(unit, project, act, deployment)
    take_over_watching(unit, project, act, deployment)
    return Answer(f"Deployment {deployment.label} is completed: {words_of(result)}.", deployment_id)


def _refuse_wrong_result(situation: Situation, result: Outcome, notes: str) -> None:
    rolling_back = situation.deployment.state is State.ROLLING_BACK
    if rolling_back != (result is Outcome.ROLLED_BACK):
        raise Refused("A rollback ends as Rolled Back, and only a rollback does.")
    if result is Outcome.SUCCESS:
        refuse_missing("Not a Success yet", (one.sentence for one in before_success(situation)))
    elif not notes.strip():
        raise Refused(f"{words_of(result)} needs notes: what was and what was not applied, and why.")


def words_of(result: Outcome) -> str:
    """The word of the completion form."""
    return {"success": "Success", "partial": "Partial", "rolled-back": "Rolled Back"}[result]


def _ended(unit: Unit, situation: Situation, act: Act, result: Outcome, facts: Mapping[str, str]) -> Deployment:
    current = unit.troubles.current_hold(situation.deployment.id)
    if current is not None:
        unit.troubles.end_hold(current, "completed", act.who, act.at)
    ended = replace(situation.deployment, state=State.VERIFYING, result=result, completed_at=act.at, completion=facts)
    anew = replace(ended.facts, looking=None, looked=None)
    deployment = unit.deployments.save(replace(ended, facts=anew, last_act_at=act.at))
    applied, missing = applied_and_not(situation)
    settled, total = situation.settled_of_all
    entry = {"result": str(result), "applied": list(applied), "not_applied": list(missing)}
    told: dict[str, object] = {**entry, "settled": settled, "of": total}
    chronicle(unit, deployment, act, "completed", told, reason=facts["notes"])
    return deployment


def _open_verifying(unit: Unit, situation: Situation, act: Act, deployment: Deployment) -> None:
    unit.reminders.cancel(deployment.id, AFTER_COMPLETION, act.at)
    after = load(unit, situation.project, deployment.id, act.at)
    if after.items_in(Phase.VERIFY):
        want_phase(unit, after, Phase.VERIFY, act.at)
    want_items(unit, after, after.items_in(Phase.CLOSE), act.at)
    queue_phase(unit, after, act, Phase.CLOSE)
    queue_signs(unit, after, act)
    dues = (item.due for item in after.items_in(Phase.VERIFY) if item.due is not None)
    for planned in after_completion(act.at, situation.environment.timezone, dues):
        unit.reminders.plan(deployment.id, planned.kind, planned.subject, planned.due)
    repaint_all(unit, situation.project, deployment, act.at)


def _tell(unit: Unit, situation: Situation, act: Act, deployment: Deployment) -> None:
    facts = {
        "result": words_of(deployment.result or Outcome.PARTIAL),
        **{name: (deployment.completion or {}).get(name, "") for name in ("notes", "applied", "not_applied")},
        "head": printed_head(unit, situation.project, deployment),
    }
    post_in_thread(unit, situation.project, deployment, act, "completed", by=situation.name(act.who), **facts)
    post_record(unit, situation.project, deployment, act)
    event = "rolled-back" if deployment.result is Outcome.ROLLED_BACK else "completion"
    notify(unit, situation, deployment, act, event)


def close(unit: Unit, project: Project, act: Act, deployment_id: str, reason: str = "") -> Answer:
    """End the life of a completed deployment; early, with open items, only with a reason."""
    situation = load(unit, project, deployment_id, act.at)
    require_state(situation, State.VERIFYING)
    require_deployer(unit, situation, act)
    left = blockers(situation)
    if any(one.kind == "review" for one in left):
        raise Refused("The broken glass is not reviewed yet: somebody else has to review it before this closes.")
    if left and not reason.strip():
        raise Refused(f"{left[0].sentence}. Give a reason for closing early.", wants_reason=True)
    end_of_life(unit, situation, act, reason.strip())
    return Answer(f"Deployment {situation.deployment.label} is closed.", deployment_id)


def lift(unit: Unit, project: Project, act: Act, deployment_id: str) -> Answer:
    """After a rollback the environment stays held; its owner lifts that."""
    situation = load(unit, project, deployment_id, act.at)
    require_deployer(unit, situation, act)
    if situation.deployment.result is not Outcome.ROLLED_BACK:
        raise Refused("Only a rolled back deployment holds its environment after completion.")
    deployment = unit.deployments.save(replace(situation.deployment, lifted=True, last_act_at=act.at))
    chronicle(unit, deployment, act, "lifted")
    environment_released(unit, project, act, deployment)
    repaint_all(unit, project, deployment, act.at)
    go_on(unit, project, act, deployment)
    return Answer(f"{deployment.environment} is free again.", deployment_id)
