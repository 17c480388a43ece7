"""Completion: the six fields of the record, prefilled; submitting ends deploying and sends the notice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.core.deployment import Outcome
from bot.slack.messages import samples
from bot.slack.messages.blocks import Block, one_line, section, user
from bot.slack.messages.buttons import Target, form
from bot.slack.messages.forms.inputs import choice, date, line, lines
from bot.slack.messages.words import OUTCOMES, listed, titled, under
from bot.usecases.form_facts import CompletionForm
from bot.usecases.verb import Verb
from checks.result import counted

SHOWN = 12
_MEANS: Mapping[str, str] = {
    Outcome.SUCCESS: "Everything in range is applied",
    Outcome.PARTIAL: "Some is applied; the rest is pending at the next start",
    Outcome.ROLLED_BACK: "It was undone; the environment stays held",
}


def view(facts: CompletionForm) -> dict[str, Any]:
    """The fields are date, deployed_by, environment, versions, result, notes."""
    return form(Verb.COMPLETE, Target(facts.deployment.id), "Complete", _blocks(facts), "Complete", close="Not yet")


def _blocks(facts: CompletionForm) -> Iterator[Block]:
    yield section(f"{titled(facts.deployment)}\n{_ends(facts)}")
    yield from under("⚠ *Consider rolling back instead*", [user(each, 400) for each in facts.advice], 5)
    title = f"⚠ *{counted(len(facts.open_required), 'item')} still open; Success needs them settled*"
    yield from under(title, [f"○ {user(label, 200)}" for label in facts.open_required], SHOWN, "See everything")
    yield from _history(facts)
    yield date("date", "Deployment Date", facts.date.date().isoformat())
    yield line("deployed_by", "Deployed By", one_line(facts.deployed_by))
    yield line("environment", "Environment", one_line(facts.environment))
    yield line("versions", "Migration Version", one_line(facts.versions))
    options = [(value, OUTCOMES[Outcome(value)], _MEANS.get(value, "")) for value in facts.choices]
    yield choice("result", "Status", options, facts.proposed)
    yield lines("notes", "Notes", facts.notes, hint="They go into the record and the notice.", optional=True)
    yield line("lessons", "Lesson for the next time", hint="Shown at the next start here.", optional=True, most=500)


def _ends(facts: CompletionForm) -> str:
    if Outcome.ROLLED_BACK not in facts.choices:
        return "This ends deploying, frees the environment and sends the notice."
    place = user(facts.environment, 60)
    return f"This ends the rollback and sends the notice. {place} stays held until the corrective deployment starts."


def _history(facts: CompletionForm) -> Iterator[Block]:
    is_undone = Outcome.ROLLED_BACK in facts.choices
    words_of = ("Still applied", "Undone") if is_undone else ("Applied", "Not applied")
    for words, versions in zip(words_of, (facts.applied, facts.not_applied), strict=True):
        if versions:
            shown = listed([str(user(version, 80)) for version in versions], SHOWN)
            yield section(f"*{words}:* {', '.join(shown)}")


_DONE = CompletionForm(
    samples.DEPLOYING,
    samples.NOON,
    "Ann Keller",
    "production",
    "00008 through 00010",
    "success",
    ("success", "partial"),
    (),
    ("00008", "00009", "00010"),
)
EXAMPLES: Mapping[str, CompletionForm] = {
    "success": _DONE,
    "worse than before": replace(_DONE, advice=("Run smoke tests: 9 passed, 3 failed (before: 12 passed, 0 failed)",)),
    "open": replace(
        _DONE,
        proposed="partial",
        open_required=("Run smoke tests",),
        applied=("00008",),
        not_applied=("00009", "00010"),
    ),
    "rolled back": replace(_DONE, proposed="rolled-back", choices=("rolled-back",), notes="index build failed twice"),
}
