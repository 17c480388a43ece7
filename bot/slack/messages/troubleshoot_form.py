"""Which of the troubleshooting lists to open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.deployment import Deployment
from bot.slack.ids import Target, encode
from bot.slack.messages import samples
from bot.slack.messages.blocks import modal, section
from bot.slack.messages.inputs import pick
from bot.slack.messages.words import titled
from bot.usecases.verb import Verb

LIST = "list"


@dataclass(frozen=True)
class TroubleshootForm:
    """`lists` are (section id, title) of the checklist's troubleshooting sections."""

    deployment: Deployment
    lists: tuple[tuple[str, str], ...]


def view(facts: TroubleshootForm) -> dict[str, Any]:
    """Submitting opens the list in the thread, with its checks already running."""
    lists = "The list opens in the thread with its checks running, findings first. It gates nothing."
    words = lists if facts.lists else "This checklist has no troubleshooting list."
    choices = [pick(LIST, "What is wrong?", facts.lists, facts.lists[0][0])] if facts.lists else []
    return modal(
        "Troubleshoot",
        [section(f"{titled(facts.deployment)}\n{words}"), *choices],
        callback_id=Verb.TROUBLESHOOT,
        metadata=encode(Target(facts.deployment.id)),
        submit="Open it" if facts.lists else "",
    )


EXAMPLES: Mapping[str, TroubleshootForm] = {
    "three lists": TroubleshootForm(
        samples.DEPLOYING,
        (
            ("migration-fails", "Migration Fails"),
            ("performance-issues", "Performance Issues"),
            ("data-integrity-issues", "Data Integrity Issues"),
        ),
    ),
    "no list": TroubleshootForm(samples.DEPLOYING, ()),
}
