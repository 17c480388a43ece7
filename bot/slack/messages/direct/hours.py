"""When one person is written to: a line for App Home, the answer of `quiet`, and the form of their own quiet hours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any

from bot.core.attention import NIGHT, Hours
from bot.slack.messages.blocks import Rendered, Safe, context, day_and_time, rendered, section, user
from bot.slack.messages.buttons import Target, form
from bot.slack.messages.forms.inputs import line
from bot.usecases.standing_facts import HoursFacts
from bot.usecases.verb import Verb

_ANY_HOUR = "A hold, a failed row, a take-over and what somebody wants you woken for come at any hour."


def told(facts: HoursFacts) -> str:
    """In one line; whose hours they are is for the answer."""
    silent = f"; do-not-disturb until {day_and_time(facts.silent_until)}" if facts.silent_until else ""
    return f"{user(facts.words)}{silent}."


def render(facts: HoursFacts, command: str) -> Rendered:
    """The answer of `quiet`."""
    own, team = f"Your own hours: `{command} quiet off` gives the team's back.", "The team's hours: "
    whose = own if facts.is_own else f"{team}`{command} quiet 19:00-08:00` keeps your own."
    return rendered(told(facts), [section(told(facts)), context(Safe(f"{whose} {_ANY_HOUR}"))])


def view(facts: HoursFacts) -> dict[str, Any]:
    """The fields are start and end (HH:MM on the person's wall); both empty are the team's."""
    start, end = facts.hours.quiet or NIGHT
    where, back = f"Such as 19:00, in {facts.hours.zone}.", "Leave both empty for the team's hours."
    blocks = [
        section(told(facts)),
        line("start", "Quiet from", f"{start:%H:%M}", hint=where, optional=True, most=5),
        line("end", "Quiet until", f"{end:%H:%M}", hint=back, optional=True, most=5),
        context(_ANY_HOUR),
    ]
    return form(Verb.QUIET, Target(), "Quiet hours", blocks, "Keep", close="Close")


_BERLIN = "You are written to Mon–Fri 08:00–20:00, Europe/Berlin; not on public holidays of Germany"
EXAMPLES: Mapping[str, HoursFacts] = {
    "the team's": HoursFacts(Hours("Europe/Berlin", NIGHT, country="DE"), _BERLIN),
    "own, silent": HoursFacts(
        Hours("Asia/Kolkata", (time(19), time(9))),
        "You are written to Mon–Fri 09:00–19:00, Asia/Kolkata",
        is_own=True,
        silent_until=datetime(2026, 11, 24, 3, 30, tzinfo=UTC),
    ),
}
