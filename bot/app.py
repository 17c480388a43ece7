"""Composition root: the one file that knows all rooms. Start, drain, stop."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue

from bot.background.alarm_clock import AlarmClock
from bot.background.backstage import Backstage
from bot.background.check_pool import CheckPool
from bot.background.metrics import serve_metrics
from bot.core.attention import country_for
from bot.settings import Settings, SettingsError, Sources
from bot.settings.clock import CLOCK_VARIABLE, clock
from bot.slack.inbound.bolt import SocketLink, build_app
from bot.slack.inbound.verb_row import Services
from bot.slack.inbound.verbs import VERBS
from bot.slack.messages.templates import use_own
from bot.slack.outbound.calling import make_clients, make_socket_client
from bot.slack.outbound.drawing import Drawing, Outgoing
from bot.slack.outbound.pace import Echoes, Outage, Pace, Rates
from bot.slack.outbound.publisher import Publisher
from bot.slack.people.directory import Directory
from bot.slack.people.identity import WhoAmI, pulse
from bot.storage import Store, StoreFault, process_lock
from bot.usecases.books.units import StateBusy
from bot.usecases.sight import Sight

logger = logging.getLogger(__name__)

METRICS_VARIABLE = "GONOGO_METRICS_PORT"
DRAIN_SECONDS = 4.0
SOURCES_FOLDER = "gonogo-sources"


@dataclass(frozen=True)
class Bot:
    """Every running part, in the order of their start."""

    store: Store
    backstage: Backstage
    who: WhoAmI
    directory: Directory
    publisher: Publisher
    pool: CheckPool
    alarm: AlarmClock
    link: SocketLink

    def start(self) -> None:
        """Nothing here needs Slack: what waits for it waits in the background."""
        self.who.start()
        self.directory.start()
        self.publisher.start()
        self.pool.start()
        self.alarm.start()
        self.link.start()

    def stop(self) -> None:
        """Take nothing new, finish what is in hand, send what is committed; under ten seconds in all."""
        self.link.close()
        self.alarm.stop()
        self.pool.ask_to_stop()
        self.directory.stop()
        self.who.stop()
        self.publisher.stop(DRAIN_SECONDS)
        self.pool.join(1.0)
        self.store.close()


def build(settings: Settings) -> Bot:
    """Put the parts together. Raises StoreFault (a sentence) where the state file cannot be used."""
    key = settings.signing_key()
    store = Store.open(settings.database_path, key=lambda: key)
    projects = settings.projects()
    use_own(settings.templates)
    country_for("UTC")  # its tables are read now, and not inside of the first click
    clients = make_clients(settings.slack.bot_token.get_secret_value(), settings.slack.api_url)
    beat = pulse(store, clock)
    who = WhoAmI(store, clients.reading, clock)
    directory = Directory(store, clients.reading, who, projects, clock, beat, look_seconds=_or_soon(60.0, 0.5))
    sight = Sight(store, projects, clock, directory.want_missing)
    services = Services(store, sight, projects, clients, who, directory, Echoes(), clock, VERBS)
    rates = Rates(settings.slack.posts_per_second, settings.slack.updates_per_minute)
    drawing = Drawing(projects, who, key)
    outgoing = Outgoing(store, clients, clock, Pace(rates), Outage(), services.echoes, drawing, directory.want_for)
    cache = settings.database_path.parent / SOURCES_FOLDER
    backstage = Backstage(store, projects, _sources(settings), clock, cache, directory.want_missing, settings.anchor)
    pool, alarm = CheckPool(backstage), AlarmClock(backstage, sweep_seconds=_or_soon(60.0, 1.0))
    store.write(lambda unit: unit.results.requeue())
    store.on_commit(pool.wake)
    web = make_socket_client(settings.slack.api_url)
    link = SocketLink(build_app(services), settings.slack.app_token.get_secret_value(), web, beat, clock)
    return Bot(store, backstage, who, directory, Publisher(outgoing, beat), pool, alarm, link)


def _sources(settings: Settings) -> Callable[[str, str], Sources | None]:
    def sources(project: str, environment: str) -> Sources | None:
        try:
            return settings.inputs(project, environment)
        except (KeyError, SettingsError):
            return None

    return sources


def _or_soon(seconds: float, soon: float) -> float:
    """A shifted clock is moved by people who then wait for what it brings."""
    return soon if os.environ.get(CLOCK_VARIABLE) else seconds


def run(settings: Settings) -> int:
    """Run the bot until SIGTERM or SIGINT; the exit code. A fault at start is one sentence and exit code 2."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stdout)
    logging.getLogger().handlers[0].addFilter(_without_trace_of_busy)
    for noisy in ("apscheduler", "slack_sdk", "slack_bolt"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    if not os.environ.get(METRICS_VARIABLE, "0").isdigit():
        print(f"gonogo: {METRICS_VARIABLE} is no port number; leave it out for no metrics", file=sys.stderr)
        return 2
    try:
        with process_lock(settings.database_path):
            return _run(settings)
    except StoreFault as fault:
        print(f"gonogo: {fault}", file=sys.stderr)
        return 2


def _without_trace_of_busy(record: logging.LogRecord) -> bool:
    """A state that another process holds is one line, whoever met it: nobody mends that by a stack trace."""
    fault = record.exc_info[1] if record.exc_info else None
    if isinstance(fault, StateBusy):
        record.msg, record.args, record.exc_info = f"{record.getMessage()}: {fault}", (), None
    return True


def _run(settings: Settings) -> int:
    # An Event would wait for itself where the signal comes while it is being waited for.
    told: SimpleQueue[int] = SimpleQueue()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, _: told.put(number))
    bot = build(settings)
    bot.start()
    if port := os.environ.get(METRICS_VARIABLE):
        serve_metrics(bot.backstage, int(port))
    logger.info("gonogo runs; state is in %s", settings.database_path)
    told.get()
    logger.info("gonogo stops: finishing what is in hand")
    bot.stop()
    return 0
