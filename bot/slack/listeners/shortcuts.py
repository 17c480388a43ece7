"""*Add to the record*: a message of the thread becomes a note of its deployment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App

from bot.core.deployment import Deployment
from bot.slack.dispatch import say
from bot.slack.inbound.click import Click, home_team
from bot.slack.messages.buttons import Target
from bot.slack.messages.direct import private
from bot.slack.messages.forms import reason
from bot.slack.messages.forms.reason import AddToRecord
from bot.slack.places import deployment_in_thread
from bot.slack.sending_forms import open_form
from bot.slack.services import Services
from bot.usecases import views
from bot.usecases.post_ports import PostReader

UNKNOWN = "gonogo does not know this shortcut; nothing was recorded."


def register(app: App, services: Services) -> None:
    @app.shortcut(re.compile(".*"))
    def used(ack: Ack, body: dict[str, Any]) -> None:
        use(services, body)
        ack()


def use(services: Services, body: Mapping[str, Any]) -> None:
    """Opens the form for the note; what is no message has no text to add."""
    message = body.get("message") or {}
    click = _click(services, body)
    if body.get("type") != "message_action":
        say(services, click, private.say(UNKNOWN))
        return
    view = services.store.read(lambda reader: reason.record_view(_facts(reader, click, message)))
    failure = open_form(services.clients.opening, str(body["trigger_id"]), view)
    if failure:
        say(services, click, private.say(failure))


def _facts(reader: PostReader, click: Click, message: Mapping[str, Any]) -> AddToRecord:
    author = str(message.get("user") or "")
    name = reader.people.names().get(author, author)
    return AddToRecord(
        name, str(message.get("text") or ""), str(message.get("ts") or ""), _belongs(reader, click), author
    )


def _belongs(reader: PostReader, click: Click) -> tuple[Deployment, ...]:
    here = deployment_in_thread(reader, click.channel, click.thread_ts or click.message_ts)
    return (reader.deployments.get(here),) if here else views.deployments_of(reader, click.who)


def _click(services: Services, body: Mapping[str, Any]) -> Click:
    message = body.get("message") or {}
    return Click(
        verb="",
        target=Target(),
        who=str(body["user"]["id"]),
        home_team=home_team(body),
        at=services.clock(),
        channel=str((body.get("channel") or {}).get("id", "")),
        message_ts=str(message.get("ts") or ""),
        thread_ts=str(message.get("thread_ts") or ""),
    )
