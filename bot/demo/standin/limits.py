"""Slack's patience in seconds, tickets that live briefly, and rate limits (docs.slack.dev/apis/web-api/rate-limits)."""

from __future__ import annotations

import math
import secrets
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.demo.standin.model import Limited, SlackError

REMEMBERED = 60.0  # seconds that a dead trigger is still told from an unknown one


@dataclass
class Timings:
    ack: float = 3.0
    trigger: float = 3.0
    event_retries: tuple[float, ...] = (0.2, 1.0, 2.0)  # Slack: at once, after 1 and after 5 minutes
    response_url: float = 1800.0
    response_url_uses: int = 5


@dataclass
class Trigger:
    user: str
    view_id: str | None  # the modal that the act happened in
    until: float
    used: bool = False


class Triggers:
    """Trigger ids: each opens one view, within `timings.trigger` seconds."""

    def __init__(self, timings: Timings) -> None:
        self._timings = timings
        self._known: dict[str, Trigger] = {}

    def issue(self, user: str, view_id: str | None = None) -> str:
        name = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**13)}.{secrets.token_hex(16)}"
        now = time.monotonic()
        self._known = {each: known for each, known in self._known.items() if known.until > now - REMEMBERED}
        self._known[name] = Trigger(user, view_id, now + self._timings.trigger)
        return name

    def check(self, name: str) -> Trigger:
        """The trigger, not yet spent. SlackError invalid_, exchanged_ or expired_trigger_id."""
        trigger = self._known.get(name)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if time.monotonic() > trigger.until:
            raise SlackError("expired_trigger_id")
        return trigger


@dataclass
class ResponseUrl:
    channel: str
    user: str
    message_ts: str | None  # the message that was clicked
    until: float
    left: int


class ResponseUrls:
    """Response URLs: five uses in thirty minutes of the workspace's clock."""

    def __init__(self, timings: Timings, clock: Callable[[], float]) -> None:
        self._timings, self._clock = timings, clock
        self._known: dict[str, ResponseUrl] = {}

    def issue(self, channel: str, user: str, message_ts: str | None = None) -> str:
        key = secrets.token_urlsafe(18)
        now = self._clock()
        self._known = {each: known for each, known in self._known.items() if known.until > now}
        until = now + self._timings.response_url
        self._known[key] = ResponseUrl(channel, user, message_ts, until, self._timings.response_url_uses)
        return key

    def use(self, key: str) -> ResponseUrl:
        """Spends one use. SlackError expired_url or used_url."""
        url = self._known.get(key)
        if url is None or self._clock() > url.until:
            raise SlackError("expired_url")
        if url.left == 0:
            raise SlackError("used_url")
        url.left -= 1
        return url


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
