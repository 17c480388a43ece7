"""A stakeholder's channel: one message that goes along with the deployment, and one more where an edit tells nobody."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from bot_under_test import BotUnderTest, deployment_of, eventually, project_of, started

from bot.core.deployment import Outcome
from bot.demo.standin import Message, Person, StandIn
from bot.usecases.act import Act
from bot.usecases.lifecycle import complete, custody, hold, plan, roll_back
from bot.usecases.lifecycle.go import open_deploying
from bot.usecases.situation.judging import load

MakeBot = Callable[..., BotUnderTest]
ROUTINE = '/deploy start production 00008-00010 "loyalty tiers"'


@pytest.fixture
def pia(slack: StandIn) -> Person:
    return slack.add_person("pia", "Pia Rossi", id="U0PIA")


@pytest.fixture
def bot(make_bot: MakeBot, slack: StandIn, pia: Person) -> BotUnderTest:
    """Production tells #releases, and nobody is asked twice."""
    project = project_of(slack)
    audience = slack.add_channel("releases").id
    production = replace(project.environments["production"], stakeholders=(audience,), two_person=False)
    return make_bot(project=replace(project, environments={"production": production})).connected()


def does(bot: BotUnderTest, use_case: Callable[..., Any], *arguments: Any, who: str = "U0ANN") -> None:
    deployment = deployment_of(bot).id
    act = Act(who, datetime.now(UTC), deployment_of(bot).team)
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
