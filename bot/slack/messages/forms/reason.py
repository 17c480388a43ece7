"""Forms that ask for words: why, one for each act that needs a reason; and a message that becomes a note."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.core.deployment import Deployment
from bot.slack.messages import samples
from bot.slack.messages.blocks import Block, bold, context, one_line, section, sections, user
from bot.slack.messages.buttons import Target, form
from bot.slack.messages.forms.inputs import lines, pick
from bot.slack.messages.words import plain_titled, titled
from bot.usecases.verb import Verb


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


def view(verb: Verb, why: Why, target: Target, about: str, notes: Sequence[str] = ()) -> dict[str, Any]:
    """`about` is what it is about (an item's label, a role, the deployment), `notes` are facts worth reading first."""
    blocks = [
        section(f"{bold(about, 200)}\n{why.means}"),
        *sections([str(user(note, 600)) for note in notes[:20]]),
        lines("reason", why.label, optional=why.optional),
    ]
    return form(verb, target, why.title, blocks, why.submit or why.title)


def example(verb: Verb, why: Why) -> tuple[Verb, Why, Target, str, Sequence[str]]:
    """The form of a verb about an item whose check failed."""
    about = Target(samples.PREPARING.id, item=samples.RESTORE.id, subject=samples.RESULTS[2].digest)
    return verb, why, about, samples.RESTORE.label, ('restore stopped: role "app" does not exist',)


@dataclass(frozen=True)
class AddToRecord:
    """A message (`text` by `author`, at `ts`) and the deployments it may belong to: the thread's own, or a choice."""

    author: str
    text: str
    ts: str
    deployments: tuple[Deployment, ...]
    author_id: str = ""


def record_view(facts: AddToRecord) -> dict[str, Any]:
    """The note is prefilled with the message; `private_metadata` has the deployment where there is only one."""
    only = facts.deployments[0].id if len(facts.deployments) == 1 else ""
    return form(
        Verb.ADD_TO_RECORD,
        Target(only, extra=f"{facts.ts} {facts.author_id}".strip()),
        "Add to the record",
        _record_blocks(facts),
        "Add it" if facts.deployments else "",
    )


def _record_blocks(facts: AddToRecord) -> Iterator[Block]:
    if not facts.deployments:
        yield section("This message is in no deployment's thread, and you have no open deployment to add it to.")
        return
    if len(facts.deployments) == 1:
        yield section(titled(facts.deployments[0]))
    else:
        choices = [(each.id, f"{each.label}: {plain_titled(each)}") for each in facts.deployments]
        yield pick("deployment", "Deployment", choices, facts.deployments[0].id)
    yield lines("note", "Note", one_line(facts.text))
    yield context(f"Written by {user(facts.author, 60)}; the record names you both. It cannot be taken out again.")


RECORD_EXAMPLES: Mapping[str, AddToRecord] = {
    "in the thread": AddToRecord(
        "Bo Larsen", "replica lag went to 4 s at 16:10", "1795528980.000100", (samples.PREPARING,)
    ),
    "elsewhere": AddToRecord(
        "Bo Larsen", "lag", "1795528980.000100", (samples.PREPARING, replace(samples.READING, id="d1", number=13))
    ),
    "nowhere": AddToRecord("Bo Larsen", "lag", "1795528980.000100", ()),
}
