"""Messages that only one person sees, and what the app sends to a response_url."""

from __future__ import annotations

from typing import Any

from bot.demo.standin.blockkit import check_message_blocks, kept_blocks
from bot.demo.standin.model import JSON, Posted, SlackError
from bot.demo.standin.mrkdwn import normalise
from bot.demo.standin.service import Service
from bot.demo.standin.workspace import SLACKBOT


def slackbot_says(service: Service, channel: str, user: str, text: str, thread_ts: str | None = None) -> Posted:
    """Slack's own words to one person."""
    workspace = service.workspace
    told = Posted(channel, workspace.new_ts(), SLACKBOT, normalise(text), ephemeral_to=user, thread_ts=thread_ts)
    return workspace.add_message(told)


def app_says(service: Service, channel: str, user: str, answer: JSON) -> Posted:
    """An answer of the app (ack of a command, or response_url): ephemeral unless in_channel.

    SlackError invalid_blocks and the like, or no_text.
    """
    text, blocks = _content(answer)
    message = service.workspace.from_app(channel, text, blocks, answer.get("thread_ts"))
    message.ephemeral_to = None if answer.get("response_type") == "in_channel" else user
    return service.workspace.add_message(message)


def respond(service: Service, key: str, answer: JSON) -> JSON:
    """Does what was sent to a response_url. SlackError expired_url, used_url, invalid_blocks, no_text …"""
    url = service.response_urls.use(key)
    original = service.workspace.message(url.channel, url.message_ts or "")
    if answer.get("delete_original"):
        message = _clicked(original)
        with service.workspace.changing():
            del service.workspace.messages[message.channel][message.ts]
    elif answer.get("replace_original"):
        _replace(service, _clicked(original), answer)
    else:
        app_says(service, url.channel, url.user, answer)
    return {"ok": True}


def _clicked(original: Posted | None) -> Posted:
    if original is None:
        raise SlackError("message_not_found")
    return original


def _replace(service: Service, message: Posted, answer: JSON) -> None:
    text, blocks = _content(answer)
    with service.workspace.changing():
        message.text, message.blocks = text, blocks
        if not message.ephemeral_to:
            message.edited = {"user": service.workspace.app.bot_user, "ts": service.workspace.new_ts()}


def _content(answer: JSON) -> tuple[str, list[JSON] | None]:
    """Text and blocks as Slack keeps them."""
    blocks: Any = answer.get("blocks")
    if blocks:
        check_message_blocks(blocks)
    if not blocks and not answer.get("text"):
        raise SlackError("no_text")
    return normalise(answer.get("text") or ""), kept_blocks(blocks) if blocks else None
