"""The Bolt app and its websocket (Socket Mode): whether it is alive, every surface, and a fault of our own."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from slack_bolt import App, BoltResponse
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.socket_mode.internals import run_bolt_app, send_response
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientNotConnectedError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.core.journal import to_text
from bot.slack.inbound import commands, events, presses
from bot.slack.inbound.answers import replay
from bot.slack.inbound.click import Click, from_action, home_team
from bot.slack.inbound.dispatch import say
from bot.slack.inbound.verb_row import Services
from bot.slack.messages.buttons import Target
from bot.slack.messages.direct import private
from bot.slack.outbound.calling import notice_view
from bot.slack.people.identity import Beat

# The Bolt app and its websocket (Socket Mode): it connects however long it takes, and tells whether it is alive.
#
# No request and no start needs Slack, and each listener answers once it has committed.

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


FAULT = "gonogo has a fault of its own. Whether this was recorded shows on the dashboard; if not, try again."


def register_errors(app: App, services: Services) -> None:
    @app.error
    def failed(error: Exception, body: dict[str, Any]) -> BoltResponse:
        return answer(services, error, body)


def answer(services: Services, error: Exception, body: Mapping[str, Any]) -> BoltResponse:
    """Logs the trace under a reference and tells the person the reference. Never raises."""
    reference = secrets.token_hex(3)
    log.error("reference %s: a request could not be handled", reference, exc_info=error)
    try:
        return _told(services, body, reference)
    except Exception:
        log.exception("reference %s: the person could not be told", reference)
        return BoltResponse(status=200, body="")


def _told(services: Services, body: Mapping[str, Any], reference: str) -> BoltResponse:
    text = f"{FAULT} Reference {reference}."
    if "command" in body:
        return BoltResponse(status=200, body={"response_type": "ephemeral", "text": text})
    if body.get("type") == "view_submission":
        return BoltResponse(status=200, body=_on_form(body, text))
    say(services, _click(services, body), private.say(FAULT, reference=reference))
    return BoltResponse(status=200, body="")


def _on_form(body: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Under the first input, so that what was typed stays."""
    inputs = [block["block_id"] for block in body["view"].get("blocks") or () if block.get("type") == "input"]
    if inputs:
        return {"response_action": "errors", "errors": {inputs[0]: text}}
    return {"response_action": "update", "view": notice_view(text)}


def _click(services: Services, body: Mapping[str, Any]) -> Click:
    if body.get("type") == "block_actions":
        return from_action(body, services.clock())
    event = body.get("event") or {}
    channel = event.get("channel") or (body.get("channel") or {}).get("id", "")
    who = event.get("user") or (body.get("user") or {}).get("id", "")
    thread_ts = event.get("thread_ts") or (body.get("message") or {}).get("thread_ts", "")
    return Click("", Target(), str(who), home_team(body), services.clock(), channel=str(channel), thread_ts=thread_ts)


def register_listeners(app: App, services: Services) -> None:
    """Every surface, each with a last listener for what it does not know, so that nothing is mute."""
    presses.register_buttons(app, services)
    presses.register_forms(app, services)
    commands.register_commands(app, services)
    events.register_shortcuts(app, services)
    events.register_events(app, services)
    register_errors(app, services)
