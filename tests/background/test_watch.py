"""How soon the bot looks: at a history that a runner moves, and at files while people decide."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.background import preflight
from bot.background.alarm_clock import AlarmClock
from bot.background.backstage import Backstage
from bot.background.check_pool import CheckPool
from bot.core.decision import PREFLIGHT_JOB, Purpose, RunState
from bot.core.deployment import State
from bot.settings.inputs import Sources
from bot.usecases.lifecycle import start
from checks.targetdb.session import Target
from tests.postgres import TestDatabase, database, postgres
from tests.usecases.team import ANN, Team, project

__all__ = ["database", "postgres"]


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


def test_a_watched_history_is_read_while_every_worker_is_busy(watched: Team, tmp_path: Path) -> None:
    deployment = watched.starts("staging")
    watched.goes(deployment)
    watched.finishes_runs(deployment)
    for check, purpose in (("backup", Purpose.ASKED), (PREFLIGHT_JOB, Purpose.WATCH)):
        watched.store.write(
            lambda unit, check=check, purpose=purpose: unit.results.queue(
                deployment, [check], purpose, unit.new_id(), None, watched.now
            )
        )
    stage = Backstage(
        watched.store,
        {"default": watched.project},
        lambda *_: Sources("default", "staging"),
        lambda: watched.now,
        tmp_path,
    )
    pool = CheckPool(stage, workers=0)
    pool.start()
    try:
        deadline = time.monotonic() + 10
        while waiting(watched, deployment) != ["backup"] and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        pool.ask_to_stop()
        pool.join(5)
    assert waiting(watched, deployment) == ["backup"]


def waiting(team: Team, deployment: str) -> list[str]:
    runs = team.store.read(lambda reader: reader.results.runs(deployment))
    return [run.check_id for run in runs if run.state is not RunState.DONE]


@pytest.mark.parametrize(("seconds", "is_told"), [(89, False), (90, True)])
def test_a_start_whose_reading_never_comes_is_not_mute(watched: Team, seconds: float, is_told: bool) -> None:
    deployment = watched.does(start.start, ANN, "production").deployment_id or ""
    watched.now += timedelta(seconds=seconds)
    AlarmClock(
        Backstage(watched.store, {"default": watched.project}, lambda *_: None, lambda: watched.now, Path())
    ).watch()
    kinds = {live.kind for live in watched.store.read(lambda reader: reader.outbox.wanted(deployment))}
    assert ("dashboard" in kinds) is is_told


def test_an_index_that_a_constraint_holds_is_built_anew_since_it_cannot_be_dropped(
    watched: Team, database: TestDatabase
) -> None:
    deployment = watched.starts("staging")
    watched.goes(deployment)
    database.execute("CREATE TABLE orders (id int PRIMARY KEY)")
    database.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'orders_pkey'::regclass")
    with closing(Target(database.address)) as target, target.session("history") as session:
        found = preflight.look(session, watched.row(deployment), "sqlx")
    trouble = preflight.trouble_in(watched.row(deployment), found, None, {"invalid_indexes": {}})
    assert trouble is not None
    database.execute(trouble.next_statement)
    with closing(Target(database.address)) as target, target.session("history") as session:
        assert preflight.look(session, watched.row(deployment), "sqlx").invalid == {}
