"""When Slack is down everything rests, one message tries now and then, and all go on once it is through."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from time import monotonic

log = logging.getLogger(__name__)
_LONGEST_REST = 10.0
_OUTAGE = 2
_jitter = random.Random()


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
