"""Slack's Web API: its clients, what one call came to, and forms: the only calls that a listener makes.

A sender decides by what a call came to whether a second does harm; only where it does none, clients retry themselves.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from http.client import HTTPException
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)
from slack_sdk.web import SlackResponse

from bot.slack.messages.blocks import modal, sections, user

# Each lost call would be an ERROR line of slack_sdk's; who called says once that Slack does not answer.
_quiet = logging.getLogger("bot.slack.web")
_quiet.setLevel(logging.CRITICAL)
SLACK_API = WebClient.BASE_URL
READING_SECONDS = 10
SENDING_SECONDS = 10
OPENING_SECONDS = 2
# Slack's own words for "something broke on our side": nobody knows whether the call took effect.
_SHAKEN = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
_LIMITED = frozenset({"ratelimited", "rate_limited", "team_added_to_org", "accesslimited"})
# What an admin mends for the whole app, by a new token or a new scope: no reason to give one message up.
_APP_WIDE = frozenset(
    {
        "account_inactive",
        "invalid_auth",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "org_login_required",
        "token_expired",
        "token_revoked",
    }
)
_DEFAULT_WAIT = 5.0


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
    made = partial(WebClient, bot_token, base_url=base_url or SLACK_API, ssl=_tls(), logger=_quiet)
    patient = [
        ConnectionErrorRetryHandler(max_retry_count=2),
        ServerErrorRetryHandler(max_retry_count=2),
        RateLimitErrorRetryHandler(max_retry_count=3),
    ]
    return Clients(
        reading=made(timeout=READING_SECONDS, retry_handlers=patient),
        sending=made(timeout=SENDING_SECONDS, retry_handlers=[]),
        opening=made(timeout=OPENING_SECONDS, retry_handlers=[]),
    )


@cache
def _tls() -> ssl.SSLContext:
    """One for all: a client without `ssl=` loads the CA bundle at each call, ten times the cost of the call itself."""
    return ssl.create_default_context()


def make_socket_client(base_url: str = "") -> WebClient:
    """The client that asks for websockets (`apps.connections.open`); the app token is given at the call."""
    url = base_url or SLACK_API
    return WebClient(base_url=url, timeout=READING_SECONDS, ssl=_tls(), retry_handlers=[], logger=_quiet)


@dataclass(frozen=True)
class Done:
    """Slack took it."""

    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Limited:
    """Slack refused it for now; nothing happened. `seconds` is its Retry-After."""

    seconds: float


@dataclass(frozen=True)
class Refusal:
    """Slack refused it for good, with its error name; nothing happened. `flaws` are the `errors` that it names."""

    error: str
    flaws: tuple[Mapping[str, Any], ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True)
class Unreached:
    """Nothing happened and nothing will for now: no connection, no name resolution, or a token Slack refuses."""

    why: str


@dataclass(frozen=True)
class Lost:
    """Nobody knows: the answer was late, lost, or a server error."""

    why: str


CallResult = Done | Limited | Refusal | Unreached | Lost


def attempt(call: Callable[[], SlackResponse]) -> CallResult:
    """Runs one call and says what it came to. Raises nothing that the network or Slack can cause."""
    try:
        response = call()
    except SlackApiError as error:
        return _refused(error.response)
    except URLError as error:
        return _not_sent(error)
    except (OSError, HTTPException) as error:
        return Lost(type(error).__name__)
    data = response.data
    return Done(data if isinstance(data, dict) else {})


def _refused(response: Any) -> CallResult:
    status = int(response.status_code)
    data = response.data if isinstance(response.data, dict) else {}
    error = str(data.get("error", ""))
    if status == 429 or error in _LIMITED:
        text = next((value for name, value in response.headers.items() if name.lower() == "retry-after"), "")
        return Limited(float(text) if str(text).isdigit() else _DEFAULT_WAIT)
    if status >= 500 or error in _SHAKEN or " " in error:
        return Lost(f"status {status}")
    if error in _APP_WIDE:
        return Unreached(f"{error} {data.get('needed', '')}".strip())
    return Refusal(error or f"status_{status}", tuple(one for one in data.get("errors", ()) if isinstance(one, dict)))


def _not_sent(error: URLError) -> CallResult:
    """`urlopen` wraps errors of connecting and sending in URLError, those of reading the answer come bare."""
    if isinstance(error.reason, ConnectionRefusedError) or type(error.reason).__name__ == "gaierror":
        return Unreached(type(error.reason).__name__)
    return Lost(type(error.reason).__name__)


log = logging.getLogger(__name__)
View = dict[str, Any]
TOO_LATE = "Slack did not open the form in time. Nothing was recorded: press again."
NOTICE = "told"


def open_form(client: WebClient, trigger_id: str, view: View) -> str:
    """Opens a form over nothing; gives the sentence for the person where Slack did not open it."""
    return _failure(attempt(lambda: client.views_open(trigger_id=trigger_id, view=view)))


def push_form(client: WebClient, trigger_id: str, view: View) -> str:
    """Opens a form over the one that was clicked, at most three high."""
    return _failure(attempt(lambda: client.views_push(trigger_id=trigger_id, view=view)))


def repaint_form(client: WebClient, view_id: str, view: View) -> None:
    """Draws a form anew that may have been closed meanwhile."""
    result = attempt(lambda: client.views_update(view_id=view_id, view=view))
    if not isinstance(result, Done):
        log.info("a form could not be drawn anew: %s", result)


def notice_view(text: str, title: str = "gonogo") -> View:
    """A sentence as a form without a submit, told over the form that was clicked."""
    lines = [str(user(line, 1000)) for line in text.splitlines() if line.strip()]
    return modal(title, sections(lines), callback_id=NOTICE)


def _failure(result: CallResult) -> str:
    if isinstance(result, Done):
        return ""
    log.warning("Slack did not open a form: %s", result)
    if isinstance(result, Refusal) and "trigger" not in result.error:
        return f"Slack did not open the form ({result.error}). Nothing was recorded: press again."
    return TOO_LATE
