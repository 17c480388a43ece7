"""Slack's service around a workspace: what is shared by the Web API, the sockets and the people."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field

from bot.demo.standin.faults import Faults
from bot.demo.standin.model import JSON
from bot.demo.standin.rates import RateLimits
from bot.demo.standin.sockets import Sockets
from bot.demo.standin.timings import ResponseUrls, Timings, Triggers
from bot.demo.standin.workspace import Workspace


@dataclass
class Logged:
    """One call of the Web API: its outcome is "ok", Slack's error name, or the fault that hit it."""

    method: str
    at: float  # seconds of time.monotonic()
    args: JSON
    outcome: str


@dataclass
class CallLog:
    """The latest calls of the Web API, oldest first."""

    entries: deque[Logged] = field(default_factory=lambda: deque(maxlen=10_000))

    def add(self, method: str, args: JSON, outcome: str) -> None:
        shown = {name: value for name, value in args.items() if name != "token"}
        self.entries.append(Logged(method, time.monotonic(), shown, outcome))

    def of(self, method: str) -> list[Logged]:
        return [entry for entry in list(self.entries) if entry.method == method]

    def busiest_minute(self, method: str) -> int:
        """The most calls of a method within any 60 seconds."""
        times = [entry.at for entry in self.of(method)]
        return max((sum(1 for at in times[i:] if at < start + 60) for i, start in enumerate(times)), default=0)


class Service:
    """Everything of Slack but the transport. `base_url` is where `make_routes(service)` is served."""

    def __init__(self, workspace: Workspace, timings: Timings | None = None, rates: RateLimits | None = None) -> None:
        self.workspace = workspace
        self.timings = timings or Timings()
        self.rates = rates or RateLimits()
        self.base_url = "http://127.0.0.1"
        self.sockets = Sockets(workspace.app.id)
        self.faults = Faults(self.sockets)
        self.triggers = Triggers(self.timings)
        self.response_urls = ResponseUrls(self.timings, workspace.now)
        self.calls = CallLog()
        self._events: list[threading.Thread] = []

    @property
    def api_url(self) -> str:
        """What SLACK_API_URL has to be."""
        return f"{self.base_url}/api/"

    @property
    def socket_url(self) -> str:
        return self.base_url.replace("http", "ws", 1) + "/link"

    def response_url(self, channel: str, user: str, message_ts: str | None = None) -> str:
        return f"{self.base_url}/response/{self.response_urls.issue(channel, user, message_ts)}"

    def in_background(self, work: threading.Thread) -> None:
        """Starts a delivery that nobody waits for."""
        self._events = [thread for thread in self._events if thread.is_alive()] + [work]
        work.start()

    def settle(self, timeout: float = 10.0) -> None:
        """Waits until every event was delivered or given up."""
        deadline = time.monotonic() + timeout
        for thread in list(self._events):
            thread.join(max(0.0, deadline - time.monotonic()))
