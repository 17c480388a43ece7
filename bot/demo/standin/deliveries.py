"""Bringing an act of a person to the app, and what Slack says when the app is silent."""

from __future__ import annotations

import threading
import time
from concurrent.futures import TimeoutError as TooLate

from bot.demo.standin.errors import NotAcknowledged
from bot.demo.standin.model import JSON
from bot.demo.standin.service import Service

TROUBLE = "We had some trouble connecting. Try again?"


def ask(service: Service, kind: str, payload: JSON, retry: tuple[int, str] | None = None) -> JSON:
    """Delivers one envelope and waits for the ack's payload ({} when empty). NotAcknowledged when there is none."""
    ack = service.sockets.send(kind, payload, dropped=service.faults.drops(kind), retry=retry)
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
