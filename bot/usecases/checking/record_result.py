"""Take in what a check answered."""

from __future__ import annotations

from dataclasses import replace

from bot.core.checklist.items import Phase
from bot.core.decision import PREFLIGHT_JOB, CheckResult, CheckRun, Purpose, RunState
from bot.core.deployment import State
from bot.core.team import Project
from bot.usecases.act import Act, chronicle, want_cards, want_dashboard, want_items
from bot.usecases.books.units import Unit
from bot.usecases.lifecycle.go import answer_go
from bot.usecases.lifecycle.watching import go_on
from bot.usecases.signoffs.asking import ask_when_ready
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation
from bot.usecases.tick import settle_standing
from bot.usecases.who_waits import tell_if_it_fails, tell_if_worse
from checks.result import Status


def record_result(unit: Unit, project: Project, act: Act, run: CheckRun, result: CheckResult | None) -> None:
    """Store one answer (None for a job that has no verdict), journal a change, and do what its batch was for."""
    before = unit.results.newest(run.deployment_id).get(run.check_id)
    unit.results.finish(run.id, result, act.at)
    situation = load(unit, project, run.deployment_id, act.at)
    if result is not None:
        asker = replace(act, who=run.asked_by or act.who)
        tell_if_it_fails(unit, situation, asker, before, result)
        tell_if_worse(unit, situation, act, result)
        _journal_change(unit, situation, act, before, result)
        _settle_standing(unit, situation, act, result)
    _repaint(unit, situation, run, act)
    if all(
        one.state not in {RunState.QUEUED, RunState.RUNNING} for one in unit.results.batch(run.deployment_id, run.batch)
    ):
        _finish_batch(unit, project, act, situation, run)


def _journal_change(
    unit: Unit, situation: Situation, act: Act, before: CheckResult | None, result: CheckResult
) -> None:
    if before is not None and before.digest == result.digest:
        return
    facts = {
        "check": result.check_id,
        "status": str(result.status),
        "summary": result.summary,
        "inputs": result.inputs_hash,
    }
    chronicle(unit, situation.deployment, act, "checked", facts)


def _settle_standing(unit: Unit, situation: Situation, act: Act, result: CheckResult) -> None:
    """A standing item that its checks settled holds for the environment until it expires."""
    if result.status is not Status.PASSED:
        return
    for item in situation.items_answered_by(result.check_id):
        if item.valid_days is not None and situation.states[item.id].settled:
            settle_standing(unit, situation, item, "gonogo", result.summary, act)


def _repaint(unit: Unit, situation: Situation, run: CheckRun, act: Act) -> None:
    on_screen = {live.subject for live in unit.outbox.wanted(situation.deployment.id) if live.kind == "section"}
    is_reading = run.check_id == PREFLIGHT_JOB and run.purpose is not Purpose.WATCH
    answered = situation.items_in(*Phase) if is_reading else situation.items_answered_by(run.check_id)
    want_items(unit, situation, (item for item in answered if item.section_id in on_screen), act.at)
    want_dashboard(unit, situation.project, situation.deployment, act.at)


def _finish_batch(unit: Unit, project: Project, act: Act, situation: Situation, run: CheckRun) -> None:
    if run.purpose is Purpose.GO and situation.deployment.go_asked_at is not None:
        answer_go(unit, project, act, run.deployment_id)
    elif situation.deployment.state is State.PREPARING:
        want_cards(unit, situation.deployment, act.at)
        ask_when_ready(unit, project, act, run.deployment_id)
    else:
        go_on(unit, project, act, situation.deployment)
