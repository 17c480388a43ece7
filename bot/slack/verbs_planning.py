"""What is planned, delegated, noted and run by name: the use cases behind forms with fields of their own."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.policy import Project
from bot.core.refusal import Refused
from bot.slack.click import Click
from bot.usecases import add_to_record, delegate, plan, run_act, start, window
from bot.usecases.act import Act, Answer
from bot.usecases.judging import environment_of
from bot.usecases.ports import Unit

_CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")


def delegate_role(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    """Until the end of the chosen day in the project's zone. Raises Refused for what is no day."""
    try:
        day = date.fromisoformat(click.text("until"))
    except ValueError:
        raise Refused("Choose the last day.") from None
    until = datetime.combine(day, time(23, 59, 59), ZoneInfo(project.timezone))
    return delegate.delegate(unit, project, act, click.text("role"), click.text("to"), until)


def take_back(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    return delegate.take_back(unit, project, act, click.target.role)


def keep_note(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    """The target's extra is the message's ts and who wrote it."""
    message, _, author = click.target.extra.partition(" ")
    return add_to_record.add_to_record(unit, project, act, click.target.deployment, click.text("note"), message, author)


def run_short_act(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    target = click.target
    return run_act.run_act(unit, project, act, target.deployment, target.item, target.extra)


def plan_it(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    return plan.ask_plan(unit, project, act, click.text("environment"), click.text("range"))


def give_range(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    return start.give_range(unit, project, act, click.target.deployment, click.text("range"))


def set_window(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    """On the environment's wall; an end before the start is on the next day. Raises Refused for what is no time."""
    deployment = unit.deployments.get(click.target.deployment)
    zone = ZoneInfo(environment_of(project, deployment).timezone)
    try:
        day = date.fromisoformat(click.text("date"))
    except ValueError:
        raise Refused("Choose the date.") from None
    start_at, end_at = (datetime.combine(day, _clock(click.text(name)), zone) for name in ("start", "end"))
    end_at = end_at if end_at > start_at else end_at + timedelta(days=1)
    minutes = click.text("estimate").strip()
    if not minutes.isdigit():
        raise Refused("The estimate is a number of minutes.")
    return window.set_window(unit, project, act, deployment.id, start_at, end_at, int(minutes))


def _clock(text: str) -> time:
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        raise Refused(f"“{text.strip()}” is no time of day: write it like 16:00.")
    return time(int(found[1]), int(found[2]))
