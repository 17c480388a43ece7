"""Mentions, App Home and shortcuts. What comes twice is done once, by the event's id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App

from bot.core.deployment import Deployment
from bot.slack.inbound.click import Asked, Click, home_team
from bot.slack.inbound.commands import answer
from bot.slack.inbound.dispatch import HOME, deployment_in_thread, say
from bot.slack.inbound.verb_row import Services
from bot.slack.messages.buttons import Target
from bot.slack.messages.direct import private
from bot.slack.messages.forms import reason
from bot.slack.messages.forms.reason import AddToRecord
from bot.slack.outbound.calling import open_form
from bot.usecases import views
from bot.usecases.books.units import PostReader

_MENTIONS = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>")


def register_events(app: App, services: Services) -> None:
    @app.event("app_mention")
    def mentioned(ack: Ack, body: dict[str, Any]) -> None:
        mention(services, body)
        ack()

    @app.event("app_home_opened")
    def home_opened(ack: Ack, event: dict[str, Any]) -> None:
        if event.get("tab", "home") == "home":
            want_home(services, str(event["user"]))
        ack()

    @app.event("message")
    def written(ack: Ack, body: dict[str, Any], event: dict[str, Any]) -> None:
        if event.get("channel_type") == "im" and not event.get("subtype"):
            mention(services, body)
        ack()

    @app.event(re.compile(".*"))
    def anything_else(ack: Ack) -> None:
        ack()


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


def want_home(services: Services, user_id: str) -> None:
    """Asks for this person's App Home."""
    at = services.clock()
    services.store.write(lambda unit: unit.outbox.want(None, HOME, user_id, "", at, urgent=True))


UNKNOWN = "gonogo does not know this shortcut; nothing was recorded."


def register_shortcuts(app: App, services: Services) -> None:
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
