"""What a call came to decides whether a second one does harm."""

from __future__ import annotations

import pytest

from bot.demo.standin import StandIn
from bot.slack.outbound.calling import (
    Clients,
    Done,
    Limited,
    Lost,
    Refusal,
    Unreached,
    attempt,
    make_clients,
)


@pytest.fixture
def clients(slack: StandIn) -> Clients:
    return make_clients(slack.bot_token, slack.api_url)


def test_each_outcome_is_told_apart(slack: StandIn, clients: Clients) -> None:
    call = lambda: attempt(clients.sending.auth_test)  # noqa: E731
    assert isinstance(call(), Done)
    slack.faults.limited("auth.test", retry_after=7)
    assert call() == Limited(7)
    slack.faults.broken("auth.test")
    assert isinstance(call(), Lost)
    slack.faults.lost_answer("auth.test")
    assert isinstance(call(), Lost)
    assert attempt(lambda: clients.sending.chat_postMessage(channel="C0NO", text="x")) == Refusal("channel_not_found")
    clients.sending.token = "xoxb-wrong"
    assert call() == Unreached("invalid_auth")


def test_a_closed_port_was_never_reached() -> None:
    client = make_clients("xoxb-any", "http://127.0.0.1:9/api/").sending
    assert isinstance(attempt(client.auth_test), Unreached)


@pytest.mark.parametrize("fault", ["lost_answer", "broken"])
def test_only_reading_repeats_by_itself(slack: StandIn, clients: Clients, fault: str) -> None:
    getattr(slack.faults, fault)("auth.test")
    assert isinstance(attempt(clients.reading.auth_test), Done)
    assert len(slack.calls.of("auth.test")) == 2
    getattr(slack.faults, fault)("auth.test")
    assert isinstance(attempt(clients.sending.auth_test), Lost)
    assert len(slack.calls.of("auth.test")) == 3


def test_clients_share_one_tls_context(clients: Clients) -> None:
    assert clients.reading.ssl is clients.sending.ssl is clients.opening.ssl is not None
