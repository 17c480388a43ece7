"""The bot is not in the channel, or the channel is archived: who started hears it, and it goes on once mended."""

from __future__ import annotations

from bot_under_test import BotUnderTest, eventually

from bot.demo.standin import Person, StandIn

START = "/deploy start production 00008-00010"


def known(bot: BotUnderTest, person: Person) -> bool:
    return eventually(lambda: bot.store.read(lambda reader: reader.people.person(person.user.id)))


def app_name(slack: StandIn) -> str:
    return slack.workspace.users[slack.workspace.app.bot_user].name


def test_the_starter_hears_that_the_bot_is_not_in_the_channel_and_an_invitation_mends_it(
    bot: BotUnderTest, slack: StandIn, ann: Person
) -> None:
    assert known(bot, ann)
    slack.leaves(app_name(slack), "#deploys")
    assert "has started" in (ann.types(START) or "")
    told = ann.hears("I cannot post in")
    assert "I am not in it" in told.text()
    assert "/invite" in told.text()
    assert "Production" in told.text()
    slack.joins(app_name(slack), "#deploys")
    dashboard = ann.sees("#deploys", "migrations 00008–00010")
    dashboard.thread.sees("Pre-Deployment Checks")
    assert len([text for text in ann.told() if "I cannot post in" in text]) == 1


def test_the_starter_hears_that_the_channel_is_archived_and_it_goes_on_when_it_is_open_again(
    bot: BotUnderTest, slack: StandIn, ann: Person
) -> None:
    assert known(bot, ann)
    slack.archive("#deploys", "ann")
    ann.types(START)
    assert "it is archived. Unarchive it" in ann.hears("I cannot post in").text()
    slack.archive("#deploys", "ann", archived=False)
    ann.sees("#deploys", "migrations 00008–00010")
