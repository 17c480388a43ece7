"""Start a deployment: which environment, and the range where no migrations are configured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.slack.ids import Target, encode
from bot.slack.messages.blocks import Block, context, modal, section
from bot.slack.messages.inputs import line, pick
from bot.slack.messages.mrkdwn import user
from bot.slack.messages.words import listed
from bot.usecases.form_facts import StartForm
from bot.usecases.verb import Verb

ENVIRONMENT, RANGE = "environment", "range"
SHOWN_UNCONFIGURED = 8


def view(facts: StartForm) -> dict[str, Any]:
    """`private_metadata` carries the project as `extra`."""
    return modal(
        "Start a deployment",
        _blocks(facts),
        callback_id=Verb.START,
        metadata=encode(Target(extra=facts.project)),
        submit="Start" if facts.environments else "",
    )


def _blocks(facts: StartForm) -> Iterator[Block]:
    if not facts.environments:
        yield section("No environment is configured. Add an [environments.NAME] table to the settings.")
        return
    environments = [(name, name) for name in facts.environments]
    yield pick(ENVIRONMENT, "Environment", environments, facts.environment)
    if facts.range_needed:
        hint = "First and last version, such as 00008-00010."
        yield line(RANGE, "Migrations", facts.range_text, hint=hint, most=80)
    missing = [f"• {user(each, 200)}" for each in facts.unconfigured]
    if missing:
        yield section("*Not configured, so it is plain Done:*\n" + "\n".join(listed(missing, SHOWN_UNCONFIGURED)))
        yield context("gonogo doctor, on the bot's machine, says how to configure each.")


EXAMPLES: Mapping[str, StartForm] = {
    "token and channel only": StartForm(
        ("development", "staging", "production"),
        "production",
        unconfigured=("the migrations' folder", "a database for production", "the roles' members"),
    ),
    "configured": StartForm(("staging", "production"), "staging", range_needed=False, project="billing"),
    "no environment": StartForm(()),
}
