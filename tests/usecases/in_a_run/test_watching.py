"""After completion: lists are looked at when due, people hear what only they can mend, and it closes by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.deployment import Outcome, State
from bot.core.item import ItemWord
from bot.slack.messages.blocks import Rendered, spoken
from bot.slack.messages.direct import hour
from bot.slack.messages.thread import dashboard
from bot.usecases import tick, views
from bot.usecases.books.rows import BreakGlass
from bot.usecases.books.units import PostReader
from bot.usecases.facts import Blocker
from bot.usecases.lifecycle import break_glass, complete, custody, roll_back
from bot.usecases.situation import gate
from checks.result import Status
from tests.usecases.team import ANN, DANA, Team, watched_team

GREW = {"growth": (Status.WARNING, "orders +2.1 GB a day")}
BROKE = {"sessions": (Status.FAILED, "98 of 100 connections")}
REASON = "checkout is down and this index brings it back"


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return watched_team(tmp_path / "gonogo.db")


def completed(team: Team, place: str = "production", *versions: str) -> str:
    deployment = team.starts(place, versions=versions or ("00008", "00009"))
    team.looks(deployment)
    team.goes(deployment)
    team.completes(deployment)
    team.looks(deployment)
    return deployment


def passes(team: Team, deployment: str, days: int, **found: tuple[Status, str]) -> None:
    """So many days, to half past nine: the bot looks whenever a look is due; those of the last day find this."""
    until = team.now.replace(hour=9, minute=30) + timedelta(days=days)
    while coming := [one.due for one in team.store.read(lambda r: r.reminders.pending()) if one.due <= until]:
        team.now = max(team.now, coming[0])
        team.later(minutes=0)
        team.rings()
        team.looks(deployment, **(found if team.now.date() == until.date() else {}))
    team.now = until
    team.later(minutes=0)


def after_an_hour(team: Team, deployment: str, **found: tuple[Status, str]) -> None:
    team.later(minutes=45)
    team.rings()
    team.looks(deployment, **found)
    team.later(minutes=15)
    team.rings()


def wanting(team: Team, deployment: str) -> set[str]:
    return {item.id for item in gate.wants_people(team.situation(deployment))}


def told(team: Team, deployment: str) -> list[str]:
    """What the owner reads of the hour, message by message."""

    def read(reader: PostReader) -> list[str]:
        asked = [one for one in reader.outbox.wanted(deployment) if one.kind == "hour"]
        assert {one.channel for one in asked} <= {ANN}
        facts = (views.hour(reader, team.project, deployment, one.subject, team.now) for one in asked)
        return [words_of(hour.render(each)) for each in facts]

    return team.store.read(read)


def words_of(drawn: Rendered) -> str:
    return spoken("\n".join(one["text"]["text"] for one in drawn.blocks if one["type"] == "section"))


def record(team: Team, deployment: str) -> str:
    return team.store.read(lambda reader: views.record_text(reader, team.project, deployment, team.now))


def reads(team: Team, deployment: str) -> str:
    return words_of(dashboard.render(team.dashboard(deployment)))


# --- looking --------------------------------------------------------------------------------------------------------


def test_each_list_is_looked_at_on_each_of_its_days_also_what_passed_before(team: Team) -> None:
    """D1: all checks ran once, and what showed on day 3 nobody saw."""
    deployment = completed(team)
    assert team.situation(deployment).states["growth"].word is ItemWord.OPEN, "nothing of day 1 is done at minute 0"
    ran = []
    for _ in range(30):
        team.now = team.now.replace(hour=9, minute=0)
        team.later(days=1)
        team.rings()
        ran.append(team.looks(deployment))
    days = [["growth"]] * 6 + [["capacity", "growth"]] + [[]] * 6 + [["capacity"]] + [[]] * 6 + [["capacity"]]
    assert ran == [["growth", "sessions"], *days[1:], *[[]] * 6, ["capacity"], [], []]


def test_what_deviates_on_the_third_day_wants_a_person_and_what_passes_none(team: Team) -> None:
    deployment = completed(team)
    after_an_hour(team, deployment)
    passes(team, deployment, 2)
    assert "growth" not in wanting(team, deployment)
    passes(team, deployment, 1, **GREW)
    assert "growth" in wanting(team, deployment)
    passes(team, deployment, 1)
    assert "growth" not in wanting(team, deployment)


def test_while_a_look_runs_nobody_is_asked_about_its_lines(team: Team) -> None:
    deployment = completed(team)
    passes(team, deployment, 1, **GREW)
    team.later(days=1)
    team.rings()
    assert "growth" not in wanting(team, deployment)


def test_what_only_a_person_can_say_is_asked_while_its_list_is_due(team: Team) -> None:
    deployment = completed(team)
    assert "feedback" not in wanting(team, deployment)
    passes(team, deployment, 7)
    assert "feedback" in wanting(team, deployment)
    passes(team, deployment, 1)
    assert "feedback" not in wanting(team, deployment)


def test_what_is_written_after_completion_settles_its_line_with_the_next_look(team: Team) -> None:
    deployment = team.starts("production", versions=("00008", "00009"))
    team.looks(deployment)
    team.goes(deployment)
    team.completes(deployment)
    team.looks(deployment, news=(Status.EVIDENCE, "not changed"))
    assert team.situation(deployment).states["news"].word is ItemWord.WAITING
    after_an_hour(team, deployment, news=(Status.PASSED, "changed"))
    assert team.situation(deployment).states["news"].word is ItemWord.DONE


def test_the_record_tells_each_look_in_a_line(team: Team) -> None:
    deployment = completed(team)
    after_an_hour(team, deployment)
    passes(team, deployment, 3, **GREW)
    lines = [line for line in record(team, deployment).splitlines() if " UTC: day " in line or " UTC: hour: " in line]
    assert [line.partition(" UTC: ")[2] for line in lines] == [
        "hour: 1 check passed",
        "day 1: 1 check passed",
        "day 2: 1 check passed",
        "day 3: 0 checks passed; orders +2.1 GB a day",
    ]


def test_down_for_a_week_each_list_is_looked_at_once_and_nothing_is_said(team: Team) -> None:
    """D3: seven days that were missed were told at one minute."""
    deployment = completed(team)
    team.later(days=8)
    team.rings()
    assert team.looks(deployment) == ["capacity", "growth", "sessions"]
    assert team.events(deployment).count("looked") == 3
    assert told(team, deployment) == []
    assert team.said("reminder") == []


def test_a_look_whose_bot_dies_is_ended_by_the_next_one(team: Team) -> None:
    deployment = completed(team)
    team.later(minutes=45)
    team.rings()
    team.store.write(lambda unit: unit.results.claim(team.now, team.now, 100))
    assert "looked" not in team.events(deployment)
    team.store.write(lambda unit: unit.results.requeue())
    team.later(minutes=1)
    assert team.looks(deployment) == ["sessions"]
    assert team.events(deployment).count("looked") == 1


def test_after_a_rollback_reminders_are_those_of_the_last_completion(team: Team) -> None:
    deployment = completed(team)
    team.later(hours=2)
    team.does(roll_back.roll_back, ANN, deployment, "forward", "checkout is slow")
    team.does(complete.complete, ANN, deployment, Outcome.ROLLED_BACK, "taken back")
    since = team.now
    pending = team.store.read(lambda reader: reader.reminders.pending())
    assert [one.kind for one in pending].count("immediate-soon") == 1
    assert all(one.due > since for one in pending)


def test_the_hour_of_a_completion_that_was_taken_back_asks_nothing_more(team: Team) -> None:
    deployment = completed(team)
    after_an_hour(team, deployment)
    assert "Services operational" in told(team, deployment)[0]
    team.does(roll_back.roll_back, ANN, deployment, "forward", "checkout is slow")
    assert "asked no more: it was rolled back" in told(team, deployment)[0]


# --- the hour -------------------------------------------------------------------------------------------------------


def test_the_hour_tells_what_deviates_and_what_only_a_person_can_say_once(team: Team) -> None:
    """D3: thirteen messages to the owner, each with every open line and no button."""
    deployment = completed(team)
    after_an_hour(team, deployment, **BROKE)
    [said] = told(team, deployment)
    assert "An hour after completion: 2 lines for you" in said
    assert "Services operational" in said
    assert "98 of 100 connections" in said
    passes(team, deployment, 27)
    assert len(told(team, deployment)) == 1
    assert team.said("reminder") == []


def test_where_machines_settled_all_of_it_the_hour_says_nothing(team: Team) -> None:
    deployment = completed(team)
    team.does(tick.tick, ANN, deployment, "services")
    after_an_hour(team, deployment)
    assert told(team, deployment) == []


def test_the_hour_waits_for_its_look(team: Team) -> None:
    deployment = completed(team)
    team.later(minutes=61)
    team.rings()
    assert told(team, deployment) == []
    team.looks(deployment, **BROKE)
    assert "98 of 100 connections" in told(team, deployment)[0]


def test_what_is_pressed_in_the_hour_s_message_shows_there(team: Team) -> None:
    deployment = completed(team)
    after_an_hour(team, deployment)
    team.does(tick.tick, ANN, deployment, "services")
    assert told(team, deployment)[0].startswith("All of the hour is answered")
    assert "✓ done  Services operational" in told(team, deployment)[0]


# --- closing by itself ----------------------------------------------------------------------------------------------


def test_staging_closes_an_hour_after_completion(team: Team) -> None:
    """D2: it waited for every optional line, or for day 35."""
    deployment = completed(team, "staging")
    team.later(minutes=45)
    team.rings()
    team.looks(deployment)
    assert team.row(deployment).state is State.VERIFYING
    team.later(minutes=15)
    team.rings()
    assert team.row(deployment).state is State.CLOSED
    assert "closed by itself: everything that closing needs is settled, 1 left open as not done" in record(
        team, deployment
    )
    assert "Closed by itself: everything that closing needs is settled" in reads(team, deployment)
    assert told(team, deployment) == [], "nobody is asked about what is closed"


def test_what_deviates_is_told_also_where_it_closes_at_that_moment(team: Team) -> None:
    deployment = completed(team, "staging")
    after_an_hour(team, deployment, sessions=(Status.WARNING, "80 of 100 connections"))
    assert team.row(deployment).state is State.CLOSED
    assert "80 of 100 connections" in told(team, deployment)[0]
    assert "Services operational" not in told(team, deployment)[0]


ANSWERS = {
    "done": lambda team, one: team.does(tick.tick, ANN, one, "sessions", "a batch ran"),
    "n/a": lambda team, one: team.does(tick.not_applicable, ANN, one, "sessions", "a batch ran"),
    "note": lambda team, one: team.does(tick.note, ANN, one, "sessions", "a batch ran, it is over"),
    "passed": lambda team, one: team.answers(one, "sessions", Status.PASSED, "20 of 100"),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_a_failure_keeps_it_open_until_somebody_answers(team: Team, answer: object) -> None:
    deployment = completed(team, "staging")
    after_an_hour(team, deployment, **BROKE)
    assert team.row(deployment).state is State.VERIFYING
    assert team.blockers(deployment)[0] == "Connections: failed, 98 of 100 connections"
    answer(team, deployment)  # type: ignore[operator]
    assert team.row(deployment).state is State.CLOSED


def test_another_failure_than_the_one_that_was_noted_waits_again(team: Team) -> None:
    deployment = completed(team)
    after_an_hour(team, deployment, **BROKE)
    team.does(tick.note, ANN, deployment, "sessions", "a batch ran")
    assert "sessions" not in wanting(team, deployment)
    team.answers(deployment, "sessions", Status.FAILED, "100 of 100", inputs="worse")
    assert "sessions" in wanting(team, deployment)


def test_production_closes_with_the_last_look_of_week_4(team: Team) -> None:
    deployment = completed(team)
    after_an_hour(team, deployment)
    passes(team, deployment, 27)
    assert "✓ 4 settled by machines · next look 12-21 09:00 UTC · closes by itself 2026-12-21" in reads(
        team, deployment
    )
    assert "11 of 12 looks done" in reads(team, deployment)
    team.later(days=1)
    team.rings()
    assert team.row(deployment).state is State.VERIFYING
    team.looks(deployment)
    assert team.row(deployment).state is State.CLOSED
    assert team.events(deployment)[-2:] == ["looked", "closed"]


def test_a_failure_that_nobody_answers_ends_on_day_35(team: Team) -> None:
    deployment = completed(team)
    after_an_hour(team, deployment)
    passes(team, deployment, 28, capacity=(Status.FAILED, "full in 9 days"))
    passes(team, deployment, 6)
    assert team.row(deployment).state is State.VERIFYING
    passes(team, deployment, 2)
    assert team.row(deployment).state is State.CLOSED
    assert "closed by itself: 35 days after completion" in record(team, deployment)


def test_a_broken_glass_waits_beyond_day_35_and_says_for_whom(team: Team) -> None:
    deployment = team.starts()
    team.does(break_glass.break_glass, DANA, deployment, team.situation(deployment).subject, REASON, "production")
    team.finishes_runs(deployment)
    team.completes(deployment)
    after_an_hour(team, deployment)
    passes(team, deployment, 36, capacity=(Status.FAILED, "full in 9 days"))
    assert team.row(deployment).state is State.VERIFYING
    [left] = gate.before_close(team.situation(deployment))
    assert left.sentence.startswith("The glass that Dana broke is not reviewed yet, due ")
    assert left.who == ("@dba-team",)
    team.has("U0DORA", dba_team={DANA, "U0DORA"})
    team.does(break_glass.review_glass, "U0DORA", deployment, "was right")
    assert team.row(deployment).state is State.CLOSED


def test_a_rolled_back_environment_is_lifted_first(team: Team) -> None:
    deployment = completed(team, "staging")
    team.does(roll_back.roll_back, ANN, deployment, "forward", "checkout is slow")
    team.does(complete.complete, ANN, deployment, Outcome.ROLLED_BACK, "taken back")
    after_an_hour(team, deployment)
    assert team.row(deployment).state is State.VERIFYING
    team.does(complete.lift, ANN, deployment)
    assert team.row(deployment).state is State.CLOSED


def test_while_a_corrective_deployment_is_under_way_the_rolled_back_one_stays(team: Team) -> None:
    first = completed(team, "staging")
    team.does(roll_back.roll_back, ANN, first, "forward", "checkout is slow")
    team.does(complete.complete, ANN, first, Outcome.ROLLED_BACK, "taken back")
    second = team.starts("staging", versions=("00010",))
    after_an_hour(team, first)
    assert team.row(first).state is State.VERIFYING
    team.does(custody.abort, ANN, second, "not this way")
    assert team.row(first).is_held_after_rollback
    third = completed(team, "staging", "00011")
    assert (team.row(first).state, team.row(third).state) == (State.CLOSED, State.VERIFYING)


def test_what_an_older_gonogo_planned_for_staging_ends_with_its_next_morning(team: Team) -> None:
    deployment = completed(team, "staging")
    for one in team.store.read(lambda reader: reader.reminders.pending()):
        team.store.write(lambda unit, of=one.id: unit.reminders.claim(of, team.now))
    tomorrow = team.now + timedelta(days=1)
    team.store.write(lambda unit: unit.reminders.plan(deployment, "day", "1", tomorrow))
    team.later(days=1)
    team.rings()
    assert team.row(deployment).state is State.CLOSED


# --- continued ------------------------------------------------------------------------------------------------------


def test_a_later_deployment_takes_the_watching_over(team: Team) -> None:
    first = completed(team)
    after_an_hour(team, first)
    passes(team, first, 2)
    second = completed(team, "production", "00010")
    assert team.row(first).state is State.CLOSED
    assert team.situation(first).states["capacity"].why == "continued in 2"
    assert team.situation(first).states["growth"].word is ItemWord.DONE
    assert "continued in 2: that one is watched from now on" in record(team, first)
    assert "Continued in deployment 2" in reads(team, first)
    assert [facts["label"] for facts in team.said("phase") if facts["event"] == "watch-continued"] == ["2"]
    team.later(days=1)
    team.rings()
    assert team.looks(first) == []
    assert team.row(second).state is State.VERIFYING


def test_a_failure_of_the_earlier_one_still_waits_for_an_answer(team: Team) -> None:
    first = completed(team)
    after_an_hour(team, first, **BROKE)
    completed(team, "production", "00010")
    assert team.row(first).state is State.VERIFYING
    assert wanting(team, first) == {"sessions"}
    team.does(tick.tick, ANN, first, "sessions", "a batch ran")
    assert team.row(first).state is State.CLOSED


def test_a_rolled_back_deployment_takes_nothing_over(team: Team) -> None:
    first = completed(team)
    second = team.starts(versions=("00010",))
    team.looks(second)
    team.goes(second)
    team.does(roll_back.roll_back, ANN, second, "forward", "checkout is slow")
    team.does(complete.complete, ANN, second, Outcome.ROLLED_BACK, "taken back")
    assert team.row(first).facts.continued_in is None
    assert team.row(first).state is State.VERIFYING


def test_what_closing_waits_for_reads_so(team: Team) -> None:
    deployment = team.starts()
    team.goes(deployment)
    team.completes(deployment)
    situation = team.situation(deployment)
    held = replace(situation, deployment=replace(situation.deployment, result=Outcome.ROLLED_BACK))
    words = "production stays held until a corrective deployment starts, or its owner lifts that"
    assert next(gate.before_close(held)) == Blocker("environment", "", words)
    corrected = replace(situation, corrected_by="7")
    assert next(gate.before_close(corrected)) == Blocker(
        "environment", "", "Deployment 7 corrects it and is not completed yet"
    )
    broken = replace(situation, glass=BreakGlass(deployment, DANA, "payments", (), team.now, team.now))
    mend = "an approver who does not deploy it does"
    told = f"The glass that Dana broke is not reviewed yet, due {team.now:%d %b %Y}"
    assert next(gate.before_close(broken)) == Blocker("review", "", told, ("@dba-team",), mend=mend)
