"""How fast gonogo sends, below Slack's own limits, and what Slack said with `Retry-After`.

docs.slack.dev/apis/web-api/rate-limits: about one post a second and channel; `chat.update` 50 a minute and workspace.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

_MINUTE = 60.0


@dataclass(frozen=True)
class Rates:
    """`posts_a_second` for each channel, `updates_a_minute` for the workspace.

    Repaints nobody clicked for take at most `routine_share` of the updates, after a first `routine_burst`, so that a
    clicked message never waits for them.
    """

    posts_a_second: float = 1.0
    updates_a_minute: int = 50
    routine_share: float = 0.78
    routine_burst: int = 6


class Pace:
    """Asked before each call: how many seconds to wait. Safe from any thread; nothing is slept here."""

    def __init__(self, rates: Rates | None = None, clock: Callable[[], float] = monotonic) -> None:
        self._rates, self._clock = rates or Rates(), clock
        self._lock = threading.Lock()
        self._next_post: dict[str, float] = {}
        self._updates: deque[float] = deque()
        self._routine = float(self._rates.routine_burst)
        self._routine_at = clock()
        self._barred: dict[str, float] = {}

    def post_wait(self, channel: str) -> float:
        """Seconds until the next post in this channel."""
        with self._lock:
            return max(0.0, self._next_post.get(channel, 0.0) - self._clock(), self._bar(f"post {channel}"))

    def took_post(self, channel: str) -> None:
        with self._lock:
            self._next_post[channel] = self._clock() + 1 / self._rates.posts_a_second

    def update_wait(self, *, urgent: bool) -> float:
        """Seconds until `chat.update` may be called."""
        with self._lock:
            return self._update_wait(urgent)

    def take_update(self, *, urgent: bool) -> bool:
        """Spends one `chat.update` where one is free now."""
        with self._lock:
            if self._update_wait(urgent) > 0:
                return False
            self._updates.append(self._clock())
            if not urgent:
                self._routine -= 1
            return True

    def bar(self, what: str, seconds: float) -> None:
        """Obeys a `Retry-After`: "update", or "post " and a channel."""
        with self._lock:
            self._barred[what] = max(self._barred.get(what, 0.0), self._clock() + seconds)

    def _update_wait(self, urgent: bool) -> float:
        now = self._clock()
        while self._updates and self._updates[0] <= now - _MINUTE:
            self._updates.popleft()
        full = len(self._updates) >= self._rates.updates_a_minute
        waits = [self._updates[0] + _MINUTE - now if full else 0.0, self._bar("update")]
        return max(*waits, 0.0 if urgent else self._routine_wait(now))

    def _routine_wait(self, now: float) -> float:
        """A bucket of tokens, refilled evenly, holds what clicked messages need free."""
        refill = self._rates.routine_share * self._rates.updates_a_minute / _MINUTE
        self._routine = min(float(self._rates.routine_burst), self._routine + (now - self._routine_at) * refill)
        self._routine_at = now
        return max(0.0, (1 - self._routine) / refill)

    def _bar(self, what: str) -> float:
        return max(0.0, self._barred.get(what, 0.0) - self._clock())
