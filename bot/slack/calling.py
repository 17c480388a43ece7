"""What one call of the Web API came to, as data: the publisher decides by it whether a second call does harm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any
from urllib.error import URLError

from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

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
class Done:
    """Slack took it."""

    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Limited:
    """Slack refused it for now; nothing happened. `seconds` is its Retry-After."""

    seconds: float


@dataclass(frozen=True)
class Refusal:
    """Slack refused it for good, with its error name; nothing happened."""

    error: str


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
        return Limited(_retry_after(response.headers))
    if status >= 500 or error in _SHAKEN or " " in error:
        return Lost(f"status {status}")
    if error in _APP_WIDE:
        return Unreached(f"{error} {data.get('needed', '')}".strip())
    return Refusal(error or f"status_{status}")


def _retry_after(headers: Mapping[str, str]) -> float:
    text = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    return float(text) if str(text).isdigit() else _DEFAULT_WAIT


def _not_sent(error: URLError) -> CallResult:
    """`urlopen` wraps errors of connecting and sending in URLError, those of reading the answer come bare."""
    if isinstance(error.reason, ConnectionRefusedError) or type(error.reason).__name__ == "gaierror":
        return Unreached(type(error.reason).__name__)
    return Lost(type(error.reason).__name__)
