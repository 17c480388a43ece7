"""Posting with a key, finding by it what was posted although its answer was lost; and a file, step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from slack_sdk import WebClient

from bot.core.signing import read_seal
from bot.slack.inbound.dispatch import Place
from bot.slack.messages.blocks import Rendered
from bot.slack.outbound.calling import CallResult, Done, Lost, Refusal, Unreached, attempt
from bot.slack.outbound.drawing import Outgoing
from bot.usecases.books.units import PostUnit, SaidRow
from bot.usecases.evidence import tell_record

EVENT_TYPE = "gonogo"
_PAGE = 200
_PAGES = 5
_UPLOAD_SECONDS = 20


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


def find_post(client: WebClient, channel: str, thread_ts: str, key: str) -> str | Lost | None:
    """The ts of the message with this key in a channel, or in a thread where `thread_ts` is set.

    None where it is not there; Lost where Slack did not show the place, so that nobody knows.
    Sources: conversations.history and conversations.replies with `include_all_metadata`.
    """
    return _find(client, channel, thread_ts, lambda message: _key_of(message) == key)


def _key_of(message: Mapping[str, Any]) -> str:
    kept = message.get("metadata") or {}
    payload = kept.get("event_payload") or {}
    return str(payload.get("key", "")) if kept.get("event_type") == EVENT_TYPE else ""


def _find(
    client: WebClient, channel: str, thread_ts: str, is_it: Callable[[Mapping[str, Any]], bool]
) -> str | Lost | None:
    """Looks through the newest pages."""
    where: dict[str, Any] = {"channel": channel, "include_all_metadata": True, "limit": _PAGE}
    if thread_ts:
        page = partial(client.conversations_replies, ts=thread_ts, **where)
    else:
        page = partial(client.conversations_history, **where)
    cursor = None
    for _ in range(_PAGES):
        answer = attempt(partial(page, cursor=cursor))
        if isinstance(answer, Refusal) and answer.error in {"thread_not_found", "channel_not_found"}:
            return None
        if not isinstance(answer, Done):
            return Lost(f"Slack did not show the {'thread' if thread_ts else 'channel'}")
        for message in filter(is_it, answer.data.get("messages") or ()):
            return str(message["ts"])
        cursor = (answer.data.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return None
    return None


def send_file(out: Outgoing, row: SaidRow, place: Place) -> tuple[CallResult, str]:
    """What it came to, and the `ts` of the message that shares the file where that is known.

    An address, the bytes, the thread; the file's id is kept before the last step, so that no restart shares it twice
    (docs.slack.dev/messaging/working-with-files: files.getUploadURLExternal, POST, files.completeUploadExternal).
    Facts: `filename`, `title`, and `text`, the content; without `text` it is the record of the row's deployment.
    """
    file_id = row.progress.get("file_id", "")
    if file_id:

        def shares(message: Mapping[str, Any]) -> bool:
            return any(file.get("id") == file_id for file in message.get("files") or ())

        found = _find(out.clients.reading, place.channel, place.thread_ts, shares)
        if found is not None:
            return (found, "") if isinstance(found, Lost) else (Done(), found)
    uploaded = _upload(out, row)
    if not isinstance(uploaded, str):
        return uploaded, ""
    return _share(out, row, place, uploaded), ""


def _upload(out: Outgoing, row: SaidRow) -> str | CallResult:
    """The id of the uploaded file, kept in the row, or what went wrong. Doing this twice shows nobody anything."""
    content = _content(out, row).encode()
    name = str(row.said.facts["filename"])
    given = attempt(lambda: out.clients.sending.files_getUploadURLExternal(filename=name, length=len(content)))
    if not isinstance(given, Done):
        return given if not isinstance(given, Lost) else Unreached(given.why)
    file_id = str(given.data["file_id"])
    fault = _put(out, str(given.data["upload_url"]), content)
    if fault is not None:
        return fault
    out.store.write(lambda unit: _keep(unit, row, file_id, content, out.clock()))
    return file_id


def _keep(unit: PostUnit, row: SaidRow, file_id: str, content: bytes, at: datetime) -> None:
    """The file's id; and of a record its digest, so that whatever is shared is in the chain."""
    unit.said.keep_progress(row.id, {"file_id": file_id})
    sealed = read_seal(content)
    if sealed and "text" not in row.said.facts:
        tell_record(unit, unit.deployments.get(row.said.deployment_id or ""), sealed.digest, at)


def _content(out: Outgoing, row: SaidRow) -> str:
    said = row.said
    if "text" in said.facts:
        return str(said.facts["text"])
    return out.store.read(lambda reader: out.drawing.record(reader, said.deployment_id or "", out.clock()))


def _put(out: Outgoing, url: str, content: bytes) -> CallResult | None:
    request = Request(url, data=content, method="POST", headers={"Content-Type": "application/octet-stream"})
    try:
        with urlopen(
            request, context=out.clients.sending.ssl if url.startswith("https") else None, timeout=_UPLOAD_SECONDS
        ):
            return None
    except HTTPError as error:
        return Unreached(f"status {error.code}")
    except (URLError, OSError, HTTPException) as error:
        return Unreached(type(error).__name__)


def _share(out: Outgoing, row: SaidRow, place: Place, file_id: str) -> CallResult:
    title = str(row.said.facts.get("title") or row.said.facts["filename"])
    where: dict[str, Any] = {"channel_id": place.channel, "thread_ts": place.thread_ts or None}
    files: list[dict[str, str | None]] = [{"id": file_id, "title": title}]
    return attempt(lambda: out.clients.sending.files_completeUploadExternal(files=files, **where))
