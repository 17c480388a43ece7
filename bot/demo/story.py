"""What has happened before the person comes: yesterday's deployment to staging, and the backups taken."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from bot.demo import acts
from bot.demo.panel import Panel
from bot.demo.sample import dumps
from bot.demo.sample.databases import SampleDatabases
from bot.demo.stage import MovableClock
from bot.demo.standin import Message, StandIn

OLD = "production"
AGE = timedelta(hours=50)  # two nights ago: last night's run is missing


def take_backups(databases: SampleDatabases, folder: Path) -> None:
    """One of each sample database."""
    for environment, address in databases.migrator_urls.items():
        manifest = dumps.take(address, folder, environment)
        if environment == OLD:
            _make_older(folder, manifest, AGE)


def _make_older(folder: Path, manifest: dumps.Manifest, by: timedelta) -> None:
    """As if it had been taken earlier: the time in the manifest, and in the names of both files."""
    taken_at = datetime.fromisoformat(manifest.taken_at) - by
    dump = folder / manifest.file
    older = dump.with_name(f"{OLD}-{taken_at:%Y%m%dT%H%M%S%fZ}.dump")
    said = json.loads(dump.with_suffix(".json").read_text(encoding="utf-8"))
    said |= {"file": older.name, "taken_at": taken_at.isoformat()}
    dump.rename(older)
    dump.with_suffix(".json").unlink()
    older.with_suffix(".json").write_text(json.dumps(said, indent=1), encoding="utf-8")


YESTERDAY = timedelta(hours=-22)
REVIEWED = ("Peer review of all migration files", "Check for potential performance issues")
PREPARED = (
    "Database backup completed",
    "Backup verified and restorable",
    "Migration window scheduled",
    "Rollback plan prepared",
)
DEPLOYED = ("Run all migrations", "Validate schema matches development")


class Story:
    """Told by the same presses that people make, only faster."""

    def __init__(self, slack: StandIn, panel: Panel, say: Callable[[str], None]) -> None:
        self._panel, self._say = panel, say
        self._bo, self._dana = slack.person("bo"), slack.person("dana")

    def staging(self) -> None:
        """A deployment of staging from start to completion. Raises AssertionError with what did not happen."""
        self._say("Yesterday: Bo starts staging, and gonogo runs its checks …")
        dashboard = acts.start(self._bo, "staging")
        acts.wait_for_checks(dashboard)
        self._say("Yesterday: Dana reviews the files, Bo says go …")
        acts.settle(self._dana, dashboard, "Code Review", REVIEWED)
        acts.settle(self._bo, dashboard, "Pre-Deployment Checks", PREPARED)
        acts.go(self._bo, dashboard)
        self._deploy(dashboard)

    def _deploy(self, dashboard: Message) -> None:
        self._say("Yesterday: Bo runs the migrations on staging and completes …")
        self._panel.run_migrations("staging", slowly=False)
        acts.wait_until(lambda: "3 of 3" in dashboard.text(), "staging's history being read")
        acts.settle(self._bo, dashboard, "Staging Environment", DEPLOYED)
        acts.complete(self._bo, dashboard, "Went as planned.")


def begin_yesterday(clock: MovableClock) -> None:
    """Before the bot starts: the story lies in the past."""
    clock.move(YESTERDAY)


def arrange(slack: StandIn, panel: Panel, clock: MovableClock, say: Callable[[str], None]) -> None:
    """Tells the story and comes back to today, whether it went well or not. Raises AssertionError."""
    try:
        Story(slack, panel, say).staging()
    finally:
        panel.output.clear()
        clock.move(-YESTERDAY)
