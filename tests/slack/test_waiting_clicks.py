"""A click of somebody not known yet is kept, and judged after the refresh by its subject and that moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot_under_test import BotUnderTest, completed, deployment_of, eventually, started
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.standin import Person, StandIn
from bot.demo.standin.model import User
from bot.slack.inbound.click import Click, kept, revived
from bot.slack.messages.buttons import Target

MakeBot = Callable[..., BotUnderTest]
MIGRATED = "Run all migrations on test database"


def newcomer(slack: StandIn, **more: object) -> Person:
    return slack.add_person("nia", "Nia Newcomer", **more)


def test_a_newcomers_click_is_kept_and_recorded_when_it_is_judged(
    bot: BotUnderTest, slack: StandIn, ann: Person
) -> None:
    section = started(bot, ann).sees("Testing")
    nia = newcomer(slack)
    slack.faults.late("users.info", 1.5)
    nia.presses("Done", in_=section, beside=MIGRATED)
    pressed = datetime.now(UTC)
    nia.hears("Checking who you are")
    nia.hears("your click of a moment ago is recorded")
    section.becomes("✓ 1 done")
    (decision,) = bot.store.read(lambda reader: reader.decisions.of(deployment_of(bot).id))
    assert decision.at > pressed


def test_a_take_over_that_waited_more_than_five_minutes_expires_and_says_so(
    make_bot: MakeBot, slack: StandIn, ann: Person
) -> None:
    late = [timedelta()]
    bot = make_bot(clock=lambda: datetime.now(UTC) + late[0]).connected()
    started(bot, ann)
    nia = newcomer(slack)
    slack.faults.broken("users.info", times=2)
    nia.types("/deploy takeover")
    form = nia.modal()
    form.fill(form.labels()[0], "Ann is at the dentist").submit()
    assert eventually(lambda: bot.store.read(lambda reader: reader.clicks.waiting()))
    late[0] = timedelta(minutes=6)
    nia.hears("waited more than five minutes", timeout=30)
    assert deployment_of(bot).owner == ann.user.id
    assert not bot.store.read(lambda reader: reader.reminders.pending())


def test_an_act_that_misses_its_reason_after_the_check_is_offered_with_its_form(
    make_bot: MakeBot, slack: StandIn, ann: Person
) -> None:
    late = [timedelta()]
    bot = make_bot(clock=lambda: datetime.now(UTC) + late[0]).connected()
    thread = started(bot, ann)
    completed(bot)
    dashboard = thread.messages()[0]
    dashboard.becomes("[Close …]")
    late[0] = timedelta(hours=2)
    ann.presses("Close …", in_=dashboard)
    ann.hears("Checking who you are")
    ann.presses("Close …", in_=ann.hears("Give a reason for closing early"))
    ann.modal("Close early").fill("Why now?", "it was a rehearsal").submit()
    ann.hears("is closed")


def test_a_guests_first_click_is_refused_after_the_check(bot: BotUnderTest, slack: StandIn, ann: Person) -> None:
    section = started(bot, ann).sees("Testing")
    guest = newcomer(slack, is_restricted=True, channels=["#deploys"])
    guest.presses("Done", in_=section, beside=MIGRATED)
    guest.hears("Guests can read")
    assert bot.store.read(lambda reader: reader.clicks.waiting()) == ()


def test_while_slack_does_not_answer_the_click_waits_and_is_settled_once(
    bot: BotUnderTest, slack: StandIn, ann: Person
) -> None:
    section = started(bot, ann).sees("Testing")
    nia = newcomer(slack)
    slack.faults.broken("users.info", times=4)
    nia.presses("Done", in_=section, beside=MIGRATED)
    assert eventually(lambda: len(bot.store.read(lambda reader: reader.clicks.waiting())) == 1)
    section.becomes("✓ 1 done", timeout=30)
    assert bot.store.read(lambda reader: reader.clicks.waiting()) == ()
    assert len(bot.store.read(lambda reader: reader.decisions.of(deployment_of(bot).id))) == 1


def test_a_click_that_waited_when_the_bot_was_killed_is_judged_by_the_next(
    make_bot: MakeBot, slack: StandIn, ann: Person
) -> None:
    first = make_bot().connected()
    section = started(first, ann).sees("Testing")
    nia = newcomer(slack)
    first.directory.stop()
    nia.presses("Done", in_=section, beside=MIGRATED)
    assert eventually(lambda: len(first.store.read(lambda reader: reader.clicks.waiting())) == 1)
    second = make_bot()
    second.who.start()
    second.directory.start()
    section.becomes("✓ 1 done")


def test_a_form_and_a_command_of_a_newcomer_are_kept_too(bot: BotUnderTest, slack: StandIn, ann: Person) -> None:
    started(bot, ann)
    nia = newcomer(slack)
    assert "Checking who you are" in (nia.types("/deploy start staging 00008-00010") or "")
    nia.hears("Deployment 2 to staging has started")


def test_everyone_of_a_small_channel_is_known_before_the_first_click(bot: BotUnderTest, dana: Person) -> None:
    assert eventually(lambda: bot.store.read(lambda reader: reader.people.person("U0DANA")))
    assert "has started" in (dana.types("/deploy start staging 00008-00010") or "")


def test_everyone_of_a_large_channel_is_too_and_slack_is_asked_for_all_at_once(
    make_bot: MakeBot, slack: StandIn
) -> None:
    for number in range(400):
        slack.workspace.add_user(User(f"U0P{number}", f"p{number}", f"Person {number}"))
        slack.workspace.channels["C0DEPLOYS"].members.append(f"U0P{number}")
    bot = make_bot().connected()
    assert eventually(lambda: bot.store.read(lambda reader: reader.people.person("U0P399")))
    assert "has started" in (slack.person("p399").types("/deploy start staging 00008-00010") or "")
    assert len(slack.calls.of("users.list")) == 1
    assert len(slack.calls.of("users.info")) < 20


def test_without_a_paid_plan_groups_are_empty_and_the_reason_is_said(make_bot: MakeBot, slack: StandIn) -> None:
    slack.workspace.team.plan = "free"
    bot = make_bot().connected()
    beat = lambda: bot.store.read(lambda reader: reader.heartbeats.all()).get("directory")  # noqa: E731
    assert eventually(lambda: beat() and "paid Slack plan" in beat().detail)
    assert bot.store.read(lambda reader: reader.people.group("@dba-team")).fetched_at is not None


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="|"), max_size=30)


@given(st.dictionaries(words, st.one_of(words, st.lists(words).map(tuple))), words, words, st.booleans())
def test_a_kept_click_comes_back_as_it_was(values, item, subject, ephemeral) -> None:  # type: ignore[no-untyped-def]
    target = Target("d1", item=item, subject=subject)
    at = datetime(2026, 11, 22, 14, 3, tzinfo=UTC)
    click = Click("tick", target, "U1", "T1", at, values, "C1", "1.1", "1.0", ephemeral)
    assert revived(kept(click, "id", {"people": ("U1",)})) == click
