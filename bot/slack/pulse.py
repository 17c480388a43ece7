"""Heartbeats of this room's threads: what `doctor` reads to know that the bot hears and sends."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from bot.usecases.post_ports import Store

log = logging.getLogger(__name__)
Beat = Callable[[str, Mapping[str, str]], None]


def pulse(store: Store, clock: Callable[[], datetime]) -> Beat:
    """A function that keeps one heartbeat row by name; its detail is a JSON object of texts. It never raises."""

    def beat(name: str, detail: Mapping[str, str]) -> None:
        text = json.dumps(dict(detail), sort_keys=True)
        try:
            store.write(lambda unit: unit.heartbeats.beat(name, clock(), text))
        except Exception as error:
            log.warning("the heartbeat of %s could not be kept: %s", name, error)

    return beat
