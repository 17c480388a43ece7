"""The Bolt app and its websocket (Socket Mode): it connects however long it takes, and tells whether it is alive.

No request and no start needs Slack, and each listener answers once it has committed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.socket_mode.internals import run_bolt_app, send_response
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientNotConnectedError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.core.times import to_text
from bot.slack.listeners import register
from bot.slack.pulse import Beat
from bot.slack.services import Services
from bot.slack.waiting import replay

log = logging.getLogger(__name__)
_sdk_log = logging.getLogger("slack_sdk.socket_mode")
HEARTBEAT = "socket"
PING_SECONDS = 2
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 30.0
_DRAIN_SECONDS = 2.0


def build_app(services: Services) -> App:
    """The app over Socket Mode."""

    def authorize(team_id: str | None) -> AuthorizeResult:
        return services.who.authorize(team_id)

    reading = services.clients.reading
    app = App(
        client=WebClient(base_url=reading.base_url, ssl=reading.ssl, timeout=reading.timeout),
        process_before_response=True,
        authorize=authorize,
        request_verification_enabled=False,
    )
    register(app, services)
    services.directory.on_refreshed(lambda: replay(services))
    return app


class SocketLink:
    """The one websocket of the bot. `beat(name, detail)` keeps a heartbeat that `doctor` reads.

    `pause` waits for an event, seconds at most.
    """

    def __init__(
        self,
        app: App,
        app_token: str,
        web: WebClient,
        beat: Beat,
        clock: Callable[[], datetime],
        every: float = 15,
        pause: Callable[[threading.Event, float], bool] = threading.Event.wait,
    ) -> None:
        self._handler = _CountingHandler(app, app_token, web_client=web, ping_interval=PING_SECONDS, logger=_sdk_log)
        self._client: SocketModeClient = self._handler.client
        self._client.on_message_listeners.append(lambda _: self._heard())
        self._beat, self._clock, self._every, self._pause = beat, clock, every, pause
        self._last_message: datetime | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="socket-link", daemon=True)

    def start(self) -> None:
        """Returns at once; the link connects in the background, also when Slack is down for hours."""
        self._thread.start()

    @property
    def is_connected(self) -> bool:
        return self._client.is_connected()

    def close(self) -> None:
        """Finishes the clicks in hand, then leaves; about three seconds."""
        self._stop.set()
        self._handler.wait_idle(_DRAIN_SECONDS)
        self._client.close()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _run(self) -> None:
        self._connect()
        while not self._stop.is_set():
            self._beat(HEARTBEAT, self._detail())
            self._stop.wait(self._every)

    def _connect(self) -> None:
        """Once connected, slack_sdk's own monitor replaces a broken connection."""
        wait = _FIRST_WAIT
        while not self._stop.is_set():
            try:
                self._client.connect()
            except Exception as error:
                self._client.wss_uri = None
                log.warning("Slack's socket cannot be reached (%s); next try in %.0f s", type(error).__name__, wait)
                self._beat(HEARTBEAT, self._detail())
                self._pause(self._stop, wait)
                wait = min(_LONGEST_WAIT, wait * 2)
            else:
                return

    def _heard(self) -> None:
        self._last_message = self._clock()

    def _detail(self) -> Mapping[str, str]:
        last = to_text(self._last_message) if self._last_message else ""
        return {"connected": "yes" if self.is_connected else "no", "last_message": last}


class _CountingHandler(SocketModeHandler):
    """Bolt's handler that knows how many requests are in hand, so that a stop can finish them."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        self._idle = threading.Condition()
        self._in_hand = 0
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        with self._idle:
            self._in_hand += 1
        try:
            self._answer(client, req)
        finally:
            with self._idle:
                self._in_hand -= 1
                self._idle.notify_all()

    def _answer(self, client: SocketModeClient, req: SocketModeRequest) -> None:
        started = time.time()
        response = run_bolt_app(self.app, req)
        try:
            send_response(client, req, response, started)
        except SlackClientNotConnectedError:
            log.warning("a click was settled, but the socket closed before its answer; the repaint will show it")

    def wait_idle(self, seconds: float) -> bool:
        with self._idle:
            return self._idle.wait_for(lambda: self._in_hand == 0, seconds)
