"""The local workspace: sample databases, the stand-in for Slack, the real bot, and the panel that moves them.

And what has happened there before the person comes: yesterday's deployment to staging, and the backups taken.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from bot.demo import acts
from bot.demo.bot_process import BotKeeper
from bot.demo.panel import Panel
from bot.demo.sample import dumps, mishaps
from bot.demo.sample.databases import SampleDatabases
from bot.demo.sample.settings_file import CHANNELS, TIMEZONE
from bot.demo.stage import BOT_PID_FILE, MovableClock, bot_on, people_in, take_backups
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


def arrange(slack: StandIn, panel: Panel, clock: MovableClock, say: Callable[[str], None]) -> None:
    """Tells the story and comes back to today, whether it went well or not. Raises AssertionError."""
    try:
        _deploy_staging(slack, panel, say)
    finally:
        panel.output.clear()
        clock.move(-YESTERDAY)


def _deploy_staging(slack: StandIn, panel: Panel, say: Callable[[str], None]) -> None:
    """From start to completion, by the same presses that people make, only faster."""
    bo, dana = slack.person("bo"), slack.person("dana")
    say("Yesterday: Bo starts staging, and gonogo runs its checks …")
    dashboard = acts.start(bo, "staging")
    acts.wait_for_checks(dashboard)
    say("Yesterday: Dana reviews the files, Bo says go …")
    acts.settle(dana, dashboard, "Code Review", REVIEWED)
    acts.settle(bo, dashboard, "Pre-Deployment Checks", acts.PREPARED)
    acts.go(bo, dashboard)
    say("Yesterday: Bo runs the migrations on staging and completes …")
    panel.run_migrations("staging", slowly=False)
    acts.finish_staging(bo, dashboard)


STARTING_SECONDS = 6.0
logger = logging.getLogger(__name__)


class LocalWorkspace:
    """`open()` takes about ten seconds; until then `panel` and `keeper` are None and `progress` says what is done.

    `slack` is there from the start, so that the page can be shown at once.
    """

    def __init__(self, folder: Path, base_url: str) -> None:
        self.folder, self.migrations = folder, folder / "migrations"
        self.slack = people_in(StandIn(channels=(), rates=RateLimits(enabled=False)))
        self.slack.served_at(base_url)
        for channel in CHANNELS:
            self.slack.workspace.channels[channel.id].topic = channel.topic
        self.clock = MovableClock(folder / "clock", self.slack, TIMEZONE)
        self.databases: SampleDatabases | None = None
        self.panel: Panel | None = None
        self.keeper: BotKeeper | None = None
        self.progress = ""
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
        self.say("Starting three sample databases …")
        mishaps.copy_migrations(self.migrations)
        self.databases = SampleDatabases.start(self.folder / "databases", source=self.migrations)
        if self._stopping.is_set():
            return
        self.say("Taking backups of the sample databases …")
        backups = self.folder / "backups"
        take_backups(self.databases, backups)
        age_last_backup(backups)
        self.panel = Panel(self.databases, self.migrations, backups, self.clock.file, self.changed)
        self.panel.start()
        self.say("Starting the bot …")
        self.clock.move(YESTERDAY)
        bot = bot_on(self.folder, self.migrations, self.databases, self.slack)
        self.keeper = BotKeeper(bot, self.folder / BOT_PID_FILE, self.changed)
        self.keeper.start()
        self.slack.wait_connected(timeout=60)
        self._tell_story(self.panel)

    def _tell_story(self, panel: Panel) -> None:
        """Without it the workspace works as well: a story that fails is said and left."""
        try:
            arrange(self.slack, panel, self.clock, self.say)
        except AssertionError as fault:
            logger.warning("the story of staging could not be told: %s", fault)
        self.say("")

    def close(self, opening: threading.Thread) -> None:
        """Stops all of it, in any state; waits a while for databases that are being started by `opening`."""
        self._stopping.set()
        if self.databases is None:
            opening.join(STARTING_SECONDS)
        if self.keeper is not None:
            self.keeper.stop()
        if self.panel is not None:
            self.panel.stop()
        if self.databases is not None:
            self.databases.stop()
