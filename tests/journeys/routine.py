"""What people do in every journey, by the words they see."""

from __future__ import annotations

import time

from bot.demo import acts
from bot.demo.standin import Message, Person
from tests.journeys.troupe import Troupe

PATIENCE = 40
NEEDED_FOR_GO = {
    "Development Environment": ("Review all migration files for syntax errors", "Ensure migrations are numbered"),
    "Testing": ("Run all migrations on test database",),
    "Code Review": ("Check for potential performance issues",),
    "Pre-Deployment Checks": (
        "Database backup completed",
        "Backup verified and restorable",
        "Migration window scheduled",
        "Rollback plan prepared",
    ),
    "Staging Environment": ("Run all migrations", "Validate schema matches development"),
}
PEERS_SAY = ("Peer review of all migration files",)
NEEDED_TO_COMPLETE = (
    "Final backup before deployment",
    "Run migration runner script",
    "Verify all migrations completed",
    "Run schema validation script",
    "Verify application connectivity",
    "Run smoke tests",
)
SIGNERS = ("dana", "bo", "devi", "mo")


def started(play: Troupe) -> Message:
    ann = play.person("ann")
    ann.types("/deploy start production 00008-00010")
    return ann.sees("#deploys", "Production · migrations 00008–00010", timeout=PATIENCE)


def tick(person: Person, dashboard: Message, section_title: str, label: str) -> None:
    person.presses("Done", in_=acts.section_of(dashboard, section_title, PATIENCE), beside=label)


def is_quiet(dashboard: Message) -> bool:
    """Whether nothing says that something runs or is being read; a job may just have ended, and its checks begin."""
    for _ in range(3):
        shown = dashboard.text() + dashboard.thread.text()
        if "checks run:" in shown or "running" in shown or "reading" in shown:
            return False
        time.sleep(0.4)
    return True


def prepared(play: Troupe, dashboard: Message) -> None:
    acts.wait_until(lambda: is_quiet(dashboard), "the end of the checks")
    acts.settle(play.person("bo"), dashboard, "Code Review", PEERS_SAY)
    for section, labels in NEEDED_FOR_GO.items():
        acts.settle(play.person("ann"), dashboard, section, labels)


def yes_button(message: Message) -> str:
    """The button that says yes for a role: "Approve as DBA"."""
    return next(label for label in message.buttons() if label.startswith(("Approve", "Reviewed", "Second")))


def signed(play: Troupe) -> None:
    for name in SIGNERS:
        asked = play.person(name).hears("asked of you", timeout=PATIENCE)
        play.person(name).presses(yes_button(asked), in_=asked)


def gone(play: Troupe, dashboard: Message) -> None:
    ann = play.person("ann")
    dashboard.becomes("nothing is missing", timeout=PATIENCE)
    ann.presses("Go …", in_=dashboard)
    assert ann.modal().submit() is None
    dashboard.becomes("deploying", timeout=PATIENCE)


def deploying(play: Troupe, command: str = "/deploy start production 00008-00010") -> Message:
    """A production deployment of Ann's after go."""
    play.person("ann").types(command)
    dashboard = play.person("ann").sees("#deploys", "Production · migrations 00008–00010", timeout=PATIENCE)
    prepared(play, dashboard)
    signed(play)
    gone(play, dashboard)
    return dashboard


def completed(play: Troupe, dashboard: Message, status: str = "Partial", who: str = "ann") -> None:
    """The completion form, with a word about what is not done."""
    play.person(who).presses("Complete …", in_=dashboard)
    form = play.person(who).modal(timeout=PATIENCE)
    if "Status" in form.labels():
        form.choose("Status", status)
    form.fill("Notes", "as it was")
    refused = form.submit()
    assert refused is None, refused
    dashboard.becomes("verifying", timeout=PATIENCE)


def menu(person: Person, dashboard: Message, entry: str) -> None:
    """Choose in the dashboard's menu of rarer acts."""
    shown = dashboard.text
    acts.wait_until(lambda: "[More … ▾]" in shown() or entry in shown(), f"“{entry}” being offered")
    person.chooses("More …" if "[More … ▾]" in shown() else "⋯", entry, in_=dashboard)
