"""Mentions and App Home. Events come at least once: what they do is done once, by the event's id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App

from bot.slack.dispatch import say
from bot.slack.inbound.click import Asked, home_team
from bot.slack.listeners.commands import answer
from bot.slack.messages.buttons import Target
from bot.slack.places import HOME
from bot.slack.services import Services

_MENTIONS = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>")


def register(app: App, services: Services) -> None:
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
