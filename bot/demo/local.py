"""The local workspace: sample databases, the stand-in for Slack, the real bot, and the panel that moves them.

And what has happened there before the person comes: yesterday's deployment to staging, and the backups taken.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from pathlib import Path

from bot.demo import acts
from bot.demo.bot_process import BotKeeper
from bot.demo.panel import Panel
from bot.demo.sample import dumps
from bot.demo.sample.databases import SampleDatabases
from bot.demo.sample.history import CLOCK_FILE
from bot.demo.sample.repository import copy_repository
from bot.demo.sample.settings_file import CHANNELS, TIMEZONE
from bot.demo.stage import BOT_PID_FILE, MovableClock, bot_on, people_in, take_backup, wait_until_met
from bot.demo.standin import RateLimits, StandIn

OLD = "production"
AGE = timedelta(hours=50)  # two nights ago: last night's run is missing


def age_last_backup(folder: Path) -> None:
    """As if it had been taken earlier: the time in the manifest, and in the names of both files."""
    manifest = dumps.newest(folder, OLD)
    taken_at = datetime.fromisoformat(manifest.taken_at) - AGE
    dump = folder / manifest.file
    older = dump.with_name(f"{OLD}-{taken_at:%Y%m%dT%H%M%S%fZ}.dump")
    said = json.loads(dump.with_suffix(".json").read_text(encoding="utf-8"))
    said |= {"file": older.name, "taken_at": taken_at.isoformat()}
    dump.rename(older)
    dump.with_suffix(".json").unlink()
    older.with_suffix(".json").write_text(json.dumps(said, indent=1), encoding="utf-8")


YESTERDAY = timedelta(hours=-22)  # the story lies in the past, so the bot starts there
REVIEWED = ("Peer review of all migration files", "Check for potential performance issues")


def deploy_staging(slack: StandIn, databases: SampleDatabases, clock: MovableClock, others: Future[None]) -> None:
    """From start to completion, by the same presses that people make, only faster; `others` are made meanwhile."""
    bo, dana = slack.person("bo"), slack.person("dana")
    dashboard = acts.start(bo, "staging")
    acts.settle(dana, dashboard, "Code Review", REVIEWED)
    acts.settle(bo, dashboard, "Pre-Deployment Checks", acts.PREPARED)
    acts.wait_for_checks(dashboard)
    others.result()  # staging is compared with development
    acts.go(bo, dashboard)
    databases.migrate("staging", ahead=clock.ahead.total_seconds())
    bo.types("/deploy checks")
    acts.finish_staging(bo, dashboard)


STARTING_SECONDS = 6.0
PREPARING = "Preparing the try-out, about ten seconds."
logger = logging.getLogger(__name__)


class LocalWorkspace:
    """`open()` takes some seconds; until then `panel` is None and `progress` says what is done.

    `slack` is there from the start, so that the page can be shown at once.
    """

    def __init__(self, folder: Path, base_url: str) -> None:
        self.folder, self.migrations = folder, folder / "migrations"
        self.slack = people_in(StandIn(channels=(), rates=RateLimits(enabled=False)))
        self.slack.served_at(base_url)
        for channel in CHANNELS:
            self.slack.workspace.channels[channel.id].topic = channel.topic
        self.clock = MovableClock(folder / CLOCK_FILE, self.slack, TIMEZONE)
        self.databases: SampleDatabases | None = None
        self.panel: Panel | None = None
        self.keeper: BotKeeper | None = None
        self.backups = folder / "backups"
        self.progress = PREPARING
        self._making: Future[None] | None = None
        self._listeners: list[Callable[[], None]] = []
        self._stopping = threading.Event()
        self.slack.workspace.on_change(self.changed)

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Calls `listener` after every change of workspace or panel, on the thread that made it; what removes it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def changed(self) -> None:
        for listener in list(self._listeners):
            listener()

    def say(self, progress: str) -> None:
        """What is being prepared, for the page; empty when nothing is."""
        self.progress = progress
        self.changed()

    def open(self) -> None:
        """Starts everything. Raises CannotRun with a sentence where a database cannot be started."""
        self.say(f"{PREPARING} 1 of 3: the sample databases and the bot are starting …")
        copy_repository(self.folder)
        databases = self.databases = SampleDatabases.planned(self.folder / "databases", source=self.migrations)
        self.clock.to_working_hours()
        self.clock.move(YESTERDAY)
        with ThreadPoolExecutor() as pool:
            staging = self._making = pool.submit(databases.make, "staging")
            self._start_bot(databases)
            staging.result()
            if self._stopping.is_set():
                return
            self._making = pool.submit(self._make_others, databases)
            self._tell_story(databases, self._making)
            self._making.result()
        self.panel = Panel(databases, self.migrations, self.backups, self.clock.file, self.changed)
        self.panel.start()
        self.say("")

    def _start_bot(self, databases: SampleDatabases) -> None:
        """Beside the databases, whose addresses are known before they run."""
        bot = bot_on(self.folder, self.migrations, databases, self.slack)
        self.keeper = BotKeeper(bot, self.folder / BOT_PID_FILE, self.changed)
        self.keeper.start()
        self.slack.wait_connected(timeout=60)
        wait_until_met(self.slack)

    def _make_others(self, databases: SampleDatabases) -> None:
        databases.make("production", "development")
        take_backup(databases, self.backups)
        age_last_backup(self.backups)

    def _tell_story(self, databases: SampleDatabases, others: Future[None]) -> None:
        """Without it the workspace works as well: a story that fails is said and left."""
        self.say(f"{PREPARING} 2 of 3: yesterday’s deployment to staging is made, with its checks …")
        try:
            deploy_staging(self.slack, databases, self.clock, others)
        except AssertionError as fault:
            logger.warning("the story of staging could not be told: %s", fault)
        self.say(f"{PREPARING} 3 of 3: today begins …")
        self.clock.move(-YESTERDAY)

    def close(self, opening: threading.Thread) -> None:
        """Stops all of it, in any state; waits a while for databases that are being started by `opening`."""
        self._stopping.set()
        if self._making is None:
            opening.join(STARTING_SECONDS)
        elif not self._making.done():
            wait([self._making], STARTING_SECONDS)
        if self.keeper is not None:
            self.keeper.stop()
        if self.panel is not None:
            self.panel.stop()
        if self.databases is not None:
            self.databases.stop()
