"""Go, second step: what runs, what warns, and a submit that carries exactly this; and the choice when files moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.core.decision import short
from bot.core.deployment import State
from bot.slack.messages import samples
from bot.slack.messages.blocks import (
    Block,
    bold,
    context,
    section,
    sections,
    user,
)
from bot.slack.messages.buttons import Target, form
from bot.slack.messages.forms.sql import texts
from bot.slack.messages.words import listed, named, titled, under, window
from bot.usecases.facts import Blocker
from bot.usecases.form_facts import FileChange, GoForm, MovedFiles
from bot.usecases.verb import Verb
from checks.result import counted

SHOWN_FILES = 40
SHOWN_LINES = 20


def go_view(facts: GoForm) -> dict[str, Any]:
    """With a submit only where nothing is missing."""
    clear = facts.subject and not facts.blockers
    return form(
        Verb.GO,
        Target(facts.deployment.id, subject=facts.subject),
        "Go",
        _go_blocks(facts),
        "Go" if clear else "",
        close="Not now" if clear else "Close",
    )


def _go_blocks(facts: GoForm) -> Iterator[Block]:
    fits = window(facts.deployment)
    yield section(f"{titled(facts.deployment)}" + (f"\n{fits}" if fits else ""))
    missing = []
    for each in facts.blockers:
        who = named((one for one in each.who if one.startswith("@")), {})
        missing.append(f"• {user(each.sentence)}" + (f" · {who}" if who else ""))
    yield from under(f"*Not yet: {counted(len(missing), 'thing')} missing*", missing, SHOWN_LINES, "See everything")
    if not (missing or facts.subject):
        yield section("The migrations are still being read. Try again when the dashboard shows their range.")
    warnings = [f"⚠ {user(warning)}" for warning in facts.warnings]
    yield from sections(listed(warnings, SHOWN_LINES, "See everything"))
    ups = [f"{user(file.name, 120)}  {short(file.sha)}" for file in facts.files if not file.is_down]
    yield from under(f"*{counted(len(ups), 'file')} will be applied*", ups, SHOWN_FILES, "See everything")
    yield context(_estimate(facts))
    yield context(
        "gonogo first runs again what is out of date (60 s at most), then opens deploying. "
        "It starts no migration: you start the runner."
    )


def _estimate(facts: GoForm) -> str:
    if facts.estimate_minutes is None:
        return "How long it takes is unknown: nothing like it has run here or before here."
    whose = f": what {user(facts.estimate_of, 150)}" if facts.estimate_of else ", as the deployer set it"
    return f"Estimate {facts.estimate_minutes} min{whose}."


_CLEAR = GoForm(
    samples.PREPARING,
    samples.SUBJECT,
    (),
    ("00009 holds ACCESS EXCLUSIVE on orders (41 GB) and rewrites it",),
    samples.FILES,
    4,
    "staging took for the same files",
)
GO_EXAMPLES: Mapping[str, GoForm] = {
    "clear": _CLEAR,
    "missing": replace(
        _CLEAR,
        estimate_minutes=None,
        estimate_of="",
        blockers=(Blocker("sign-off", "dba", "Database administrator: approve is missing"),),
    ),
    "reading": replace(_CLEAR, deployment=samples.READING, subject="", files=(), warnings=()),
}


def moved_view(verb: Verb, facts: MovedFiles) -> dict[str, Any]:
    """`verb` is the choice that the submit makes: use the new files, or stay. It carries the fingerprint shown."""
    words = "Stay" if verb is Verb.STAY else "Use new files"
    return form(
        verb,
        Target(facts.deployment.id, subject=facts.fingerprint),
        words,
        _moved_blocks(verb, facts),
        words if facts.changes else "",
        close="Not now",
    )


def _moved_blocks(verb: Verb, facts: MovedFiles) -> Iterator[Block]:
    yield section(f"{titled(facts.deployment)}\n{_means(verb, facts)}")
    changes = [
        (f"{bold(each.name, 150)} {each.word}", f"{user(each.name, 150)} {each.word}", each.diff)
        for each in facts.changes
    ]
    yield from texts(changes, (25, 20), "only in the files", "compare the folder with the record")
    yield context("gonogo compares the bytes. Make sure that the runner uses what you choose here.")


def _means(verb: Verb, facts: MovedFiles) -> str:
    if not facts.changes:
        return "The files are as they were pinned: there is nothing to choose."
    if verb is Verb.STAY:
        return "The pinned files and their approvals stand. This very change is not asked about again."
    if facts.deployment.state is State.HELD:
        return "The new files are pinned. It goes on once the DBA approved them, with the two-person rule again."
    return "The new files are pinned, and everyone who approved or reviewed the old ones is asked again."


_DIFF = "--- pinned/00009\n+++ now/00009\n@@ -1 +1 @@\n-CREATE INDEX i ON t (a);\n+CREATE INDEX i ON t (b);"
_MOVED = MovedFiles(samples.PREPARING, "e" * 64, (FileChange("00009_index_open_orders.up.sql", "changed", _DIFF),))
MOVED_EXAMPLES: Mapping[str, tuple[Verb, MovedFiles]] = {
    "use new": (Verb.USE_NEW_FILES, _MOVED),
    "stay": (Verb.STAY, _MOVED),
    "held": (Verb.USE_NEW_FILES, replace(_MOVED, deployment=samples.HELD)),
    "nothing": (Verb.STAY, replace(_MOVED, changes=())),
}
