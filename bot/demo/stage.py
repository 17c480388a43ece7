"""Everything of the try-out together, with a clock that the panel moves, in a folder that is swept after a kill."""

from __future__ import annotations

import contextlib
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from holidays import country_holidays

from bot.demo.bot_process import BotProcess
from bot.demo.sample import dumps
from bot.demo.sample.databases import SampleDatabases
from bot.demo.sample.history import CLOCK_FILE, CLOCK_VARIABLE
from bot.demo.sample.repository import copy_repository
from bot.demo.sample.settings_file import CHANNELS, GROUPS, PEOPLE, TIMEZONE, Places, write_settings
from bot.demo.standin import Person, RateLimits, StandIn
from checks.scratchdb.sweep import end_process, owned_folder, sweep_folders

PREFIX = "gonogo-workspace-"
OWNER_FILE = "owner"
BOT_PID_FILE = "bot.pid"


@contextlib.contextmanager
def own_folder() -> Iterator[Path]:
    """A new folder, deleted at the end. The lock on `owner` ends with this process, even by kill -9."""
    folder, owner = owned_folder(PREFIX, OWNER_FILE)
    try:
        yield folder
    finally:
        owner.close()
        shutil.rmtree(folder, ignore_errors=True)


def sweep() -> list[Path]:
    """Ends the bot and deletes the folder of every workspace whose owner is gone; what it deleted."""
    return sweep_folders(PREFIX, OWNER_FILE, OWNER_FILE, _end_bot)


def _end_bot(folder: Path) -> None:
    """The bot whose settings lie in this very folder."""
    end_process(folder / BOT_PID_FILE, signal.SIGKILL, str(folder))


MORNING = 9  # o'clock
BEGINS = 10  # o'clock, on a day on which everybody works
AWAKE = range(8, 20)  # the hours in which they may be written to, as the bot has them where no settings say otherwise
LASTS = timedelta(hours=2)
FORGETTING = timedelta(minutes=30)  # after that the bot asks anew who somebody is
MEETING_SECONDS = 5.0


class MovableClock:
    """`file` holds the seconds that the workspace's time is ahead of the machine's, as text.

    `note` says why it does not begin now.
    """

    def __init__(self, file: Path, slack: StandIn, zone: str) -> None:
        self.file, self._slack, self._zone = file, slack, ZoneInfo(zone)
        self.note = ""
        self._write()

    @property
    def now(self) -> datetime:
        """The workspace's time, in its zone."""
        return datetime.fromtimestamp(self._slack.workspace.now(), self._zone)

    @property
    def ahead(self) -> timedelta:
        return timedelta(seconds=self._slack.shift)

    def move(self, by: timedelta) -> None:
        """Moves the time on, for the bot and for the workspace; a bot that runs then asks anew who everybody is."""
        since = time.monotonic()
        self._slack.move_clock(by.total_seconds())
        self._write()
        if by > FORGETTING and self._slack.sockets.connections:
            wait_until_met(self._slack, since)

    def to_next_morning(self) -> None:
        """9:00 of the workspace's next day."""
        now = self.now
        tomorrow = (now + timedelta(days=1)).replace(hour=MORNING, minute=0, second=0, microsecond=0)
        self.move(tomorrow - now)

    def to_working_hours(self) -> None:
        """Ten o'clock of the next day on which all may be written to, unless they may be now and for two hours."""
        now = self.now
        if all_awake(now) and all_awake(now + LASTS):
            return
        tens = ((now + timedelta(days=day)).replace(hour=BEGINS, minute=0, second=0, microsecond=0) for day in count())
        begins = next(ten for ten in tens if ten > now and all_awake(ten))
        self.move(begins - now)
        self.note = f"On {now:%A at %H:%M} somebody here is left alone, so the try-out begins on {begins:%A, %d %B}."

    def _write(self) -> None:
        unfinished = self.file.with_suffix(".part")
        unfinished.write_text(f"{self._slack.shift:.3f}", encoding="utf-8")
        unfinished.replace(self.file)


def all_awake(at: datetime) -> bool:
    """Whether everybody of the sample workspace is at work: by their own wall, and no public holiday there."""
    walls = ((person, at.astimezone(ZoneInfo(person.zone))) for person in PEOPLE)
    return all(
        wall.weekday() < 5
        and wall.hour in AWAKE
        and wall.date() not in country_holidays(person.country, years=wall.year)
        for person, wall in walls
    )


FAST = "\n[slack]\nposts_per_second = 50\nupdates_per_minute = 1200\n"


@dataclass(frozen=True)
class Stage:
    """A running try-out. `migrations` is a copy that may be edited."""

    directory: Path
    migrations: Path
    databases: SampleDatabases
    slack: StandIn
    bot: BotProcess
    clock: MovableClock

    def person(self, handle: str) -> Person:
        return self.slack.person(handle)


@contextmanager
def stage() -> Iterator[Stage]:
    """Start all of it in a temporary folder, and leave nothing behind."""
    with ExitStack() as stack:
        sweep()
        directory = stack.enter_context(own_folder())
        migrations = copy_repository(directory)
        databases = SampleDatabases.start(directory / "databases", source=migrations)
        stack.callback(databases.stop)
        take_backup(databases, directory / "backups")
        slack = stack.enter_context(people_in(StandIn.start(None, channels=(), rates=RateLimits(enabled=False))))
        clock = MovableClock(directory / CLOCK_FILE, slack, TIMEZONE)
        clock.to_working_hours()
        bot = bot_on(directory, migrations, databases, slack)
        stack.callback(bot.stop)
        bot.start()
        slack.wait_connected(timeout=60)
        yield Stage(directory, migrations, databases, slack, bot, clock)


def take_backup(databases: SampleDatabases, folder: Path) -> None:
    """A backup of production, so that the backup checks have something true to say."""
    dumps.take(databases.migrator_urls["production"], folder, "production")


def people_in(slack: StandIn) -> StandIn:
    """The seven people, their groups and channels."""
    for channel in CHANNELS:
        slack.add_channel(channel.name)
    for person in PEOPLE:
        slack.add_person(person.handle, person.name, display_name=person.name, id=person.id, tz=person.zone)
    for group in GROUPS:
        slack.add_group(group.handle, [member.removeprefix("U0").lower() for member in group.members])
    return slack


def wait_until_met(slack: StandIn, since: float = 0.0) -> None:
    """Until the bot has asked Slack about everybody since then, or five seconds: who acts sooner has to wait for it."""
    people = {user.id for user in slack.workspace.users.values() if not user.is_bot}
    ends = time.monotonic() + MEETING_SECONDS
    while time.monotonic() < ends:
        asked = {call.args.get("user") for call in slack.calls.of("users.info") if call.at > since}
        if people <= asked:
            return
        time.sleep(0.05)


def bot_on(directory: Path, migrations: Path, databases: SampleDatabases, slack: StandIn) -> BotProcess:
    """The bot with the sample's settings, at the pace that a stand-in without limits takes."""
    places = Places(migrations, databases.addresses_file, directory / "backups")
    settings = write_settings(directory, places)
    settings.write_text(settings.read_text(encoding="utf-8") + FAST, encoding="utf-8")
    variables = {**databases.variables(), **slack.environment(), CLOCK_VARIABLE: str(directory / CLOCK_FILE)}
    return BotProcess(settings, variables, directory / "bot.log")
