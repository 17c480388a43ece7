"""Five weeks after completion, by the real alarm clock and the real pool on one state file, with stops in between."""

from __future__ import annotations

import json
import sys
import time
from datetime import timedelta
from pathlib import Path

from bot.background.alarm_clock import AlarmClock
from bot.background.backstage import Backstage
from bot.background.check_pool import CheckPool
from bot.core.deployment import State
from bot.settings.inputs import Sources
from bot.usecases import tick, views
from bot.usecases.evidence import broken
from bot.usecases.situation import gate
from checks.base import ProbeSpec
from tests.states import open_state
from tests.usecases.team import ANN, WATCHING, Team, watched_team

SAYS = (
    "import pathlib, sys; words = pathlib.Path(sys.argv[1]).read_text(); print(words); sys.exit(words != 'as before')"
)


class Bot:
    """What of the bot works while nobody looks: each `runs` is a process that starts, works off all there is, stops."""

    def __init__(self, team: Team, folder: Path) -> None:
        self.team, self.folder = team, folder
        for check in WATCHING:
            self.finds(check, "as before")

    def finds(self, check: str, words: str) -> None:
        (self.folder / check).write_text(words, encoding="utf-8")

    def sources(self, _project: str, environment: str) -> Sources:
        says = (sys.executable, "-S", "-E", "-c", SAYS)
        probes = tuple(ProbeSpec(one, (*says, str(self.folder / one))) for one in WATCHING)
        return Sources("default", environment, probes=probes)

    def runs(self, *, dies: bool = False) -> None:
        """`dies`: after the checks were taken, and before one answered."""
        store = self.team.store = open_state(self.team.file, lambda: None)
        stage = Backstage(store, {"default": self.team.project}, self.sources, lambda: self.team.now, self.folder)
        store.write(lambda unit: unit.results.requeue())
        AlarmClock(stage).sweep()
        if dies:
            store.write(lambda unit: unit.results.claim(self.team.now, self.team.now + timedelta(minutes=20), 60))
            return
        pool = CheckPool(stage, workers=1)
        pool.start()
        deadline = time.monotonic() + 30
        while store.read(lambda reader: reader.results.has_free(self.team.now + timedelta(hours=1))):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        pool.ask_to_stop()
        pool.join(10)


def looks_told(team: Team, deployment: str) -> list[str]:
    bodies = [json.loads(one.body) for one in team.store.read(lambda r: r.journal.entries(team.row(deployment).chain))]
    return [f"{body['list']}: {body['found']}" for body in bodies if body["event"] == "looked"]


def hours(team: Team, deployment: str) -> int:
    return sum(one.kind == "hour" for one in team.store.read(lambda reader: reader.outbox.wanted(deployment)))


def test_a_month_passes_and_it_closes_without_a_click(tmp_path: Path) -> None:
    team = watched_team(tmp_path / "gonogo.db")
    bot = Bot(team, tmp_path)
    deployment = team.starts()
    team.looks(deployment)
    team.goes(deployment)
    team.completes(deployment)
    team.does(tick.tick, ANN, deployment, "services")
    for minutes in (0, 45, 15):
        team.later(minutes=minutes)
        bot.runs()
    team.now = team.now.replace(hour=9, minute=1)
    completed_on = team.now
    for day in (1, 2, 3, 4, 8, 14, 21, 28, 29, 35):  # Nobody started it on days 5 to 7.
        team.now = completed_on
        team.later(days=day)
        bot.finds("growth", "orders +2.1 GB a day" if day == 3 else "as before")
        bot.runs(dies=day == 2)
        if day == 2:
            bot.runs()
        wanted = {item.id for item in gate.wants_people(team.situation(deployment))} - {"feedback"}
        assert wanted == ({"growth"} if day == 3 else set()), day
    assert looks_told(team, deployment) == [
        "hour: 1 check passed",
        "day 1: 1 check passed",
        "day 2: 1 check passed",
        "day 3: 0 checks passed; orders +2.1 GB a day",
        "day 4: 1 check passed",
        "day 7: 1 check passed",
        "week 1: 1 check passed",
        "week 2: 1 check passed",
        "week 3: 1 check passed",
        "week 4: 1 check passed",
    ]
    assert (hours(team, deployment), team.said("reminder")) == (0, [])
    row = team.row(deployment)
    assert (row.state, row.closed_at and row.closed_at.date()) == (State.CLOSED, team.now.date() - timedelta(days=7))
    record = team.store.read(lambda reader: views.record_text(reader, team.project, deployment, team.now))
    assert "closed by itself: everything that closing needs is settled, 1 left open as not done" in record
    assert team.store.read(lambda reader: broken(reader, row)) == ()
