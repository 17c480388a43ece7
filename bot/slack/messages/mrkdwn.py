"""User text inside Slack's mrkdwn: one line, escaped, unable to mention, link or turn the line around.

Source: docs.slack.dev/messaging/formatting-message-text; only `&`, `<` and `>` are escaped.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime

ISOLATE, END_OF_ISOLATE = "\u2068", "\u2069"
_STEERING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_NOT_A_LETTER = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_TOKEN = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")


class Safe(str):
    """mrkdwn that is ready: its markup is ours, and the user text in it is escaped."""

    __slots__ = ()


def one_line(text: str) -> str:
    """User text without line breaks, control characters and marks that steer the direction of what follows."""
    return " ".join(_NOT_A_LETTER.sub(" ", _STEERING.sub("", text)).split())


def cut(text: str, most: int) -> str:
    """At most `most` characters, ended by "…" at a word where one is near."""
    if len(text) <= most:
        return text
    head = text[: max(most - 1, 0)]
    at = head.rfind(" ")
    return (head[:at] if at > most * 2 // 3 else head).rstrip(" ·,") + "…"


def isolated(text: str) -> str:
    """Right-to-left text between isolating marks, so that the numbers beside it stay where they are."""
    if not text.isascii() and any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in text):
        return f"{ISOLATE}{text}{END_OF_ISOLATE}"
    return text


def escaped(text: str) -> str:
    """The three characters that Slack gives a meaning, and nothing else."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def user(text: str, most: int = 300) -> Safe:
    """Any text that a person, a file or a database wrote, as mrkdwn. What is Safe already stays as it is."""
    if isinstance(text, Safe):
        return text
    return Safe(escaped(isolated(cut(one_line(text), most))))


def plain_user(text: str, most: int = 75) -> str:
    """The same for plain_text, where nothing is escaped and nothing is markup."""
    return isolated(cut(one_line(text), most - 2))


def bold(text: str, most: int = 300) -> Safe:
    """User text in bold; its own asterisks would end it early, so they become look-alikes."""
    return Safe(f"*{user(text, most).replace('*', '∗')}*")


def mention(user_id: str) -> Safe:
    """Asks for a person's attention: only who is asked, only where DESIGN says. An odd id is shown, not mentioned."""
    return Safe(f"<@{user_id}>") if re.fullmatch(r"[UW][A-Z0-9]+", user_id) else user(user_id)


def link(url: str, words: str) -> Safe:
    """A link of ours (a permalink); an address that is no https address is left out."""
    if not re.fullmatch(r"https?://[^\s<>|]+", url):
        return user(words)
    return Safe(f"<{escaped(url)}|{user(words)}>")


def moment(at: datetime, shape: str = "{time}") -> Safe:
    """A Slack date token, shown in the reader's own zone; the fallback is UTC."""
    utc = at.astimezone(UTC)
    fallback = f"{utc:%H:%M} UTC" if shape == "{time}" else f"{utc:%m-%d %H:%M} UTC"
    return Safe(f"<!date^{int(at.timestamp())}^{shape}|{fallback}>")


def day_and_time(at: datetime) -> Safe:
    """Such as "today 16:00"."""
    return moment(at, "{date_short_pretty} {time}")


def day(at: datetime) -> Safe:
    return Safe(f"<!date^{int(at.timestamp())}^{{date_short_pretty}}|{at.astimezone(UTC):%Y-%m-%d}>")


def spoken(mrkdwn: str, most: int = 4000) -> str:
    """The same words for screen readers and notifications: tokens by what they show, no emphasis."""
    words = _TOKEN.sub(lambda found: found[2] or found[1].lstrip("!@#"), mrkdwn)
    return cut(re.sub(r"(?<!\w)[*`]+|[*`]+(?!\w)", "", words), most)
