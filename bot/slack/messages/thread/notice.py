"""Notices to stakeholders: what happens to them, in their words, with *Acknowledge*."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from bot.slack.messages.blocks import Rendered, actions, context, user
from bot.slack.messages.buttons import Target, button
from bot.slack.messages.words import frozen, worded
from bot.usecases.verb import Verb

EVENTS = frozenset({"start", "go", "completion", "abort", "rollback"})


@dataclass(frozen=True)
class Notice:
    """The facts of a `notice` row. `range` is empty or a sentence while the files are not read."""

    event: str
    deployment: str = ""
    label: str = ""
    environment: str = ""
    range: str = ""
    by: str = ""
    at: datetime | None = None
    result: str = ""
    notes: str = ""
    reason: str = ""
    choice: str = ""
    head: str = ""
    notice_id: str = ""

    @property
    def read(self) -> bool:
        """Whether the range is known: versions begin with a digit or V, the sentence before reading does not."""
        return bool(self.range) and " " not in self.range


def render(facts: Mapping[str, object]) -> Rendered:
    """One notice; an event that came later than this version is told as "other"."""
    notice = frozen(Notice, facts)
    event = notice.event if notice.event in EVENTS else "other"
    head = [context(f"Record head {user(notice.head)} · for gonogo verify")] if notice.head else []
    target = Target(notice.deployment, notice=notice.notice_id)
    acknowledge = actions([button(Verb.ACKNOWLEDGE, target)] if notice.notice_id else [])
    return worded(f"notice/{event}", {**asdict(notice), "read": notice.read}, [*acknowledge, *head])


_FACTS: Mapping[str, object] = {
    "channel": "C0RELEASES",
    "audience": "C0RELEASES",
    "deployment": "d0e1f2a3b4c5d6e7f8091a2b3c4d5e6f",
    "label": "12",
    "environment": "production",
    "range": "00008–00010",
    "by": "Ann Keller",
    "at": "2026-11-24T14:03:00.000Z",
    "notice_id": "n0e1f2a3b4c5d6e7f8091a2b3c4d5e6f",
}
_HEAD = "4be1a02d" * 8
EXAMPLES: Mapping[str, Mapping[str, object]] = {
    "start": {**_FACTS, "event": "start", "range": "migrations not read yet"},
    "go": {**_FACTS, "event": "go", "head": _HEAD},
    "completion": {**_FACTS, "event": "completion", "result": "Success", "notes": "No downtime.", "head": _HEAD},
    "partial": {**_FACTS, "event": "completion", "result": "Partial", "notes": "00010 follows on Thursday."},
    "rolled back": {**_FACTS, "event": "completion", "result": "Rolled Back", "notes": "Index build failed."},
    "abort": {**_FACTS, "event": "abort", "reason": "A hotfix goes first."},
    "rollback": {**_FACTS, "event": "rollback", "choice": "down files", "reason": "Checkout is slow since 16:05."},
    "later event": {**_FACTS, "event": "window-moved"},
}
