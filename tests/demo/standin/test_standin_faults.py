"""Faults on demand and rate limits, as slack_sdk meets them."""

from __future__ import annotations

import time
from http.client import RemoteDisconnected
from urllib.error import URLError

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from standin_bot import RunningBot

from bot.demo.standin import Person, StandIn

CHANNEL = "C0DEPLOYS"


@pytest.fixture
def calm(slack: StandIn) -> WebClient:
    """A client that tries once."""
    return WebClient(slack.bot_token, base_url=slack.api_url, timeout=1, retry_handlers=[])


def texts(client: WebClient) -> list[str]:
    return [message["text"] for message in client.conversations_history(channel=CHANNEL)["messages"]]


def test_a_late_answer_came_after_the_act(slack: StandIn, calm: WebClient) -> None:
    slack.faults.late("chat.postMessage", seconds=1.3)
    with pytest.raises(TimeoutError):
        calm.chat_postMessage(channel=CHANNEL, text="late")
    assert texts(calm) == ["late"]


def test_a_lost_answer_is_an_act_without_a_word(slack: StandIn, calm: WebClient) -> None:
    slack.faults.lost_answer("chat.postMessage")
    with pytest.raises((RemoteDisconnected, URLError, ConnectionError)):
        calm.chat_postMessage(channel=CHANNEL, text="lost")
    assert texts(calm) == ["lost"]
    assert [entry.outcome for entry in slack.calls.of("chat.postMessage")] == ["ok"]


def test_the_default_client_posts_twice_after_a_lost_answer(slack: StandIn, client: WebClient) -> None:
    slack.faults.lost_answer("chat.postMessage")
    client.chat_postMessage(channel=CHANNEL, text="twice")
    assert texts(client) == ["twice", "twice"]


def test_a_500_did_nothing(slack: StandIn, calm: WebClient) -> None:
    slack.faults.broken("chat.postMessage", times=2)
    for _ in range(2):
        with pytest.raises(SlackApiError) as refusal:
            calm.chat_postMessage(channel=CHANNEL, text="x")
        assert refusal.value.response.status_code == 500
    assert texts(calm) == []
    assert calm.chat_postMessage(channel=CHANNEL, text="x")["ok"]
    assert [entry.outcome for entry in slack.calls.of("chat.postMessage")] == ["broken", "broken", "ok"]


def test_429_says_when_to_come_again(slack: StandIn, calm: WebClient) -> None:
    slack.faults.limited("chat.update", retry_after=7)
    ts = calm.chat_postMessage(channel=CHANNEL, text="x")["ts"]
    with pytest.raises(SlackApiError) as refusal:
        calm.chat_update(channel=CHANNEL, ts=ts, text="y")
    answer = refusal.value.response
    assert (answer.status_code, answer["error"], answer.headers["retry-after"]) == (429, "ratelimited", "7")


def test_a_refusal_has_done_nothing_and_says_its_word(slack: StandIn, calm: WebClient) -> None:
    slack.faults.refused("chat.postMessage", "not_in_channel")
    with pytest.raises(SlackApiError, match="not_in_channel"):
        calm.chat_postMessage(channel=CHANNEL, text="x")
    assert texts(calm) == []
    assert [entry.outcome for entry in slack.calls.of("chat.postMessage")] == ["not_in_channel"]


def test_slack_is_down_and_up_again(slack: StandIn, bot: RunningBot, calm: WebClient, ann: Person) -> None:
    bot.app.command("/deploy")(lambda ack: ack("here"))
    with slack.faults.outage():
        with pytest.raises(SlackApiError) as refusal:
            calm.auth_test()
        assert refusal.value.response.status_code == 503
        assert ann.types("/deploy") == '/deploy failed with the error "dispatch_failed"'
    slack.wait_connected(timeout=20)
    deadline = time.monotonic() + 10
    while ann.types("/deploy") != "here":
        assert time.monotonic() < deadline


def test_posts_in_one_channel_are_one_a_second_after_a_burst(slack: StandIn, calm: WebClient) -> None:
    slack.rates.enabled = True
    slack.add_channel("random")
    for _ in range(slack.rates.burst):
        calm.chat_postMessage(channel=CHANNEL, text="x")
    with pytest.raises(SlackApiError) as refusal:
        calm.chat_postMessage(channel=CHANNEL, text="x")
    assert refusal.value.response.headers["retry-after"] == "1"
    calm.chat_postMessage(channel="C0RANDOM", text="elsewhere")
    patient = WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[RateLimitErrorRetryHandler(3)])
    assert patient.chat_postMessage(channel=CHANNEL, text="later")["ok"]


def test_a_tier_is_so_many_calls_a_minute(slack: StandIn, calm: WebClient) -> None:
    ts = calm.chat_postMessage(channel=CHANNEL, text="x")["ts"]
    slack.rates.enabled = True
    for number in range(50):
        calm.chat_update(channel=CHANNEL, ts=ts, text=f"{number}")
    with pytest.raises(SlackApiError, match="ratelimited"):
        calm.chat_update(channel=CHANNEL, ts=ts, text="one too many")
    assert texts(calm) == ["49"]
    assert slack.calls.busiest_minute("chat.update") == 51
