"""What stands before the next step, of a deployment and of one that is only planned; what the hour has to tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.core.calendar import HOUR
from bot.core.checklist.items import Item
from bot.core.deployment import ENDED
from bot.core.item import ItemWord
from bot.core.journal import to_text
from bot.core.team import Project
from bot.usecases.books.units import Reader
from bot.usecases.situation import gate, warning, watch
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation
from bot.usecases.standing_facts import DashboardFacts, HourFacts
from bot.usecases.views.dashboard import dashboard_facts, items_of
from bot.usecases.views.section import item_facts
from checks.result import Status


def blockers(reader: Reader, project: Project, deployment_id: str, now: datetime) -> DashboardFacts:
    """The dashboard with all that the next step lacks, also what is due only later."""
    situation = load(reader, project, deployment_id, now)
    found = gate.blockers(situation)
    return replace(dashboard_facts(reader, situation), blockers=found, items=items_of(situation, found))


def hour(reader: Reader, project: Project, deployment_id: str, completed_at: str, now: datetime) -> HourFacts:
    """What wants the owner an hour after that completion; what people answered since stays, as answered."""
    situation = load(reader, project, deployment_id, now)
    since = situation.deployment.completed_at
    if since is None or to_text(since) != completed_at:
        return HourFacts(situation.deployment, (), is_over=True)
    wanted = {item.id for item in gate.of_the_hour(situation)}
    lines = watch.lines_of(situation, HOUR)
    shown = [item for item in watch.closing(situation) if item.id in wanted or _is_told(situation, item, item in lines)]
    return HourFacts(situation.deployment, tuple(item_facts(situation, item) for item in shown))


def _is_told(situation: Situation, item: Item, is_own: bool) -> bool:
    """Answered by a person since, or left as a deviation when it ended."""
    state, since = situation.states[item.id], situation.deployment.completed_at
    answered = state.settled and state.decision is not None and since is not None and state.decision.at >= since
    return (is_own and answered) or (situation.deployment.state in ENDED and watch.deviates(state))


_WRONG = frozenset({Status.FAILED, Status.WARNING, Status.COULD_NOT_RUN})


def planned(reader: Reader, project: Project, deployment_id: str, now: datetime) -> Mapping[str, object]:
    """What would block go, what machines found, and who would be asked."""
    situation = load(reader, project, deployment_id, now)
    results, titles = situation.results.values(), project.check_titles
    found = [one for one in gate.blockers(situation) if one.kind != "sign-off"]
    wrong = (one for one in results if one.status in _WRONG)
    by_hand = [one for one in found if one.kind == "item" and situation.states[one.subject].word is ItemWord.OPEN]
    return {
        "range": situation.deployment.range_words,
        "files": sum(not file.is_down for file in situation.files),
        "blockers": [one.sentence for one in found if one not in by_hand],
        "by_hand": [situation.item(one.subject).label for one in by_hand],
        "obstacles": [": ".join(filter(None, (one.message, one.hint))) for one in situation.deployment.obstacles],
        "warnings": list(warning.warnings(situation)),
        "asked": [state.role.title for state in situation.roles if state.blocks],
        "passed": sum(one.status is Status.PASSED for one in results),
        "checks": len(situation.results),
        "findings": [f"{titles.get(one.check_id, one.check_id)}: {one.summary}" for one in wrong],
    }
