"""How fast gonogo sends: below Slack's own limits, as `Retry-After` says, resting while Slack is down.

docs.slack.dev/apis/web-api/rate-limits: about one post a second and channel; `chat.update` 50 a minute and workspace.
"""

from __future__ import annotations

import logging
import random
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

log = logging.getLogger(__name__)
_MINUTE = 60.0
_TICK = 0.001
_LOOK_AGAIN = 0.5
_ECHO_USES = 4
_ECHO_SECONDS = 25 * 60.0
_MOST_ECHOES = 2000
_LONGEST_REST = 10.0
_OUTAGE = 2
_jitter = random.Random()


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
    """Asked before each call: how many seconds to wait. Safe from any thread; nothing is slept here.

    Slack counts an update when it comes, somewhere between its being taken and its answer. So its minute begins with
    the answer, and until then its place is taken: no minute of Slack's own has one too many, however slow a call was.
    """

    def __init__(self, rates: Rates | None = None, clock: Callable[[], float] = monotonic) -> None:
        self._rates, self._clock = rates or Rates(), clock
        self._lock = threading.RLock()
        self._next_post: dict[str, float] = {}
        self._answered: deque[float] = deque()
        self._under_way = 0
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
            now = self._clock()
            while self._answered and self._answered[0] < now - _MINUTE:
                self._answered.popleft()
            full = len(self._answered) + self._under_way >= self._rates.updates_a_minute
            oldest = self._answered[0] + _MINUTE - now + _TICK if self._answered else _LOOK_AGAIN
            return max(oldest if full else 0.0, self._bar("update"), 0.0 if urgent else self._routine_wait(now))

    def take_update(self, *, urgent: bool) -> bool:
        """Spends one `chat.update` where one is free now; `update_answered` is to follow, whatever came of it."""
        with self._lock:
            if self.update_wait(urgent=urgent) > 0:
                return False
            self._under_way += 1
            if not urgent:
                self._routine -= 1
            return True

    def update_answered(self) -> None:
        """Slack has one that was taken, or never gets it."""
        with self._lock:
            self._under_way -= 1
            self._answered.append(self._clock())

    def bar(self, what: str, seconds: float) -> None:
        """Obeys a `Retry-After`: "update", or "post " and a channel."""
        with self._lock:
            self._barred[what] = max(self._barred.get(what, 0.0), self._clock() + seconds)

    def _routine_wait(self, now: float) -> float:
        """A bucket of tokens, refilled evenly, holds what clicked messages need free."""
        refill = self._rates.routine_share * self._rates.updates_a_minute / _MINUTE
        self._routine = min(float(self._rates.routine_burst), self._routine + (now - self._routine_at) * refill)
        self._routine_at = now
        return max(0.0, (1 - self._routine) / refill)

    def _bar(self, what: str) -> float:
        return max(0.0, self._barred.get(what, 0.0) - self._clock())


@dataclass
class _Echo:
    url: str
    until: float
    left: int = _ECHO_USES


class Echoes:
    """The newest response URL of each clicked message: repainting through it spends no `chat.update`.

    Slack allows five uses within 30 minutes (docs.slack.dev, "Handling user interaction"). Only in memory: without
    one, `chat.update` does the same.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_message: OrderedDict[tuple[str, str], _Echo] = OrderedDict()

    def offer(self, channel: str, ts: str, url: str) -> None:
        """Keeps the URL that a click on this message brought."""
        if not (channel and ts and url):
            return
        with self._lock:
            self._by_message[channel, ts] = _Echo(url, monotonic() + _ECHO_SECONDS)
            self._by_message.move_to_end((channel, ts))
            while len(self._by_message) > _MOST_ECHOES:
                self._by_message.popitem(last=False)

    def has(self, channel: str, ts: str) -> bool:
        """Whether `take` would give one."""
        with self._lock:
            echo = self._by_message.get((channel, ts))
            return echo is not None and echo.left > 0 and monotonic() <= echo.until

    def take(self, channel: str, ts: str) -> str | None:
        """A URL that may be used once more, spending that use; None where there is none left."""
        with self._lock:
            echo = self._by_message.get((channel, ts))
            if echo is None or echo.left == 0 or monotonic() > echo.until:
                self._by_message.pop((channel, ts), None)
                return None
            echo.left -= 1
            return echo.url

    def forget(self, channel: str, ts: str) -> None:
        """Drops a URL that Slack refused."""
        with self._lock:
            self._by_message.pop((channel, ts), None)


class Outage:
    """Counts failures in a row over all messages. Safe from any thread."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._until = 0.0

    def failed(self) -> None:
        """Slack did not answer. After two in a row everything rests, longer each time."""
        with self._lock:
            self._failures += 1
            if self._failures == _OUTAGE:
                log.warning("Slack does not answer; what is to be sent waits")
            if self._failures >= _OUTAGE:
                rest = min(_LONGEST_REST, 0.5 * 2.0 ** min(self._failures - _OUTAGE, 10))
                self._until = self._clock() + rest * _jitter.uniform(0.7, 1.0)

    def answered(self) -> None:
        with self._lock:
            if self._failures >= _OUTAGE:
                log.info("Slack answers again")
            self._failures, self._until = 0, 0.0

    @property
    def suspected(self) -> bool:
        """Whether only one message at a time should try."""
        return self._failures >= _OUTAGE

    def rest(self) -> float:
        """Seconds until the next try."""
        with self._lock:
            return max(0.0, self._until - self._clock())


def backoff_seconds(attempts: int) -> float:
    """The wait before the next try of one message: doubling from one second to ten, with jitter.

    While Slack is down `Outage` is the brake; what fails twenty times alone is tried once a minute.
    """
    longest = _LONGEST_REST if attempts <= 20 else 60.0
    return min(longest, 2.0 ** min(max(attempts - 1, 0), 10)) * _jitter.uniform(0.7, 1.0)


def fault_seconds(attempts: int) -> float:
    """The wait after a fault of our own, which no waiting mends: doubling to ten minutes."""
    return min(600.0, 2.0 ** min(attempts, 10))


def unsure_seconds(attempts: int) -> float:
    """The wait before a lost post is looked up: long enough for a slow Slack to have it."""
    return max(2.0, backoff_seconds(attempts))
