"""Socket Mode with Bolt's own client: delivery, acks, silence, redelivery, reconnecting."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

import pytest
from slack_bolt import Ack
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient
from standin_bot import JSON, RunningBot, button, section
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from bot.demo.standin import Person, StandIn


def hears(bot: RunningBot) -> Callable[..., None]:
    def listen(event: JSON) -> None:
        bot.heard.append(event)

    return listen


def test_a_command_is_answered_to_one_person(slack: StandIn, bot: RunningBot, ann: Person, ben: Person) -> None:
    bot.app.command("/deploy")(lambda ack, body: (bot.heard.append(body), ack(f"you said {body['text']}")))
    assert ann.types("/deploy start production") == "you said start production"
    assert (ann.told(), ben.told()) == (["you said start production"], [])
    heard = bot.heard[0]
    assert (heard["command"], heard["user_id"], heard["channel_name"]) == ("/deploy", "U0ANN", "deploys")


def test_a_command_may_answer_everyone_or_nothing(bot: RunningBot, ann: Person, ben: Person) -> None:
    def answer(ack, body):  # type: ignore[no-untyped-def]
        ack(response_type="in_channel", blocks=[section("for all")], text="x") if body["text"] else ack()

    bot.app.command("/deploy")(answer)
    assert ann.types("/deploy") is None
    assert ann.types("/deploy all") == "for all"
    assert ben.sees("#deploys", "for all")


def test_mentions_in_a_command_are_ids_where_the_manifest_says_so(bot: RunningBot, ann: Person) -> None:
    for command in ("/deploy", "/escaped"):
        bot.app.command(command)(lambda ack, body: (bot.heard.append(body), ack()))
    ann.types("/deploy ask @ann in #deploys")
    ann.types("/escaped ask @ann in #deploys")
    assert [heard["text"] for heard in bot.heard] == ["ask @ann in #deploys", "ask <@U0ANN> in <#C0DEPLOYS|deploys>"]


def test_commands_do_not_work_in_threads_nor_unknown_ones(bot: RunningBot, client: WebClient, ann: Person) -> None:
    client.chat_postMessage(channel="C0DEPLOYS", text="parent")
    parent = ann.sees("#deploys", "parent")
    assert ann.types("/deploy status", in_thread=parent) == "/deploy is not supported in threads. Sorry!"
    assert (ann.types("/depoly") or "").startswith("/depoly is not a valid command.")


def test_a_silent_app_is_named_by_slack(slack: StandIn, ann: Person, client: WebClient) -> None:
    assert ann.types("/deploy") == '/deploy failed with the error "dispatch_failed"'
    bot = RunningBot(slack)
    slack.timings.ack = 0.3
    assert ann.types("/deploy") == '/deploy failed with the error "operation_timeout"'
    client.chat_postMessage(channel="C0DEPLOYS", text="x", blocks=[section("x", button("Go", "go"))])
    warning = ann.presses("Go", in_=ann.sees("#deploys"))
    assert warning == "We had some trouble connecting. Try again?"
    assert ann.told()[-1] == warning
    bot.close()


def test_a_click_arrives_whole(bot: RunningBot, client: WebClient, ann: Person) -> None:
    bot.app.action("go")(lambda ack, body: (bot.heard.append(body), ack()))
    parent = client.chat_postMessage(channel="C0DEPLOYS", text="parent")["ts"]
    blocks = [section("Approve?", button("Approve", "go", "digest-1"), block_id="item-1")]
    client.chat_postMessage(channel="C0DEPLOYS", text="x", blocks=blocks, thread_ts=parent)
    message = ann.sees("#deploys", "parent").thread.sees("Approve?")
    assert ann.presses("Approve", in_=message) is None
    heard = bot.heard[0]
    assert heard["user"] == {"id": "U0ANN", "username": "ann", "name": "ann", "team_id": "T0ACME"}
    container = {"type": "message", "message_ts": message.ts, "channel_id": "C0DEPLOYS", "is_ephemeral": False}
    assert heard["container"] == {**container, "thread_ts": parent}
    assert (heard["channel"]["name"], heard["message"]["ts"]) == ("deploys", message.ts)
    action = heard["actions"][0]
    assert (action["action_id"], action["block_id"], action["value"]) == ("go", "item-1", "digest-1")
    assert (action["type"], action["text"]["text"]) == ("button", "Approve")
    assert heard["team"]["id"] == "T0ACME"
    assert heard["response_url"].startswith("http://127.0.0.1")
    assert heard["state"] == {"values": {}}


def test_a_response_url_works_five_times_and_repaints(
    slack: StandIn, bot: RunningBot, client: WebClient, ann: Person
) -> None:
    bot.app.action("go")(lambda ack, body: (bot.heard.append(body), ack()))
    client.chat_postMessage(channel="C0DEPLOYS", text="x", blocks=[section("before", button("Go", "go"))])
    message = ann.sees("#deploys", "before")
    ann.presses("Go", in_=message)
    url = WebhookClient(bot.heard[0]["response_url"])
    assert url.send(text="private").status_code == 200
    assert ann.told() == ["private"]
    assert url.send(text="x", blocks=[section("after")], replace_original=True).status_code == 200
    assert message.text() == "after"
    assert [url.send(text="again").status_code for _ in range(4)] == [200, 200, 200, 404]


def test_a_response_url_lives_thirty_minutes(slack: StandIn, bot: RunningBot, ann: Person) -> None:
    bot.app.command("/deploy")(lambda ack, body: (bot.heard.append(body), ack()))
    ann.types("/deploy")
    url = WebhookClient(bot.heard[0]["response_url"])
    slack.move_clock(29 * 60)
    assert url.send(text="in time").status_code == 200
    slack.move_clock(2 * 60)
    late = url.send(text="too late")
    assert (late.status_code, ann.told()) == (404, ["in time"])
    assert "expired_url" in late.body


def test_mentions_and_direct_messages_are_events(
    slack: StandIn, bot: RunningBot, client: WebClient, ann: Person
) -> None:
    bot.app.event("app_mention")(hears(bot))
    bot.app.event("message")(hears(bot))
    client.chat_postMessage(channel="C0DEPLOYS", text="parent")
    parent = ann.sees("#deploys", "parent")
    ann.says("no names", in_thread=parent)
    ann.says("@gonogo blockers", in_thread=parent)
    ann.says("hello", in_="@gonogo")
    slack.service.settle()
    mention, direct = sorted(bot.wait_heard(2), key=lambda event: event["ts"])
    assert (mention["type"], mention["text"], mention["thread_ts"]) == (
        "app_mention",
        "<@U0GONOGO> blockers",
        parent.ts,
    )
    assert (direct["channel_type"], direct["text"]) == ("im", "hello")
    assert len(bot.heard) == 2


def test_the_app_hears_its_own_words_as_slack_sends_them(slack: StandIn, ann: Person) -> None:
    bot = RunningBot(slack, ignoring_self_events_enabled=False)
    bot.app.event("message")(hears(bot))
    bot.client.chat_postMessage(channel=ann.id, text="my own words")
    slack.service.settle()
    assert [(event["bot_id"], event["text"]) for event in bot.wait_heard()] == [("B0GONOGO", "my own words")]
    bot.close()


def test_reactions_and_an_archived_channel_are_events(
    slack: StandIn, bot: RunningBot, client: WebClient, ann: Person
) -> None:
    for name in ("reaction_added", "reaction_removed", "channel_archive"):
        bot.app.event(name)(lambda ack, event: (bot.heard.append(event), ack()))
    ts = client.chat_postMessage(channel="C0DEPLOYS", text="x")["ts"]
    message = ann.sees("#deploys", "x")
    ann.reacts("pushpin", on=message)
    added = bot.wait_heard()[0]
    assert (added["type"], added["reaction"], added["user"]) == ("reaction_added", "pushpin", "U0ANN")
    assert added["item"] == {"type": "message", "channel": "C0DEPLOYS", "ts": ts}
    assert message.lines()[-1] == ":pushpin: 1"
    ann.reacts("pushpin", on=message)
    slack.service.settle()
    slack.archive("deploys", by="ann")
    heard = bot.wait_heard(3)
    assert [event["type"] for event in heard[1:]] == ["reaction_removed", "channel_archive"]
    assert heard[2]["user"] == "U0ANN"


def test_an_event_that_is_not_acknowledged_comes_again(slack: StandIn, bot: RunningBot, ann: Person) -> None:
    @bot.app.event("app_mention")
    def listen(body, request):  # type: ignore[no-untyped-def]
        bot.heard.append({"id": body["event_id"], "retry": request.headers.get("x-slack-retry-num")})

        time.sleep(0.6 if len(bot.heard) < 3 else 0)

    slack.timings.ack = 0.4
    ann.says("@gonogo blockers")
    slack.service.settle()
    assert [heard["retry"] for heard in bot.wait_heard(3)] == [["0"], ["1"], ["2"]]
    assert len({heard["id"] for heard in bot.heard}) == 1


def test_a_silent_click_is_never_sent_again(slack: StandIn, bot: RunningBot, client: WebClient, ann: Person) -> None:
    bot.app.action("go")(lambda ack, body: (bot.heard.append(body), time.sleep(0.5), ack()))
    client.chat_postMessage(channel="C0DEPLOYS", text="x", blocks=[section("x", button("Go", "go"))])
    slack.timings.ack = 0.3
    message = ann.sees("#deploys", "x")
    assert ann.presses("Go", in_=message) == "We had some trouble connecting. Try again?"
    slack.timings.ack = 3
    time.sleep(0.5)
    assert len(bot.heard) == 1
    assert ann.presses("Go", in_=message) is None
    assert len(bot.heard) == 2


def test_the_bot_comes_back_after_an_abrupt_cut(slack: StandIn, bot: RunningBot, ann: Person) -> None:
    bot.app.command("/deploy")(lambda ack: ack("here"))
    slack.faults.cut_socket()
    assert ann.types("/deploy") == '/deploy failed with the error "dispatch_failed"'
    slack.wait_connected(timeout=20)
    assert ann.types("/deploy") == "here"


def answer_as(number: int, ack: Ack) -> None:
    ack(f"bot {number}")


def test_several_connections_share_the_envelopes(slack: StandIn, ann: Person) -> None:
    bots = [RunningBot(slack) for _ in range(2)]
    slack.wait_connected(2)
    for number, each in enumerate(bots):
        each.app.command("/deploy")(partial(answer_as, number))
    answers = {ann.types("/deploy") for _ in range(40)}
    assert answers == {"bot 0", "bot 1"}
    for each in bots:
        each.close()


def test_a_socket_address_works_once_and_there_are_ten_at_most(slack: StandIn) -> None:
    web = WebClient(slack.app_token, base_url=slack.api_url)
    addresses = [web.apps_connections_open(app_token=slack.app_token)["url"] for _ in range(11)]
    with ExitStack() as opened:
        sockets = [opened.enter_context(connect(address)) for address in addresses[:10]]
        hellos = [json.loads(each.recv(timeout=5)) for each in sockets]
        assert [hello["type"] for hello in hellos] == ["hello"] * 10
        assert hellos[9]["num_connections"] == 10
        with connect(addresses[10]) as eleventh:
            assert json.loads(eleventh.recv(timeout=5))["reason"] == "too_many_websockets"
        with pytest.raises(InvalidStatus), connect(addresses[0]):
            pass
