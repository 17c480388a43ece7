"""The whole Slack room against the stand-in: real Bolt over Socket Mode, real store, real use cases."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.core.checklist.items import Kind, RoleKind
from bot.core.deployment import Deployment, Outcome, State
from bot.core.team import Environment, Project, Role
from bot.demo.standin import Person, StandIn
from bot.demo.standin.people.message import Thread
from bot.resources import templates_folder
from bot.slack.inbound.bolt import SocketLink, build_app
from bot.slack.inbound.verb_row import Services, VerbRow
from bot.slack.inbound.verbs import VERBS
from bot.slack.outbound.calling import make_clients, make_socket_client
from bot.slack.outbound.drawing import Drawing, Outgoing
from bot.slack.outbound.pace import Echoes, Outage, Pace, Rates
from bot.slack.outbound.publisher import Publisher
from bot.slack.people.directory import Directory
from bot.slack.people.identity import WhoAmI, pulse
from bot.usecases.act import repaint_all
from bot.usecases.books.units import PostReader, PostUnit
from bot.usecases.sight import Sight
from tests.states import open_state

FAST = Rates(posts_a_second=200, updates_a_minute=6000, routine_burst=1000)
CHECKLIST = templates_folder() / "checklists" / "migration-deployment.md"


def eventually(look: Callable[[], object], seconds: float = 30) -> bool:
    """Whether it comes true in time."""
    deadline = time.monotonic() + seconds
    while not look():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.03)
    return True


def project_of(slack: StandIn, **changes: Any) -> Project:
    """A team with production and staging, a DBA and a backend engineer, no migrations configured."""
    channel = slack.workspace.channel_named("#deploys").id
    base = Project(
        name="default",
        channel=channel,
        working_days=frozenset(range(7)),  # tests run on any day, by the clock of the wall
        holidays=None,
        environments={
            "staging": Environment("staging", Kind.STAGING, on_call=("U0ONA",)),
            "production": Environment("production", Kind.PRODUCTION, on_call=("U0ONA",), break_glass=("U0ONA",)),
        },
        roles={
            "dba": Role("dba", "Database administrator", "sign-off-dba", RoleKind.APPROVE, ("@dba-team",)),
            "backend": Role("backend", "Backend engineer", "sign-off-backend", RoleKind.REVIEW, ("U0BO",)),
        },
        checklist_file="migration-deployment.md",
        checklist_text=CHECKLIST.read_text(),
    )
    return replace(base, **changes)


class Waiting:
    """The clock by which the publisher and the socket wait: `speed` times as fast as that of the wall."""

    def __init__(self, speed: float = 1) -> None:
        self.speed, self._began, self._zero = speed, datetime.now(UTC), time.monotonic()

    def seconds(self) -> float:
        return (time.monotonic() - self._zero) * self.speed

    def now(self) -> datetime:
        return self._began + timedelta(seconds=self.seconds())

    def pause(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(seconds / self.speed)


class BotUnderTest:
    """Built like `bot/app.py` builds it; each part can be started, stopped and started again."""

    def __init__(
        self,
        slack: StandIn,
        file: Path,
        project: Project | None = None,
        verbs: Mapping[str, VerbRow] = VERBS,
        rates: Rates = FAST,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        waiting: Waiting | None = None,
    ) -> None:
        waits = waiting or Waiting()
        self.slack, self.store = slack, open_state(file)
        self.clients = make_clients(slack.bot_token, slack.api_url)
        self.project = project or project_of(slack)
        projects = {self.project.name: self.project}
        self.beat = pulse(self.store, clock)
        self.who = WhoAmI(self.store, self.clients.reading, clock)
        self.directory = Directory(
            self.store, self.clients.reading, self.who, projects, clock, self.beat, retry_seconds=0.5
        )
        echoes = Echoes()
        sight = Sight(self.store, projects, clock, self.directory.want_missing)
        self.services = Services(
            self.store, sight, projects, self.clients, self.who, self.directory, echoes, clock, verbs
        )
        self.app = build_app(self.services)
        drawing, pace = Drawing(projects, self.who), Pace(rates, waits.seconds)
        heard, outage = self.directory.want_for, Outage(waits.seconds)
        self.out = Outgoing(self.store, self.clients, waits.now, pace, outage, echoes, drawing, heard)
        self.publisher = Publisher(self.out, self.beat, waits.pause)
        web = make_socket_client(slack.api_url)
        self.link = SocketLink(self.app, slack.app_token, web, self.beat, clock, 0.5, waits.pause)

    def start(self) -> BotUnderTest:
        self.who.start()
        self.directory.start()
        self.publisher.start()
        self.link.start()
        return self

    def connected(self) -> BotUnderTest:
        self.start()
        self.slack.wait_connected()
        return self

    def stop(self) -> None:
        self.link.close()
        self.directory.stop()
        self.who.stop()
        self.publisher.stop(2)
        self.store.close()

    def stop_in_background(self) -> None:
        """Closing a websocket takes seconds; no test waits for it."""
        threading.Thread(target=self.stop, daemon=True).start()


def started(bot: BotUnderTest, person: Person, command: str = "/deploy start production 00008-00010") -> Thread:
    """A deployment whose messages are all on screen."""
    assert eventually(lambda: bot.store.read(lambda reader: reader.people.person(person.user.id)))
    told = person.types(command)
    assert told
    assert "has started" in told
    thread = person.sees("#deploys", "migrations 00008–00010").thread
    assert eventually(lambda: not behind(bot), 60)
    return thread


def behind(bot: BotUnderTest) -> list[str]:
    """What Slack does not show yet as it should."""

    def read(reader: PostReader) -> list[str]:
        wanted = [live for one in reader.deployments.open() for live in reader.outbox.wanted(one.id)]
        return [f"{live.kind} {live.subject}" for live in wanted if live.wanted > live.sent]

    return bot.store.read(read)


def completed(bot: BotUnderTest) -> Deployment:
    """The one open deployment, gone and completed a moment ago; how it came there is for others to try."""
    before, now = deployment_of(bot), bot.services.clock()
    after = replace(before, state=State.VERIFYING, result=Outcome.SUCCESS, go_at=now, completed_at=now)

    def work(unit: PostUnit) -> Deployment:
        saved = unit.deployments.save(after)
        repaint_all(unit, bot.project, saved, now)
        return saved

    return bot.store.write(work)


def deployment_of(bot: BotUnderTest) -> Deployment:
    """The one open deployment."""
    (only,) = bot.store.read(lambda reader: reader.deployments.open())
    return only
