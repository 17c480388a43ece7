"""What no form of Slack lets through and somebody sends all the same: a sentence each time, and nothing is recorded."""

from __future__ import annotations

import pytest
from bot_under_test import BotUnderTest, deployment_of, started
from hypothesis import given
from hypothesis import strategies as st

from bot.core.refusal import Refused
from bot.core.typed import LONGEST, require_typed
from bot.demo.standin import Person, StandIn
from bot.demo.standin.acts import clicks
from bot.demo.standin.people.form import Form

MIGRATED = "Run all migrations on test database"


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that checks nothing before it sends."""
    monkeypatch.setattr(clicks, "_client_errors", lambda *_: {})


def note_form(bot: BotUnderTest, ann: Person) -> Form:
    section = started(bot, ann).sees("Testing")
    ann.chooses("More about an item …", MIGRATED, in_=section)
    ann.presses("Note …", in_=ann.modal())
    return ann.modal("Note")


def notes(bot: BotUnderTest) -> list[str]:
    return [one.reason for one in bot.store.read(lambda reader: reader.decisions.of(deployment_of(bot).id))]


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x" * 100_000, "is 100,000 characters long, and at most 3,000 are kept"),
        ("half \ud800 of one", "holds U+D800 at character 6, which is no character"),
        ("nothing \0 at all", "holds U+0000 at character 9, which is no character"),
    ],
)
def test_a_note_that_cannot_be_kept_stays_in_its_form_with_the_reason(
    bot: BotUnderTest, ann: Person, text: str, sentence: str
) -> None:
    form = note_form(bot, ann)
    (error,) = (form.fill("Note", text).submit() or {}).values()
    assert sentence in error
    assert (form.is_open, form.value("Note")) == (True, text)
    assert notes(bot) == []
    assert form.fill("Note", "y" * LONGEST).submit() is None
    assert notes(bot) == ["y" * LONGEST]


@pytest.mark.parametrize("text", ["\ud800", "a\0b", "x" * 4000])
@pytest.mark.parametrize("word", ["", "start production ", "delegate dba ", "history "])
def test_a_command_and_a_direct_message_are_answered_whatever_they_hold(
    bot: BotUnderTest, slack: StandIn, ann: Person, word: str, text: str
) -> None:
    sentence = "This text (command) "
    assert sentence in (ann.types(f"/deploy {word}{text}") or "")
    ann.says(f"{word}{text}", in_="@gonogo")
    ann.sees("@gonogo", sentence)
    assert bot.store.read(lambda reader: reader.deployments.open()) == ()


FAR = ("9999-12-31", "0001-01-01", "2036-01-01")


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("day", FAR)
def test_a_window_at_the_end_of_time_is_refused_in_its_form(bot: BotUnderTest, ann: Person, day: str) -> None:
    started(bot, ann)
    ann.types("/deploy window")
    form = ann.modal("window")
    (error,) = (form.choose("Date", day).submit() or {}).values()
    assert f"{day} is too far away: the date has to be within two years of today." in error
    assert form.is_open
    assert deployment_of(bot).window_start is None


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("minutes", ["²", "9" * 2900, "-5", "1e3"])
def test_an_estimate_that_is_no_number_of_minutes_is_refused_in_its_form(
    bot: BotUnderTest, ann: Person, minutes: str
) -> None:
    started(bot, ann)
    ann.types("/deploy window")
    form = ann.modal("window")
    label = next(each for each in form.labels() if "stimate" in each)
    (error,) = (form.fill(label, minutes).submit() or {}).values()
    assert "The estimate is a number of minutes" in error


@pytest.mark.parametrize("day", FAR)
def test_a_delegation_until_the_end_of_time_is_refused(bot: BotUnderTest, dana: Person, ann: Person, day: str) -> None:
    started(bot, ann)
    assert f"{day} is too far away" in (dana.types(f"/deploy delegate dba @bo until {day}") or "")


@given(st.dictionaries(st.sampled_from(["note", "reason"]), st.text(st.characters(), max_size=20)))
def test_everything_that_sqlite_and_slack_can_hold_is_taken_and_nothing_else(texts: dict[str, str]) -> None:
    try:
        for text in texts.values():
            text.encode()
        is_text = not any("\0" in text for text in texts.values())
    except UnicodeEncodeError:
        is_text = False
    try:
        require_typed(texts)
    except Refused as refusal:
        refusal.sentence.encode()
        assert not is_text
    else:
        assert is_text
