"""A request that could not be handled, for a fault of our own or a busy state: nobody is left without an answer."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Mapping
from typing import Any

from slack_bolt import BoltResponse

from bot.slack.inbound.click import from_action, from_elsewhere
from bot.slack.inbound.dispatch import say
from bot.slack.inbound.verb_row import Services
from bot.slack.messages.direct import private
from bot.slack.outbound.calling import Clients, attempt, notice_view, open_form, push_form
from bot.usecases.books.units import StateBusy

log = logging.getLogger(__name__)
FAULT = "gonogo has a fault of its own. Whether this was recorded shows on the dashboard; if not, try again."
BUSY = "gonogo's state is busy: another process holds it. Nothing was recorded, so try again in a moment."
_WRITTEN = frozenset({"app_mention", "message"})


def answer(services: Services, error: Exception, body: Mapping[str, Any]) -> BoltResponse:
    """Logs the trace under a reference and tells the person the reference. Never raises.

    While the state is busy nobody waits, and nothing can be said by way of the outbox.
    """
    if isinstance(error, StateBusy):
        log.warning("the state is busy, so a request was not recorded")
        return _answered_at_once(body, BUSY) or _told_past_the_outbox(services, body)
    reference = secrets.token_hex(3)
    log.error("reference %s: a request could not be handled", reference, exc_info=error)
    try:
        return _told(services, body, reference)
    except Exception:
        log.exception("reference %s: the person could not be told", reference)
        return BoltResponse(status=200, body="")


def _told(services: Services, body: Mapping[str, Any], reference: str) -> BoltResponse:
    if at_once := _answered_at_once(body, f"{FAULT} Reference {reference}."):
        return at_once
    at = services.clock()
    click = from_action(body, at) if body.get("type") == "block_actions" else from_elsewhere(body, at)
    say(services, click, private.say(FAULT, reference=reference))
    return BoltResponse(status=200, body="")


def _answered_at_once(body: Mapping[str, Any], text: str) -> BoltResponse | None:
    """Commands and forms are told by the acknowledgement itself."""
    if "command" in body:
        return BoltResponse(status=200, body={"response_type": "ephemeral", "text": text})
    if body.get("type") == "view_submission":
        return BoltResponse(status=200, body=_on_form(body, text))
    return None


def _told_past_the_outbox(services: Services, body: Mapping[str, Any]) -> BoltResponse:
    """A press is told by a form, a message by another; what no person wrote gets no ack, so Slack brings it again."""
    event = body.get("event")
    if event and event.get("type") not in _WRITTEN:
        return BoltResponse(status=503, body="")
    tell = _tell_writer if event else _tell_presser
    threading.Thread(target=tell, args=(services.clients, body), name="state-is-busy", daemon=True).start()
    return BoltResponse(status=200, body="")


def _tell_presser(clients: Clients, body: Mapping[str, Any]) -> None:
    opening = push_form if (body.get("view") or {}).get("type") == "modal" else open_form
    opening(clients.opening, str(body.get("trigger_id") or ""), notice_view(BUSY))


def _tell_writer(clients: Clients, body: Mapping[str, Any]) -> None:
    event = body["event"]
    place = {"channel": event["channel"], "thread_ts": event.get("thread_ts"), "text": BUSY}
    if event.get("channel_type") == "im":
        attempt(lambda: clients.sending.chat_postMessage(**place))
    else:
        attempt(lambda: clients.sending.chat_postEphemeral(user=event["user"], **place))


def _on_form(body: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Under the first input, so that what was typed stays."""
    inputs = [block["block_id"] for block in body["view"].get("blocks") or () if block.get("type") == "input"]
    if inputs:
        return {"response_action": "errors", "errors": {inputs[0]: text}}
    return {"response_action": "update", "view": notice_view(text)}
