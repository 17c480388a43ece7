"""Whether Slack takes the tokens, whether they have every scope of the manifest, and what time Slack has."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.doctor.finding import fault, ok, warning
from bot.resources import manifest_file
from bot.settings.secrets import SlackAccess
from bot.slack.messages.blocks import Rendered
from bot.slack.outbound.calling import (
    CallResult,
    Done,
    Limited,
    Lost,
    Refusal,
    Unreached,
    View,
    attempt,
    make_clients,
    make_socket_client,
)
from checks.result import Finding

AREA = "Slack"
SKEW_SECONDS = 10.0
_BAD_TOKEN = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"})
_BOT_PAGE = "api.slack.com/apps, the app, OAuth & Permissions: copy the Bot User OAuth Token into SLACK_BOT_TOKEN"
_UNREACHED_MEND = (
    "is https://slack.com reachable from this machine? see slack-status.com, HTTPS_PROXY and SLACK_API_URL"
)
_APP_PAGE = "api.slack.com/apps, the app, Basic Information, App-Level Tokens: one with the scope connections:write"
_REPORT = "Slack or gonogo has changed: report this line, and what shows that message may fail until it is mended"
_MANIFEST_PAGE = "api.slack.com/apps, the app, App Manifest"


@dataclass(frozen=True)
class Session:
    """A workspace that answers: what further questions ask."""

    client: WebClient
    team: str
    bot_name: str


def ask_access(access: SlackAccess, now: Callable[[], datetime]) -> tuple[Session | None, list[Finding]]:
    """The session, or None where the bot token is not taken; with what was found on the way."""
    client = make_clients(access.bot_token.get_secret_value(), access.api_url).reading
    seen: dict[str, str] = {}
    answer = attempt(lambda: _noted(client.auth_test(), seen))
    app = list(_app_token(access))
    if not isinstance(answer, Done):
        return None, [_not_taken(answer), *app]
    scopes = frozenset(scope.strip() for scope in seen.get("x-oauth-scopes", "").split(",") if scope.strip())
    found = answer.data
    session = Session(client, str(found["team_id"]), str(found.get("user", "gonogo")))
    who = ok(AREA, f"the bot token is that of {session.bot_name} in the workspace {found.get('team', session.team)}")
    return session, [who, *app, *_scopes(scopes), *_clock(seen, now())]


def _noted(response: SlackResponse, seen: dict[str, str]) -> SlackResponse:
    seen.update({str(name).lower(): str(value) for name, value in response.headers.items()})
    return response


def _not_taken(answer: CallResult) -> Finding:
    word = answer.why.split(" ")[0] if isinstance(answer, Unreached) else ""
    if word in _BAD_TOKEN:
        return fault(AREA, f"Slack does not take SLACK_BOT_TOKEN ({word})", _BOT_PAGE)
    if isinstance(answer, Refusal):
        return fault(AREA, f"Slack refuses SLACK_BOT_TOKEN ({answer.error})", _BOT_PAGE)
    return fault(AREA, f"Slack does not answer ({_why(answer)})", _UNREACHED_MEND)


def _why(answer: CallResult) -> str:
    if isinstance(answer, Limited):
        return "too many calls"
    return answer.why if isinstance(answer, Unreached | Lost) else "no answer"


def _app_token(access: SlackAccess) -> Iterator[Finding]:
    client, token = make_socket_client(access.api_url), access.app_token.get_secret_value()
    answer = attempt(lambda: client.apps_connections_open(app_token=token))
    if isinstance(answer, Done):
        yield ok(AREA, "the app token opens Socket Mode")
    elif isinstance(answer, Unreached) and answer.why.startswith("missing_scope"):
        yield fault(AREA, "SLACK_APP_TOKEN lacks the scope connections:write", _APP_PAGE)
    elif isinstance(answer, Unreached) and answer.why.split(" ")[0] in {*_BAD_TOKEN, "not_allowed_token_type"}:
        yield fault(AREA, f"Slack does not take SLACK_APP_TOKEN ({answer.why.split(' ')[0]})", _APP_PAGE)
    elif isinstance(answer, Refusal):
        yield fault(AREA, f"Slack opens no Socket Mode ({answer.error})", "switch Socket Mode on in the app's settings")
    else:
        yield warning(AREA, f"Slack did not say whether the app token is good ({_why(answer)})", "run doctor again")


def wanted_scopes() -> tuple[str, ...]:
    """The bot scopes of the manifest that ships with gonogo."""
    manifest: Mapping[str, Mapping[str, Mapping[str, list[str]]]]
    manifest = json.loads(manifest_file().read_text(encoding="utf-8"))
    return tuple(manifest["oauth_config"]["scopes"]["bot"])


def _scopes(granted: frozenset[str]) -> Iterator[Finding]:
    wanted = wanted_scopes()
    missing = [scope for scope in wanted if scope not in granted]
    if missing:
        mend = f"{_MANIFEST_PAGE}: paste manifest.json, save; then OAuth & Permissions, Reinstall"
        yield fault(AREA, f"the bot token lacks the scope{'s' * (len(missing) > 1)} {', '.join(missing)}", mend)
    else:
        yield ok(AREA, f"all {len(wanted)} scopes of the manifest are granted")


def ask_examples(session: Session) -> Iterator[Finding]:
    """Whether Slack takes every example of every message and form; it validates them, and nothing is posted.

    https://docs.slack.dev/reference/methods/blocks.validate: no scope, rate limits of its own.
    """
    from bot.slack.messages.catalogue import examples

    known = list(examples())
    refused = 0
    for name, draw in known:
        answer = _validated(session.client, draw())
        if isinstance(answer, Refusal) and answer.error in ("invalid_blocks", "invalid_view"):
            refused += 1
            yield fault(AREA, f"Slack refuses an example of gonogo's messages: {name}: {_flaw(answer)}", _REPORT)
        elif not isinstance(answer, Done):
            why = answer.error if isinstance(answer, Refusal) else _why(answer)
            yield warning(AREA, f"Slack did not validate the examples of messages ({why})", "ask again in a minute")
            return
    if not refused:
        yield ok(AREA, f"Slack takes all {len(known)} examples of messages and forms")


def _validated(client: WebClient, drawn: Rendered | View) -> CallResult:
    if isinstance(drawn, Rendered):
        return attempt(lambda: client.blocks_validate(blocks=drawn.blocks))
    return attempt(lambda: client.blocks_validate(view=drawn))


def _flaw(answer: Refusal) -> str:
    """The first of Slack's complaints, at its place; the example holds nothing of anybody's."""
    first = next(iter(answer.flaws), {})
    return f"{first.get('message', answer.error)} at {first.get('pointer') or 'the top'}"


def _clock(headers: Mapping[str, str], now: datetime) -> Iterator[Finding]:
    try:
        theirs = parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError):
        return
    ahead = (now - theirs).total_seconds()
    if abs(ahead) > SKEW_SECONDS:
        words = f"this machine's clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} Slack's"
        yield warning("clock", words, "start time synchronisation: timedatectl set-ntp true")
    else:
        yield ok("clock", "this machine and Slack agree on the time")
