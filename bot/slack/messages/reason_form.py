"""Forms that ask one thing: why. One for each act that needs a reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.slack.ids import Target, encode
from bot.slack.messages import samples
from bot.slack.messages.blocks import Block, modal, section, sections
from bot.slack.messages.inputs import lines
from bot.slack.messages.mrkdwn import bold, user
from bot.usecases.verb import Verb

REASON = "reason"
"""The field's name."""


@dataclass(frozen=True)
class ReasonForm:
    """`about` is what it is about (an item's label, a role, the deployment), `notes` are facts worth reading first."""

    verb: Verb
    target: Target
    about: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Words:
    title: str
    submit: str
    label: str
    means: str
    optional: bool = False


_WORDS: Mapping[Verb, _Words] = {
    Verb.TICK: _Words(
        "Done, with a reason",
        "Done",
        "Why is it done all the same?",
        "The check did not pass, or could not run. Your reason stands beside its answer in the record.",
    ),
    Verb.NOT_APPLICABLE: _Words(
        "Not applicable", "Not applicable", "Why does it not apply?", "The item counts as settled, with your reason."
    ),
    Verb.NOTE: _Words("Note", "Keep the note", "Note", "The note goes into the record. It does not settle the item."),
    Verb.OVERRIDE: _Words(
        "Override",
        "Override",
        "Why may it go on?",
        "The item counts as done although its check failed. It is shown in amber, and a new answer ends the override.",
    ),
    Verb.REJECT: _Words(
        "Reject", "Reject", "What has to change?", "One rejection blocks go until you clear it or the files change."
    ),
    Verb.WITHDRAW: _Words(
        "Withdraw", "Withdraw", "Why? (may stay empty)", "Your sign-off no longer counts; the role is open again.", True
    ),
    Verb.CLEAR_REJECTION: _Words(
        "Clear the rejection", "Clear it", "Why is it settled?", "The role is open again and is asked anew."
    ),
    Verb.NOT_REQUIRED: _Words(
        "Not required", "Not required", "Why is it not required?", "The role no longer blocks go; the record says so."
    ),
    Verb.HOLD: _Words(
        "Hold",
        "Hold",
        "What did you see?",
        "Deploying is held: nothing completes until somebody retries, continues, completes or rolls back. "
        "A migration that runs is not stopped by this.",
    ),
    Verb.ABORT: _Words(
        "Abort", "Abort", "Why?", "The deployment ends before go, and the environment is free. Nothing was run."
    ),
    Verb.TAKE_OVER: _Words(
        "Take over",
        "Take over",
        "Why?",
        "The owner is told and has 10 minutes to answer; after 4 hours without an act it is yours at once.",
    ),
    Verb.CLOSE: _Words(
        "Close early",
        "Close",
        "Why now?",
        "What is still open is recorded as not done, with your reason.",
    ),
    Verb.REVIEW_GLASS: _Words(
        "Review the break-glass", "Reviewed", "What did you find?", "Your review stands beside the break in the record."
    ),
}


def view(facts: ReasonForm) -> dict[str, Any]:
    """The form of one verb; `callback_id` is the verb. Raises KeyError for a verb that asks for no reason."""
    words = _WORDS[facts.verb]
    return modal(
        words.title,
        _blocks(facts, words),
        callback_id=facts.verb,
        metadata=encode(facts.target),
        submit=words.submit,
        close="Leave it",
    )


def _blocks(facts: ReasonForm, words: _Words) -> Iterator[Block]:
    yield section(f"{bold(facts.about, 200)}\n{words.means}")
    yield from sections([str(user(note, 600)) for note in facts.notes[:20]])
    yield lines(REASON, words.label, optional=words.optional)


def has_form(verb: Verb) -> bool:
    """Whether the verb asks for a reason."""
    return verb in _WORDS


_ITEM = Target(samples.PREPARING.id, item=samples.RESTORE.id, subject=samples.RESULTS[2].digest)
EXAMPLES: Mapping[str, ReasonForm] = {
    str(verb): ReasonForm(verb, _ITEM, samples.RESTORE.label, ('restore stopped: role "app" does not exist',))
    for verb in _WORDS
}
