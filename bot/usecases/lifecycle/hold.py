"""Trouble while it runs: hold, retry, troubleshoot; and files that changed while people were deciding."""

from __future__ import annotations

from dataclasses import replace

from bot.core.checklist.items import Phase
from bot.core.decision import Purpose
from bot.core.deployment import Deployment, State
from bot.core.refusal import Refused, refuse_missing
from bot.core.team import Project
from bot.usecases.act import Act, Answer, chronicle, head, post_in_thread, repaint_all, want_items
from bot.usecases.books.rows import Hold
from bot.usecases.books.units import Unit
from bot.usecases.checking.runs import checks_to_run, queue_phase
from bot.usecases.lifecycle.earlier import carry_over
from bot.usecases.lifecycle.start import end_decisions
from bot.usecases.permit import require_deployer, require_holder, require_on_call_or_deployer, require_state
from bot.usecases.signoffs.asking import ask
from bot.usecases.situation.gate import before_continuing
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation
from bot.usecases.situation.warning import recommends_rollback
from bot.usecases.who_waits import tell_owner


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
    advice = "; ".join(recommends_rollback(situation))
    finding = finding or facts.finding or (f"Consider rolling back: {advice}" if advice else "")
    statement = facts.next_statement or ""
    unit.troubles.hold(Hold(unit.new_id(), deployment_id, act.who, reason.strip(), finding, statement, act.at))
    deployment = unit.deployments.save(replace(situation.deployment, state=State.HELD, last_act_at=act.at))
    chronicle(unit, deployment, act, "held", {"finding": finding}, reason=reason.strip())
    said = {"by": situation.name(act.who), "reason": reason.strip(), "finding": finding, "statement": statement}
    post_in_thread(unit, project, deployment, act, "held", **said)
    tell_owner(unit, situation, act, "held", str(deployment.version), **said)
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
    refuse_missing("Not yet", (blocker.sentence for blocker in before_continuing(situation)))
    changed = situation.has_changed_files
    current = unit.troubles.current_hold(deployment_id)
    if current is not None:
        unit.troubles.end_hold(current, "continue" if changed else "retry", act.who, act.at)
    # What was seen before the hold is looked at anew.
    facts = replace(situation.deployment.facts, continues_with=None, finding=None, next_statement=None)
    going_on = replace(situation.deployment, state=State.DEPLOYING, facts=facts, last_act_at=act.at)
    deployment = unit.deployments.save(going_on)
    event = "continued" if changed else "retried"
    chronicle(unit, deployment, act, event, {"fingerprint": deployment.fingerprint or ""})
    post_in_thread(unit, project, deployment, act, event, by=situation.name(act.who), head=head(unit, deployment))
    repaint_all(unit, project, deployment, act.at)
    return Answer(deployment_id=deployment_id)


def troubleshoot(unit: Unit, project: Project, act: Act, deployment_id: str, list_name: str) -> Answer:
    """Post one of the checklist's troubleshooting sections in the thread and run its checks.

    `list_name` is a section's id or title. Raises Refused naming the lists there are.
    """
    situation = load(unit, project, deployment_id, act.at)
    situation.require_open()
    require_on_call_or_deployer(unit, situation, act)
    lists = situation.sections(Phase.TROUBLESHOOT)
    for section, items in lists:
        if list_name.casefold() in {section.id.casefold(), section.title.casefold()}:
            checks = checks_to_run(situation, items)
            unit.results.queue(deployment_id, checks, Purpose.ASKED, unit.new_id(), act.who, act.at)
            want_items(unit, situation, items, act.at, urgent=True)
            chronicle(unit, situation.deployment, act, "troubleshooting", {"list": section.id})
            return Answer(f"“{section.title}” is in the thread; its checks are running.", deployment_id)
    raise Refused("Say which list: " + ", ".join(section.title for section, _ in lists) + ".")


def use_new_files(unit: Unit, project: Project, act: Act, deployment_id: str, fingerprint: str) -> Answer:
    """Pin the files that were shown as new; approvals and reviews of the old ones are out of date and asked again.

    While held, it goes on once the DBA approved them. Raises Refused when they moved again since they were shown.
    """
    situation = _moved(unit, project, act, deployment_id, fingerprint)
    before = situation.deployment
    unit.files.pin(before.id, before.moved_files)
    ups = [file.version for file in before.moved_files if not file.is_down]
    facts = replace(before.facts, security=before.facts.moved_security, moved_security=None)
    pinned = replace(
        before,
        fingerprint=before.moved_fingerprint,
        moved_fingerprint=None,
        moved_files=(),
        source_commit=before.facts.moved_commit or before.source_commit,
        first_version=ups[0] if ups else before.first_version,
        last_version=ups[-1] if ups else before.last_version,
        facts=replace(facts, continues_with=fingerprint) if before.state is State.HELD else facts,
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
