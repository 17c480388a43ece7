"""Subscriptions: a person hears by direct message of what they wished to, once, and ends it where they read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from audience_team import Told
from bot_under_test import deployment_of, eventually, started

from bot.core.deployment import Outcome
from bot.demo.standin import Person, StandIn
from bot.usecases.lifecycle import complete

ROUTINE = '/deploy start production 00008-00010 "loyalty tiers"'


def news(person: Person) -> list[str]:
    return [text for text in person.told() if "loyalty tiers · " in text]


def ready(told: Told, *people: Person) -> None:
    """The bot has met them, and knows who is in the channel: no click has to wait."""

    def is_known(reader: Any) -> bool:
        channel = told.bot.project.channel
        met = all(reader.people.person(one.user.id) for one in people)
        return met and reader.people.channel(channel).fetched_at is not None

    assert eventually(lambda: told.bot.store.read(is_known))


def test_of_a_deployment_one_message_that_goes_along_and_its_end_anew(
    told: Told, ann: Person, bo: Person, dana: Person
) -> None:
    ready(told, ann, bo, dana)
    assert "You hear of everything of production by direct message" in (
        bo.types("/deploy subscribe production all") or ""
    )
    assert bo.types("/deploy subscribe production completion")
    assert "of completion of production already" in (bo.types("/deploy subscribe production completion") or "")
    assert "of completion of each environment" in (dana.types("/deploy subscribe all completion") or "")
    started(told.bot, ann, ROUTINE)
    mine = bo.hears("loyalty tiers · planned for production")
    assert "Acknowledge" not in mine.text()
    assert "You wished to hear of this. To end it, type /deploy subscriptions." in mine.text()
    told.goes()
    mine.becomes("under way in production since")
    told.does(complete.complete, Outcome.PARTIAL, "Gold is live.")
    assert "partly done in production" in dana.hears("Gold is live.").text()
    bo.hears("Gold is live.")
    mine.becomes("partly done")
    assert (len(news(bo)), len(news(dana))) == (2, 1)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("prodution completion", "There is no environment “prodution”. Did you mean production? Known: staging, "),
        ("production completed", "There is no event “completed”. Did you mean completion? Events: start, go, "),
        ("production", "Say what you wish to hear of. Events: start, go, completion, rollback, abort, all."),
    ],
)
def test_what_there_is_not_is_refused_with_the_nearest(told: Told, ann: Person, typed: str, sentence: str) -> None:
    ready(told, ann)
    assert sentence in (ann.types(f"/deploy subscribe {typed}") or "")


def test_neither_a_deployer_nor_who_hears_anyhow_is_told_twice(told: Told, ann: Person, pia: Person) -> None:
    ready(told, ann, pia)
    ann.types("/deploy subscribe production all")
    pia.types("/deploy subscribe production all")
    started(told.bot, ann, ROUTINE)
    pia.hears("loyalty tiers · planned for production")
    assert news(ann) == []
    assert len(news(pia)) == 1


def test_who_left_or_may_not_see_hears_nothing(
    told: Told, slack: StandIn, ann: Person, bo: Person, dana: Person, pia: Person
) -> None:
    ready(told, ann, bo, dana, pia)
    for person in (bo, dana):
        person.types("/deploy subscribe production all")
    channel = slack.workspace.channel_named("#deploys")

    def changes(unit: Any) -> None:
        unit.people.keep_channel(channel.id, ["U0ANN", "U0BO"], told.clock.now())
        for who in ("U0BO", "U0PIA"):
            unit.people.keep(replace(unit.people.person(who), is_active=False))

    told.bot.store.write(changes)
    assert "a private channel that you are not in" in (dana.types("/deploy subscribe staging all") or "")
    ann.types(ROUTINE)
    ann.sees("#board", "planned for production")
    wanted = told.bot.store.read(lambda reader: reader.outbox.wanted(deployment_of(told.bot).id))
    places = {live.subject for live in wanted if live.kind in {"notice", "subscribed"}}
    assert places == {slack.workspace.channel_named(name).id for name in ("#support", "#board")}
    assert (news(bo), news(dana), news(pia)) == ([], [], [])


def test_at_night_it_waits_for_the_morning(told: Told, ann: Person, bo: Person) -> None:
    ready(told, ann, bo)
    bo.types("/deploy subscribe production all")
    told.clock.to(datetime(2026, 11, 24, 22, tzinfo=UTC))
    ann.types(ROUTINE)
    ann.sees("#board", "planned for production")
    assert news(bo) == []
    told.clock.to(datetime(2026, 11, 25, 9, tzinfo=UTC))
    bo.hears("loyalty tiers · planned for production")


def test_what_one_hears_of_is_listed_and_ended(told: Told, bo: Person) -> None:
    ready(told, bo)
    assert "You have subscribed to nothing." in (bo.types("/deploy subscribe") or "")
    for what in ("production completion", "staging all"):
        bo.types(f"/deploy subscribe {what}")
    assert "Completion of production" in (bo.types("/deploy subscriptions") or "")
    home = bo.opens_home()
    bo.home("Everything of staging")
    bo.presses("End", in_=home, beside="Completion of production")
    bo.hears("You do not hear of completion of production any more.")
    assert eventually(lambda: "Completion of production" not in bo.home())
    refused = bo.types("/deploy unsubscribe production") or ""
    assert "You have not subscribed to production. You hear of everything of staging." in refused
    assert "not hear of everything of staging any more" in (bo.types("/deploy unsubscribe") or "")
    assert eventually(lambda: "You have subscribed to nothing." in (bo.types("/deploy subscriptions") or ""))
