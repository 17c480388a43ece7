"""Slack's rate limits (docs.slack.dev/apis/web-api/rate-limits): tiers for each method, posts for each channel."""

from __future__ import annotations

import math
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.demo.standin.errors import Limited

TIERS = {1: 1, 2: 20, 3: 50, 4: 100}  # calls a minute


@dataclass
class RateLimits:
    """`enabled` may be switched at any time; `tiers` are calls a minute, `burst` posts at once, then one a second."""

    enabled: bool = False
    tiers: dict[int, int] = field(default_factory=lambda: dict(TIERS))
    burst: int = 4
    clock: Callable[[], float] = time.monotonic
    _calls: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _tokens: dict[str, tuple[float, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check_tier(self, method: str, tier: int) -> None:
        """Counts one call; raises Limited when the minute is full."""
        if not self.enabled:
            return
        with self._lock:
            now, calls = self.clock(), self._calls[method]
            while calls and calls[0] <= now - 60:
                calls.popleft()
            if len(calls) >= self.tiers[tier]:
                raise Limited(max(1, math.ceil(calls[0] + 60 - now)))
            calls.append(now)

    def check_post(self, channel: str) -> None:
        """Counts one post in a channel; raises Limited when the burst is spent."""
        if not self.enabled:
            return
        with self._lock:
            now = self.clock()
            tokens, since = self._tokens.get(channel, (float(self.burst), now))
            tokens = min(float(self.burst), tokens + now - since)
            if tokens < 1:
                self._tokens[channel] = (tokens, now)
                raise Limited(max(1, math.ceil(1 - tokens)))
            self._tokens[channel] = (tokens - 1, now)
