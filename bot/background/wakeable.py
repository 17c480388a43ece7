"""A thread that works when woken, and looks by itself now and then."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)


class Wakeable:
    """Runs `work` until it says that nothing is left, then waits for `wake` or `idle_seconds`.

    A fault in `work` is logged and does not end the thread.
    """

    def __init__(self, name: str, work: Callable[[], bool], idle_seconds: float = 1.0) -> None:
        self._work = work
        self._idle_seconds = idle_seconds
        self._woken = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._loop, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._woken.set()

    @property
    def stopped(self) -> bool:
        return self._stopped.is_set()

    def ask_to_stop(self) -> None:
        self._stopped.set()
        self._woken.set()

    def join(self, seconds: float) -> bool:
        """Wait for the thread; False when it is still at work."""
        if self._thread.is_alive():
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def _loop(self) -> None:
        while not self._stopped.is_set():
            if not self._try_work():
                self._woken.wait(self._idle_seconds)
                self._woken.clear()

    def _try_work(self) -> bool:
        try:
            return self._work()
        except Exception:
            logger.exception("%s met a fault and goes on", self._thread.name)
            self._stopped.wait(self._idle_seconds)
            return False
