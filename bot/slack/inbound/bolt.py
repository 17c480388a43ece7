"""The Bolt app and its websocket (Socket Mode): whether it is alive, and every surface.

No request and no start needs Slack, and each listener answers once it has committed.
"""

from __future__ import annotations

import contextlib
import logging
import re
import socket
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from slack_bolt import Ack, App, BoltResponse
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.socket_mode.internals import run_bolt_app, send_response
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientNotConnectedError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.core.journal import to_text
from bot.slack.inbound import commands, faults, presses
from bot.slack.inbound.answers import replay
from bot.slack.inbound.dispatch import want_home
from bot.slack.inbound.verb_row import Services
from bot.slack.outbound.rooms import room_opened
from bot.slack.people.fetching import PEOPLE_EVENTS
from bot.slack.people.identity import Beat

log = logging.getLogger(__name__)
_sdk_log = logging.getLogger("slack_sdk.socket_mode")
HEARTBEAT = "socket"
_ANY = re.compile(".*")
PING_SECONDS = 2
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 30.0
_DRAIN_SECONDS = 2.0


def build_app(services: Services) -> App:
    """The app over Socket Mode."""

    def authorize(team_id: str | None) -> AuthorizeResult:
        return services.who.authorize(team_id)

    reading = services.clients.reading
    app = App(
        name="gonogo",  # without one Bolt reads the source of every frame of the stack, a tenth of a second
        client=WebClient(base_url=reading.base_url, ssl=reading.ssl, timeout=reading.timeout),
        process_before_response=True,
        authorize=authorize,
        request_verification_enabled=False,
    )
    register_listeners(app, services)
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
        self._client.on_message_listeners.append(self._heard)
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
        """Finishes the clicks in hand, then leaves."""
        self._stop.set()
        self._handler.wait_idle(_DRAIN_SECONDS)
        self._stop_listening()
        self._client.close()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _stop_listening(self) -> None:
        """slack_sdk closes a socket only once its reader has waited out three seconds without a byte: end its wait."""
        self._client.closed, self._client.auto_reconnect_enabled = True, False
        self._client.current_session_state.terminated = True
        session = self._client.current_session
        if session is not None and session.sock is not None:
            with contextlib.suppress(OSError):
                session.sock.shutdown(socket.SHUT_RD)

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

    def _heard(self, _message: str) -> None:
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


def register_listeners(app: App, services: Services) -> None:
    """Every surface, each with a last listener for what it does not know, so that nothing is mute."""
    _register_presses(app, services)
    _register_words(app, services)

    @app.shortcut(_ANY)
    def used(ack: Ack, body: dict[str, Any]) -> None:
        presses.use_shortcut(services, body)
        ack()

    @app.event(re.compile("|".join(PEOPLE_EVENTS)))
    def moved(ack: Ack, event: dict[str, Any]) -> None:
        bot = services.who.current.bot_user if services.who.current else ""
        if event["type"] == "member_joined_channel" and event.get("user") == bot:
            services.store.write(lambda unit: room_opened(unit, str(event["channel"])))
        services.directory.heard(event)
        ack()

    @app.event(re.compile("channel_unarchive|group_unarchive"))
    def unarchived(ack: Ack, event: dict[str, Any]) -> None:
        services.store.write(lambda unit: room_opened(unit, str(event["channel"])))
        ack()

    @app.event("reaction_added")
    def reacted(ack: Ack, body: dict[str, Any], event: dict[str, Any]) -> None:
        presses.reacted(services, event, body)
        ack()

    @app.event(_ANY)
    def anything_else(ack: Ack) -> None:
        ack()

    @app.error
    def failed(error: Exception, body: dict[str, Any]) -> BoltResponse:
        return faults.answer(services, error, body)


def _register_presses(app: App, services: Services) -> None:
    @app.action(_ANY)
    def pressed(ack: Ack, body: dict[str, Any]) -> None:
        presses.press(services, body)
        ack()

    @app.view(_ANY)
    def submitted(ack: Ack, body: dict[str, Any]) -> None:
        ack(**presses.submit(services, body))

    @app.view_closed(_ANY)
    def closed(ack: Ack) -> None:
        ack()


def _register_words(app: App, services: Services) -> None:
    @app.command(_ANY)
    def typed(ack: Ack, body: dict[str, Any]) -> None:
        message = commands.answer(services, commands.asked_by(services, body))
        if message is None:
            ack()
        else:
            ack(text=message.text, blocks=message.blocks, response_type="ephemeral")

    @app.event("app_mention")
    def mentioned(ack: Ack, body: dict[str, Any]) -> None:
        commands.mention(services, body)
        ack()

    @app.event("message")
    def written(ack: Ack, body: dict[str, Any], event: dict[str, Any]) -> None:
        if event.get("channel_type") == "im" and not event.get("subtype"):
            commands.mention(services, body)
        ack()

    @app.event("app_home_opened")
    def home_opened(ack: Ack, event: dict[str, Any]) -> None:
        if event.get("tab", "home") == "home":
            want_home(services, str(event["user"]))
        ack()
