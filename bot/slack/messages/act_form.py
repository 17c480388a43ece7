"""A short act before it runs: the command as configured, and who it is for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.slack.ids import Target, encode
from bot.slack.messages import samples
from bot.slack.messages.blocks import Block, code, context, modal, section
from bot.slack.messages.mrkdwn import bold, user
from bot.slack.messages.words import titled
from bot.usecases.form_facts import ActForm
from bot.usecases.verb import Verb


def view(facts: ActForm) -> dict[str, Any]:
    """Submitting runs it on the bot's machine, at most five minutes."""
    return modal(
        "Run it?",
        _blocks(facts),
        callback_id=Verb.RUN_ACT,
        metadata=encode(Target(facts.deployment.id, item=facts.item_id, extra=facts.act_id)),
        submit="Run it",
        close="Leave it",
    )


def _blocks(facts: ActForm) -> Iterator[Block]:
    yield section(f"{titled(facts.deployment)}\n{bold(facts.title, 200)} · {user(facts.item, 200)}")
    yield code(facts.command)
    yield context("gonogo runs this by itself, once, for at most 5 minutes; its answer settles the item.")


EXAMPLES: Mapping[str, ActForm] = {
    "refresh": ActForm(
        samples.DEPLOYING,
        "refresh-views",
        "Refresh materialized views",
        "fresh-views",
        "fresh views",
        "./refresh-views.sh production",
    )
}
