"""A fault of our own: a sentence with a short reference for the person, the trace for the log."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from typing import Any

from slack_bolt import App, BoltResponse

from bot.slack.dispatch import say
from bot.slack.inbound.click import Click, from_action, home_team
from bot.slack.messages.buttons import Target
from bot.slack.messages.direct import private
from bot.slack.sending_forms import notice_view
from bot.slack.services import Services

log = logging.getLogger(__name__)
FAULT = "gonogo has a fault of its own. Whether this was recorded shows on the dashboard; if not, try again."


def register(app: App, services: Services) -> None:
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
