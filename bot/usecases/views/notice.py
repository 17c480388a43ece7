"""A notice as facts: what a deployment comes to for those who do not work on it, and who has read it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from bot.core.deployment import Deployment, Outcome, State
from bot.core.journal import from_text
from bot.core.team import Project
from bot.usecases.act import unit_name
from bot.usecases.books.rows import NOTICE, SUBSCRIBED, Notice
from bot.usecases.books.units import Reader
from bot.usecases.notices import about
from bot.usecases.situation.judging import environment_of
from bot.usecases.standing_facts import NoticeFacts
from bot.usecases.views.course import last_told
from checks.result import Status

MAINTENANCE_CHECK = "maintenance-needed"

_EVENTS = {
    State.PREPARING: "start",
    State.PARKED: "parked",
    State.DEPLOYING: "go",
    State.HELD: "held",
    State.ROLLING_BACK: "rollback",
    State.ABORTED: "abort",
}
_REASONS = {"rollback": "rollback-opened", "abort": "aborted"}


def notice(reader: Reader, project: Project, deployment_id: str, subject: str, kind: str = NOTICE) -> NoticeFacts:
    """One message of an audience, or of who wished for it (`SUBSCRIBED`): the one that is edited, whose `subject` is
    the channel or person, or one that tells an event anew.
    """
    deployment = reader.deployments.get(deployment_id)
    member, _, posted = subject.partition(" ")
    told = [one for one in reader.notices.of(deployment_id) if kind == NOTICE and one.audience == member]
    mine = [one for one in told if one.subject == subject]
    today = _EVENTS.get(deployment.state) or _ended(deployment)
    event = posted or today
    is_old = event != today
    return NoticeFacts(
        deployment=deployment,
        event=event,
        at=_since(reader, deployment, event),
        owner=unit_name(reader, deployment.owner),
        channel=project.channel,
        reason="" if is_old else _reason(reader, deployment, event),
        now=today if is_old else "",
        now_at=_since(reader, deployment, today) if is_old else None,
        announced_at=_announced_otherwise(deployment, mine),
        acknowledged=_acknowledged(reader, mine),
        notice_id=mine[-1].id if mine and mine[-1] is told[-1] else "",
        told_below=not posted and _is_posted(reader, deployment_id, kind, f"{member} {today}"),
        words=_words(project, deployment, member) if kind == NOTICE else "",
        interruption=_interruption(reader, deployment_id),
        ended_by=f"{project.command} subscriptions" if kind == SUBSCRIBED else "",
    )


def _is_posted(reader: Reader, deployment_id: str, kind: str, subject: str) -> bool:
    return any((live.kind, live.subject) == (kind, subject) for live in reader.outbox.wanted(deployment_id))


def _words(project: Project, deployment: Deployment, member: str) -> str:
    audiences = environment_of(project, deployment).audiences
    return next((each.words for each in audiences if member in each.members), "")


def _interruption(reader: Reader, deployment_id: str) -> str:
    """What the check on maintenance mode says, as people notice it."""
    found = reader.results.newest(deployment_id).get(MAINTENANCE_CHECK)
    known = {Status.NOT_APPLICABLE: "none", Status.WARNING: "likely"}
    return known.get(found.status, "") if found else ""


def _ended(deployment: Deployment) -> str:
    return "rolled-back" if deployment.result is Outcome.ROLLED_BACK else "completion"


def _since(reader: Reader, deployment: Deployment, event: str) -> datetime:
    hold = reader.troubles.current_hold(deployment.id) if event == "held" else None
    known = {
        "parked": deployment.parked_at,
        "go": deployment.go_at,
        "held": hold.at if hold else None,
        "abort": deployment.closed_at,
    }
    return known.get(event) or _journalled(reader, deployment, event) or deployment.started_at


_ENTRIES = {
    "rollback": ("rollback-opened", False),
    "completion": ("completed", False),
    "rolled-back": ("completed", True),
}


def _journalled(reader: Reader, deployment: Deployment, event: str) -> datetime | None:
    """When it was completed, taken back, or a rollback opened: the newest entry of that."""
    for entry in reversed(reader.journal.entries(deployment.chain) if event in _ENTRIES else ()):
        body = json.loads(entry.body)
        if (body["event"], body.get("result") == Outcome.ROLLED_BACK) == _ENTRIES[event]:
            return from_text(body["at"])
    return None


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
