"""Files that moved since they were pinned: the difference, before it is chosen what stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.core.deployment import State
from bot.slack.ids import Target, encode
from bot.slack.messages import samples
from bot.slack.messages.blocks import CODE_TEXT, Block, code, context, modal, section, sections_within, size
from bot.slack.messages.mrkdwn import bold, user
from bot.slack.messages.words import titled
from bot.usecases.form_facts import FileChange, MovedFiles
from bot.usecases.verb import Verb
from checks.result import counted

SHOWN_DIFFS = 25
DIFF_CHARACTERS = 80_000


@dataclass(frozen=True)
class MovedForm:
    """`verb` is the choice that the submit makes: use the new files, or stay."""

    verb: Verb
    facts: MovedFiles


def view(form: MovedForm) -> dict[str, Any]:
    """The submit carries the fingerprint that is shown."""
    facts = form.facts
    stays = form.verb is Verb.STAY
    words = "Stay" if stays else "Use new files"
    return modal(
        words,
        _blocks(form),
        callback_id=form.verb,
        metadata=encode(Target(facts.deployment.id, subject=facts.fingerprint)),
        submit=words if facts.changes else "",
        close="Not now",
    )


def _blocks(form: MovedForm) -> Iterator[Block]:
    facts = form.facts
    yield section(f"{titled(facts.deployment)}\n{_means(form)}")
    shown = _fitting(facts.changes)
    for change in facts.changes[:shown]:
        hidden = len(change.diff) - CODE_TEXT
        more = f" · the last {counted(hidden, 'character')} only in the files" if hidden > 0 else ""
        yield section(f"{bold(change.name, 150)} {change.word}{more}")
        if change.diff:
            yield code(change.diff)
    yield from _names(facts.changes[shown:])
    yield context("gonogo compares the bytes. Make sure that the runner uses what you choose here.")


def _means(form: MovedForm) -> str:
    if not form.facts.changes:
        return "The files are as they were pinned: there is nothing to choose."
    if form.verb is Verb.STAY:
        return "The pinned files and their approvals stand. This very change is not asked about again."
    if form.facts.deployment.state is State.HELD:
        return "The new files are pinned. It goes on once the DBA approved them, with the two-person rule again."
    return "The new files are pinned, and everyone who approved or reviewed the old ones is asked again."


def _fitting(changes: Sequence[FileChange]) -> int:
    used = 0
    for number, change in enumerate(changes):
        used += size({"": change.diff[:CODE_TEXT]})
        if number == SHOWN_DIFFS or used > DIFF_CHARACTERS:
            return number
    return len(changes)


def _names(changes: Sequence[FileChange]) -> Iterator[Block]:
    if not changes:
        return
    yield section(f"*{counted(len(changes), 'more file')}, by name*")
    names = [f"{user(change.name, 150)} {change.word}" for change in changes]
    yield from sections_within(names, 20, "compare the folder with the record")


_DIFF = "--- pinned/00009\n+++ now/00009\n@@ -1 +1 @@\n-CREATE INDEX i ON t (a);\n+CREATE INDEX i ON t (b);"
_MOVED = MovedFiles(samples.PREPARING, "e" * 64, (FileChange("00009_index_open_orders.up.sql", "changed", _DIFF),))
EXAMPLES: Mapping[str, MovedForm] = {
    "use new": MovedForm(Verb.USE_NEW_FILES, _MOVED),
    "stay": MovedForm(Verb.STAY, _MOVED),
    "held": MovedForm(Verb.USE_NEW_FILES, replace(_MOVED, deployment=samples.HELD)),
    "nothing": MovedForm(Verb.STAY, replace(_MOVED, changes=())),
}
