"""What has happened before the person comes: yesterday Bo deployed the migrations to staging."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bot.demo import acts
from bot.demo.clock import MovableClock
from bot.demo.panel import Panel
from bot.demo.standin import Message, StandIn

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
