"""Work is given, claimed and settled by the buttons that people see: in the thread, the DM, App Home, the digest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bot_under_test import BotUnderTest, Waiting, behind, eventually, started

from bot.background.alarm_clock import AlarmClock
from bot.background.backstage import Backstage
from bot.core.refusal import NotYetKnown
from bot.core.team import is_fresh
from bot.demo.standin import Message, Person, StandIn
from bot.demo.standin.people.form import Form
from bot.demo.standin.people.message import Thread

MakeBot = Callable[..., BotUnderTest]
MIGRATED = "Run all migrations on test database"


@pytest.fixture
def bot(make_bot: MakeBot) -> BotUnderTest:
    """It is a Wednesday at noon, whenever this runs: nobody is in quiet time."""
    waiting = Waiting()
    waiting._began = datetime(2026, 11, 25, 12, tzinfo=UTC)
    return make_bot(clock=waiting.now, waiting=waiting).connected()


@pytest.fixture
def thread(bot: BotUnderTest, ann: Person) -> Thread:
    return started(bot, ann)


def opened(person: Person, section: Message, label: str = MIGRATED) -> Form:
    person.chooses("More about an item …", label, in_=section)
    return person.modal("Item")


def gives(person: Person, form: Form, button: str = "Give to …", **chosen: str) -> None:
    form.presses(button)
    giving = person.modal("Give to …")
    for field, name in chosen.items():
        giving.choose({"to": "Person", "role": "Or whoever holds a role"}[field], name)
    assert giving.submit() is None


def test_a_line_that_is_given_goes_along_in_the_receivers_message(
    bot: BotUnderTest, thread: Thread, ann: Person, bo: Person
) -> None:
    section = thread.sees("Testing")
    form = opened(ann, section)
    gives(ann, form, to="bo")
    form.becomes("given to bo")
    told = bo.sees("@gonogo", "Given to you by ann")
    section.becomes("given to bo")
    assert told.buttons() == ["Done", "I'm on it", "Not me", "Give to …", "Open the thread"]
    bo.opens_home()
    assert MIGRATED in bo.home("Given to you by ann")
    assert MIGRATED in (bo.types("/deploy mine") or "")
    bo.presses("I'm on it", in_=told)
    told.becomes("You are on it since")
    section.becomes("bo is on it since")
    bo.presses("Done", in_=told)
    told.becomes("✓ done")
    assert told.buttons() == ["Open the thread"]
    assert eventually(lambda: not behind(bot))


def test_what_a_role_was_given_one_is_on_and_another_takes(
    thread: Thread, ann: Person, bo: Person, dana: Person
) -> None:
    section = thread.sees("Testing")
    gives(ann, opened(ann, section), role="Database administrator")
    told = dana.sees("@gonogo", "Given to Database administrator by ann")
    bo.presses("I'm on it", in_=opened(bo, section))
    told.becomes("not yours any more: bo is on it since")
    form = opened(dana, section)
    dana.presses("Take it", in_=form)
    form.becomes("dana is on it since")
    bo.hears(f"dana is on “{MIGRATED}” now: you need not do it.")


def test_a_list_is_given_in_one_message_and_given_back(thread: Thread, ann: Person, bo: Person) -> None:
    ann.chooses("Open a list …", "Testing", in_=thread.sees("Getting ready"))
    form = ann.modal("List")
    gives(ann, form, "Give the list to …", to="bo")
    form.becomes("given to bo")
    told = bo.sees("@gonogo", "Testing · given to you by ann")
    assert len([each for each in bo.told() if "given to you" in each]) == 1
    bo.presses("Not me", in_=told)
    told.becomes("you gave it back")
    back = ann.hears("bo gave “Testing” back: it is nobody's now.")
    assert back.buttons() == ["I'm on it", "Give to …", "Open the thread"]
    ann.presses("I'm on it", in_=back)
    thread.sees("Getting ready").becomes("ann is on it since")


def test_a_form_without_a_choice_says_so(thread: Thread, ann: Person) -> None:
    opened(ann, thread.sees("Testing")).presses("Give to …")
    giving = ann.modal("Give to …")
    assert giving.submit() == {"Person": "Choose a person or a role, one of the two."}


def next_morning(bot: BotUnderTest, folder: Path) -> None:
    """A day has passed, and the alarm clock writes the digests."""
    waiting = bot.out.clock.__self__  # type: ignore[attr-defined]
    waiting._began += timedelta(days=1)
    for user in ("U0ANN", "U0BO", "U0DANA"):
        bot.directory.want_missing(NotYetKnown(people=(user,), channels=(bot.project.channel,)))
        person = bot.store.read(lambda reader, of=user: reader.people.person(of))
        bot.store.write(lambda unit, known=person: unit.people.keep(replace(known, fetched_at=waiting.now())))
    assert eventually(lambda: is_fresh(channel_seen(bot), waiting.now()))
    stage = Backstage(bot.store, {bot.project.name: bot.project}, lambda *_: None, waiting.now, folder)
    AlarmClock(stage).tell_mornings()


def test_who_is_quicker_than_slacks_answer_is_not_told_of_a_copy(
    bot: BotUnderTest, thread: Thread, slack: StandIn, ann: Person, bo: Person, tmp_path: Path
) -> None:
    gives(ann, opened(ann, thread.sees("Testing")), to="bo")
    assert eventually(lambda: not behind(bot))
    slack.faults.late("chat.postMessage", 2, times=2)
    next_morning(bot, tmp_path)
    his = bo.sees("@gonogo", "1 thing waits for you")
    bo.presses("Done", in_=his)
    his.becomes("Nothing waits for you any more")


def channel_seen(bot: BotUnderTest) -> datetime | None:
    return bot.store.read(lambda reader: reader.people.channel(bot.project.channel).fetched_at)


def test_the_digest_of_a_morning_goes_along_is_put_off_and_handed_over(
    bot: BotUnderTest, thread: Thread, ann: Person, bo: Person, tmp_path: Path
) -> None:
    gives(ann, opened(ann, thread.sees("Testing")), to="bo")
    next_morning(bot, tmp_path)
    mine = ann.sees("@gonogo", "1 thing waits for you")
    assert "idle since 25 Nov, and it holds production" in mine.text()
    his = bo.sees("@gonogo", "1 thing waits for you")
    assert his.text().splitlines()[2:4] == [f"• {MIGRATED}  [Done]", "ann gave it to you"]
    assert his.buttons() == ["Done", "Give to …", "Open the thread"]
    bo.presses("Done", in_=his)
    his.becomes("Nothing waits for you any more")
    assert his.buttons() == ["Open the thread"]
    ann.chooses("Snooze …", "Snooze until tomorrow", in_=mine)
    mine.becomes("put off until")
    ann.presses("Hand over …", in_=mine)
    form = ann.modal("Hand over")
    form.choose("Who takes it over?", "bo")
    form.fill("What do they have to know?", "I am away from Friday on")
    assert form.submit() is None
    offer = bo.sees("@gonogo", "ann asks you to take this over: I am away from Friday on")
    bo.presses("Take it over", in_=offer)
    assert eventually(lambda: bot.store.read(lambda reader: reader.deployments.open()[0].owner) == "U0BO")
