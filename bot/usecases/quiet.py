"""A person's own quiet hours: kept and given back by that person alone, and told in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.core.attention import Hours, Span, country_name, silence_ends
from bot.core.refusal import Refused
from bot.core.team import Project
from bot.usecases.act import Act, Answer, hours_of
from bot.usecases.books.units import Reader, Unit
from bot.usecases.standing_facts import HoursFacts

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def keep(unit: Unit, project: Project, act: Act, quiet: Span | None) -> Answer:
    """Their own quiet hours from now on; None: the team's again. It is no act of a deployment, so no record tells it.

    Raises Refused for hours that have no length.
    """
    if quiet is not None and quiet[0] == quiet[1]:
        raise Refused("From and to are the same time: write when the quiet begins, and when it ends.")
    unit.people.keep_quiet(act.who, quiet)
    for live in unit.outbox.wanted(None):
        if live.subject == act.who:
            unit.outbox.want(None, live.kind, live.subject, live.channel, act.at)
    told = "Kept." if quiet else "The team's hours hold for you again."
    return Answer(f"{told} {in_words(hours_of(unit, project, act.who))}.")


def hours_facts(reader: Reader, project: Project, user: str, now: datetime) -> HoursFacts:
    """When this person is written to, as it stands now."""
    hours = hours_of(reader, project, user)
    return HoursFacts(hours, in_words(hours), reader.people.hours(user).quiet is not None, silence_ends(hours, now))


def in_words(hours: Hours) -> str:
    """Such as "You are written to Mon–Fri 08:00–20:00, Europe/Berlin; not on public holidays of Germany"."""
    time = f"{hours.quiet[1]:%H:%M}–{hours.quiet[0]:%H:%M}" if hours.quiet else "at any hour"
    free = f"; not on public holidays of {country_name(hours.country)}" if hours.country else ""
    return f"You are written to {_days(hours.working_days)} {time}, {hours.zone}{free}"


def _days(days: Iterable[int]) -> str:
    """ "Mon–Fri", "Sun–Thu", "every day"; one by one where they do not follow each other."""
    chosen = sorted(days)
    firsts = [day for day in chosen if (day - 1) % 7 not in chosen]
    if len(firsts) == 1 and len(chosen) > 1:
        return f"{_DAYS[firsts[0]]}–{_DAYS[(firsts[0] + len(chosen) - 1) % 7]}"
    return ", ".join(_DAYS[day] for day in chosen) if firsts else "every day"
