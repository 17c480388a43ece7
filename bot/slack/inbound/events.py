"""Mentions, App Home and shortcuts. What comes twice is done once, by the event's id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.slack.inbound.click import Asked, Click, from_elsewhere, home_team
from bot.slack.inbound.commands import answer
from bot.slack.inbound.dispatch import deployment_in_thread, say
from bot.slack.inbound.verb_row import Services
from bot.slack.messages.buttons import Target
from bot.slack.messages.direct import private
from bot.slack.messages.forms import reason
from bot.slack.messages.forms.reason import AddToRecord
from bot.slack.outbound.calling import open_form
from bot.usecases import views
from bot.usecases.books.units import PostReader

_MENTIONS = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>")


def mention(services: Services, body: Mapping[str, Any]) -> None:
    """`@gonogo blockers`, or in a direct message `blockers`, does what the command does; told privately.

    In a deployment's thread it is about that deployment.
    """
    event = body["event"]
    if event.get("bot_id") or not event.get("user"):
        return
    asked = Asked(
        words=tuple(_MENTIONS.sub(" ", str(event.get("text") or "")).split()),
        who=str(event["user"]),
        home_team=str(event.get("user_team") or event.get("team") or home_team(body)),
        at=services.clock(),
        channel=str(event.get("channel") or ""),
        thread_ts=str(event.get("thread_ts") or ""),
        event_id=str(body.get("event_id") or ""),
    )
    message = answer(services, asked)
    if message is not None:
        say(services, asked.click("", Target()), message)


UNKNOWN = "gonogo does not know this shortcut; nothing was recorded."


def use(services: Services, body: Mapping[str, Any]) -> None:
    """Opens the form for the note; what is no message has no text to add."""
    message = body.get("message") or {}
    click = from_elsewhere(body, services.clock())
    if body.get("type") != "message_action":
        say(services, click, private.say(UNKNOWN))
        return
    view = services.store.read(lambda reader: reason.record_view(_facts(reader, click, message)))
    failure = open_form(services.clients.opening, str(body["trigger_id"]), view)
    if failure:
        say(services, click, private.say(failure))


def _facts(reader: PostReader, click: Click, message: Mapping[str, Any]) -> AddToRecord:
    here = deployment_in_thread(reader, click.channel, click.thread_ts or click.message_ts)
    belongs = (reader.deployments.get(here),) if here else views.deployments_of(reader, click.who)
    author = str(message.get("user") or "")
    name = reader.people.names().get(author, author)
    return AddToRecord(name, str(message.get("text") or ""), click.message_ts, belongs, author)
