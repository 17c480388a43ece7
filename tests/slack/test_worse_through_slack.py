"""Worse than before go: the owner hears it at once, and the way back is one press away, on DM and dashboard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot_under_test import BotUnderTest, deployment_of, project_of, started

from bot.core.decision import CheckResult, Purpose
from bot.core.deployment import State
from bot.demo.standin import Person, StandIn
from bot.usecases.act import Act
from bot.usecases.books.units import PostUnit
from bot.usecases.checking.record_result import record_result
from checks.result import Status

SMOKE = "shop-smoke"
WORSE = "Run smoke tests: 9 passed, 3 failed (before: 12 passed, 0 failed)"


def answers(bot: BotUnderTest, status: Status, said: str, at: datetime) -> None:
    """The pool gives what the team's probe answered."""
    deployment = deployment_of(bot)

    def work(unit: PostUnit) -> None:
        unit.results.queue(deployment.id, [SMOKE], Purpose.ASKED, unit.new_id(), None, at)
        (run,) = unit.results.claim(at, at + timedelta(minutes=1), 1)
        result = CheckResult(unit.new_id(), run.id, deployment.id, SMOKE, status, said, at)
        record_result(unit, bot.project, Act("gonogo", at, deployment.team), run, result)

    bot.store.write(work)


def test_the_owner_is_told_and_the_way_back_is_beside_it(
    make_bot: Callable[..., BotUnderTest], slack: StandIn, ann: Person
) -> None:
    project = project_of(slack, probes={"smoke-tests": (SMOKE,)})
    production = replace(project.environments["production"], checks=frozenset({SMOKE}))
    bot = make_bot(project=replace(project, environments={**project.environments, "production": production}))
    started(bot.connected(), ann)
    now = bot.services.clock()
    answers(bot, Status.PASSED, "12 passed, 0 failed", now)
    gone = replace(deployment_of(bot), state=State.DEPLOYING, go_at=now)
    bot.store.write(lambda unit: unit.deployments.save(gone))
    answers(bot, Status.FAILED, "9 passed, 3 failed", now + timedelta(seconds=1))
    told = ann.hears("Consider rolling back")
    assert WORSE in told.text()
    shown = ann.sees("#deploys", f"⚠ Consider rolling back: {WORSE}")
    assert "[Hold …] [Roll back …] [Complete …]" in shown.text()
    ann.presses("Complete …", in_=shown)
    assert f"Consider rolling back instead\n{WORSE}" in ann.modal("Complete").text()
    ann.modal("Complete").cancel()
    ann.presses("Roll back …", in_=told)
    assert ann.modal("Roll back")
