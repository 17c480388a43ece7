"""*Add to the record*: a message of the thread becomes a note of its deployment, after one look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.core.deployment import Deployment
from bot.slack.ids import Target, encode
from bot.slack.messages import samples
from bot.slack.messages.blocks import Block, context, modal, section
from bot.slack.messages.inputs import lines, pick
from bot.slack.messages.mrkdwn import one_line, user
from bot.slack.messages.words import plain_titled, titled
from bot.usecases.verb import Verb

DEPLOYMENT, NOTE = "deployment", "note"


@dataclass(frozen=True)
class AddToRecord:
    """A message (`text` by `author`, at `ts`) and the deployments it may belong to: the thread's own, or a choice."""

    author: str
    text: str
    ts: str
    deployments: tuple[Deployment, ...]
    author_id: str = ""


def view(facts: AddToRecord) -> dict[str, Any]:
    """The note is prefilled with the message; `private_metadata` has the deployment where there is only one."""
    only = facts.deployments[0].id if len(facts.deployments) == 1 else ""
    return modal(
        "Add to the record",
        _blocks(facts),
        callback_id=Verb.ADD_TO_RECORD,
        metadata=encode(Target(only, extra=f"{facts.ts} {facts.author_id}".strip())),
        submit="Add it" if facts.deployments else "",
        close="Leave it",
    )


def _blocks(facts: AddToRecord) -> Iterator[Block]:
    if not facts.deployments:
        yield section("This message is in no deployment's thread, and you have no open deployment to add it to.")
        return
    if len(facts.deployments) == 1:
        yield section(titled(facts.deployments[0]))
    else:
        choices = [(each.id, f"{each.label}: {plain_titled(each)}") for each in facts.deployments]
        yield pick(DEPLOYMENT, "Deployment", choices, facts.deployments[0].id)
    yield lines(NOTE, "Note", one_line(facts.text))
    yield context(f"Written by {user(facts.author, 60)}; the record names you both. It cannot be taken out again.")


EXAMPLES: Mapping[str, AddToRecord] = {
    "in the thread": AddToRecord(
        "Bo Larsen", "replica lag went to 4 s at 16:10", "1795528980.000100", (samples.PREPARING,)
    ),
    "elsewhere": AddToRecord(
        "Bo Larsen", "lag", "1795528980.000100", (samples.PREPARING, replace(samples.READING, id="d1", number=13))
    ),
    "nowhere": AddToRecord("Bo Larsen", "lag", "1795528980.000100", ()),
}
