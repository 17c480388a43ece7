"""What goes wrong with Slack now and then, on demand: for a method, so many times."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.demo.standin.sockets import Sockets

ANY = "*"


@dataclass
class Fault:
    kind: str  # late, limited, broken, lost
    method: str
    times: int
    seconds: float = 0


class Faults:
    """Each call arms a fault for the next `times` calls of `method` ("*": of any)."""

    def __init__(self, sockets: Sockets) -> None:
        self._sockets = sockets
        self._armed: list[Fault] = []
        self._envelopes: list[Fault] = []
        self._lock = threading.Lock()
        self.is_down = False

    def late(self, method: str, seconds: float, times: int = 1) -> None:
        """Slack does it, and answers so many seconds later."""
        self._armed.append(Fault("late", method, times, seconds))

    def limited(self, method: str, retry_after: int = 1, times: int = 1) -> None:
        """Slack refuses with 429 and Retry-After."""
        self._armed.append(Fault("limited", method, times, retry_after))

    def broken(self, method: str, times: int = 1) -> None:
        """Slack answers 500 and has done nothing."""
        self._armed.append(Fault("broken", method, times))

    def lost_answer(self, method: str, times: int = 1) -> None:
        """Slack does it, and the connection closes without an answer."""
        self._armed.append(Fault("lost", method, times))

    def drop_envelopes(self, kind: str = ANY, times: int = 1) -> None:
        """The next envelopes ("slash_commands", "interactive", "events_api") never reach the app."""
        self._envelopes.append(Fault("drop", kind, times))

    def cut_socket(self) -> None:
        """Every websocket breaks without a word."""
        self._sockets.cut()

    def down(self) -> None:
        """Slack is down: sockets are cut, every HTTP call is answered 503, until `up()`."""
        self.is_down = True
        self._sockets.cut()

    def up(self) -> None:
        self.is_down = False

    @contextmanager
    def outage(self) -> Iterator[None]:
        """`with slack.faults.outage(): …`"""
        self.down()
        try:
            yield
        finally:
            self.up()

    def clear(self) -> None:
        self._armed.clear()
        self._envelopes.clear()
        self.up()

    def next_for(self, method: str) -> Fault | None:
        """Spends one use of the first fault armed for the method."""
        return self._spend(self._armed, method)

    def drops(self, kind: str) -> bool:
        return self._spend(self._envelopes, kind) is not None

    def _spend(self, armed: list[Fault], name: str) -> Fault | None:
        with self._lock:
            for fault in armed:
                if fault.method in (ANY, name) and fault.times > 0:
                    fault.times -= 1
                    return fault
            return None
