"""Posting with a key, and finding by it what was posted although its answer was lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.slack.calling import CallResult, Done, Refusal, attempt
from bot.slack.messages.blocks import Rendered

EVENT_TYPE = "gonogo"
_PAGE = 200
_PAGES = 5


@dataclass(frozen=True)
class Found:
    ts: str


@dataclass(frozen=True)
class Absent:
    """Slack shows the place, and it is not there."""


@dataclass(frozen=True)
class NotSeen:
    """Slack did not show the place; nobody knows."""


LookupResult = Found | Absent | NotSeen


def metadata(key: str) -> dict[str, Any]:
    """Goes with each post, so that it can be found again."""
    return {"event_type": EVENT_TYPE, "event_payload": {"key": key}}


def post(client: WebClient, channel: str, thread_ts: str, message: Rendered, key: str) -> CallResult:
    """One try, with its key."""
    return attempt(
        lambda: client.chat_postMessage(
            channel=channel,
            thread_ts=thread_ts or None,
            text=message.text,
            blocks=message.blocks,
            metadata=metadata(key),
            unfurl_links=False,
            unfurl_media=False,
        )
    )


def find_post(client: WebClient, channel: str, thread_ts: str, key: str) -> LookupResult:
    """The message with this key in a channel, or in a thread where `thread_ts` is set.

    Sources: conversations.history and conversations.replies with `include_all_metadata`.
    """
    return _find(client, channel, thread_ts, lambda message: _key_of(message) == key)


def find_file(client: WebClient, channel: str, thread_ts: str, file_id: str) -> LookupResult:
    """The message that shares this file."""

    def shares(message: Mapping[str, Any]) -> bool:
        return any(file.get("id") == file_id for file in message.get("files") or ())

    return _find(client, channel, thread_ts, shares)


def _key_of(message: Mapping[str, Any]) -> str:
    kept = message.get("metadata") or {}
    payload = kept.get("event_payload") or {}
    return str(payload.get("key", "")) if kept.get("event_type") == EVENT_TYPE else ""


def _find(client: WebClient, channel: str, thread_ts: str, is_it: Callable[[Mapping[str, Any]], bool]) -> LookupResult:
    for page in _pages(client, channel, thread_ts):
        if page is None:
            return NotSeen()
        for message in page:
            if is_it(message):
                return Found(str(message["ts"]))
    return Absent()


def _pages(client: WebClient, channel: str, thread_ts: str) -> Iterator[list[Mapping[str, Any]] | None]:
    """Pages of messages, newest history first; None where Slack does not answer."""
    cursor = ""
    for _ in range(_PAGES):
        answer = attempt(_page(client, channel, thread_ts, cursor))
        if isinstance(answer, Refusal) and answer.error in {"thread_not_found", "channel_not_found"}:
            return
        if not isinstance(answer, Done):
            yield None
            return
        yield list(answer.data.get("messages") or ())
        cursor = (answer.data.get("response_metadata") or {}).get("next_cursor", "")
        if not cursor:
            return


def _page(client: WebClient, channel: str, thread_ts: str, cursor: str) -> Callable[[], SlackResponse]:
    common: dict[str, Any] = {"channel": channel, "include_all_metadata": True, "limit": _PAGE}
    if cursor:
        common["cursor"] = cursor
    if thread_ts:
        return lambda: client.conversations_replies(ts=thread_ts, **common)
    return lambda: client.conversations_history(**common)
