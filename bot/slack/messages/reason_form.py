"""Forms that ask one thing: why. One for each act that needs a reason."""

from __future__ import annotations

from collections.abc import Iterator
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
class Why:
    """How a verb asks for its reason. `when_needed`: only where the use case misses one, not at each press.

    `label` stands at the field, `means` says what follows; `submit` is the button where that is not the title.
    """

    title: str
    label: str
    means: str
    submit: str = ""
    optional: bool = False
    when_needed: bool = False


@dataclass(frozen=True)
class ReasonForm:
    """`about` is what it is about (an item's label, a role, the deployment), `notes` are facts worth reading first."""

    verb: Verb
    why: Why
    target: Target
    about: str
    notes: tuple[str, ...] = ()


def view(facts: ReasonForm) -> dict[str, Any]:
    """The form of one verb; `callback_id` is the verb."""
    why = facts.why
    return modal(
        why.title,
        _blocks(facts, why),
        callback_id=facts.verb,
        metadata=encode(facts.target),
        submit=why.submit or why.title,
        close="Leave it",
    )


def _blocks(facts: ReasonForm, why: Why) -> Iterator[Block]:
    yield section(f"{bold(facts.about, 200)}\n{why.means}")
    yield from sections([str(user(note, 600)) for note in facts.notes[:20]])
    yield lines(REASON, why.label, optional=why.optional)


def example(verb: Verb, why: Why) -> ReasonForm:
    """The form of a verb about an item whose check failed."""
    about = Target(samples.PREPARING.id, item=samples.RESTORE.id, subject=samples.RESULTS[2].digest)
    return ReasonForm(verb, why, about, samples.RESTORE.label, ('restore stopped: role "app" does not exist',))
