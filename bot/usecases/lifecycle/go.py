"""Go in two steps: asked by a click, answered when what is stale has been run again."""

from __future__ import annotations

from dataclasses import replace

from bot.core.checklist.items import Phase, Requirement
from bot.core.decision import PREFLIGHT_JOB, Purpose
from bot.core.deployment import State
from bot.core.item import is_stale
from bot.core.refusal import Refused, refuse_missing
from bot.core.team import Project
from bot.usecases.act import (
    Act,
    Answer,
    chronicle,
    post_in_thread,
    printed_head,
    repaint_all,
    terms_of,
    want_dashboard,
    want_items,
)
from bot.usecases.books.units import HeldByAnother, Unit
from bot.usecases.checking.runs import can_read, queue_before_the_run
from bot.usecases.evidence import broken
from bot.usecases.facts import Blocker
from bot.usecases.notices import notify
from bot.usecases.permit import require_deployer, require_state
from bot.usecases.situation.gate import blockers
from bot.usecases.situation.judging import load
from bot.usecases.situation.own_checks import is_own
from bot.usecases.situation.runner import run_command
from bot.usecases.situation.snapshot import SIGNS, Situation
from bot.usecases.situation.warning import COMPARING

_MENDED_BY_A_RUN = frozenset({"item", "history", "reading", "files"})


def ask_go(unit: Unit, project: Project, act: Act, deployment_id: str, subject: str) -> Answer:
    """Record that go was asked, for exactly this subject. What is stale runs again; then go is answered.

    Raises Refused with everything that is missing and that no run can mend.
    """
    situation = load(unit, project, deployment_id, act.at)
    require_state(situation, State.PREPARING)
    require_deployer(unit, situation, act)
    if subject != situation.subject or not subject:
        raise Refused(
            "The files or the checklist changed since this was shown. Look again, then say go.", offer_again=True
        )
    asked = replace(situation.deployment, go_asked_at=act.at, go_asked_by=act.who, last_act_at=act.at)
    _refuse_hopeless(replace(situation, deployment=asked))
    unit.deployments.save(asked)
    chronicle(unit, asked, act, "go-asked", {"subject": subject})
    stale = stale_checks(situation)
    if stale:
        unit.results.queue(deployment_id, stale, Purpose.GO, unit.new_id(), act.who, act.at)
        want_dashboard(unit, project, asked, act.at, urgent=True)
        return Answer(
            "Go was asked. What is stale runs again now; the thread says go or what is missing.", deployment_id
        )
    answer_go(unit, project, act, deployment_id)
    return Answer(deployment_id=deployment_id)


def _refuse_hopeless(situation: Situation) -> None:
    missing = blockers(situation)
    hopeless = (one for one in missing if one.kind not in _MENDED_BY_A_RUN or not _can_rerun(situation, one))
    refuse_missing("Not yet", (one.sentence for one in hopeless))


def _can_rerun(situation: Situation, blocker: Blocker) -> bool:
    """Whether a run at go may still settle it: a checked item, or what is read from files and history."""
    if blocker.kind != "item":
        return can_read(situation)
    return any(not is_own(check) for check in situation.checks_of(situation.item(blocker.subject)))


def stale_checks(situation: Situation) -> list[str]:
    """What go runs again: files and history always, and answers of required items that are missing or too old."""
    found: dict[str, None] = {PREFLIGHT_JOB: None} if can_read(situation) else {}
    for item in situation.required(Requirement.GO):
        for check in situation.checks_of(item):
            result = situation.results.get(check)
            old = result is None or is_stale(
                item, result, situation.deployment.fingerprint, situation.project.freshness, situation.now
            )
            if not is_own(check) and (old or not situation.states[item.id].settled):
                found[check] = None
    # The picture before go, for what is bad after it.
    asked = sorted((SIGNS.keys() - {COMPARING}) & situation.environment.checks)
    return [*found, *(check for check in asked if check not in found)]


def answer_go(unit: Unit, project: Project, act: Act, deployment_id: str) -> None:
    """Open the deploy phase, or say in the thread exactly what is missing and who can mend it."""
    situation = load(unit, project, deployment_id, act.at)
    if situation.deployment.state is not State.PREPARING or situation.deployment.go_asked_at is None:
        return
    missing = (*tampering(unit, situation), *blockers(situation))
    if missing:
        _say_no(unit, situation, act, missing)
        return
    asker = replace(act, who=situation.deployment.go_asked_by or act.who)
    try:
        open_deploying(unit, situation, asker)
    except HeldByAnother:
        _say_no(unit, situation, act, (Blocker("phase", "", "Another deployment holds the same database"),))


def tampering(unit: Unit, situation: Situation) -> tuple[Blocker, ...]:
    """Somebody wrote into the state beside gonogo: nothing that it says can be decided about."""
    said = broken(unit, situation.deployment)
    if not said:
        return ()
    more = f" (and {len(said) - 1} more)" if len(said) > 1 else ""
    sentence = f"The record was changed beside gonogo: {said[0]}{more}. Restore a backup, or abort and start anew"
    return (Blocker("journal", "", sentence),)


def _say_no(unit: Unit, situation: Situation, act: Act, missing: tuple[Blocker, ...]) -> None:
    deployment = unit.deployments.save(replace(situation.deployment, go_asked_at=None, go_asked_by=None))
    chronicle(unit, deployment, act, "go-refused", missing="\n".join(one.sentence for one in missing))
    told = [{"sentence": one.sentence, "who": [_shown(situation, who) for who in one.who]} for one in missing]
    post_in_thread(unit, situation.project, deployment, act, "no-go", missing=told)
    want_dashboard(unit, situation.project, deployment, act.at, urgent=True)


def _shown(situation: Situation, who: str) -> str:
    """A handle as it is, a person by name: the thread mentions nobody."""
    return who if who.startswith("@") else situation.name(who)


def open_deploying(unit: Unit, situation: Situation, act: Act, broken_glass: str = "") -> None:
    """Go: hold the database, open the deploy sections, run their checks, tell everybody once.

    `broken_glass` is the reason where it was broken.
    """
    deployment = unit.deployments.save(
        replace(situation.deployment, state=State.DEPLOYING, go_at=act.at, last_act_at=act.at)
    )
    signers = [
        {"role": one.role, "who": one.who, "decision": str(one.decision)} for one in situation.sign_offs if one.stands
    ]
    facts = {"subject": situation.subject, "signers": signers, "terms": terms_of(situation.environment)}
    chronicle(unit, deployment, act, "go", facts | ({"broken_glass": 1} if broken_glass else {}), reason=broken_glass)
    after = load(unit, situation.project, deployment.id, act.at)
    want_items(unit, after, after.items_in(Phase.DEPLOY), act.at)
    queue_before_the_run(unit, after, act)
    glass = {"broken_glass": 1, "reason": broken_glass} if broken_glass else {}
    head = printed_head(unit, situation.project, deployment)
    said = {"head": head, **glass}
    event = "break-glass" if broken_glass else "go"
    runner = run_command(after)
    post_in_thread(unit, situation.project, deployment, act, event, by=situation.name(act.who), runner=runner, **said)
    notify(unit, situation, deployment, act, "go")
    repaint_all(unit, situation.project, deployment, act.at)
