"""Who acts at the console, when, and what they are told: the day Slack is down."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from bot.cli.state import deployment_named, identity, now, os_user, writing
from bot.cli.terminal import lines_of, refuse, settings_with_state
from bot.core.deployment import Deployment
from bot.core.refusal import NotYetKnown, Refused
from bot.core.team import Project
from bot.core.typed import require_typed
from bot.storage.database import Unit
from bot.usecases.act import Act, Answer, unit_name

UseCase = Callable[[Unit, Project, Act, Deployment], Answer]

_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)>")
_USER_ID = re.compile(r"[UW][A-Z0-9]{2,20}")


def act_at_console(number: str, user: str, at: str | None, config: Path | None, use_case: UseCase) -> None:
    """One use case in one unit beside the bot; prints what came of it, exits 1 where it is refused."""
    settings = settings_with_state(config)
    with writing(settings) as store:

        def work(unit: Unit) -> str:
            project, deployment = deployment_named(unit, settings, number)
            act = _act(unit, deployment, project, user, at)
            answer = use_case(unit, project, act, deployment)
            after = unit.deployments.get(deployment.id)
            return (
                answer.text
                or f"Recorded for {unit_name(unit, act.who)}: deployment {after.label} is {after.state} now."
            )

        try:
            said = store.write(work)
        except Refused as refusal:
            names = store.read(lambda reader: reader.people.names())
            refuse(_plain(refusal, names))
        except NotYetKnown as unknown:
            refuse(_unknown_words(unknown))
    click.echo(lines_of(said))


def require_options(options: Mapping[str, object]) -> None:
    """What was typed at the console is held to what Slack's forms are. Exits 1 with a sentence."""
    try:
        require_typed(options)
    except Refused as refusal:
        refuse(refusal.sentence)


def _act(unit: Unit, deployment: Deployment, project: Project, user: str, at: str | None) -> Act:
    entered = now()
    zone = (project.environment(deployment.environment) or project).timezone
    when = _instant(at, entered, zone) if at else entered
    if when > entered:
        refuse(f"--at {at} is in the future: now it is {_local(entered, zone)}")
    if when < deployment.started_at:
        label, started = deployment.label, _local(deployment.started_at, zone)
        if at:
            refuse(f"--at {at} is before deployment {label} started: {started}")
        here = f"the clock here says {_local(when, zone)}, and deployment {label} started later, {started}"
        refuse(f"{here}: set the clock right")
    return Act(user_named(unit, user), when, identity(unit).team, entered_at=entered, console=True, os_user=os_user())


def _instant(text: str, today: datetime, zone: str) -> datetime:
    """HH:MM today in the environment's zone, or ISO; without an offset, ISO is in that zone too."""
    there = ZoneInfo(zone)
    match = _CLOCK.fullmatch(text.strip())
    if match:
        return today.astimezone(there).replace(hour=int(match[1]), minute=int(match[2]), second=0, microsecond=0)
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        refuse(f"--at '{text[:40]}' is no time: write 14:05 for today in {zone}, or 2026-11-22T14:05")
    return found if found.tzinfo else found.replace(tzinfo=there)


def _local(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} in {zone}"


def user_named(unit: Unit, text: str) -> str:
    """The user id of an id or a name that the bot has met. Exits 1 with the candidates where it is not clear."""
    names = unit.people.names()
    wanted = text.strip().removeprefix("@")
    if wanted in names or (_USER_ID.fullmatch(wanted) and wanted.isupper()):
        return wanted
    found = _called(wanted, names)
    if not found:
        refuse(f"nobody called '{wanted[:40]}' was ever seen in Slack: write the user id (profile, ⋮, Copy member ID)")
    if len(found) > 1:
        candidates = ", ".join(f"{name} ({user_id})" for user_id, name in sorted(found.items(), key=lambda one: one[1]))
        refuse(f"'{wanted}' is more than one person: {candidates}; write the id")
    return next(iter(found))


def _called(wanted: str, names: Mapping[str, str]) -> dict[str, str]:
    """Whole names first, then first or last names, then beginnings."""
    low = wanted.casefold()
    tests: tuple[Callable[[str], bool], ...] = (
        lambda name: name == low,
        lambda name: low in name.split(),
        lambda name: any(part.startswith(low) for part in name.split()),
    )
    for test in tests:
        found = {user_id: name for user_id, name in names.items() if low and test(name.casefold())}
        if found:
            return found
    return {}


def _plain(refusal: Refused, names: Mapping[str, str]) -> str:
    """A refusal as a terminal shows it: names for mentions, an option for the button."""
    sentence = refusal.sentence.replace(", or open *More about an item …* and give a reason", "")
    sentence = _MENTION.sub(lambda match: names.get(match[1], match[1]), sentence).replace("*", "")
    return f'{sentence} Here: --reason "…".' if refusal.wants_reason else sentence


def _unknown_words(unknown: NotYetKnown) -> str:
    who = ", ".join((*unknown.people, *unknown.groups, *unknown.channels))
    return (
        f"{who} was never seen in Slack, so nobody can tell what they may do, and nothing was recorded: "
        "act as somebody who has clicked before, or wait for Slack"
    )
