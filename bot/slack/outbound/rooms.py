"""A channel that takes no post: who started hears why and how it is mended, and what waits goes on once it is."""

from __future__ import annotations

import logging
from datetime import datetime

from bot.slack.outbound.drawing import Outgoing
from bot.usecases.books.rows import Said
from bot.usecases.books.units import PostUnit

log = logging.getLogger(__name__)
CLOSED = frozenset({"not_in_channel", "is_archived", "channel_not_found"})
"""Slack's words for a channel where the bot cannot post (docs.slack.dev/reference/methods/chat.postMessage)."""
WAIT_SECONDS = 300.0


def tell_starter(out: Outgoing, deployment_id: str | None, channel: str, error: str) -> None:
    """By direct message, once for each deployment and cause."""
    log.warning("nothing can be posted in %s: %s; it is tried again every %d s", channel, error, WAIT_SECONDS)
    out.store.write(lambda unit: _tell(unit, deployment_id, channel, error, out.clock()))


def _tell(unit: PostUnit, deployment_id: str | None, channel: str, error: str, at: datetime) -> None:
    deployment = unit.deployments.find(deployment_id or "")
    if deployment is None:
        return
    bot = unit.people.identity()
    facts = {
        "user": deployment.starter,
        "label": deployment.label,
        "environment": deployment.environment,
        "channel": channel,
        "error": error,
        "bot": bot.bot_user if bot else "",
    }
    key = f"{deployment.id}:closed:{channel}:{error}"
    unit.outbox.say(Said(key, "direct", f"dm:{deployment.starter}", "closed-room", facts, deployment.id), at)


def room_opened(unit: PostUnit, channel: str) -> None:
    """What waits for this channel is tried at once: the bot was invited, or the channel was unarchived."""
    unit.live.hasten(channel)
    unit.said.hasten(channel)
