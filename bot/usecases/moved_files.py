"""Files in range changed while people were deciding: use the new ones, or stay."""

from __future__ import annotations

from dataclasses import replace

from bot.core.checklist.items import Phase
from bot.core.deployment import Deployment, State
from bot.core.policy import Project
from bot.core.refusal import Refused
from bot.usecases.act import Act, Answer
from bot.usecases.carrying import carry_over
from bot.usecases.chronicle import chronicle
from bot.usecases.lifecycle.start import end_decisions
from bot.usecases.permit import require_deployer, require_state
from bot.usecases.ports import Unit
from bot.usecases.run_checks import queue_phase
from bot.usecases.say import repaint_all
from bot.usecases.signoffs.asking import ask
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation


def use_new_files(unit: Unit, project: Project, act: Act, deployment_id: str, fingerprint: str) -> Answer:
    """Pin the files that were shown as new; approvals and reviews of the old ones are out of date and asked again.

    While held, it goes on once the DBA approved them. Raises Refused when they moved again since they were shown.
    """
    situation = _moved(unit, project, act, deployment_id, fingerprint)
    before = situation.deployment
    unit.files.pin(before.id, before.moved_files)
    ups = [file.version for file in before.moved_files if not file.is_down]
    pinned = replace(
        before,
        fingerprint=before.moved_fingerprint,
        moved_fingerprint=None,
        moved_files=(),
        source_commit=before.facts.moved_commit or before.source_commit,
        first_version=ups[0] if ups else before.first_version,
        last_version=ups[-1] if ups else before.last_version,
        facts=replace(before.facts, continues_with=fingerprint) if before.state is State.HELD else before.facts,
        last_act_at=act.at,
    )
    deployment = unit.deployments.save(pinned)
    end_decisions(unit, situation, act, "files changed")
    chronicle(unit, deployment, act, "new-files-used", {"fingerprint": fingerprint})
    _look_again(unit, project, act, deployment)
    return Answer("The new files are pinned. Approvals of the old ones no longer count and are asked again.", before.id)


def _look_again(unit: Unit, project: Project, act: Act, deployment: Deployment) -> None:
    if deployment.state is not State.HELD:
        carry_over(unit, project, deployment, act.at)
    situation = load(unit, project, deployment.id, act.at)
    queue_phase(unit, situation, act, Phase.PREPARE)
    if deployment.asked_at is not None:
        ask(unit, situation, act, by_night=False)
    repaint_all(unit, project, deployment, act.at)


def stay(unit: Unit, project: Project, act: Act, deployment_id: str, fingerprint: str) -> Answer:
    """Stay with the pinned files; this very change is not asked about again."""
    situation = _moved(unit, project, act, deployment_id, fingerprint)
    facts = replace(situation.deployment.facts, stayed=fingerprint)
    deployment = unit.deployments.save(
        replace(situation.deployment, moved_fingerprint=None, moved_files=(), facts=facts, last_act_at=act.at)
    )
    chronicle(unit, deployment, act, "stayed", {"fingerprint": fingerprint})
    repaint_all(unit, project, deployment, act.at)
    return Answer("The pinned files stand. Make sure that the runner uses them too.", deployment_id)


def _moved(unit: Unit, project: Project, act: Act, deployment_id: str, fingerprint: str) -> Situation:
    situation = load(unit, project, deployment_id, act.at)
    require_state(situation, State.PREPARING, State.PARKED, State.HELD)
    require_deployer(unit, situation, act)
    if situation.deployment.moved_fingerprint is None:
        raise Refused("The files are as they were pinned: there is nothing to choose.")
    if fingerprint != situation.deployment.moved_fingerprint:
        raise Refused(
            "The files changed again since this was shown. Look at the difference and choose.", offer_again=True
        )
    return situation
