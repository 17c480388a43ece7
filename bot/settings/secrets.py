"""Secrets: Slack's tokens, the addresses of databases, the key that signs. No sentence here repeats a value."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from bot.settings.document import PaceTable
from checks.base import CannotRun, DatabaseAddress
from checks.result import ERROR, Finding, Unusable
from checks.targetdb.conninfo import parse

if TYPE_CHECKING:
    from bot.core.signing import SigningKey

SLACK_API = "https://slack.com/api/"


@dataclass(frozen=True)
class SlackAccess:
    """How to reach Slack, and how fast. The tokens are empty where only the file was read."""

    bot_token: SecretStr
    app_token: SecretStr
    api_url: str = SLACK_API
    posts_per_second: float = 1
    updates_per_minute: int = 50


@dataclass(frozen=True)
class _Token:
    variable: str
    prefix: str
    where: str


_BOT_TOKEN = _Token("SLACK_BOT_TOKEN", "xoxb-", "the app's page, OAuth & Permissions, Bot User OAuth Token")
_APP_TOKEN = _Token(
    "SLACK_APP_TOKEN", "xapp-", "the app's page, Basic Information, App-Level Tokens, with the scope connections:write"
)


def slack_access(environ: Mapping[str, str], pace: PaceTable) -> tuple[SlackAccess, list[Finding]]:
    """Tokens, base URL and pace, with every fault in them."""
    faults = [fault for token in (_BOT_TOKEN, _APP_TOKEN) if (fault := _token_fault(token, environ))]
    url, url_faults = _api_url(environ.get("SLACK_API_URL", ""))
    rates, pace_faults = _pace(environ.get("GONOGO_PACE", ""), pace)
    if url == SLACK_API and (rates[0] > 1 or rates[1] > 50):
        pace_faults.append(_variable_fault("SLACK_API_URL", _TOO_FAST, _SLOWER))
    access = SlackAccess(
        SecretStr(environ.get(_BOT_TOKEN.variable, "").strip()),
        SecretStr(environ.get(_APP_TOKEN.variable, "").strip()),
        url,
        *rates,
    )
    return access, [*faults, *url_faults, *pace_faults]


_TOO_FAST = "is not set, and Slack itself takes one post a second and 50 updates a minute"
_SLOWER = "leave posts_per_second, updates_per_minute and GONOGO_PACE out: they are for stand-ins"


def _token_fault(token: _Token, environ: Mapping[str, str]) -> Finding | None:
    value = environ.get(token.variable, "").strip()
    if not value:
        return _variable_fault(
            token.variable, "is not set", f"it begins with {token.prefix} and stands on {token.where}"
        )
    other = {"xoxb-": "the bot token", "xapp-": "the app-level token", "xoxp-": "a user token"}
    for prefix, what in other.items():
        if value.startswith(prefix) and prefix != token.prefix:
            mend = f"it must begin with {token.prefix}: {token.where}"
            return _variable_fault(token.variable, f"holds {what}", mend)
    if not re.fullmatch(rf"{token.prefix}[\w-]+", value, re.ASCII):
        mend = f"it begins with {token.prefix}, without quotes or spaces: {token.where}"
        return _variable_fault(token.variable, "is not a token", mend)
    return None


def _variable_fault(variable: str, sentence: str, mend: str) -> Finding:
    return Finding(sentence, variable, hint=mend, severity=ERROR)


def _api_url(text: str) -> tuple[str, list[Finding]]:
    if not text.strip():
        return SLACK_API, []
    if not re.fullmatch(r"https?://[^\s@/]+(/\S*)?", text.strip()):
        mend = "write it as http://127.0.0.1:8080/api/"
        return SLACK_API, [_variable_fault("SLACK_API_URL", "is no web address", mend)]
    return text.strip().rstrip("/") + "/", []


def _pace(text: str, pace: PaceTable) -> tuple[tuple[float, int], list[Finding]]:
    """`GONOGO_PACE=20/1200`: posts a second and updates a minute, over what the file says."""
    if not text.strip():
        return (pace.posts_per_second, pace.updates_per_minute), []
    match = re.fullmatch(r"(\d+(?:\.\d+)?)/(\d+)", text.strip())
    if not match or not float(match[1]) or not int(match[2]):
        mend = "write posts a second and updates a minute, such as 20/1200"
        return (pace.posts_per_second, pace.updates_per_minute), [_variable_fault("GONOGO_PACE", "is no pace", mend)]
    return (float(match[1]), int(match[2])), []


def signing_key(reference: str, folder: Path, environ: Mapping[str, str]) -> SigningKey:
    """The key that a path below `folder`, or `env:NAME`, holds. Raises Unusable."""
    from bot.core.signing import SigningKey

    variable = reference.removeprefix("env:")
    if variable != reference:
        if not environ.get(variable, "").strip():
            mend = f'export {variable}="$(cat gonogo-key.pem)"'
            raise Unusable(f"the environment variable {variable} is not set", mend)
        return SigningKey.read(environ[variable].encode())
    try:
        pem = (folder / reference).read_bytes()
    except (OSError, ValueError) as error:
        why = os.strerror(error.errno or 0) if isinstance(error, OSError) else "it is no path"
        raise Unusable(
            f"the key's file cannot be read ({why})", "mend the path, or make a key: `gonogo key new`"
        ) from None
    return SigningKey.read(pem)


def conninfo_of(reference: str, environ: Mapping[str, str]) -> SecretStr:
    """What `env:NAME` or `service=NAME` stands for. Raises Unusable: it names the variable, no part of its value."""
    variable = reference.removeprefix("env:")
    if variable == reference:
        return SecretStr(reference)
    value = environ.get(variable, "").strip()
    if not value:
        mend = f"export {variable}=postgresql://user:password@host:5432/name"
        raise Unusable(f"the environment variable {variable} is not set", mend)
    try:
        parse(DatabaseAddress(variable, value))
    except CannotRun as refusal:
        raise Unusable(f"the environment variable is set, but {refusal.sentence}", refusal.hint) from None
    return SecretStr(value)
