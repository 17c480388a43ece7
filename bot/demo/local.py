"""The local workspace: sample databases, the stand-in for Slack, the real bot, and the panel that moves them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from bot.demo.bot_process import BotKeeper
from bot.demo.panel import Panel
from bot.demo.sample import mishaps
from bot.demo.sample.databases import SampleDatabases
from bot.demo.sample.settings_file import CHANNELS, TIMEZONE
from bot.demo.stage import BOT_PID_FILE, MovableClock, bot_on, people_in, take_backups
from bot.demo.standin import RateLimits, StandIn
from bot.demo.story import age_last_backup, arrange, begin_yesterday


def manifest_file() -> Path:
    """`manifest.json`. Raises FileNotFoundError for a broken installation."""
    package = Path(str(files("bot")))
    for path in (package / "_manifest.json", package.parent / "manifest.json"):
        if path.is_file():
            return path
    raise FileNotFoundError("gonogo was installed without its manifest: install it anew from its wheel or checkout")


STARTING_SECONDS = 6.0
logger = logging.getLogger(__name__)


class LocalWorkspace:
    """`open()` takes about ten seconds; until then `panel` and `keeper` are None and `progress` says what is done.

    `slack` is there from the start, so that the page can be shown at once.
    """

    def __init__(self, folder: Path, base_url: str) -> None:
        self.folder, self.migrations = folder, folder / "migrations"
        self.slack = people_in(StandIn(manifest_file(), channels=(), rates=RateLimits(enabled=False)))
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
        begin_yesterday(self.clock)
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
