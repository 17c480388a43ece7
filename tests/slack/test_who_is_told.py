"""Who is told: a stakeholder's channel by one message that goes along, and whoever waits by direct message, once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bot_under_test import BotUnderTest, Waiting, completed, deployment_of, eventually, project_of, started

from bot.core.checklist.items import Requirement
from bot.core.decision import CheckResult, Purpose
from bot.core.deployment import Outcome, State
from bot.core.team import Audience
from bot.demo.standin import Message, Person, StandIn
from bot.usecases import tick
from bot.usecases.act import Act, want_hour
from bot.usecases.books.units import PostUnit
from bot.usecases.checking.record_result import record_result
from bot.usecases.lifecycle import complete, custody, hold, plan, roll_back
from bot.usecases.lifecycle.go import open_deploying
from bot.usecases.signoffs import asking, decide
from bot.usecases.situation.judging import load
from checks.result import Status

MakeBot = Callable[..., BotUnderTest]
OFF = ("devops", "management")
ROUTINE = '/deploy start production 00008-00010 "loyalty tiers"'


@pytest.fixture
def pia(slack: StandIn) -> Person:
    return slack.add_person("pia", "Pia Rossi", id="U0PIA")


@pytest.fixture
def bot(make_bot: MakeBot, slack: StandIn, pia: Person) -> BotUnderTest:
    """Production tells #releases, and nobody is asked twice."""
    project = project_of(slack)
    audience = slack.add_channel("releases").id
    production = replace(
        project.environments["production"], audiences=(Audience("stakeholders", (audience,)),), two_person=False
    )
    off = {name: replace(project.roles["dba"], name=name, item=f"sign-off-{name}", enabled=False) for name in OFF}
    changes = {"environments": {"production": production}, "roles": {**project.roles, **off}}
    return make_bot(project=replace(project, **changes)).connected()


def does(
    bot: BotUnderTest, use_case: Callable[..., Any], *arguments: Any, who: str = "U0ANN", at: datetime | None = None
) -> None:
    deployment = deployment_of(bot).id
    act = Act(who, at or datetime.now(UTC), deployment_of(bot).team)
    bot.store.write(lambda unit: use_case(unit, bot.project, act, deployment, *arguments))


def goes(bot: BotUnderTest) -> None:
    def work(unit: Any) -> None:
        act = Act("U0ANN", datetime.now(UTC), deployment_of(bot).team)
        open_deploying(unit, load(unit, bot.project, deployment_of(bot).id, act.at), act)

    bot.store.write(work)


def notices(person: Person) -> list[Message]:
    return [message for message in person._messages(person._channel("#releases")) if not message.posted.is_reply]


def announced(bot: BotUnderTest, ann: Person, pia: Person) -> Message:
    started(bot, ann, ROUTINE)
    return pia.sees("#releases", "loyalty tiers · planned for production")


def test_a_routine_deployment_is_two_posts_in_words_of_a_product_owner(
    bot: BotUnderTest, ann: Person, pia: Person
) -> None:
    notice = announced(bot, ann, pia)
    assert "Questions: ann, or #deploys" in notice.text()
    assert not re.search(r"[0-9a-f]{8}|\.sql", notice.text())
    goes(bot)
    notice.becomes("loyalty tiers · under way in production since")
    does(bot, hold.hold, "the index build waits")
    notice.becomes("loyalty tiers · takes longer than planned in production")
    does(bot, complete.complete, Outcome.PARTIAL, "Gold follows on Thursday.")
    assert "partly done in production" in pia.sees("#releases", "Gold follows on Thursday.").text()
    notice.becomes("partly done")
    assert len(notices(pia)) == 2
    assert "Acknowledge" not in notice.text(), "the newest message has the button"


def test_who_acknowledged_stands_where_it_was_pressed(bot: BotUnderTest, ann: Person, bo: Person, pia: Person) -> None:
    notice = announced(bot, ann, pia)
    assert "acknowledged" not in notice.text(), "nobody is shown who has not pressed"
    pia.presses("Acknowledge", in_=notice)
    notice.becomes("✓ acknowledged by pia")
    bo.presses("Acknowledge", in_=notice)
    assert re.search(r"✓ acknowledged by pia .+, bo ", notice.becomes(", bo ").text())
    goes(bot)
    notice.becomes("under way")
    assert "✓ acknowledged by pia" in notice.text()
    pia.hears("your name stands in the record")


def test_what_turned_out_otherwise_is_corrected_and_told(bot: BotUnderTest, ann: Person, pia: Person) -> None:
    notice = announced(bot, ann, pia)
    does(bot, plan.set_title, "loyalty tiers and coupons")
    notice.becomes("loyalty tiers and coupons")
    assert "Corrected:" in notice.text()
    goes(bot)
    does(bot, complete.complete, Outcome.PARTIAL, "Coupons follow.")
    done = pia.sees("#releases", "Coupons follow.")
    does(bot, roll_back.roll_back, "down", "checkout is slow")
    assert "is being taken back in production" in pia.sees("#releases", "Why: checkout is slow").text()
    done.becomes("Correction: it is being taken back since")
    does(bot, complete.complete, Outcome.ROLLED_BACK, "Coupons broke checkout.")
    assert "was taken back in production" in pia.sees("#releases", "Coupons broke checkout.").text()
    done.becomes("Correction: it was taken back")
    assert len(notices(pia)) == 4


def test_an_abort_before_go_is_said_where_it_was_announced(bot: BotUnderTest, ann: Person, pia: Person) -> None:
    notice = announced(bot, ann, pia)
    assert eventually(lambda: bot.store.read(lambda reader: reader.notices.of(deployment_of(bot).id))[0].delivered_at)
    does(bot, custody.abort, "a hotfix goes first")
    notice.becomes("loyalty tiers · does not take place in production")
    assert "Why: a hotfix goes first" in notice.text()
    assert len(notices(pia)) == 1


def settled(bot: BotUnderTest) -> None:
    """Everything that go needs but the sign-offs, ticked by a peer."""

    def work(unit: Any) -> None:
        act = Act("U0BO", datetime.now(UTC), deployment_of(bot).team)
        for item in load(unit, bot.project, deployment_of(bot).id, act.at).missing(Requirement.GO):
            tick.tick(unit, bot.project, act, deployment_of(bot).id, item.id)

    bot.store.write(work)


def subject(bot: BotUnderTest) -> str:
    return bot.store.read(lambda reader: load(reader, bot.project, deployment_of(bot).id, datetime.now(UTC)).subject)


def test_with_the_last_sign_off_the_deployer_has_go_in_her_hand(
    bot: BotUnderTest, ann: Person, bo: Person, dana: Person
) -> None:
    started(bot, ann, ROUTINE)
    settled(bot)
    bo.presses("Reviewed as backend", in_=bo.hears("Backend engineer"))
    dana.presses("Approve as DBA", in_=dana.hears("Database administrator"))
    ann.presses("Go …", in_=ann.hears("Everybody has signed: everything is there"))
    form = ann.modal("Go")
    assert "Not yet" not in form.text()
    assert form.submit() is None
    assert eventually(lambda: deployment_of(bot).go_at)


def test_a_rejection_is_cleared_where_it_was_heard_of(bot: BotUnderTest, ann: Person, bo: Person) -> None:
    thread = started(bot, ann, ROUTINE)
    does(bot, decide.reject, "backend", subject(bot), "orders is locked for minutes", who="U0BO")
    ann.presses("Clear the rejection …", in_=ann.hears("What has to change: orders is locked for minutes"))
    assert ann.modal("Clear").fill("Why is it settled?", "the lock is gone").submit() is None
    thread.messages()[0].becomes("waiting for  DBA @dba-team · backend bo")
    assert not bot.store.read(lambda reader: reader.sign_offs.of(deployment_of(bot).id))[0].stands


def test_a_hold_by_somebody_else_is_heard_at_once_with_what_to_do(bot: BotUnderTest, ann: Person) -> None:
    started(bot, ann, ROUTINE)
    goes(bot)
    does(bot, hold.hold, "checkout is slow", who="U0ONA")
    ann.presses("Troubleshoot …", in_=ann.hears("holds your deployment: checkout is slow"))
    assert "Migration Fails" in ann.modal("Troubleshoot").text()


def test_in_the_morning_only_what_is_still_true_is_told(bot: BotUnderTest, ann: Person) -> None:
    started(bot, ann, ROUTINE)
    zone = bot.store.read(lambda reader: reader.people.person("U0ANN")).zone  # type: ignore[union-attr]
    now = datetime.now(ZoneInfo(zone))
    morning = now + timedelta(seconds=0.8)
    bot.project = replace(bot.project, quiet_hours=((now - timedelta(minutes=5)).time(), morning.time()))
    role = ("backend", subject(bot))
    does(bot, decide.reject, *role, "orders is locked for minutes", who="U0BO")
    does(bot, decide.clear_rejection, "backend", "", who="U0BO")
    key = f"{deployment_of(bot).id}:rejected:"
    assert eventually(lambda: datetime.now(UTC) > morning and states(bot, key) == [("dead", "expired")])
    does(bot, decide.reject, *role, "it rewrites orders", who="U0BO")
    ann.hears("What has to change: it rewrites orders")
    assert "minutes" not in "".join(ann.told())


class Moved(Waiting):
    """A wall clock that begins at noon of a working day, and that a test moves on."""

    def __init__(self) -> None:
        super().__init__()
        self._began = datetime(2026, 11, 24, 12, tzinfo=UTC)

    def moves(self, by: timedelta) -> None:
        self._began += by


def test_what_slack_was_down_for_reaches_nobody_at_night(
    make_bot: MakeBot, slack: StandIn, ann: Person, dana: Person
) -> None:
    """Said and asked at noon; Slack comes back at ten in the evening, and again in the morning of the next day."""
    clock = Moved()
    night = replace(project_of(slack), quiet_hours=(time(20), time(8)))
    bot = make_bot(waiting=clock, clock=clock.now, project=night).connected()
    started(bot, ann, ROUTINE)
    slack.faults.down()
    does(bot, decide.reject, "backend", subject(bot), "orders is locked for minutes", who="U0BO", at=clock.now())
    does(bot, asking.ask_now, at=clock.now())
    does(bot, custody.take_over, "ann is on a train", who="U0BO", at=clock.now())
    clock.moves(timedelta(hours=10))
    slack.faults.up()
    ann.hears("wants to take your deployment over", timeout=20)
    key = f"{deployment_of(bot).id}:rejected:"
    assert eventually(lambda: waiting_until(bot, key) == ["2026-11-25T08:00:00.000Z"])
    asks = lambda: [one for one in bot.store.read(lambda r: r.live.behind(clock.now())) if one.kind == "asked"]  # noqa: E731
    assert eventually(lambda: not asks())
    assert not [text for text in dana.told() if "asked of you" in text]
    clock.moves(timedelta(hours=10, minutes=5))
    ann.hears("What has to change: orders is locked for minutes", timeout=20)
    dana.hears("asked of you", timeout=20)


def test_who_was_to_be_woken_is_woken_however_late(
    make_bot: MakeBot, slack: StandIn, ann: Person, dana: Person
) -> None:
    clock = Moved()
    bot = make_bot(waiting=clock, clock=clock.now, project=replace(project_of(slack), quiet_hours=(time(8), time(7))))
    bot.connected()
    started(bot, ann, ROUTINE)
    slack.faults.down()
    does(bot, asking.ask_now, at=clock.now())
    does(bot, partial(asking.ask_now, anyway=True), at=clock.now())
    clock.moves(timedelta(hours=1))
    slack.faults.up()
    dana.hears("asked of you", timeout=20)


def waiting_until(bot: BotUnderTest, key: str) -> list[str]:
    sql = "SELECT not_before FROM outbox WHERE key LIKE ? || '%' AND state = 'pending'"
    rows = bot.store.read(lambda reader: reader.said._connection.execute(sql, (key,)).fetchall())  # type: ignore[attr-defined]
    return [row["not_before"] for row in rows]


def states(bot: BotUnderTest, key: str) -> list[tuple[str, str]]:
    sql = "SELECT state, error FROM outbox WHERE key LIKE ? || '%'"
    rows = bot.store.read(lambda reader: reader.said._connection.execute(sql, (key,)).fetchall())  # type: ignore[attr-defined]
    return [(row["state"], row["error"]) for row in rows]


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


def test_the_owner_is_told_and_the_way_back_is_beside_it(make_bot: MakeBot, slack: StandIn, ann: Person) -> None:
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


def test_an_hour_after_completion_the_owner_answers_where_she_is_told(bot: BotUnderTest, ann: Person) -> None:
    """D3: only *Open the thread* was on the message, and it told every line again."""
    started(bot, ann)
    completed(bot)
    bot.store.write(lambda unit: want_hour(unit, deployment_of(bot), datetime.now(UTC)))
    told = ann.hears("An hour after completion: ")
    before = int(told.text().split("An hour after completion: ")[1].split()[0])
    ann.presses("Done", in_=told, beside="Verify all services operational")
    assert eventually(lambda: f"An hour after completion: {before - 1} lines for you" in told.text())
    assert "✓ done  Verify all services operational" in told.text()
    assert "Open the thread" in told.buttons()
