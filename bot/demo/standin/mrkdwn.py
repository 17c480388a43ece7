"""Slack's text: escaping on the way in, and what a person reads on the way out."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.demo.standin.model import User
from bot.demo.standin.workspace import Workspace

TOKEN = re.compile(r"<((?:[@#!]|https?:|mailto:|tel:)[^<>]*)>")
_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt);)")
EMPHASIS = re.compile(r"(?<![\w*_~])([*_~])(?=\S)([^\n]*?\S)\1(?![\w*_~])")


def escape(text: str) -> str:
    """`&`, `<` and `>` as Slack keeps them; what is escaped already stays."""
    return _BARE_AMPERSAND.sub("&amp;", text).replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def normalise(text: str) -> str:
    """mrkdwn as Slack gives it back: mentions, links and dates stay, the rest is escaped."""
    parts = TOKEN.split(text)
    kept = [f"<{part}>" if odd % 2 else _quoted(part) for odd, part in enumerate(parts)]
    return "".join(kept)


def _quoted(text: str) -> str:
    """A `>` at the start of a line is a quotation, not a bracket."""
    lines = text.split("\n")
    return "\n".join(line[:1] + escape(line[1:]) if line.startswith(">") else escape(line) for line in lines)


def readable(text: str, workspace: Workspace, viewer: User | None = None) -> str:
    """What a person reads: names for ids, dates in the viewer's zone, no marks of emphasis."""
    shown = []
    for odd, part in enumerate(_CODE.split(text)):
        if odd % 2:
            shown.append(unescape(part.strip("`").strip("\n")))
        else:
            pieces = TOKEN.split(EMPHASIS.sub(r"\2", EMPHASIS.sub(r"\2", part)))
            shown += [_said(piece, workspace, viewer) if i % 2 else unescape(piece) for i, piece in enumerate(pieces)]
    return "".join(shown)


def _said(token: str, workspace: Workspace, viewer: User | None) -> str:
    target, _, label = token.partition("|")
    if target.startswith("@"):
        user = workspace.users.get(target[1:])
        return f"@{user.real_name if user else label or target[1:]}"
    if target.startswith("#"):
        channel = workspace.channels.get(target[1:])
        return f"#{channel.name if channel else label or target[1:]}"
    if target.startswith("!subteam^"):
        group = workspace.groups.get(target.removeprefix("!subteam^"))
        return f"@{group.handle}" if group else label
    if target.startswith("!date^"):
        return _date(target, label, workspace, viewer)
    return f"@{target[1:]}" if target.startswith("!") else unescape(label or target)


def _date(target: str, fallback: str, workspace: Workspace, viewer: User | None) -> str:
    _, stamp, pattern, *_ = [*target.split("^"), ""]
    if not stamp.isdigit():
        return unescape(fallback)
    zone = ZoneInfo(viewer.tz if viewer else "UTC")
    at, now = datetime.fromtimestamp(int(stamp), zone), datetime.fromtimestamp(workspace.clock(), zone)
    return unescape(re.sub(r"\{(\w+)\}", lambda found: _date_word(found[1], at, now), pattern))


def _date_word(word: str, at: datetime, now: datetime) -> str:
    if word.endswith("_pretty"):
        days = (at.date() - now.date()) // timedelta(days=1)
        named = {0: "today", -1: "yesterday", 1: "tomorrow"}.get(days)
        return named or _date_word(word.removesuffix("_pretty"), at, now)
    words = {
        "date_num": f"{at:%Y-%m-%d}",
        "date": f"{at:%B} {at.day}, {at.year}",
        "date_short": f"{at:%b} {at.day}, {at.year}",
        "date_long": f"{at:%A, %B} {at.day}, {at.year}",
        "time": f"{at:%H:%M}",
        "time_secs": f"{at:%H:%M:%S}",
        "ago": _ago(now - at),
    }
    return words.get(word, "{" + word + "}")


def _ago(passed: timedelta) -> str:
    seconds = abs(passed.total_seconds())
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            number = int(seconds // length)
            phrase = f"{number} {unit}{'s' if number > 1 else ''}"
            return f"{phrase} ago" if passed.total_seconds() > 0 else f"in {phrase}"
    return "just now"
