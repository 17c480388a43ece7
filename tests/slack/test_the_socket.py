"""The websocket connects however long it takes, comes back, and tells whether it is alive."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from bot_under_test import BotUnderTest, Waiting, eventually

from bot.demo.standin import Person, StandIn
from bot.slack.inbound.bolt import HEARTBEAT

MakeBot = Callable[..., BotUnderTest]


def beat(bot: BotUnderTest) -> Mapping[str, str]:
    kept = bot.store.read(lambda reader: reader.heartbeats.all()).get(HEARTBEAT)
    return json.loads(kept.detail) if kept else {}


def test_a_bot_that_starts_while_slack_is_down_works_once_it_is_up(
    make_bot: MakeBot, slack: StandIn, ann: Person
) -> None:
    slack.faults.down()
    bot = make_bot(waiting=Waiting(4)).start()
    assert eventually(lambda: beat(bot).get("connected") == "no")
    assert bot.services.who.current is None
    slack.faults.up()
    slack.wait_connected()
    assert "/deploy start production" in (ann.types("/deploy help") or "")
    assert eventually(lambda: beat(bot).get("connected") == "yes" and beat(bot)["last_message"])
    assert eventually(lambda: bot.services.who.current is not None)


def test_a_cut_socket_comes_back_within_seconds(bot: BotUnderTest, slack: StandIn, ann: Person) -> None:
    slack.faults.cut_socket()
    assert eventually(lambda: not slack.sockets.connections)
    slack.wait_connected(timeout=15)
    assert "/deploy start production" in (ann.types("/deploy help") or "")


def test_a_request_before_the_identity_is_known_is_answered(make_bot: MakeBot, slack: StandIn, ann: Person) -> None:
    bot = make_bot()
    bot.link.start()
    slack.wait_connected()
    assert bot.services.who.current is None
    assert "/deploy start production" in (ann.types("/deploy help") or "")
    assert slack.calls.of("auth.test") == []


def test_closing_finishes_what_is_in_hand(make_bot: MakeBot, slack: StandIn, ann: Person) -> None:
    import threading
    import time
    from dataclasses import replace

    from bot.slack.inbound.verbs import VERBS

    inside = threading.Event()

    def slow(unit, project, act, click):  # type: ignore[no-untyped-def]
        inside.set()
        time.sleep(0.5)
        return VERBS["start"].act(unit, project, act, click)

    bot = make_bot(verbs={**VERBS, "start": replace(VERBS["start"], act=slow)}).connected()
    assert eventually(lambda: bot.store.read(lambda reader: reader.people.person("U0ANN")))
    told: list[str | None] = []
    typing = threading.Thread(target=lambda: told.append(ann.types("/deploy start staging 00008")))
    typing.start()
    assert inside.wait(5)
    bot.link.close()
    typing.join(5)
    assert "has started" in str(told)
