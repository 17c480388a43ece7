"""Clients of Slack's Web API: one TLS context, and retries only where a second call does no harm.

A client without `ssl=` loads the CA bundle at each call, ten times the cost of the call itself.
"""

from __future__ import annotations

import logging
import ssl
from dataclasses import dataclass

from slack_sdk import WebClient
from slack_sdk.http_retry import RetryHandler
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)

# Each lost call would be an ERROR line of slack_sdk's; who called says once that Slack does not answer.
_quiet = logging.getLogger("bot.slack.web")
_quiet.setLevel(logging.CRITICAL)
SLACK_API = WebClient.BASE_URL
READING_SECONDS = 10
SENDING_SECONDS = 10
OPENING_SECONDS = 2


@dataclass(frozen=True)
class Clients:
    """`reading` repeats lost and limited calls; `sending` and `opening` never do.

    `sending` posts and updates, its caller decides what a lost answer means. `opening` is for `views.*` alone,
    inside the three seconds that a trigger lives.
    """

    reading: WebClient
    sending: WebClient
    opening: WebClient


def make_clients(bot_token: str, base_url: str = "") -> Clients:
    """The clients of one bot; `base_url` (SLACK_API_URL) is another Web API, such as a stand-in's."""
    context = ssl.create_default_context()
    url = base_url or SLACK_API

    def client(seconds: int, retries: list[RetryHandler]) -> WebClient:
        return WebClient(bot_token, base_url=url, timeout=seconds, ssl=context, retry_handlers=retries, logger=_quiet)

    return Clients(client(READING_SECONDS, _patient()), client(SENDING_SECONDS, []), client(OPENING_SECONDS, []))


def make_socket_client(base_url: str = "") -> WebClient:
    """The client that asks for websockets (`apps.connections.open`); the app token is given at the call."""
    url = base_url or SLACK_API
    context = ssl.create_default_context()
    return WebClient(base_url=url, timeout=READING_SECONDS, ssl=context, retry_handlers=[], logger=_quiet)


def _patient() -> list[RetryHandler]:
    return [
        ConnectionErrorRetryHandler(max_retry_count=2),
        ServerErrorRetryHandler(max_retry_count=2),
        RateLimitErrorRetryHandler(max_retry_count=3),
    ]
