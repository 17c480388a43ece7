"""Open the rollback: no gate, the channel is told at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.core.checklist.items import Phase
from bot.core.deployment import KnownFacts, State
from bot.core.journal import to_text
from bot.core.refusal import Refused
from bot.core.team import Project
from bot.usecases.act import (
    Act,
    Answer,
    chronicle,
    direct,
    post_in_thread,
    repaint_all,
    want_items,
)
from bot.usecases.books.rows import Said
from bot.usecases.books.units import HeldByAnother, Unit
from bot.usecases.checking.runs import queue_phase
from bot.usecases.lifecycle.custody import park_for_rollback
from bot.usecases.notices import notify
from bot.usecases.permit import expand, require_on_call_or_deployer, require_state
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation
from bot.usecases.who_waits import later_for

CHOICES = {"down": "down files", "forward": "fix forward", "restore": "restore"}
"""The ways back, by the word that a form and the console send."""


def roll_back(unit: Unit, project: Project, act: Act, deployment_id: str, choice: str, reason: str) -> Answer:
    """Start rolling back by down files, fix forward or restore. Raises Refused once a later one passed go."""
    situation = load(unit, project, deployment_id, act.at)
    if situation.deployment.state is State.ROLLING_BACK:
        return Answer("It is rolling back already.", deployment_id)
    require_state(situation, State.DEPLOYING, State.HELD, State.VERIFYING)
    require_on_call_or_deployer(unit, situation, act)
    choices = choices_of(situation)
    if choice not in choices:
        none = "" if choice not in CHOICES else f"No file of {situation.deployment.range_words} has a down file. "
        raise Refused(f"{none}Say how: {', '.join(choices.values())}.")
    _refuse_overtaken(unit, situation)
    park_for_rollback(unit, project, act, situation.deployment)
    opened = replace(situation.deployment, state=State.ROLLING_BACK, completed_at=None, result=None, last_act_at=act.at)
    try:
        deployment = unit.deployments.save(replace(opened, facts=_facts(situation, act, choice, reason)))
    except HeldByAnother:
        raise Refused("Another deployment holds this environment: park it first, from its dashboard.") from None
    chronicle(unit, deployment, act, "rollback-opened", {"choice": choice}, reason=reason.strip())
    _tell(unit, situation, act, choice, reason.strip())
    return Answer(deployment_id=deployment_id)


def choices_of(situation: Situation) -> Mapping[str, str]:
    """The ways back that there are: no down files where the files are known and none of them is one."""
    has_down = any(file.is_down for file in situation.files) or not situation.project.has_migrations
    return {word: words for word, words in CHOICES.items() if has_down or word != "down"}


def _facts(situation: Situation, act: Act, choice: str, reason: str) -> KnownFacts:
    """What the way back starts from: what history has of the range now is what is undone."""
    before, history = situation.deployment.facts, situation.deployment.history
    given = to_text(act.at) if reason.strip() else before.rollback_reason_given
    has = set(history.applied) if history else set()
    undoing = " ".join(file.version for file in situation.files if not file.is_down and file.version in has)
    return replace(before, rollback_reason_given=given, rollback_choice=choice, undoing=undoing)


def _refuse_overtaken(unit: Unit, situation: Situation) -> None:
    mine = situation.deployment
    later = (
        one
        for one in unit.deployments.of_environment(mine.team, mine.project, mine.environment)
        if one.number > mine.number and one.go_at is not None
    )
    overtaker = next(later, None)
    if overtaker is not None:
        raise Refused(f"Deployment {overtaker.label} has gone since: from here it is fix forward, in a new deployment.")


def _tell(unit: Unit, situation: Situation, act: Act, choice: str, reason: str) -> None:
    project, deployment = situation.project, unit.deployments.get(situation.deployment.id)
    by, how = situation.name(act.who), CHOICES[choice]
    after = load(unit, project, deployment.id, act.at)
    want_items(unit, after, after.items_in(Phase.ROLLBACK), act.at, urgent=True)
    queue_phase(unit, after, act, Phase.ROLLBACK)
    said = {"by": by, "choice": how, "reason": reason}
    facts = {**said, "channel": project.channel, "label": deployment.label, "range": deployment.range_words}
    facts |= {"environment": deployment.environment, "deployment": deployment.id}
    key = f"{deployment.id}:rollback-told:{deployment.version}"
    unit.outbox.say(Said(key, "post", f"channel:{project.channel}", "rollback-opened", facts, deployment.id), act.at)
    post_in_thread(unit, project, deployment, act, "rolling-back", by=by, choice=how, reason=reason)
    on_call = expand(unit, situation.environment.on_call) - {act.who}
    involved = situation.deployer_ids | {one.who for one in situation.sign_offs if one.stands}
    for user in sorted(on_call | involved - {act.who}):
        later = later_for(unit, situation, user, "rollback-opened", act.at)
        direct(unit, deployment, user, "rollback-opened", f"{key}:{user}", act.at, later, **said)
    notify(unit, situation, deployment, act, "rollback")
    repaint_all(unit, project, deployment, act.at)
