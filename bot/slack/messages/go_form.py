"""Go, second step: what runs, what warns, and a submit that carries exactly this."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.slack.ids import Target, encode
from bot.slack.messages import samples
from bot.slack.messages.blocks import Block, context, modal, section, sections
from bot.slack.messages.mrkdwn import user
from bot.slack.messages.words import listed, named, short, titled, window
from bot.usecases.facts import Blocker
from bot.usecases.form_facts import GoForm
from bot.usecases.verb import Verb
from checks.result import counted

SHOWN_FILES = 40
SHOWN_LINES = 20


def view(facts: GoForm) -> dict[str, Any]:
    """With a submit only where nothing is missing."""
    clear = facts.subject and not facts.blockers
    return modal(
        "Go",
        _blocks(facts),
        callback_id=Verb.GO,
        metadata=encode(Target(facts.deployment.id, subject=facts.subject)),
        submit="Go" if clear else "",
        close="Not now" if clear else "Close",
    )


def _blocks(facts: GoForm) -> Iterator[Block]:
    fits = window(facts.deployment)
    yield section(f"{titled(facts.deployment)}" + (f"\n{fits}" if fits else ""))
    if facts.blockers:
        yield section(f"*Not yet: {counted(len(facts.blockers), 'thing')} missing*")
        yield from sections(listed([_blocker(each) for each in facts.blockers], SHOWN_LINES, "See everything"))
    elif not facts.subject:
        yield section("The migrations are still being read. Try again when the dashboard shows their range.")
    warnings = [f"⚠ {user(warning)}" for warning in facts.warnings]
    yield from sections(listed(warnings, SHOWN_LINES, "See everything"))
    yield from _files(facts)
    longest = f"; the longest of the last three took {facts.longest_minutes} min" if facts.longest_minutes else ""
    yield context(f"Estimate {facts.estimate_minutes} min{longest}.")
    yield context(
        "gonogo first runs again what is out of date (60 s at most), then opens deploying. "
        "It starts no migration: you start the runner."
    )


def _blocker(blocker: Blocker) -> str:
    who = named((each for each in blocker.who if each.startswith("@")), {})
    return f"• {user(blocker.sentence)}" + (f" · {who}" if who else "")


def _files(facts: GoForm) -> Iterator[Block]:
    ups = [f"{user(file.name, 120)}  {short(file.sha)}" for file in facts.files if not file.is_down]
    if ups:
        yield section(f"*{counted(len(ups), 'file')} will be applied*")
        yield from sections(listed(ups, SHOWN_FILES, "See everything"))


_CLEAR = GoForm(
    samples.PREPARING,
    samples.SUBJECT,
    (),
    ("00009 holds ACCESS EXCLUSIVE on orders (41 GB) and rewrites it",),
    samples.FILES,
)
EXAMPLES: Mapping[str, GoForm] = {
    "clear": _CLEAR,
    "missing": replace(_CLEAR, blockers=(Blocker("sign-off", "dba", "Database administrator: approve is missing"),)),
    "reading": replace(_CLEAR, deployment=samples.READING, subject="", files=(), warnings=()),
}
