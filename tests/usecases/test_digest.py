"""One digest a person and morning: what is in it, what is not, how often, and until when it was put off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.core.checklist.items import Requirement
from bot.core.deployment import State
from bot.core.refusal import Refused
from bot.core.team import Escalation, Window
from bot.usecases import reminding, views
from bot.usecases.act import Act
from bot.usecases.books.rows import ASKED, Digest
from bot.usecases.lifecycle import break_glass, custody, plan
from bot.usecases.lifecycle.start import join
from bot.usecases.signoffs import decide
from bot.usecases.telling import remind
from bot.usecases.views.digest import DigestFacts
from bot.usecases.views.owed import owed
from tests.usecases.team import ANN, BO, DANA, DEVI, MO, TEAM, Team

ALL = (ANN, BO, DANA, DEVI, MO)
REASON = "payments are down for everyone"


def mornings(team: Team, days: int = 1) -> dict[str, list[Digest]]:
    """The clock goes on hour by hour, and sweeps as the alarm clock does: what each person was told."""
    told: dict[str, list[Digest]] = {}
    for _ in range(24 * days):
        team.later(hours=1)
        for digest in sweep(team):
            told.setdefault(digest.user_id, []).append(digest)
    return told


def sweep(team: Team) -> Iterator[Digest]:
    projects = {team.project.name: team.project}
    for user in team.store.read(lambda reader: reminding.who_has_a_morning(reader, projects, team.now)):
        situations = team.store.read(lambda reader: reminding.open_situations(reader, projects, team.now))
        act = Act(user, team.now, TEAM)
        if team.store.write(lambda unit, act=act, now=situations: reminding.write_digest(unit, projects, now, act)):
            newest = team.store.read(lambda reader, of=user: reader.digests.newest(of))
            assert newest is not None
            yield newest


def words(told: dict[str, list[Digest]], user: str) -> list[list[str]]:
    return [[line.words for line in digest.lines] for digest in told.get(user, [])]


def shown(team: Team, user: str) -> DigestFacts:
    """The newest digest as it stands now."""
    newest = team.store.read(lambda reader: reader.digests.newest(user))
    projects = {team.project.name: team.project}
    return team.store.read(lambda reader: views.digest(reader, projects, user, newest.slot, team.now))


def asked(team: Team) -> str:
    """On Monday at ten everything but the sign-offs is there."""
    team.later(minutes=1)
    deployment = team.starts()
    team.settles(deployment, Requirement.GO)
    return deployment


def test_who_did_not_answer_is_told_in_the_morning_and_whoever_answered_is_not(team: Team) -> None:
    deployment = asked(team)
    team.signs(deployment, "backend")
    told = mornings(team)
    assert words(told, DANA) == [["DBA: your approval is waited for"]]
    assert words(told, BO) == []
    [digest] = told[DANA]
    assert digest.slot == "2026-11-24"
    assert digest.at.hour == 9


def test_three_mornings_then_weekly(team: Team) -> None:
    team.project = replace(team.project, escalation=Escalation(0, 0, 0))
    asked(team)
    told = mornings(team, 22)
    assert [digest.slot for digest in told[MO]] == [
        "2026-11-24",
        "2026-11-25",
        "2026-11-26",
        "2026-12-03",
        "2026-12-10",
    ]


def test_nothing_waits_nothing_is_said(team: Team) -> None:
    deployment = asked(team)
    team.signs(deployment)
    team.later(hours=1)
    team.does(custody.abort, ANN, deployment, "not this week")
    assert mornings(team, 7) == {}


def test_weekends_quiet_hours_and_zones(team: Team) -> None:
    """Asked on a Friday, told on Monday at nine of one's own wall, and after one's quiet hours."""
    team.project = replace(team.project, quiet_hours=(time(20), time(9, 30)))
    team.later(days=4)
    asked(team)
    told = mornings(team, 3)
    assert {digest.slot for digests in told.values() for digest in digests} == {"2026-11-30"}
    assert told[DANA][0].at.astimezone(ZoneInfo("UTC")).time() >= time(9, 30)


def test_a_week_away_is_made_up_for_once(team: Team) -> None:
    asked(team)
    team.later(days=7, hours=1)
    told = [digest for digest in sweep(team) if digest.user_id == DANA]
    assert len(told) == 1
    assert list(sweep(team)) == []


def test_put_off_for_an_hour_until_tomorrow_and_monday(team: Team) -> None:
    deployment = asked(team)
    mornings(team)
    team.does(reminding.snooze, DANA, deployment, "hour")
    team.later(minutes=59)
    assert list(sweep(team)) == []
    team.later(minutes=2)
    assert [digest.user_id for digest in sweep(team)] == [DANA]
    team.does(reminding.snooze, DANA, deployment, "monday")
    assert [digest.slot for digest in mornings(team, 6)[DANA]] == ["2026-11-30"]


def test_what_was_put_off_says_so_and_another_word_is_refused(team: Team) -> None:
    deployment = asked(team)
    mornings(team)
    team.does(reminding.snooze, DANA, deployment, "tomorrow")
    [told] = shown(team, DANA).told
    assert told.lines[0].snoozed_until == datetime(2026, 11, 25, 9, tzinfo=ZoneInfo("UTC"))
    with pytest.raises(Refused, match="an hour, tomorrow or Monday"):
        team.does(reminding.snooze, DANA, deployment, "for ever")
    with pytest.raises(Refused, match="older digest"):
        team.does(reminding.snooze, BO, "another", "tomorrow")


def test_what_is_over_says_so_where_it_was_told(team: Team) -> None:
    deployment = asked(team)
    mornings(team)
    assert shown(team, DANA).left == 1
    team.signs(deployment, "dba")
    facts = shown(team, DANA)
    assert (facts.left, facts.told[0].lines[0].owed) == (0, None)
    assert facts.told[0].lines[0].words == "DBA: your approval is waited for"


def test_who_stands_behind_is_asked_then_the_owner_hears_then_management(team: Team) -> None:
    dora = "U0DORA"
    team.has(dora)
    dba = replace(team.project.roles["dba"], backup=(dora,))
    team.project = replace(
        team.project, roles={**team.project.roles, "dba": dba}, escalation=Escalation(1, 2, 3, (BO,))
    )
    deployment = asked(team)
    for role in ("backend", "devops", "management"):
        team.signs(deployment, role)
    assert not _cards(team, deployment, dora)
    first = mornings(team)
    assert len(_cards(team, deployment, dora)) == 1
    assert words(first, ANN) == words(first, BO) == words(first, dora) == []
    second, third = mornings(team), mornings(team)
    assert words(second, ANN) == [["DBA: no answer for 2 working days"]]
    assert words(second, BO) == []
    assert words(third, BO) == [["DBA: no answer for 3 working days"]]
    (why,) = [one.why for one in team.store.read(lambda reader: owed(reader, team.situation(deployment), BO))]
    assert "Ann was told before you" in why
    team.does(decide.sign, dora, deployment, "dba", team.situation(deployment).subject)
    assert team.situation(deployment).role("dba").met


def _cards(team: Team, deployment: str, user: str) -> list[Any]:
    lives = team.store.read(lambda reader: reader.outbox.wanted(deployment))
    return [live for live in lives if live.kind == ASKED and live.subject.split(":")[1] == user]


def test_an_approval_that_lapsed_is_told_to_the_owner(team: Team) -> None:
    deployment = asked(team)
    team.signs(deployment)
    told = mornings(team, 8)
    lapsed = [line.words for digest in told[ANN] for line in digest.lines if "out of date" in line.words]
    assert lapsed[:1] == ["DBA is out of date: ask again"]


def test_a_rejection_is_told_again_with_its_reason(team: Team) -> None:
    deployment = asked(team)
    team.does(decide.reject, DANA, deployment, "dba", team.situation(deployment).subject, "orders is locked")
    told = mornings(team)
    assert words(told, ANN) == [["DBA rejected it: orders is locked"]]


def test_a_broken_glass_is_reviewed_by_somebody_else(team: Team) -> None:
    deployment = asked(team)
    subject = team.situation(deployment).subject
    team.does(break_glass.break_glass, DANA, deployment, subject, REASON, "production")
    told = mornings(team)
    assert "broke the glass: a review by somebody else is due 30 Nov" in str(words(told, BO))
    assert "glass" not in str(words(told, ANN) + words(told, DANA))
    late = mornings(team, 8)
    assert "was due 30 Nov" in str(words(late, ANN))
    team.does(break_glass.review_glass, BO, deployment, "it was right")
    assert "glass" not in str(mornings(team, 3))


def test_who_holds_the_environment_and_does_nothing_is_nudged_then_it_is_offered(team: Team) -> None:
    deployment = team.starts()
    team.does(join, BO, deployment)
    first, second = mornings(team), mornings(team)
    assert "idle since 23 Nov, and it holds production" in str(words(first, ANN))
    assert words(first, BO) == []
    assert words(second, BO) == [["Ann left it idle for two working days"]]


def test_whoever_waits_for_the_environment_may_have_it(team: Team) -> None:
    parked = team.starts()
    team.does(custody.park, ANN, parked)
    team.starts(who=BO, versions=("00011",))
    told = mornings(team, 2)
    assert "Bo left it idle for two working days" in str(words(told, ANN))


def test_handing_over_changes_hands_once_it_is_taken(team: Team) -> None:
    deployment = team.starts()
    answer = team.does(custody.offer, ANN, deployment, BO, "I am away from Friday on")
    assert answer.text == "Bo was asked. It stays yours until Bo takes it over."
    assert team.row(deployment).owner == ANN
    [facts] = team.said("offered")
    assert (facts["user"], facts["reason"]) == (BO, "I am away from Friday on")
    with pytest.raises(Refused, match="not offered to you"):
        team.does(custody.take_offered, DEVI, deployment)
    team.does(custody.take_offered, BO, deployment)
    assert team.row(deployment).owner == BO
    with pytest.raises(Refused, match="theirs already"):
        team.does(custody.offer, BO, deployment, BO)


def windowed(team: Team, start: datetime) -> str:
    deployment = asked(team)
    team.does(plan.set_window, ANN, deployment, start, start + timedelta(hours=2), None)
    return deployment


def rings(team: Team) -> list[Any]:
    for one in team.store.read(lambda reader: reader.reminders.pending()):
        if one.due <= team.now:
            team.store.write(lambda unit, of=one.id: remind(unit, team.project, team.act("gonogo"), of))
    return team.said("window")


def test_an_hour_before_the_window_its_owner_hears_what_is_missing(team: Team) -> None:
    windowed(team, team.now + timedelta(hours=4))
    team.later(hours=2, minutes=58)
    assert rings(team) == []
    team.later(minutes=3)
    [facts] = rings(team)
    assert any("DBA" in sentence for sentence in facts["missing"])
    assert rings(team) == [facts]


def test_a_window_that_was_moved_or_is_over_says_nothing(team: Team) -> None:
    deployment = windowed(team, team.now + timedelta(hours=4))
    later = team.now + timedelta(hours=8)
    team.does(plan.set_window, ANN, deployment, later, later + timedelta(hours=1), None)
    team.later(hours=4)
    assert rings(team) == []
    team.later(days=1)
    assert rings(team) == []


def test_in_quiet_time_it_waits_for_the_window_to_open(team: Team) -> None:
    team.project = replace(team.project, quiet_hours=(time(14), time(8)))
    windowed(team, team.now + timedelta(hours=5))
    team.later(hours=4, minutes=5)
    assert rings(team) == []
    team.later(hours=1)
    assert len(rings(team)) == 1


def test_a_configured_window_counts_too(team: Team) -> None:
    window = Window(frozenset(range(7)), time(16), time(18), "daily 16:00-18:00")
    production = replace(team.project.environments["production"], windows=(window,))
    team.project = replace(team.project, environments={**team.project.environments, "production": production})
    team.starts()
    team.later(hours=5, minutes=1)
    assert len(rings(team)) == 1


def test_parked_and_aborted_ones_are_not_nudged_as_if_they_held_it(team: Team) -> None:
    deployment = team.starts()
    team.does(custody.abort, ANN, deployment, "no")
    assert team.row(deployment).state is State.ABORTED
    assert mornings(team, 3) == {}


def test_who_left_the_private_channel_reads_no_more_of_it(team: Team) -> None:
    asked(team)
    told = mornings(team)
    assert len(told[DANA]) == 1
    team.store.write(lambda unit: unit.people.keep_channel("C0DEPLOYS", [ANN, BO, DEVI, MO], team.now))
    assert shown(team, DANA).told == ()
    projects = {team.project.name: team.project}
    situations = team.store.read(lambda reader: reminding.open_situations(reader, projects, team.now))
    act = Act(DANA, team.now + timedelta(days=1), TEAM)
    assert team.store.write(lambda unit: reminding.write_digest(unit, projects, situations, act)) is False
