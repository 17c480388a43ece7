"""Forms that plan a deployment: which migrations it is about, and when it is to go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.deployment import Deployment
from bot.slack.ids import Target, encode
from bot.slack.messages import samples
from bot.slack.messages.blocks import Block, context, modal, section
from bot.slack.messages.inputs import date, line
from bot.slack.messages.mrkdwn import user
from bot.slack.messages.words import titled
from bot.usecases.verb import Verb

RANGE = "range"
DATE, START, END, ESTIMATE = "date", "start", "end", "estimate"
SHOWN = "%H:%M"


@dataclass(frozen=True)
class WindowForm:
    """`zone` is the environment's; `windows` are the words of the settings; `longest` minutes of the last three."""

    deployment: Deployment
    now: datetime
    zone: str
    windows: tuple[str, ...] = ()
    estimate: int = 30
    longest: int | None = None


def range_view(deployment: Deployment) -> dict[str, Any]:
    """Which migrations; the one field is `range`."""
    words = "First and last version, such as 00008-00010."
    about = section(f"{titled(deployment)}\nWhat is decided, checked and watched are the migrations in this range.")
    blocks = [about, line(RANGE, "Migrations", hint=words, most=80)]
    target = encode(Target(deployment.id))
    return modal("Give the range", blocks, callback_id=Verb.GIVE_RANGE, metadata=target, submit="Give it")


def window_view(facts: WindowForm) -> dict[str, Any]:
    """The fields are date, start and end (HH:MM on the environment's wall) and estimate in minutes."""
    return modal(
        "Set the window",
        _window(facts),
        callback_id=Verb.SET_WINDOW,
        metadata=encode(Target(facts.deployment.id)),
        submit="Set it",
    )


def _window(facts: WindowForm) -> Iterator[Block]:
    zone = ZoneInfo(facts.zone)
    start = (facts.deployment.window_start or facts.now).astimezone(zone)
    end = (facts.deployment.window_end or facts.now + timedelta(hours=1)).astimezone(zone)
    configured = f"\nThe settings allow {user(', '.join(facts.windows), 600)}." if facts.windows else ""
    yield section(f"{titled(facts.deployment)}{configured}")
    yield date(DATE, "Date", start.date().isoformat())
    yield line(START, "From", f"{start:{SHOWN}}", hint=f"Such as 16:00, in {facts.zone}.", most=5)
    yield line(END, "To", f"{end:{SHOWN}}", hint="Before the start means the next day.", most=5)
    yield line(ESTIMATE, "Estimate in minutes", str(facts.estimate), most=4)
    if facts.longest:
        yield context(f"The longest of the last three took {facts.longest} min from go to completion.")


_WINDOW = WindowForm(samples.PREPARING, samples.NOON, "Europe/Berlin", ("Tue-Thu 09:00-16:00",), 30, 47)
RANGE_EXAMPLES: Mapping[str, Deployment] = {"give": samples.READING}
WINDOW_EXAMPLES: Mapping[str, WindowForm] = {
    "planned": _WINDOW,
    "never set": replace(
        _WINDOW,
        deployment=replace(samples.PREPARING, window_start=None, window_end=None),
        windows=(),
        longest=None,
    ),
}
