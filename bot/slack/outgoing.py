"""What the publisher's senders share, and a live message as it should look now, drawn in one snapshot of the store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.slack.calling import Clients
from bot.slack.drawing import Drawing
from bot.slack.messages.blocks import Rendered, context
from bot.slack.outbound.pace import Echoes, Outage, Pace
from bot.slack.places import DASHBOARD, HOME, thread_of
from bot.usecases.books.rows import Live
from bot.usecases.post_ports import PostReader, PostUnit, Store

EMPTY = Rendered("This part of the section is shown above.", [context("Shown above.")])


@dataclass(frozen=True)
class Outgoing:
    """Everything a sender works with."""

    store: Store
    clients: Clients
    clock: Callable[[], datetime]
    pace: Pace
    outage: Outage
    echoes: Echoes
    drawing: Drawing
    refused: dict[str, str] = field(default_factory=dict)
    """What Slack refused last, by live message, until it takes that message: for `doctor`."""


def digest(text: str, body: object) -> str:
    """Identity of what a message shows: an unchanged one is not sent again."""
    return hashlib.sha256(json.dumps([text, body], sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Drawn:
    """One message as it should look at `live.wanted`; `parts` are the digests of all messages of its section."""

    live: Live
    shown: Rendered
    thread_ts: str
    parts: tuple[str, ...]

    @property
    def digest(self) -> str:
        return digest(self.shown.text, self.shown.blocks)

    @property
    def is_news(self) -> bool:
        """Whether Slack shows something else, or nothing yet."""
        if self.live.ts is None:
            return self.shown is not EMPTY
        return self.live.rendered_hash != self.digest


def draw(out: Outgoing, reader: PostReader, message_id: str) -> Drawn | None:
    """The message; None where it waits for its thread or is not behind any more. Raises what drawing raises."""
    live = reader.live.get(message_id)
    if live is None or live.wanted <= live.sent:
        return None
    thread_ts = thread_of_live(reader, live)
    if thread_ts is None:
        return None
    parts = out.drawing.live(reader, live, out.clock())
    shown = parts[live.part] if live.part < len(parts) else EMPTY
    return Drawn(live, shown, thread_ts, tuple(digest(part.text, part.blocks) for part in parts))


def thread_of_live(reader: PostReader, live: Live) -> str | None:
    """The thread a message belongs in, empty for the channel itself, None while the dashboard is not posted."""
    if live.kind in {DASHBOARD, HOME}:
        return ""
    return thread_of(reader, live.deployment_id or "").thread_ts or None


def want_changed_parts(unit: PostUnit, drawn: Drawn, at: datetime) -> None:
    """A section's first message brings the others along, where they look different from what Slack shows."""
    first = drawn.live
    family = [live for live in unit.outbox.wanted(first.deployment_id or "") if _same_section(live, first)]
    known = {live.part: live.rendered_hash for live in family}
    for part in range(1, max([len(drawn.parts) - 1, *known]) + 1):
        wanted = drawn.parts[part] if part < len(drawn.parts) else digest(EMPTY.text, EMPTY.blocks)
        if known.get(part) != wanted:
            urgent = first.urgency == 0
            unit.outbox.want(
                first.deployment_id, first.kind, first.subject, first.channel, at, part=part, urgent=urgent
            )


def _same_section(live: Live, first: Live) -> bool:
    return live.kind == first.kind and live.subject == first.subject
