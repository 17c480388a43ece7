"""A notice as facts: what a deployment comes to for the people of one stakeholder channel, and who has read it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.core.deployment import Deployment, Outcome, State
from bot.core.team import Project
from bot.usecases.act import about, unit_name
from bot.usecases.books.rows import Notice
from bot.usecases.books.units import Reader
from bot.usecases.standing_facts import NoticeFacts
from bot.usecases.views.course import last_told

_EVENTS = {
    State.PREPARING: "start",
    State.PARKED: "parked",
    State.DEPLOYING: "go",
    State.HELD: "held",
    State.ROLLING_BACK: "rollback",
    State.ABORTED: "abort",
}
_REASONS = {"rollback": "rollback-opened", "abort": "aborted"}


def notice(reader: Reader, project: Project, deployment_id: str, subject: str) -> NoticeFacts:
    """One message of an audience: the one that is edited (`subject` its channel), or one that tells an event anew."""
    deployment = reader.deployments.get(deployment_id)
    audience, _, posted = subject.partition(" ")
    told = [one for one in reader.notices.of(deployment_id) if one.audience == audience]
    mine = [one for one in told if one.subject == subject]
    today = _EVENTS.get(deployment.state) or _ended(deployment)
    event = posted or today
    is_old = event != today
    return NoticeFacts(
        deployment=deployment,
        event=event,
        at=mine[-1].at if is_old and mine else _since(reader, deployment, told, event),
        owner=unit_name(reader, deployment.owner),
        channel=project.channel,
        reason="" if is_old else _reason(reader, deployment, event),
        now=today if is_old else "",
        now_at=_since(reader, deployment, told, today) if is_old else None,
        announced_at=_announced_otherwise(deployment, mine),
        acknowledged=_acknowledged(reader, mine),
        notice_id=mine[-1].id if mine and mine[-1] is told[-1] else "",
        told_below=not posted and any(one.state == today and one.subject != subject for one in told),
    )


def _ended(deployment: Deployment) -> str:
    return "rolled-back" if deployment.result is Outcome.ROLLED_BACK else "completion"


def _since(reader: Reader, deployment: Deployment, told: Iterable[Notice], event: str) -> datetime:
    hold = reader.troubles.current_hold(deployment.id) if event == "held" else None
    rolled = next((one.at for one in told if one.state == event == "rollback"), None)
    known = {
        "parked": deployment.parked_at,
        "go": deployment.go_at,
        "held": hold.at if hold else None,
        "rollback": rolled,
        "completion": deployment.completed_at,
        "rolled-back": deployment.completed_at,
        "abort": deployment.closed_at,
    }
    return known.get(event) or deployment.started_at


def _reason(reader: Reader, deployment: Deployment, event: str) -> str:
    """What whoever completed, aborted or rolled back wrote; empty where that was erased."""
    if event not in _REASONS:
        return (deployment.completion or {}).get("notes", "") if deployment.completed_at else ""
    return last_told(reader, deployment.chain, _REASONS[event])[1]


def _announced_otherwise(deployment: Deployment, mine: Iterable[Notice]) -> datetime | None:
    """When people were told of a title or a range that is another now."""
    today = about(deployment).split()
    for one in mine:
        if any(was not in {"-", now} for was, now in zip(one.about.split(), today, strict=False)):
            return one.delivered_at
    return None


def _acknowledged(reader: Reader, mine: Iterable[Notice]) -> tuple[tuple[str, datetime], ...]:
    """Each once, the first first, with the time of their last press."""
    pressed = [pair for one in mine for pair in zip(one.acknowledged, one.acknowledged_at, strict=True)]
    return tuple((unit_name(reader, who), at) for who, at in dict(pressed).items())
