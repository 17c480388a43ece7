"""What was fine before go and is not after it speaks for a rollback: where that is told, to whom, and when no more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.checklist.items import Requirement
from bot.core.decision import PREFLIGHT_JOB
from bot.core.deployment import State
from bot.usecases import views
from bot.usecases.lifecycle import go, hold
from bot.usecases.situation.warning import recommends_rollback
from bot.usecases.verb import Verb
from checks.result import Status
from tests.usecases.team import ANN, BO, Team, files

SMOKE, FINE, BAD = "shop-smoke", "12 passed, 0 failed", "9 passed, 3 failed"
WORSE = f"Run smoke tests: {BAD} (before: {FINE})"


def with_signs(team: Team) -> None:
    """The team probes its smoke tests, and the database answers for itself."""
    team.has_probe("smoke-tests", SMOKE)
    place = team.project.environments["production"]
    signs = {"blocking", "can-connect", "error-signs"}
    place = replace(place, checks=place.checks | signs)
    team.project = replace(
        team.project, environments={**team.project.environments, "production": place}, check_titles={}
    )


def gone(team: Team, **before: str) -> str:
    """Gone with these answers of before go."""
    with_signs(team)
    deployment = team.starts()
    for check, said in before.items():
        team.answers(deployment, check.replace("_", "-"), Status.PASSED, said)
    team.goes(deployment)
    team.later(minutes=5)
    assert team.row(deployment).state is State.DEPLOYING
    return deployment


def advice(team: Team, deployment: str) -> tuple[str, ...]:
    return recommends_rollback(team.situation(deployment))


def test_smoke_tests_that_passed_before_go_and_fail_after_it(team: Team) -> None:
    deployment = gone(team, shop_smoke=FINE)
    assert advice(team, deployment) == ()
    team.answers(deployment, SMOKE, Status.FAILED, BAD)
    assert advice(team, deployment) == (WORSE,)
    shown = team.dashboard(deployment)
    assert f"Consider rolling back: {WORSE}" in shown.warnings
    assert shown.buttons[:2] == (Verb.HOLD, Verb.ROLL_BACK)
    assert Verb.ROLL_BACK not in shown.menu
    form = team.store.read(lambda reader: views.completion_form(reader, team.project, deployment, team.now))
    assert form.advice == (WORSE,)
    assert team.row(deployment).state is State.DEPLOYING, "it is said, and nothing is done"


def test_it_dies_when_the_numbers_are_fine_again(team: Team) -> None:
    deployment = gone(team, shop_smoke=FINE)
    team.answers(deployment, SMOKE, Status.FAILED, BAD)
    team.answers(deployment, SMOKE, Status.PASSED, FINE)
    assert advice(team, deployment) == ()
    assert not any("rolling back" in one for one in team.dashboard(deployment).warnings)


def test_what_failed_before_go_already_speaks_for_nothing(team: Team) -> None:
    with_signs(team)
    deployment = team.starts()
    team.answers(deployment, "blocking", Status.WARNING, "2 sessions wait for a lock")
    team.goes(deployment)
    team.answers(deployment, "blocking", Status.WARNING, "3 sessions wait for a lock")
    team.answers(deployment, "can-connect", Status.FAILED, "connection refused")
    assert advice(team, deployment) == (), "nobody knows that it could be reached before"


@pytest.mark.parametrize(
    ("check", "status", "said", "words"),
    [
        ("blocking", Status.WARNING, "14 sessions wait for a lock", "14 sessions wait for a lock (before: fine)"),
        ("can-connect", Status.FAILED, "connection refused", "connection refused (before: fine)"),
    ],
)
def test_signs_of_the_database(team: Team, check: str, status: Status, said: str, words: str) -> None:
    deployment = gone(team, **{check.replace("-", "_"): "fine"})
    team.answers(deployment, check, status, said)
    (only,) = advice(team, deployment)
    assert only.endswith(words)


def test_signs_of_errors_compare_with_the_baseline_by_themselves(team: Team) -> None:
    deployment = gone(team)
    team.answers(deployment, "error-signs", Status.EVIDENCE, "0 deadlocks")
    assert advice(team, deployment) == ()
    team.answers(deployment, "error-signs", Status.WARNING, "3 deadlocks since the baseline")
    assert advice(team, deployment)[0].endswith("3 deadlocks since the baseline")


def test_where_nothing_was_asked_before_go_the_last_deployment_tells(team: Team) -> None:
    first = gone(team)
    team.answers(first, SMOKE, Status.PASSED, FINE)
    team.completes(first)
    team.later(hours=2)
    second = team.starts(versions=("00010",))
    team.goes(second)
    team.later(minutes=5)
    team.answers(second, SMOKE, Status.FAILED, BAD)
    assert advice(team, second) == (WORSE,)


def test_an_hour_after_completion_it_is_too_late_to_say_so(team: Team) -> None:
    deployment = gone(team, shop_smoke=FINE)
    team.completes(deployment)
    team.answers(deployment, SMOKE, Status.FAILED, BAD)
    assert advice(team, deployment) == (WORSE,)
    assert team.dashboard(deployment).buttons[:2] == (Verb.RUN_CHECKS, Verb.ROLL_BACK)
    team.later(minutes=61)
    assert advice(team, deployment) == ()


def test_the_owner_hears_at_any_hour_once_a_cause(team: Team) -> None:
    midnight = (team.now.replace(hour=9).time(), team.now.replace(hour=23).time())
    team.project = replace(team.project, quiet_hours=midnight)
    deployment = gone(team, shop_smoke=FINE, blocking="nobody waits for a lock")
    for _ in range(2):
        team.answers(deployment, SMOKE, Status.FAILED, BAD)
    told = team.said("rollback-advised")
    assert [(one["user"], one["items"]) for one in told] == [(ANN, [WORSE])]
    assert is_open(team, deployment), "no quiet hour keeps it back"
    team.answers(deployment, "blocking", Status.WARNING, "14 sessions wait for a lock")
    assert len(team.said("rollback-advised")) == 2


def is_open(team: Team, deployment: str) -> bool:
    key = f"{deployment}:rollback-advised:{SMOKE}"
    return team.store.read(lambda reader: key in [row.said.key for row in reader.said.open(team.now)])


def test_a_hold_says_it_too(team: Team) -> None:
    deployment = gone(team, shop_smoke=FINE)
    team.answers(deployment, SMOKE, Status.FAILED, BAD)
    team.does(hold.hold, BO, deployment, "checkout is slow")
    held: Any = team.said("held")[0]
    assert held["finding"] == f"Consider rolling back: {WORSE}"


def test_go_takes_the_picture_before_it_and_the_end_of_the_run_looks_again(team: Team) -> None:
    with_signs(team)
    deployment = team.starts()
    team.settles(deployment, Requirement.GO)
    team.signs(deployment)
    team.does(go.ask_go, ANN, deployment, team.situation(deployment).subject)
    assert queued(team, deployment) == {"blocking", "can-connect", PREFLIGHT_JOB}
    team.finishes_runs(deployment)
    through = team.history("00008", "00009")
    team.reads(deployment, files("00008", "00009"), history=through)
    assert queued(team, deployment) >= {"blocking", "can-connect", "error-signs"}
    team.finishes_runs(deployment)
    team.completes(deployment)
    assert queued(team, deployment) >= {"blocking", "can-connect", "error-signs"}


def queued(team: Team, deployment: str) -> set[str]:
    return {run.check_id for run in team.situation(deployment).runs}
