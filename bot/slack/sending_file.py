"""A file, step by step: an address, the bytes, the thread. Its id is kept before the last step, so that no restart
shares it twice.

docs.slack.dev/messaging/working-with-files: files.getUploadURLExternal, POST, files.completeUploadExternal.
"""

from __future__ import annotations

from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from bot.slack.calling import CallResult, Done, Lost, Unreached, attempt
from bot.slack.lookup import Found, NotSeen, find_file
from bot.slack.outgoing import Outgoing
from bot.slack.places import Place
from bot.usecases.post_ports import SaidRow

_UPLOAD_SECONDS = 20


def send_file(out: Outgoing, row: SaidRow, place: Place) -> tuple[CallResult, str]:
    """What it came to, and the `ts` of the message that shares the file where that is known.

    Facts: `filename`, `title`, and `text`, the content; without `text` it is the record of the row's deployment.
    """
    file_id = row.progress.get("file_id", "")
    if file_id:
        found = find_file(out.clients.reading, place.channel, place.thread_ts, file_id)
        if isinstance(found, Found):
            return Done(), found.ts
        if isinstance(found, NotSeen):
            return Lost("Slack did not show the thread"), ""
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
    out.store.write(lambda unit: unit.said.keep_progress(row.id, {"file_id": file_id}))
    return file_id


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
