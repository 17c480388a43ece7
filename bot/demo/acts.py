"""What people of the sample do, by the words they see; shared by the script and the story of the workspace."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from bot.demo.sample.databases import SampleDatabases
from bot.demo.standin import Message, Person

_RUNNING = re.compile(r"checks? running|check runs|reading migrations")
_YES = ("Approve", "Reviewed", "Second")
PREPARED = (
    "Database backup completed",
    "Backup verified and restorable",
    "Migration window scheduled",
    "Rollback plan prepared",
)
STAGING_DEPLOYED = ("Run all migrations", "Validate schema matches development")
PATIENCE = 60.0
"""Seconds; a scratch run of all files on a busy machine takes a few."""


def start(person: Person, environment: str, more: str = "") -> Message:
    """Type the command and find the dashboard, once its files are read."""
    person.types(f"/deploy start {environment} {more}".strip(), in_="#deploys")
    return person.sees("#deploys", f"{environment.capitalize()} · migrations 0", timeout=PATIENCE)


def wait_until(look: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Raises AssertionError naming what did not happen."""
    ends = time.monotonic() + seconds
    while not look():
        if time.monotonic() > ends:
            raise AssertionError(f"{what} did not happen within {seconds:.0f} s")
        time.sleep(0.1)


def wait_for_checks(dashboard: Message) -> None:
    """Until nothing in the thread says that checks are running."""
    wait_until(lambda: not _RUNNING.search(dashboard.text() + dashboard.thread.text()), "the end of the checks")


def line_of(section: Message, label: str) -> str:
    """The first line of an item as a person reads it."""
    found = [line for line in section.lines() if label in line]
    if not found:
        raise AssertionError(f"no line “{label}” in:\n{section.text()}")
    return found[0]


def settle(person: Person, dashboard: Message, section_title: str, labels: Iterable[str]) -> None:
    """See each item settled: by a machine where one can, else by pressing *Done* beside it."""
    section = dashboard.thread.sees(section_title, timeout=PATIENCE)
    for label in labels:
        wait_until(_settling(person, section, label), f"“{label}” being settled")


def _settling(person: Person, section: Message, label: str) -> Callable[[], bool]:
    pressed: list[bool] = []

    def look() -> bool:
        line = line_of(section, label)
        if "[Done]" in line and not pressed:
            pressed.append(True)
            person.presses("Done", in_=section, beside=label)
        return line.lstrip().startswith(("✓", "–"))

    return look


def sign(person: Person, dashboard: Message, role_title: str) -> str:
    """Press the button that says yes in the role's message, and see it counted; what the button said."""
    message = dashboard.thread.sees(role_title, timeout=PATIENCE)
    button = next(label for label in message.buttons() if label.startswith(_YES))
    person.presses(button, in_=message)
    wait_until(lambda: button not in message.buttons(), f"“{button}” being counted")
    return button


def go(person: Person, dashboard: Message) -> None:
    """Both steps: the button, and the form that says what will run."""
    person.presses("Go …", in_=dashboard)
    refused = person.modal().submit()
    if refused:
        raise AssertionError(f"go was refused: {refused}")
    dashboard.becomes("deploying", timeout=PATIENCE)


def complete(person: Person, dashboard: Message, notes: str) -> None:
    """The completion form with its prefilled fields."""
    person.presses("Complete …", in_=dashboard)
    form = person.modal()
    form.fill("Notes", notes)
    refused = form.submit()
    if refused:
        raise AssertionError(f"completion was refused: {refused}")
    dashboard.becomes("verifying", timeout=PATIENCE)


def finish_staging(person: Person, dashboard: Message) -> None:
    """What follows on staging once the runner has ended."""
    wait_until(lambda: "3 of 3" in dashboard.text(), "staging's history being read")
    settle(person, dashboard, "Staging Environment", STAGING_DEPLOYED)
    complete(person, dashboard, "Went as planned.")


def run_migrations(databases: SampleDatabases, environment: str, source: Path) -> str:
    """Run the sample's own runner, as an engineer would beside the bot; what it printed."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "bot.demo.sample.runner", "--source", str(source)],
        env={**os.environ, "DATABASE_URL": databases.migrator_urls[environment]},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if done.returncode:
        raise AssertionError(f"the migration runner failed:\n{done.stdout}{done.stderr}")
    return done.stdout
