"""Everything of the try-out together: sample databases, the stand-in for Slack, the real bot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.demo.bot_process import BotProcess
from bot.demo.folder import own_folder, sweep
from bot.demo.sample import dumps, faults
from bot.demo.sample.databases import SampleDatabases
from bot.demo.sample.people import CHANNELS, GROUPS, PEOPLE
from bot.demo.sample.settings_file import Places, Workspace, write_settings
from bot.demo.standin import Person, RateLimits, StandIn

FAST = "\n[slack]\nposts_per_second = 50\nupdates_per_minute = 3000\n"


@dataclass(frozen=True)
class Stage:
    """A running try-out. `migrations` is a copy that may be edited."""

    directory: Path
    migrations: Path
    databases: SampleDatabases
    slack: StandIn
    bot: BotProcess

    def person(self, handle: str) -> Person:
        return self.slack.person(handle)


@contextmanager
def stage(*, backups: bool = True) -> Iterator[Stage]:
    """Start all of it in a temporary folder, and leave nothing behind."""
    with ExitStack() as stack:
        sweep()
        directory = stack.enter_context(own_folder())
        migrations = directory / "migrations"
        faults.copy_migrations(migrations)
        databases = SampleDatabases.start(directory / "databases", source=migrations)
        stack.callback(databases.stop)
        if backups:
            take_backups(databases, directory / "backups")
        slack = stack.enter_context(people_in(StandIn.start(None, channels=(), rates=RateLimits(enabled=False))))
        bot = bot_on(directory, migrations, databases, slack)
        stack.callback(bot.stop)
        bot.start()
        slack.wait_connected(timeout=30)
        yield Stage(directory, migrations, databases, slack, bot)


def take_backups(databases: SampleDatabases, folder: Path) -> None:
    """A backup of each sample database, so that the backup checks have something true to say."""
    for environment, address in databases.migrator_urls.items():
        dumps.take(address, folder, environment)


def people_in(slack: StandIn) -> StandIn:
    """The seven people, their groups and channels."""
    for channel in CHANNELS:
        slack.add_channel(channel.name)
    for person in PEOPLE:
        slack.add_person(person.handle, person.name, id=person.id, tz=person.zone)
    for group in GROUPS:
        slack.add_group(group.handle, [member.removeprefix("U0").lower() for member in group.members])
    return slack


def bot_on(directory: Path, migrations: Path, databases: SampleDatabases, slack: StandIn) -> BotProcess:
    """The bot with the sample's settings, at the pace that a stand-in without limits takes."""
    places = Places(migrations, databases.addresses_file, directory / "backups")
    settings = write_settings(directory, places, Workspace())
    settings.write_text(settings.read_text(encoding="utf-8") + FAST, encoding="utf-8")
    variables = {**databases.variables(), **slack.environment(), "GONOGO_CLOCK_FILE": str(directory / "clock")}
    return BotProcess(settings, variables, directory / "bot.log")
