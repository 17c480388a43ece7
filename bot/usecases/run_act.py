"""Short acts: gonogo runs a command by name, in its phase, once a deployer confirms it."""

from __future__ import annotations

from dataclasses import replace

from bot.core.decision import CheckRun, Purpose
from bot.core.policy import Project, ShortAct
from bot.core.refusal import Refused
from bot.usecases.act import Act, Answer
from bot.usecases.chronicle import chronicle
from bot.usecases.item_checks import acts_of
from bot.usecases.permit import require_deployer
from bot.usecases.ports import Unit
from bot.usecases.run_checks import PHASES_OF_STATE, running_checks
from bot.usecases.say import want_section
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation


def run_act(unit: Unit, project: Project, act: Act, deployment_id: str, item_id: str, act_id: str) -> Answer:
    """Queue one act. Raises Refused outside of its item's phase, and while it runs."""
    situation = load(unit, project, deployment_id, act.at)
    require_deployer(unit, situation, act)
    chosen = named_act(situation, item_id, act_id)
    item = situation.item(item_id)
    if item.phase(situation.kind) not in PHASES_OF_STATE.get(situation.deployment.state, ()):
        phase = item.phase(situation.kind)
        raise Refused(
            f"“{chosen.title}” runs in its phase, {phase}; deployment {situation.deployment.label} is "
            f"{situation.deployment.state}."
        )
    if chosen.id in running_checks(situation):
        raise Refused(f"“{chosen.title}” is running already.")
    unit.results.queue(deployment_id, [chosen.id], Purpose.ACT, unit.new_id(), act.who, act.at)
    chronicle(unit, situation.deployment, act, "act-confirmed", {"act": chosen.id, "command": chosen.command})
    want_section(unit, project, situation.deployment, item.section_id, act.at, urgent=True)
    return Answer(deployment_id=deployment_id)


def named_act(situation: Situation, item_id: str, act_id: str) -> ShortAct:
    """The item's act of that name, or its only one. Raises Refused where it has none."""
    acts = acts_of(situation.project, situation.environment, situation.item(item_id))
    found = next((one for one in acts if act_id in {"", one.id}), None)
    if found is None:
        raise Refused("The settings name no such act for this item in this environment any more.")
    return found


def note_progress(unit: Unit, project: Project, act: Act, run: CheckRun, line: str) -> None:
    """Keep the last line that a running act printed, and show it."""
    deployment = unit.deployments.get(run.deployment_id)
    says = {**deployment.facts.says, run.check_id: line}
    saved = unit.deployments.save(replace(deployment, facts=replace(deployment.facts, says=says)))
    situation = load(unit, project, saved.id, act.at)
    for item in situation.checklist.items:
        if item.id in situation.states and run.check_id in situation.answers_wanted(item):
            want_section(unit, project, saved, item.section_id, act.at)
