"""pins.*, reactions.*, dnd.*: what stands on a message besides its words, and when a person wants to be left alone."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.demo.standin.acts.hearing import mark
from bot.demo.standin.api.call import Call, Method
from bot.demo.standin.model import JSON, Posted, SlackError, User

EMOJI = re.compile(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?")
MOST_USERS = 50


def add_pin(call: Call) -> JSON:
    return _pinned(call, True, "already_pinned")


def remove_pin(call: Call) -> JSON:
    return _pinned(call, False, "no_pin")


def add_reaction(call: Call) -> JSON:
    return _reacted(call, True, "already_reacted")


def remove_reaction(call: Call) -> JSON:
    return _reacted(call, False, "no_reaction")


def _pinned(call: Call, wanted: bool, refusal: str) -> JSON:
    message = _target(call)
    if message.pinned == wanted:
        raise SlackError(refusal)
    with call.workspace.changing():
        message.pinned = wanted
    return {}


def _reacted(call: Call, wanted: bool, refusal: str) -> JSON:
    message, name = _target(call), call.required("name").strip(":")
    if not EMOJI.fullmatch(name):
        raise SlackError("invalid_name")
    if (call.app.bot_user in message.reactions.get(name, [])) == wanted:
        raise SlackError(refusal)
    with call.workspace.changing():
        mark(message, name, call.app.bot_user)
    return {}


def _target(call: Call) -> Posted:
    return call.message(call.joined(call.channel()), "timestamp")


def dnd_info(call: Call) -> JSON:
    return _quiet_time(call.user(), call.workspace.now())


def dnd_team(call: Call) -> JSON:
    users, known = call.names("users"), call.workspace.users
    if len(users) > MOST_USERS:
        raise SlackError("too_many_users")
    return {"users": {user: _quiet_time(known[user], call.workspace.now()) for user in users if user in known}}


def _quiet_time(user: User, now: float) -> JSON:
    """The running or next quiet time of a user, in seconds since 1970 (docs.slack.dev/reference/methods/dnd.info)."""
    if user.quiet is None:
        return {"dnd_enabled": False, "next_dnd_start_ts": 1, "next_dnd_end_ts": 1}
    zone = ZoneInfo(user.tz)
    today = datetime.fromtimestamp(now, zone).date()
    starts, ends = (time.fromisoformat(part) for part in user.quiet)
    nights = [(today + timedelta(days=day), today + timedelta(days=day + int(ends <= starts))) for day in (-1, 0, 1)]
    spans = [(datetime.combine(one, starts, zone), datetime.combine(other, ends, zone)) for one, other in nights]
    start, end = next(span for span in spans if span[1].timestamp() > now)
    times = {"next_dnd_start_ts": int(start.timestamp()), "next_dnd_end_ts": int(end.timestamp())}
    return {"dnd_enabled": True, **times}


METHODS = {
    "pins.add": Method(add_pin, "pins:write", tier=2),
    "pins.remove": Method(remove_pin, "pins:write", tier=2),
    "reactions.add": Method(add_reaction, "reactions:write"),
    "reactions.remove": Method(remove_reaction, "reactions:write", tier=2),
    "dnd.info": Method(dnd_info, "dnd:read"),
    "dnd.teamInfo": Method(dnd_team, "dnd:read", tier=2),
}
