"""Rollback's first question: down files, fix forward, or restore; and what a restore would lose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.slack.ids import Target, encode
from bot.slack.messages import samples
from bot.slack.messages.blocks import Block, code, context, modal, section
from bot.slack.messages.inputs import choice, lines
from bot.slack.messages.mrkdwn import user
from bot.slack.messages.words import titled
from bot.usecases.form_facts import RollBackForm
from bot.usecases.verb import Verb

CHOICE, REASON = "choice", "reason"
_MEANS: Mapping[str, tuple[str, str]] = {
    "down": ("Down files", "Undo with the files written for it; data they drop is gone"),
    "forward": ("Fix forward", "A new migration mends it; nothing is undone"),
    "restore": ("Restore the backup", "Back to the backup; everything written since is lost"),
}


def view(facts: RollBackForm) -> dict[str, Any]:
    """No gate: submitting opens rollback and tells the channel and on-call."""
    return modal(
        "Roll back",
        _blocks(facts),
        callback_id=Verb.ROLL_BACK,
        metadata=encode(Target(facts.deployment.id)),
        submit="Roll back",
        close="Leave it",
    )


def _blocks(facts: RollBackForm) -> Iterator[Block]:
    yield section(
        f"{titled(facts.deployment)}\nThis opens the rollback list and tells the channel and on-call now. "
        "Nothing in it is required, and gonogo runs nothing by itself."
    )
    known = [user(line, 600) for line in (facts.down_files, facts.loses) if line]
    if known:
        yield section("\n".join(known))
    if facts.cancel_statement:
        yield context("The migration still runs. This cancels it:")
        yield code(facts.cancel_statement)
    options = [(word, *_MEANS.get(word, (word, ""))) for word in facts.choices]
    yield choice(CHOICE, "Which way back?", options)
    yield lines(REASON, "What happened?")


EXAMPLES: Mapping[str, RollBackForm] = {
    "running": RollBackForm(
        samples.DEPLOYING,
        ("down", "forward", "restore"),
        "A restore goes back to 02:10 and loses 13 h 50 min of writes.",
        "3 of 3 files have a down file.",
        "SELECT pg_cancel_backend(4711);",
    ),
    "plain": RollBackForm(samples.DEPLOYING),
}
