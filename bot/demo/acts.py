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
from bot.demo.sample.history import CLOCK_FILE, CLOCK_VARIABLE
from bot.demo.standin import Form, Message, Person

_RUNNING = re.compile(r"checks? running|check runs|checks run:|reading migrations")
_LEFT = re.compile(r"(\d+) (?:failed|for you)")
_UNSETTLED = ("✗", "○ open", "◐")
LISTS = "Open a list …"
_YES = ("Approve", "Reviewed", "Second")
PREPARED = (
    "Database backup completed",
    "Backup verified and restorable",
    "Migration window scheduled",
    "Rollback plan prepared",
)
STAGING_DEPLOYED = ("Run all migrations", "Validate schema matches development")
PATIENCE = 240.0
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


def section_of(dashboard: Message, title: str, timeout: float = PATIENCE) -> Message:
    """The message of a section that has something for a person; waits until it is posted."""
    found: list[Message] = []

    def posted() -> bool:
        found[:] = [each for each in dashboard.thread.replies() if _is_of(each, title)]
        return bool(found)

    wait_until(posted, f"“{title}” being posted", timeout)
    return found[-1]


def _is_of(message: Message, title: str) -> bool:
    return bool(message.lines()) and message.lines()[0].startswith((f"{title}  ", f"{title} ("))


def opens_list(person: Person, dashboard: Message, title: str) -> Form:
    """Open a section as a whole, from its phase."""
    wait_until(lambda: _phase_with(dashboard, title) is not None, f"the phase of “{title}” being opened")
    person.chooses(LISTS, title, in_=_phase_with(dashboard, title) or dashboard)
    return person.modal("List", timeout=PATIENCE)


def _phase_with(dashboard: Message, title: str) -> Message | None:
    """The message of the phase that has this section: a line a section."""
    found = (each for each in reversed(dashboard.thread.replies()) if LISTS in each.text() and _line(each, title))
    return next(found, None)


def settle(person: Person, dashboard: Message, section_title: str, labels: Iterable[str]) -> None:
    """See each item that a step needs settled: by a machine where one can, else by pressing *Done* beside it."""
    for label in labels:
        wait_until(_settling(person, dashboard, section_title, label), f"“{label}” being settled")


def _settling(person: Person, dashboard: Message, title: str, label: str) -> Callable[[], bool]:
    """What is settled is in the section no more; the line of its phase says how many are left."""
    pressed: list[bool] = []

    def look() -> bool:
        left = _left_in(dashboard, title)
        section = next((each for each in reversed(dashboard.thread.replies()) if _is_of(each, title)), None)
        shown = [] if section is None else [line for line in section.lines() if line.lstrip().startswith(_UNSETTLED)]
        line = next((line for line in shown if label in line), "")
        if section is not None and "[Done]" in line and not pressed:
            pressed.append(True)
            person.presses("Done", in_=section, beside=label)
        return not line and left is not None and len(shown) == left

    return look


def _left_in(dashboard: Message, title: str) -> int | None:
    """How many items of a section are for a person; None while its checks run."""
    message = _phase_with(dashboard, title)
    if message is None or _RUNNING.search(message.text()):
        return None
    return sum(int(number) for number in _LEFT.findall(_line(message, title)))


def _line(message: Message, title: str) -> str:
    return next((line for line in message.lines() if line.startswith(f"{title}  ")), "")


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
        env={
            **os.environ,
            "DATABASE_URL": databases.migrator_urls[environment],
            CLOCK_VARIABLE: str(source.with_name(CLOCK_FILE)),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if done.returncode:
        raise AssertionError(f"the migration runner failed:\n{done.stdout}{done.stderr}")
    return done.stdout
