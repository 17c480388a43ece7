"""What has happened before the person comes: yesterday's deployment to staging, and the backups taken."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from bot.demo import acts
from bot.demo.panel import Panel
from bot.demo.sample import dumps
from bot.demo.stage import MovableClock
from bot.demo.standin import StandIn

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


YESTERDAY = timedelta(hours=-22)
REVIEWED = ("Peer review of all migration files", "Check for potential performance issues")


def begin_yesterday(clock: MovableClock) -> None:
    """Before the bot starts: the story lies in the past."""
    clock.move(YESTERDAY)


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
