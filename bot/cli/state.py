"""The state file for commands that run beside the bot, and the deployment that `12` or `billing/12` names."""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import datetime

from bot.cli.terminal import oneline, refuse, refuse_settings
from bot.core.deployment import Deployment
from bot.core.team import Project
from bot.settings import Settings, SettingsError
from bot.settings.clock import clock
from bot.settings.faults import did_you_mean
from bot.storage import Store, StoreFault
from bot.usecases.books.rows import Identity
from bot.usecases.books.units import Reader
from checks.result import with_mend

_NUMBER = re.compile(r"(?:(?P<project>[a-z0-9][a-z0-9_-]*)/)?#?(?P<number>[0-9]{1,9})")


def now() -> datetime:
    """The bot's time in UTC, cut to what the state keeps."""
    instant = clock()
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def reading(settings: Settings) -> AbstractContextManager[Store]:
    """The state file, read only. Exits 1 with a sentence where it cannot be used."""
    return _used(lambda: Store.open(settings.database_path, read_only=True))


def writing(settings: Settings) -> AbstractContextManager[Store]:
    """A second writer beside the bot, on a state file that is there and up to date; no other is made or migrated."""
    return _used(lambda: Store.beside(settings.database_path, settings.signing_key))


@contextmanager
def _used(opened: Callable[[], Store]) -> Iterator[Store]:
    try:
        with closing(opened()) as store:
            yield store
    except StoreFault as fault:
        refuse(str(fault))
    except SettingsError as error:
        refuse_settings(error)


def identity(reader: Reader) -> Identity:
    """The workspace that this state belongs to. Exits 1 before the bot's first contact."""
    found = reader.people.identity()
    if found is None:
        refuse("this state file has met no Slack workspace yet: start `gonogo run` once, with Slack in reach")
    return found


def deployment_named(reader: Reader, settings: Settings, text: str) -> tuple[Project, Deployment]:
    """What `12` or `billing/12` names. Exits 1 with a sentence where it names nothing."""
    name, number = _parsed(text)
    projects = settings.projects()
    if name not in projects:
        known = ", ".join(sorted(projects))
        unknown = with_mend(f"there is no project '{name}'", did_you_mean(name, projects))
        refuse(f"{unknown}; known: {known}")
    found = reader.deployments.by_number(identity(reader).team, name, number)
    if found is None:
        refuse(f"there is no deployment {text}; {_open_words(reader, projects)}")
    return projects[name], found


def _parsed(text: str) -> tuple[str, int]:
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        refuse(f"'{text[:40]}' is no deployment: write its number, such as 12, or billing/12 for another project")
    return match["project"] or "default", int(match["number"])


def _open_words(reader: Reader, projects: Mapping[str, Project]) -> str:
    labels = [f"{one.label} ({one.environment})" for one in reader.deployments.open() if one.project in projects]
    return f"open are {', '.join(labels)}" if labels else "none is open"


def os_user() -> str:
    """Whose account of this machine runs the command, by its real user id; behind sudo also who says so, as claimed."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = f"uid {os.getuid()}"
    claimed = oneline(os.environ.get("SUDO_USER", ""))[:64]
    return f"{name}, by sudo as {claimed} (as claimed)" if claimed else name
