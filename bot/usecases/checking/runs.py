"""Queue checks: when a person asks, when a phase opens, when history says the run is over; and run short acts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.core.checklist.items import Item, Phase
from bot.core.decision import PREFLIGHT_JOB, CheckRun, Purpose
from bot.core.deployment import State
from bot.core.refusal import Refused
from bot.core.team import Project, ShortAct
from bot.usecases.act import Act, Answer, chronicle, repaint_all, want_items
from bot.usecases.books.units import Unit
from bot.usecases.permit import require_deployer, require_worker
from bot.usecases.situation.judging import load
from bot.usecases.situation.own_checks import acts_of, is_own
from bot.usecases.situation.snapshot import SIGNS, Situation

AFTER_THE_RUN = frozenset({"runner-ran", "migrations-completed"})
"""Checks that tell that the migration runner has run: what they answer before it is no news."""

PHASES_OF_STATE = {
    State.PREPARING: (Phase.PREPARE,),
    State.PARKED: (Phase.PREPARE,),
    State.DEPLOYING: (Phase.DEPLOY,),
    State.HELD: (Phase.DEPLOY,),
    State.ROLLING_BACK: (Phase.ROLLBACK,),
    State.VERIFYING: (Phase.VERIFY, Phase.CLOSE),
}


def run_checks(
    unit: Unit, project: Project, act: Act, deployment_id: str, section_id: str = "", item_id: str = ""
) -> Answer:
    """Queue the checks of an item, of a section, or of the phase that is open; a job runs them.

    Raises Refused where there is nothing to run or the deployment has ended.
    """
    require_worker(unit, project, act)
    situation = load(unit, project, deployment_id, act.at)
    situation.require_open(": nothing runs any more")
    items = _items(situation, section_id, item_id)
    checks = checks_to_run(situation, items) or ([PREFLIGHT_JOB] if can_read(situation) and not item_id else [])
    if not checks:
        raise Refused("No check is configured for that. Tick it by hand, or name a check in the settings.")
    unit.results.queue(deployment_id, checks, Purpose.ASKED, unit.new_id(), act.who, act.at)
    want_items(unit, situation, items, act.at, urgent=True)
    repaint_all(unit, project, situation.deployment, act.at)
    return Answer(deployment_id=deployment_id)


def _items(situation: Situation, section_id: str, item_id: str) -> list[Item]:
    phases = Phase if section_id else PHASES_OF_STATE.get(situation.deployment.state, ())
    found = [item for item in situation.items_in(*phases) if section_id in {"", item.section_id}]
    items = [situation.item(item_id)] if item_id else found
    due = [item for item in items if situation.is_due(item)]
    if items and not due:
        raise Refused(_not_due(situation, items))
    return due


def _not_due(situation: Situation, items: Iterable[Item]) -> str:
    due = [at for at in map(situation.due_from, items) if at is not None]
    if not due:
        return "That list is about what runs after completion; its checks run then."
    return f"That list is due from {min(due):%d %b %H:%M %Z}, and so are its checks."


def checks_to_run(situation: Situation, items: Iterable[Item]) -> list[str]:
    """Distinct checks of these items that need a run, with the reading of files and history first."""
    wanted = dict.fromkeys(check for item in items for check in situation.checks_of(item) if not is_own(check))
    return [PREFLIGHT_JOB, *wanted] if wanted and can_read(situation) else list(wanted)


def can_read(situation: Situation) -> bool:
    """Whether there are files or a history to read."""
    return situation.project.has_migrations or situation.environment.has_database


def queue_phase(unit: Unit, situation: Situation, act: Act, *phases: Phase) -> None:
    """A phase that opens runs its checks unasked."""
    queue_items(unit, situation, act, situation.items_in(*phases))


def queue_before_the_run(unit: Unit, situation: Situation, act: Act) -> None:
    """At go only what stands before the migration runner is checked; the rest waits until history has gone through.

    Where nothing watches the runner, all of the phase is checked at once.
    """
    items = situation.items_in(Phase.DEPLOY)
    watched = [position for position, item in enumerate(items) if AFTER_THE_RUN.intersection(situation.checks_of(item))]
    queue_items(unit, situation, act, items[: watched[0]] if watched else items)


def queue_signs(unit: Unit, situation: Situation, act: Act) -> None:
    """Ask the target again what a rollback is decided by."""
    wanted = sorted(SIGNS.keys() & situation.environment.checks)
    if wanted:
        unit.results.queue(situation.deployment.id, wanted, Purpose.PHASE, unit.new_id(), None, act.at)


def queue_items(unit: Unit, situation: Situation, act: Act, items: Iterable[Item]) -> None:
    """Run the checks of these items, unasked."""
    checks = checks_to_run(situation, items)
    if checks:
        unit.results.queue(situation.deployment.id, checks, Purpose.PHASE, unit.new_id(), None, act.at)


def run_act(unit: Unit, project: Project, act: Act, deployment_id: str, item_id: str, act_id: str) -> Answer:
    """Queue one act. Raises Refused outside of its item's phase, and while it runs."""
    situation = load(unit, project, deployment_id, act.at)
    require_deployer(unit, situation, act)
    chosen = named_act(situation, item_id, act_id)
    item = situation.item(item_id)
    phase = item.phase(situation.kind)
    if phase not in PHASES_OF_STATE.get(situation.deployment.state, ()):
        raise Refused(
            f"“{chosen.title}” runs in its phase, {phase}; deployment {situation.deployment.label} is "
            f"{situation.deployment.state}."
        )
    if chosen.id in situation.running_checks:
        raise Refused(f"“{chosen.title}” is running already.")
    unit.results.queue(deployment_id, [chosen.id], Purpose.ACT, unit.new_id(), act.who, act.at)
    chronicle(unit, situation.deployment, act, "act-confirmed", {"act": chosen.id, "command": chosen.command})
    want_items(unit, situation, (item,), act.at, urgent=True)
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
    want_items(unit, situation, situation.items_answered_by(run.check_id), act.at)
