"""How soon the bot looks: at a history that a runner moves, and at files while people decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.background.alarm_clock import AlarmClock
from bot.background.backstage import Backstage
from bot.core.decision import PREFLIGHT_JOB, Purpose
from bot.core.deployment import State
from tests.usecases.team import Team, project


@pytest.fixture
def watched(tmp_path: Path) -> Team:
    """A team with files, whose environments have a database."""
    settings = project()
    places = {name: replace(place, has_database=True) for name, place in settings.environments.items()}
    return Team(tmp_path / "gonogo.db", replace(settings, environments=places))


def looks_after(team: Team, deployment: str, seconds: float) -> bool:
    """Whether a look is queued that long after the last one."""
    clock = AlarmClock(Backstage(team.store, {"default": team.project}, lambda *_: None, lambda: team.now, Path()))
    team.finishes_runs(deployment)
    team.reads(deployment, {}, history=team.history("00007"))
    team.now += timedelta(seconds=seconds)
    clock.watch()
    runs = team.store.read(lambda reader: reader.results.runs(deployment))
    return [(run.check_id, run.purpose) for run in runs] == [(PREFLIGHT_JOB, Purpose.WATCH)]


@pytest.mark.parametrize(("seconds", "looks"), [(2.9, False), (3.1, True)])
def test_while_deploying_history_is_looked_at_every_three_seconds(watched: Team, seconds: float, looks: bool) -> None:
    deployment = watched.starts("staging")
    watched.goes(deployment)
    assert watched.row(deployment).state is State.DEPLOYING
    assert looks_after(watched, deployment, seconds) is looks


@pytest.mark.parametrize(("seconds", "looks"), [(299, False), (301, True)])
def test_before_go_files_are_read_again_every_five_minutes(watched: Team, seconds: float, looks: bool) -> None:
    deployment = watched.starts("staging")
    assert looks_after(watched, deployment, seconds) is looks
