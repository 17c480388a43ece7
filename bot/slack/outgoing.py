"""What the publisher's senders share: the store, the clients, the clock, the pace, and how live messages are drawn."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.slack.client import Clients
from bot.slack.echoes import Echoes
from bot.slack.messages.blocks import Rendered
from bot.slack.outage import Outage
from bot.slack.pace import Pace
from bot.usecases.post_ports import PostReader, Store
from bot.usecases.rows import Live

DrawLive = Callable[[PostReader, Live, datetime], Sequence[Rendered]]
DrawHome = Callable[[PostReader, str, datetime], Mapping[str, Any]]
DrawSaid = Callable[[PostReader, str, Mapping[str, Any]], Rendered]
DrawRecord = Callable[[PostReader, str, datetime], str]


@dataclass(frozen=True)
class Drawing:
    """Facts become blocks here. A section is several messages, so `live` gives all parts of it."""

    live: Mapping[str, DrawLive]
    home: DrawHome
    said: DrawSaid
    record: DrawRecord


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
