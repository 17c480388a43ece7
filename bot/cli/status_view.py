"""Open deployments on the terminal: where each stands, what is missing, and what to type next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from bot.cli.terminal import console, oneline, told
from bot.core.deployment import Deployment, State
from bot.core.team import Project
from bot.slack.messages.thread.headline import standing
from bot.slack.messages.words import ITEM_SYMBOLS
from bot.usecases.books.units import Reader
from bot.usecases.facts import Blocker
from bot.usecases.locks import in_force
from bot.usecases.standing_facts import DashboardFacts, LockFacts
from bot.usecases.views import blockers, dashboard

STYLES = {
    State.DEPLOYING: "bold cyan",
    State.HELD: "bold red",
    State.ROLLING_BACK: "bold red",
    State.VERIFYING: "green",
    State.PARKED: "dim",
}
_MOST = 12


def print_open(reader: Reader, projects: Mapping[str, Project], now: datetime) -> None:
    """The locks of these projects, and every open deployment with its first blockers."""
    out = console()
    shown = [one for one in reader.deployments.open() if one.project in projects]
    for each in in_force(reader, now):
        if each.lock.project in projects:
            out.print(_lock(each, projects[each.lock.project]))
    if not shown:
        out.print("No deployment is open.")
    for deployment in shown:
        project = projects[deployment.project]
        out.print(_block(dashboard(reader, project, deployment.id, now), project, _MOST))


def _lock(facts: LockFacts, project: Project) -> Text:
    one, place = facts.lock, project.environment(facts.lock.environment)
    until = one.until.astimezone(ZoneInfo(place.timezone if place else project.timezone))
    where = one.environment if one.project == "default" else f"{one.project}/{one.environment}"
    words = f"{where} is locked by {facts.by}: {one.reason}, until {until:%Y-%m-%d %H:%M %Z}"
    return Text(oneline(words), style="yellow")


def print_one(reader: Reader, project: Project, deployment: Deployment, now: datetime) -> None:
    facts = blockers(reader, project, deployment.id, now)
    console().print(_block(facts, project, len(facts.blockers)))


def _block(facts: DashboardFacts, project: Project, most: int) -> RenderableType:
    lines = [Padding(line, (0, 0, 0, 4), expand=False) for line in _lines(facts, most)]
    return Group(_heading(facts, project), *lines)


def _heading(facts: DashboardFacts, project: Project) -> Text:
    deployment = facts.deployment
    heading = Text(f"{deployment.label}  ", style="bold")
    about = " · ".join(filter(None, (deployment.environment, deployment.range_words, deployment.title_words)))
    heading.append(f"{oneline(about)}  ")
    heading.append(str(deployment.state), style=STYLES.get(deployment.state, ""))
    if deployment.result:
        heading.append(f", {deployment.result}")
    place = project.environment(deployment.environment)
    started = deployment.started_at.astimezone(ZoneInfo(place.timezone if place else project.timezone))
    heading.append(f", {oneline(facts.owner.name)}'s since {started:%Y-%m-%d %H:%M %Z}", style="dim")
    return heading


def _lines(facts: DashboardFacts, most: int) -> Iterator[Text]:
    if facts.broken_glass:
        yield Text(f"the glass was broken: {oneline(facts.broken_glass)}", style="red")
    yield Text(oneline(standing(facts)), style="red" if facts.hold_reason else "")
    if facts.next_statement:
        yield Text(f"type next: {oneline(facts.next_statement)}")
    yield from (_blocker(one, facts) for one in facts.blockers[:most])
    if len(facts.blockers) > most:
        yield Text(f"and {len(facts.blockers) - most} more: gonogo status {facts.deployment.label}", style="dim")
    yield from (Text(f"! {oneline(words)}", style="yellow") for words in (*facts.warnings, *facts.amber))
    yield from (Text(f"! {told(one)}", style="yellow") for one in facts.obstacles)
    if facts.head:
        yield Text(f"journal head {facts.head}", style="dim")


def _blocker(blocker: Blocker, facts: DashboardFacts) -> Text:
    item = facts.items.get(blocker.subject)
    line = Text(f"{ITEM_SYMBOLS[item.word] if item else '○'} {oneline(blocker.sentence)}")
    if blocker.mend:
        line.append(f" → {oneline(blocker.mend)}")
    if blocker.who:
        names = ", ".join(oneline(facts.names.get(who, who)) for who in blocker.who)
        line.append(f" · {names}", style="dim")
    if blocker.kind == "item":
        line.append(f"  [{blocker.subject}]", style="dim")
    return line
