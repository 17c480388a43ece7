"""Response URLs of fresh clicks: a clicked message is repainted through one without spending `chat.update`'s pace.

Slack allows five uses within 30 minutes (docs.slack.dev, "Handling user interaction"). Only in memory: without one,
`chat.update` does the same.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

_USES = 4
_SECONDS = 25 * 60.0
_MOST = 2000


@dataclass
class _Echo:
    url: str
    until: float
    left: int = _USES


class Echoes:
    """The newest response URL of each clicked message."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_message: OrderedDict[tuple[str, str], _Echo] = OrderedDict()

    def offer(self, channel: str, ts: str, url: str) -> None:
        """Keeps the URL that a click on this message brought."""
        if not (channel and ts and url):
            return
        with self._lock:
            self._by_message[channel, ts] = _Echo(url, time.monotonic() + _SECONDS)
            self._by_message.move_to_end((channel, ts))
            while len(self._by_message) > _MOST:
                self._by_message.popitem(last=False)

    def has(self, channel: str, ts: str) -> bool:
        """Whether `take` would give one."""
        with self._lock:
            echo = self._by_message.get((channel, ts))
            return echo is not None and echo.left > 0 and time.monotonic() <= echo.until

    def take(self, channel: str, ts: str) -> str | None:
        """A URL that may be used once more, spending that use; None where there is none left."""
        with self._lock:
            echo = self._by_message.get((channel, ts))
            if echo is None or echo.left == 0 or time.monotonic() > echo.until:
                self._by_message.pop((channel, ts), None)
                return None
            echo.left -= 1
            return echo.url

    def forget(self, channel: str, ts: str) -> None:
        """Drops a URL that Slack refused."""
        with self._lock:
            self._by_message.pop((channel, ts), None)
