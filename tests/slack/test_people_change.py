"""Whoever loses a group, a channel or their account loses what it allowed within seconds: Slack tells, the bot asks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from bot_under_test import BotUnderTest, deployment_of, eventually, started

from bot.demo.standin import Person, StandIn
from bot.demo.standin.people.message import Thread
from bot.slack.people.fetching import PEOPLE_EVENTS

MakeBot = Callable[..., BotUnderTest]
MIGRATED = "Run all migrations on test database"


def asked(bot: BotUnderTest, ann: Person) -> Thread:
    thread = started(bot, ann)
    ann.presses("Ask now", in_=thread.messages()[0])
    return thread


def approvals(bot: BotUnderTest) -> int:
    return len(bot.store.read(lambda reader: reader.sign_offs.of(deployment_of(bot).id)))


def knows_groups(bot: BotUnderTest) -> bool:
    return eventually(lambda: bot.store.read(lambda reader: reader.people.group("@dba-team")).user_ids)


def test_whoever_was_removed_from_the_group_is_refused_within_seconds(
    bot: BotUnderTest, slack: StandIn, ann: Person, dana: Person
) -> None:
    thread = asked(bot, ann)
    assert knows_groups(bot)
    role = thread.sees("Database administrator")
    slack.set_group("dba-team", ["bo"])
    slack.service.settle()
    dana.presses("Approve as DBA", in_=role)
    dana.hears("You do not hold it")
    assert approvals(bot) == 0


def test_whoever_came_into_the_group_signs_within_seconds(
    bot: BotUnderTest, slack: StandIn, ann: Person, bo: Person
) -> None:
    role = asked(bot, ann).sees("Database administrator")
    assert knows_groups(bot)
    slack.set_group("dba-team", ["dana", "bo"])
    slack.service.settle()
    bo.presses("Approve as DBA", in_=role)
    role.becomes("✓ approved by bo")


@pytest.mark.parametrize(
    ("fields", "sentence"), [({"is_restricted": True}, "Guests can read"), ({"deleted": True}, "deactivated")]
)
def test_whoever_became_a_guest_or_was_deactivated_is_refused_within_seconds(
    bot: BotUnderTest, slack: StandIn, ann: Person, bo: Person, fields: dict[str, bool], sentence: str
) -> None:
    section = started(bot, ann).sees("Testing")
    assert eventually(lambda: bot.store.read(lambda reader: reader.people.person("U0BO")))
    slack.change_person("bo", **fields)
    slack.service.settle()
    bo.presses("Done", in_=section, beside=MIGRATED)
    bo.hears(sentence)
    assert bot.store.read(lambda reader: reader.decisions.of(deployment_of(bot).id)) == ()


def test_a_change_that_says_nothing_of_what_is_kept_makes_nobody_wait(
    bot: BotUnderTest, slack: StandIn, bo: Person
) -> None:
    known = lambda reader: reader.people.person("U0BO")  # noqa: E731
    assert eventually(lambda: bot.store.read(known))
    before = bot.store.read(known)
    slack.change_person("bo", is_admin=True)
    slack.add_person("nia", channels=[])
    slack.change_person("nia", real_name="Nia N.")
    slack.service.settle()
    assert bot.store.read(known) == before
    assert bot.store.read(lambda reader: reader.people.person("U0NIA")) is None


def test_a_lost_event_is_caught_by_the_hour(make_bot: MakeBot, slack: StandIn, ann: Person, dana: Person) -> None:
    late = [timedelta()]
    bot = make_bot(clock=lambda: datetime.now(UTC) + late[0]).connected()
    role = asked(bot, ann).sees("Database administrator")
    assert knows_groups(bot)
    slack.workspace.app.events.clear()
    slack.set_group("dba-team", ["bo"])
    late[0] = timedelta(minutes=61)
    dana.presses("Approve as DBA", in_=role)
    dana.hears("Checking who you are")
    dana.hears("You do not hold it", timeout=70)
    assert approvals(bot) == 0


@pytest.mark.parametrize("back", [timedelta(minutes=1), timedelta(days=400)])
def test_a_membership_of_before_the_clock_was_set_back_is_asked_anew(
    make_bot: MakeBot, slack: StandIn, ann: Person, dana: Person, back: timedelta
) -> None:
    """What was fetched later than now was fetched at an unknown time."""
    ahead = [back]
    bot = make_bot(clock=lambda: datetime.now(UTC) + ahead[0]).connected()
    role = asked(bot, ann).sees("Database administrator")
    assert knows_groups(bot)
    slack.workspace.app.events.clear()
    slack.set_group("dba-team", ["bo"])
    ahead[0] = timedelta()
    dana.presses("Approve as DBA", in_=role)
    dana.hears("You do not hold it")
    assert approvals(bot) == 0


def test_do_not_disturb_comes_with_the_person(make_bot: MakeBot, slack: StandIn) -> None:
    slack.change_person("bo", quiet=("22:00", "09:30"), tz="Europe/Berlin")
    bot = make_bot().connected()
    hours = lambda who: bot.store.read(lambda reader: reader.people.hours(who))  # noqa: E731
    assert eventually(lambda: hours("U0BO").silent)
    times = [at.astimezone(ZoneInfo("Europe/Berlin")).time() for at in hours("U0BO").silent or ()]
    assert times == [time(22), time(9, 30)]
    assert hours("U0ANN").silent is None
    slack.change_person("bo", quiet=None, display_name="Bo L.")
    assert eventually(lambda: hours("U0BO").silent is None)


def test_a_workspace_that_does_not_tell_of_do_not_disturb_costs_a_line_in_the_log(
    make_bot: MakeBot, slack: StandIn, ann: Person, caplog: pytest.LogCaptureFixture
) -> None:
    slack.workspace.app.scopes.remove("dnd:read")
    bot = make_bot().connected()
    started(bot, ann)
    slack.change_person("bo", display_name="Bo L.")
    assert eventually(lambda: len(slack.calls.of("dnd.teamInfo")) > 1)
    assert eventually(lambda: bot.store.read(lambda reader: reader.heartbeats.all())["directory"])
    said = [record.message for record in caplog.records if "disturbed" in record.message]
    assert said == ["Slack does not tell who is not to be disturbed (missing_scope dnd:read); quiet hours hold anyway."]
    assert "disturbed" not in bot.store.read(lambda reader: reader.heartbeats.all())["directory"].detail


def test_every_event_of_people_is_in_the_manifest(slack: StandIn) -> None:
    assert set(PEOPLE_EVENTS) <= set(slack.workspace.app.events)
