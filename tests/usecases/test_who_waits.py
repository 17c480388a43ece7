"""Who is told what at which moment: the table of DESIGN, "Who waits is told when it matters"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from bot.core.calendar import ReminderKind
from bot.core.checklist.items import Requirement
from bot.core.decision import CheckResult, Purpose
from bot.core.refusal import Refused
from bot.core.team import Person, Window
from bot.usecases.act import Act
from bot.usecases.books.rows import Said
from bot.usecases.checking.record_reading import Trouble
from bot.usecases.checking.record_result import record_result
from bot.usecases.lifecycle import break_glass, custody, hold
from bot.usecases.signoffs import asking, decide
from bot.usecases.telling import acknowledge, remind
from bot.usecases.who_waits import is_still_true
from checks.result import Status
from tests.usecases.team import ANN, BO, DANA, DEVI, GUEST, MO, SIGNERS, TEAM, Team, files

AT_ONCE, MORNING = "at once", "in the morning"
NIGHT = (time(20), time(8))


def asked(team: Team) -> str:
    """Everything but the sign-offs is there; a check of the numbering passed before they were asked."""
    team.has_probe("numbering", "gaps")
    deployment = team.starts()
    team.settles(deployment, Requirement.GO)
    team.answers(deployment, "gaps", Status.PASSED)
    return deployment


def deploying(team: Team) -> str:
    deployment = team.starts()
    team.goes(deployment)
    return deployment


def told(team: Team, user: str) -> list[Said]:
    """Direct messages of the deployment to one person, oldest first."""

    def read(reader: Any) -> list[Said]:
        sql = "SELECT id FROM outbox WHERE lane = ? AND sort = 'direct' ORDER BY created_at, id"
        found = reader.said._connection.execute(sql, (f"dm:{user}",)).fetchall()
        return [reader.said.get(row["id"]).said for row in found]

    return team.store.read(read)


def night(team: Team) -> None:
    """It is past ten, and everybody is in quiet hours; the window of tests is not planned."""
    team.project = replace(team.project, quiet_hours=NIGHT)
    team.later(hours=12, minutes=10)


def rejects(team: Team, deployment: str) -> None:
    subject = team.situation(deployment).subject
    team.does(decide.reject, DANA, deployment, "dba", subject, "orders is locked for minutes")


def signs(team: Team, deployment: str) -> None:
    team.signs(deployment)


def fails(team: Team, deployment: str) -> None:
    team.answers(deployment, "gaps", Status.FAILED, "a gap at 00009")


def sees_trouble(team: Team, deployment: str) -> None:
    trouble = Trouble("index orders_open_idx is INVALID", "DROP INDEX orders_open_idx;")
    team.reads(deployment, files("00008", "00009"), history=team.history("00008", pending=("00009",)), trouble=trouble)


def comes_back(team: Team, deployment: str) -> None:
    team.does(custody.park, ANN, deployment)
    hotfix = team.starts(who=BO, versions=("00011",))
    team.does(custody.abort, BO, hotfix, "not needed after all")


def breaks_glass(team: Team, deployment: str) -> None:
    subject = team.situation(deployment).subject
    team.does(break_glass.break_glass, DANA, deployment, subject, "payments are down for everyone", "production")


def lapses(team: Team, deployment: str) -> None:
    team.signs(deployment, "dba")
    team.later(days=8)
    for _ in range(2):
        team.reads(deployment, files("00008", "00009"))


def takes_over(team: Team, deployment: str, minutes: int = 0) -> None:
    team.later(minutes=minutes)
    team.does(custody.take_over, BO, deployment, "ann is on a train")


def asks_for_it(team: Team, deployment: str) -> None:
    team.does(custody.park, ANN, deployment)
    takes_over(team, deployment)


MOMENTS: dict[str, tuple[Callable[[Team], str], Callable[[Team, str], None], str, str]] = {
    "the last sign-off came": (asked, signs, "signed", MORNING),
    "a rejection": (asked, rejects, "rejected", MORNING),
    "a check fails after approvals were asked": (asked, fails, "check-failed", MORNING),
    "an approval lapsed": (asked, lapses, "lapsed", MORNING),
    "hold by another": (deploying, lambda team, it: team.does(hold.hold, DEVI, it, "slow"), "held", AT_ONCE),
    "a failed row, or an invalid index": (deploying, sees_trouble, "trouble", AT_ONCE),
    "take-over asked": (asked, asks_for_it, "take-over", AT_ONCE),
    "taken over": (asked, lambda team, it: takes_over(team, it, 241), "taken-over", MORNING),
    "break-glass on her deployment": (asked, breaks_glass, "glass-broken-here", AT_ONCE),
    "return from parking": (asked, comes_back, "unparked", MORNING),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_deployer_is_told_once(team: Team, moment: str) -> None:
    before, happens, template, when = MOMENTS[moment]
    deployment = before(team)
    night(team)
    happens(team, deployment)
    news = [said for said in told(team, ANN) if said.template == template]
    assert len(news) == 1
    assert (news[0].not_before is None) == (when == AT_ONCE)
    assert news[0].facts["deployment"] == deployment


def test_an_open_window_is_no_night(team: Team) -> None:
    """Who planned for it is awake."""
    deployment = asked(team)
    night(team)
    place = replace(
        team.project.environments["production"], windows=(Window(frozenset(range(7)), *NIGHT, "every night"),)
    )
    team.project = replace(team.project, environments={**team.project.environments, "production": place})
    rejects(team, deployment)
    assert [said.not_before for said in told(team, ANN) if said.template == "rejected"] == [None]


def silent(team: Team) -> None:
    do_not_disturb = (team.now - timedelta(hours=1), team.now + timedelta(hours=1))
    team.store.write(lambda unit: unit.people.keep_silent(ANN, do_not_disturb))


def lives_in_berlin(team: Team) -> None:
    team.later(days=33)  # the second day of Christmas
    team.store.write(
        lambda unit: unit.people.keep(Person(TEAM, ANN, "Ann", "Europe/Berlin", TEAM, False, True, team.now))
    )


LEFT_ALONE: dict[str, tuple[Callable[[Team], None], datetime]] = {
    "do-not-disturb": (silent, datetime(2026, 11, 23, 11, tzinfo=UTC)),
    "her own hours": (
        lambda team: team.store.write(lambda unit: unit.people.keep_quiet(ANN, (time(9), time(15)))),
        datetime(2026, 11, 23, 15, tzinfo=UTC),
    ),
    "a weekend": (lambda team: team.later(days=5), datetime(2026, 11, 30, 9, tzinfo=UTC)),
    "a public holiday of her country": (lives_in_berlin, datetime(2026, 12, 28, 8, tzinfo=UTC)),
}


@pytest.mark.parametrize("why", LEFT_ALONE)
def test_who_is_left_alone_now_hears_of_it_afterwards(team: Team, why: str) -> None:
    begins, expected = LEFT_ALONE[why]
    deployment = asked(team)
    begins(team)
    rejects(team, deployment)
    assert [said.not_before for said in told(team, ANN) if said.template == "rejected"] == [expected]


OWN: dict[str, tuple[Callable[[Team], str], Callable[[Team, str], object]]] = {
    "her own hold": (deploying, lambda team, it: team.does(hold.hold, ANN, it, "slow")),
    "a check she ran": (asked, lambda team, it: fails_for(team, it, ANN)),
    "parked and taken up again by her": (
        asked,
        lambda team, it: (team.does(custody.park, ANN, it), team.does(custody.unpark, ANN, it)),
    ),
}


def fails_for(team: Team, deployment: str, who: str) -> None:
    """The check fails that this person asked for."""
    team.finishes_runs(deployment)

    def work(unit: Any) -> None:
        unit.results.queue(deployment, ["gaps"], Purpose.ASKED, unit.new_id(), who, team.now)
        (run,) = unit.results.claim(team.now, team.now + timedelta(minutes=5), 1)
        result = CheckResult(unit.new_id(), run.id, deployment, "gaps", Status.FAILED, "a gap", team.now)
        record_result(unit, team.project, team.act("gonogo"), run, result)

    team.store.write(work)


@pytest.mark.parametrize("moment", OWN)
def test_whoever_acted_is_told_nothing(team: Team, moment: str) -> None:
    before, happens = OWN[moment]
    deployment = before(team)
    heard = len(told(team, ANN))
    happens(team, deployment)
    assert [said.template for said in told(team, ANN)[heard:]] == []


def test_the_last_sign_off_says_what_is_still_missing(team: Team) -> None:
    deployment = asked(team)
    team.does(asking.ask_now, ANN, deployment)
    fails(team, deployment)
    team.signs(deployment, *list(SIGNERS)[:-1])
    assert not [said for said in told(team, ANN) if said.template == "signed"], "one is missing"
    team.signs(deployment, list(SIGNERS)[-1])
    (news,) = [said.facts for said in told(team, ANN) if said.template == "signed"]
    assert news["subject"] == team.situation(deployment).subject
    assert ["a gap at 00009" in sentence for sentence in news["missing"]] == [True]  # type: ignore[attr-defined]


def test_whoever_took_it_over_hears_that_it_is_theirs(team: Team) -> None:
    deployment = asked(team)
    takes_over(team, deployment)
    team.later(minutes=11)
    (due,) = [one for one in team.store.read(lambda reader: reader.reminders.pending()) if one.kind == "take-over"]
    assert due.kind == ReminderKind.TAKE_OVER
    act = Act("gonogo", team.now, team.act(ANN).team)
    team.store.write(lambda unit: remind(unit, team.project, act, due.id))
    assert [said.facts["text"] for said in told(team, BO) if said.template == "private"] == [
        f"Deployment {team.row(deployment).label} is yours now."
    ]
    assert [said.template for said in told(team, ANN)] == ["take-over", "taken-over"]


def withdrawn(team: Team, deployment: str) -> None:
    team.does(decide.withdraw, DANA, deployment, "dba")


GONE: dict[str, tuple[Callable[[Team, str], None], str, Callable[[Team, str], None]]] = {
    "a sign-off was withdrawn": (signs, "signed", withdrawn),
    "it went": (signs, "signed", lambda team, it: team.goes(it)),
    "the rejection was cleared": (
        rejects,
        "rejected",
        lambda team, it: team.does(decide.clear_rejection, DANA, it, "dba", ""),
    ),
    "the check passes": (fails, "check-failed", lambda team, it: team.answers(it, "gaps", Status.PASSED)),
    "signed again": (lapses, "lapsed", signs),
    "parked again": (comes_back, "unparked", lambda team, it: team.does(custody.park, ANN, it)),
}


@pytest.mark.parametrize("end", GONE)
def test_what_waited_for_the_morning_is_sent_only_while_it_is_true(team: Team, end: str) -> None:
    happens, template, ends = GONE[end]
    deployment = asked(team)
    happens(team, deployment)
    (news,) = [said for said in told(team, ANN) if said.template == template]

    def holds(reader: Any) -> bool:
        return is_still_true(reader, team.project, template, news.facts, team.now)

    assert team.store.read(holds)
    ends(team, deployment)
    assert not team.store.read(holds)


def test_a_stakeholder_acknowledges_what_is_deployed_from_a_private_channel(team: Team) -> None:
    deployment = asked(team)
    team.store.write(lambda unit: unit.people.keep_channel("C0DEPLOYS", [ANN, BO, DANA], team.now))
    (notice,) = team.store.read(lambda reader: reader.notices.of(deployment))
    answer = team.does(acknowledge, MO, notice.id)
    assert "your name stands in the record" in answer.text
    assert team.store.read(lambda reader: reader.notices.get(notice.id)).acknowledged == (MO,)
    with pytest.raises(Refused, match="Guests"):
        team.does(acknowledge, GUEST, notice.id)


def test_the_no_and_the_yes_to_changed_files_are_told_while_it_is_held(team: Team) -> None:
    deployment = deploying(team)
    team.does(hold.hold, ANN, deployment, "00009 is wrong")
    team.reads(deployment, files("00008", "00009", body="select 2;"))
    team.does(hold.use_new_files, ANN, deployment, team.row(deployment).moved_fingerprint)
    rejects(team, deployment)
    (news,) = [said for said in told(team, ANN) if said.template == "rejected"]
    assert team.store.read(lambda reader: is_still_true(reader, team.project, "rejected", news.facts, team.now))
    team.does(decide.clear_rejection, DANA, deployment, "dba", "")
    team.signs(deployment, "dba")
    assert [said.facts["state"] for said in told(team, ANN) if said.template == "signed"][-1] == "held"
