"""Slack's service around a workspace, what goes wrong with it on demand, and bringing an act to the app."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import TimeoutError as TooLate
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.demo.standin.limits import RateLimits, ResponseUrls, Timings, Triggers
from bot.demo.standin.model import JSON, NotAcknowledged
from bot.demo.standin.sockets import Sockets
from bot.demo.standin.workspace import Workspace

ANY = "*"


@dataclass
class Fault:
    kind: str  # late, limited, broken, lost, refused
    method: str
    times: int
    seconds: float = 0
    error: str = ""


class Faults:
    """Each call arms a fault for the next `times` calls of `method` ("*": of any)."""

    def __init__(self, sockets: Sockets) -> None:
        self._sockets = sockets
        self._armed: list[Fault] = []
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

    def refused(self, method: str, error: str, times: int = 1) -> None:
        """Slack does nothing and answers `{"ok": false, "error": error}`, such as no_permission."""
        self._armed.append(Fault("refused", method, times, error=error))

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
        self.up()

    def next_for(self, method: str) -> Fault | None:
        """Spends one use of the first fault armed for the method."""
        with self._lock:
            for fault in self._armed:
                if fault.method in (ANY, method) and fault.times > 0:
                    fault.times -= 1
                    return fault
            return None


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


TROUBLE = "We had some trouble connecting. Try again?"


def ask(service: Service, kind: str, payload: JSON, retry: tuple[int, str] | None = None) -> JSON:
    """Delivers one envelope and waits for the ack's payload ({} when empty). NotAcknowledged when there is none."""
    ack = service.sockets.send(kind, payload, retry)
    try:
        return ack.result(service.timings.ack)
    except TooLate:
        ack.cancel()
        raise NotAcknowledged("operation_timeout") from None


def announce(service: Service, event: JSON) -> None:
    """Delivers an event in the background, again and again until acknowledged, if the manifest asks for it."""
    if _subscription(event) in service.workspace.app.events:
        envelope = _event_callback(service, event)
        work = threading.Thread(target=_deliver, args=(service, envelope), name="standin-event", daemon=True)
        service.in_background(work)


def _subscription(event: JSON) -> str:
    if event["type"] != "message":
        return str(event["type"])
    return f"message.{ {'channel': 'channels', 'group': 'groups'}.get(event['channel_type'], event['channel_type']) }"


def _deliver(service: Service, envelope: JSON) -> None:
    reason = ""
    for attempt, wait in enumerate((0.0, *service.timings.event_retries)):
        time.sleep(wait)
        try:
            ask(service, "events_api", envelope, retry=(attempt, reason))
        except NotAcknowledged as silence:
            reason = "timeout" if silence.reason == "operation_timeout" else "connection_failed"
        else:
            return


def _event_callback(service: Service, event: JSON) -> JSON:
    workspace = service.workspace
    authorization = {"enterprise_id": None, "team_id": workspace.team.id, "user_id": workspace.app.bot_user}
    return {
        "token": "standin-verification",
        "team_id": workspace.team.id,
        "api_app_id": workspace.app.id,
        "event": event,
        "type": "event_callback",
        "event_id": workspace.new_id("Ev"),
        "event_time": int(workspace.clock()),
        "authorizations": [{**authorization, "is_bot": True, "is_enterprise_install": False}],
        "is_ext_shared_channel": False,
    }
