"""An environment that is locked: who is kept out, who may unlock, and when it is over."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.core.checklist.items import Requirement
from bot.core.deployment import State
from bot.core.refusal import Refused
from bot.core.typed import typed_until
from bot.usecases import locks, views
from bot.usecases.lifecycle import break_glass, go, roll_back, start
from bot.usecases.sight import seen_by
from tests.usecases.team import ANN, BO, DANA, GUEST, MO, MONDAY, TEAM, Team

WHY = "moving the cluster"


def locks_it(team: Team, who: str = BO, until: str = "18:00") -> str:
    return team.does(locks.lock, who, "production", WHY, until).text


@pytest.mark.parametrize(
    ("typed", "until"),
    [
        ("18:00", "2026-11-23 18:00"),
        ("09:00", "2026-11-24 09:00"),
        ("tomorrow 9:30", "2026-11-24 09:30"),
        ("Friday", "2026-11-27 23:59"),
        ("friday 12.00", "2026-11-27 12:00"),
        ("3 days", "2026-11-26 23:59"),
        ("2026-12-01 09:00", "2026-12-01 09:00"),
    ],
)
def test_a_time_is_read_on_the_environments_wall(typed: str, until: str) -> None:
    berlin = "Europe/Berlin"
    read = typed_until(typed, MONDAY, berlin)
    assert read == datetime.fromisoformat(f"{until}+01:00")


def test_the_night_of_a_clock_change_is_an_hour_longer() -> None:
    saturday = datetime.fromisoformat("2026-10-24T20:00+02:00")
    assert typed_until("tomorrow 09:00", saturday, "Europe/Berlin") - saturday == timedelta(hours=14)


@pytest.mark.parametrize("typed", ["", "soon", "25:00", "Freitag", "18:00 Friday", "2026-13-01"])
def test_what_is_no_time_is_told_with_how_to_write_one(typed: str) -> None:
    with pytest.raises(Refused, match=r"Write until 18:00, tomorrow 09:00, Friday"):
        typed_until(typed, MONDAY, "UTC")


@pytest.mark.parametrize("until", ["2026-11-22 09:00", "2026-11-23 09:59", "2026-12-24 10:00"])
def test_a_lock_ends_within_thirty_days(team: Team, until: str) -> None:
    with pytest.raises(Refused, match="at most 30 days"):
        locks_it(team, until=until)


def test_a_start_hears_who_locked_it_why_until_when_and_what_to_do(team: Team) -> None:
    locks_it(team)
    wanted = r"locked by Bo: moving the cluster; until Mon 23 Nov 18:00 \(UTC\)\. Ask Bo, or wait"
    with pytest.raises(Refused, match=wanted):
        team.does(start.start, ANN, "production")
    team.does(start.start, ANN, "staging")
    team.later(hours=8)
    team.does(start.start, ANN, "production")


def test_who_may_work_may_lock_and_needs_a_reason(team: Team) -> None:
    with pytest.raises(Refused, match="Guests"):
        locks_it(team, GUEST)
    with pytest.raises(Refused, match="Say why, and until when"):
        team.does(locks.lock, BO, "production", " ", "18:00")
    with pytest.raises(Refused, match="Known: staging, production"):
        team.does(locks.lock, BO, "prod", WHY, "18:00")


def test_locking_again_moves_reason_and_time(team: Team) -> None:
    locks_it(team)
    team.does(locks.lock, DANA, "production", "restoring a dump", "20:00")
    (told,) = team.said("private")
    words = "Dana took your lock of production over: restoring a dump, until Mon 23 Nov 20:00 (UTC)"
    assert (told["user"], told["text"]) == (BO, words)
    (only,) = team.store.read(lambda reader: locks.in_force(reader, team.now))
    assert (only.by, only.lock.reason, f"{only.lock.until:%H:%M}") == ("Dana", "restoring a dump", "20:00")


def test_others_unlock_with_a_reason_which_the_locker_is_told_in_their_hours(team: Team) -> None:
    team.later(hours=12)
    locks_it(team, until="tomorrow 09:00")
    team.project = replace(team.project, quiet_hours=(MONDAY.replace(hour=20).time(), MONDAY.replace(hour=8).time()))
    with pytest.raises(Refused, match="Bo locked it: say why") as no:
        team.does(locks.unlock, ANN, "production")
    assert no.value.wants_reason
    assert team.does(locks.unlock, ANN, "production", "payments are down").text == "production is free. Bo is told."
    (told,) = team.said("private")
    assert (told["user"], told["text"]) == (BO, "Ann unlocked production, which you had locked: payments are down")
    eight = MONDAY.replace(day=24, hour=8)
    assert [len(team.store.read(lambda reader, at=at: reader.said.open(at))) for at in (team.now, eight)] == [0, 1]
    with pytest.raises(Refused, match="production is not locked"):
        team.does(locks.unlock, BO, "production")


def test_whoever_locked_it_and_admins_give_no_reason(team: Team) -> None:
    locks_it(team)
    assert team.does(locks.unlock, BO, "production").text == "production is free."
    assert team.said("private") == []
    locks_it(team)
    team.project = replace(team.project, admins=(MO,))
    team.does(locks.unlock, MO, "production")
    assert team.said("private")[0]["text"] == "Mo unlocked production, which you had locked."


def test_go_waits_for_the_lock_by_the_same_words_and_goes_once_it_is_over(team: Team) -> None:
    deployment = team.starts()
    locks_it(team)
    sentence = "production is locked by Bo: moving the cluster; until Mon 23 Nov 18:00 (UTC)"
    assert sentence in team.blockers(deployment)
    with pytest.raises(Refused, match="Not yet:\n• production is locked by Bo"):
        team.goes(deployment)
    team.later(hours=8)
    team.says_go(deployment)
    assert team.row(deployment).state is State.DEPLOYING


def test_a_lock_between_asking_and_going_is_told_in_the_deployments_chain(team: Team) -> None:
    deployment = team.starts()
    team.settles(deployment, Requirement.GO)
    team.signs(deployment)
    team.does(go.ask_go, ANN, deployment, team.situation(deployment).subject)
    locks_it(team)
    team.finishes_runs(deployment)
    assert team.row(deployment).state is State.PREPARING
    record = team.store.read(lambda reader: views.record_text(reader, team.project, deployment, team.now))
    assert "go was refused: production is locked by Bo: moving the cluster; until Mon 23 Nov 18:00 (UTC)" in record


def test_the_projects_own_chain_holds_lock_and_unlock(team: Team) -> None:
    locks_it(team)
    team.does(locks.unlock, BO, "production")
    entries = team.store.read(lambda reader: reader.journal.entries(f"{TEAM}/default"))
    told = [json.loads(entry.body) for entry in entries]
    assert [(one["event"], one["who"], one["environment"], one["until"]) for one in told] == [
        ("locked", BO, "production", "2026-11-23T18:00Z"),
        ("unlocked", BO, "production", "2026-11-23T18:00Z"),
    ]


def test_broken_glass_passes_the_lock_says_so_and_tells_the_locker(team: Team) -> None:
    deployment = team.starts()
    locks_it(team)
    subject = team.situation(deployment).subject
    why = "checkout is down and this index brings it back"
    team.does(break_glass.break_glass, DANA, deployment, subject, why, "production")
    broken = team.store.read(lambda reader: reader.troubles.broken_glass(deployment))
    assert broken is not None
    assert any("production is locked by Bo" in one for one in broken.skipped)
    assert BO in [facts["user"] for facts in team.said("glass-broken")]


def test_what_runs_goes_on_and_a_rollback_is_never_kept_back(team: Team) -> None:
    deployment = team.starts()
    team.goes(deployment)
    locks_it(team)
    assert not any("locked" in one for one in team.blockers(deployment))
    team.completes(deployment)
    team.does(roll_back.roll_back, ANN, deployment, "forward", "checkout is slow")
    assert team.row(deployment).state is State.ROLLING_BACK


def test_the_locks_of_a_private_channel_are_shown_to_its_members_alone(team: Team) -> None:
    locks_it(team)
    team.store.write(lambda unit: unit.people.keep_channel("C0DEPLOYS", [BO], team.now))

    def shown(reader: Any, who: str) -> int:
        return len(locks.in_force(seen_by(reader, {"default": team.project}, who, team.now)[0], team.now))

    assert [team.store.read(lambda reader, who=who: shown(reader, who)) for who in (BO, ANN)] == [1, 0]
