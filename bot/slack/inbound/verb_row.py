"""What listeners work with, what a verb is to them, and how a click becomes the call of its use case."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.deployment import Outcome
from bot.core.refusal import Refused
from bot.core.team import Project, main_of
from bot.core.typed import typed_clock, typed_day
from bot.slack.inbound.click import Asked, Click
from bot.slack.messages.blocks import Rendered
from bot.slack.messages.forms.reason import Why
from bot.slack.outbound.calling import Clients, View
from bot.slack.outbound.pace import Echoes
from bot.slack.people.directory import Directory
from bot.slack.people.identity import WhoAmI
from bot.usecases import quiet, telling
from bot.usecases.act import Act, Answer
from bot.usecases.books.units import PostReader, Unit, Writing
from bot.usecases.lifecycle import complete, plan
from bot.usecases.sight import Sight
from bot.usecases.signoffs import asking, delegate
from bot.usecases.situation.judging import environment_of

Handler = Callable[[Unit, Project, Act, Click], Answer]
Opener = Callable[[PostReader, Project, Click, datetime], View]
Summary = Callable[[PostReader, "Services", Click], Rendered]
Answering = Callable[["Services", Asked], Rendered | None]


@dataclass(frozen=True)
class Command:
    """A slash command, the same after a mention. It acts like the verb's button on the deployment that is meant.

    `usage` is what may follow its name, `about` its line of help ({command} in it is the configured name); one without
    stands at the end of help. `done` is told where the use case says nothing. `answer` is for a command that is about
    more or other than one deployment.
    """

    name: str
    about: str = ""
    usage: str = ""
    done: str = ""
    answer: Answering | None = None


@dataclass(frozen=True)
class VerbRow:
    """All there is to a verb beyond its words: `act` is the use case, `command` the slash command.

    `form` is what its button opens, `why` the words of a form that asks for nothing but a reason. `shows` tells
    privately what it read. `names_project`: the target's `extra` is a project. `offered_anew`: where the subject moved
    on, the refusal brings the same decision about today's. `expires`: what changes a deployment's life is meant now or
    not at all, so a click that waited for a membership ends after minutes.
    """

    act: Handler | None = None
    form: Opener | None = None
    why: Why | None = None
    shows: Summary | None = None
    command: Command | None = None
    names_project: bool = False
    offered_anew: bool = False
    expires: bool = False


@dataclass(frozen=True)
class Services:
    """`projects` by name, the unnamed one is `default`. `verbs` has the row of each verb.

    `store` only writes: what a person is shown is read by `sight`, so that nobody is shown what they may not see.
    """

    store: Writing
    sight: Sight
    projects: Mapping[str, Project]
    clients: Clients
    who: WhoAmI
    directory: Directory
    echoes: Echoes
    clock: Callable[[], datetime]
    verbs: Mapping[str, VerbRow]

    def row(self, verb: str) -> VerbRow:
        """An empty row for a word that an old message still carries."""
        return self.verbs.get(verb) or VerbRow()

    @property
    def main(self) -> Project:
        """The project meant where none is named."""
        return main_of(self.projects)

    @property
    def command(self) -> str:
        """The slash command's name, with its slash."""
        return self.main.command


_FIELDS = ("date", "deployed_by", "environment", "versions", "lessons")
_MINUTES = re.compile(r"[0-9]{1,5}")
Field = Callable[[Click], object]


def does(use_case: Callable[..., Answer], *fields: Field) -> Handler:
    """The use case, given what these read from the click."""

    def handler(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
        return use_case(unit, project, act, *(field(click) for field in fields))

    return handler


def opens(draw: Callable[..., View], facts_of: Callable[..., Any], *fields: Field) -> Opener:
    """The form drawn from one view of today's facts, given what these read from the click."""

    def opener(reader: PostReader, project: Project, click: Click, now: datetime) -> View:
        return draw(facts_of(reader, project, *(field(click) for field in fields), now))

    return opener


def typed(name: str) -> Field:
    """What the form's field of that name holds."""
    return lambda click: click.text(name)


deployment: Field = attrgetter("target.deployment")
item: Field = attrgetter("target.item")
section: Field = attrgetter("target.section")
role: Field = attrgetter("target.role")
subject: Field = attrgetter("target.subject")
extra: Field = attrgetter("target.extra")
notice: Field = attrgetter("target.notice")
reason = typed("reason")


def environment(click: Click) -> str:
    """The one of a button, else the one that was typed or chosen."""
    return click.target.environment or click.text("environment")


def delegate_role(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    """Until the end of the chosen day in the project's zone. Raises Refused for what is no day."""
    last = typed_day(click.text("until"), act.at.date(), "Choose the last day.")
    until = datetime.combine(last, time(23, 59, 59), ZoneInfo(project.timezone))
    return delegate.delegate(unit, project, act, click.text("role"), click.text("to"), until)


def keep_message(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    """The target's extra is the message's ts and who wrote it."""
    message, _, author = click.target.extra.partition(" ")
    return telling.add_to_record(unit, project, act, click.target.deployment, click.text("note"), message, author)


def seen(click: Click) -> frozenset[str]:
    """The answers that the person saw: the target's subject names them."""
    return frozenset(filter(None, click.target.subject.split(",")))


def ask_now(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    return asking.ask_now(unit, project, act, click.target.deployment, anyway=click.target.extra == "anyway")


def complete_with(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    """Raises Refused for a result that no form offers."""
    result = click.text("result")
    if result not in set(Outcome):
        raise Refused("Choose how it ended.")
    typed_day(click.text("date"), act.at.date(), "Choose the date.")
    fields = {name: click.text(name) for name in _FIELDS}
    return complete.complete(unit, project, act, click.target.deployment, Outcome(result), click.text("notes"), fields)


def keep_quiet(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    """Both times empty: back to the team's. Raises Refused for what is no time."""
    start, end = click.text("start"), click.text("end")
    return quiet.keep(unit, project, act, (typed_clock(start), typed_clock(end)) if start or end else None)


def set_window(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    """On the environment's wall; an end before the start is on the next day. Raises Refused for what is no time."""
    deployment = unit.deployments.get(click.target.deployment)
    zone = ZoneInfo(environment_of(project, deployment).timezone)
    day = typed_day(click.text("date"), act.at.date(), "Choose the date.")
    start_at, end_at = (datetime.combine(day, typed_clock(click.text(name)), zone) for name in ("start", "end"))
    end_at = end_at if end_at > start_at else end_at + timedelta(days=1)
    minutes = click.text("estimate").strip()
    if minutes and not _MINUTES.fullmatch(minutes):
        raise Refused("The estimate is a number of minutes, or empty.")
    return plan.set_window(unit, project, act, deployment.id, start_at, end_at, int(minutes) if minutes else None)
