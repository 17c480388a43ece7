"""Audiences: each reads of the same deployment in its own words, in its channel or as a person, and acknowledges."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from audience_team import Told
from bot_under_test import eventually, started

from bot.core.deployment import Outcome
from bot.demo.standin import Person
from bot.demo.standin.people.message import Message
from bot.slack.messages.templates import use_own
from bot.usecases.lifecycle import complete, custody

ROUTINE = '/deploy start production 00008-00010 "loyalty tiers"'


def shown(person: Person, place: str) -> list[Message]:
    return [each for each in person._messages(person._channel(place)) if not each.posted.is_reply]


def test_support_and_management_read_other_words(told: Told, ann: Person, bo: Person) -> None:
    started(told.bot, ann, ROUTINE)
    support = bo.sees("#support", "loyalty tiers · planned for production")
    board = bo.sees("#board", "loyalty tiers · planned for production")
    assert "If users ask, write to ann or in #deploys." in support.text()
    assert "Risk: not known yet." in board.text()
    assert "If users ask" not in board.text()
    told.goes()
    board.becomes("under way in production since")
    told.does(complete.complete, Outcome.PARTIAL, "Gold is live.")
    assert "If users report errors from now on: tell ann" in bo.sees("#support", "Gold is live.").text()
    assert len(bo.sees("#board", "Gold is live.").text()) < len(bo.sees("#support", "Gold is live.").text())
    support.becomes("partly done in production")
    assert [len(shown(bo, place)) for place in ("#support", "#board")] == [2, 2]


def test_the_teams_own_words_are_said_and_ours_where_theirs_fail(
    told: Told, tmp_path: Path, ann: Person, bo: Person
) -> None:
    for words, text in (("management", "Soon: *{{ what }}*."), ("support", "{{ what.nobody }}")):
        (tmp_path / "words" / "notice" / words).mkdir(parents=True)
        (tmp_path / "words" / "notice" / words / "start.j2").write_text(text)
    use_own(tmp_path / "words")
    try:
        started(told.bot, ann, ROUTINE)
        assert "Soon: loyalty tiers." in bo.sees("#board", "loyalty tiers").text()
        assert "If users ask, write to ann" in bo.sees("#support", "loyalty tiers").text()
    finally:
        use_own(None)


def test_each_acknowledges_in_its_own_place(told: Told, ann: Person, bo: Person, pia: Person) -> None:
    started(told.bot, ann, ROUTINE)
    support = bo.sees("#support", "loyalty tiers")
    bo.presses("Acknowledge", in_=support)
    support.becomes("✓ acknowledged by bo")
    mine = pia.hears("loyalty tiers · planned for production")
    pia.presses("Acknowledge", in_=mine)
    mine.becomes("✓ acknowledged by pia")
    assert "acknowledged" not in bo.sees("#board", "loyalty tiers").text()


def test_a_person_of_an_audience_is_told_in_the_morning_and_by_one_message(
    told: Told, ann: Person, bo: Person, pia: Person
) -> None:
    told.clock.to(datetime(2026, 11, 25, 22, tzinfo=UTC))
    ann.types(ROUTINE)
    bo.sees("#board", "planned for production")
    told.goes()
    told.does(complete.complete, Outcome.PARTIAL, "Gold is live.")
    bo.sees("#board", "Gold is live.")
    assert not pia.told()
    told.clock.to(datetime(2026, 11, 26, 8, 30, tzinfo=UTC))
    assert "partly done in production" in pia.hears("Gold is live.").text()
    assert len(pia.told()) == 1, "the plan of last night is no news any more"


def test_who_hears_of_other_events_is_told_nothing_and_what_they_have_stays_true(
    told: Told, ann: Person, bo: Person
) -> None:
    started(told.bot, ann, ROUTINE)
    support = bo.sees("#support", "planned for production")
    told.does(custody.abort, "a hotfix goes first")
    support.becomes("does not take place in production")
    assert eventually(lambda: "does not take place" in bo.sees("#board", "loyalty tiers").text())
    assert len(shown(bo, "#support")) == 1
