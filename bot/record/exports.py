"""The record of one deployment as a file: JSON that verifies alone, CSV for a spreadsheet, one HTML page."""

from __future__ import annotations

import base64
import csv
import html
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.core.decision import CheckResult
from bot.core.deployment import Deployment, PinnedFile
from bot.core.journal import REMOVED, Entry, to_text
from bot.core.team import Project
from bot.record.verify import FORMAT
from bot.usecases.books.units import Reader
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation
from bot.usecases.views.record import HEADS


def plain(value: Any) -> Any:
    """Dataclasses become objects, instants text in UTC, sets are sorted.

    Raises TypeError for anything that JSON has no word for.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, datetime):
        return to_text(value)
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, set | frozenset | tuple | list):
        members = [plain(inner) for inner in value]
        return sorted(members) if isinstance(value, set | frozenset) else members
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"no JSON for {type(value).__name__}")


def export_json(reader: Reader, project: Project, deployment_id: str, now: datetime) -> str:
    """Everything about one deployment as JSON text. `journal.entries[].body` is a string, byte for byte as stored.

    Raises Refused where there is no such deployment.
    """
    situation = load(reader, project, deployment_id, now)
    return json.dumps(_export(reader, situation), ensure_ascii=False, indent=1) + "\n"


def _export(reader: Reader, situation: Situation) -> dict[str, Any]:
    deployment = situation.deployment
    entries = reader.journal.entries(deployment.chain)
    texts = reader.journal.texts(deployment.chain)
    revision = deployment.revision
    return {
        "format": FORMAT,
        "exported_at": to_text(situation.now),
        "deployment": _deployment(deployment),
        "environment": _environment(situation),
        "people": _people(entries, texts, situation.names),
        "deployers": [plain(one) for one in situation.deployers],
        "heads": list(_heads(entries)),
        "journal": {"chain": deployment.chain, "entries": [_entry(entry) for entry in entries]},
        "private_texts": [{"digest": key, "salt": salt, "text": text} for key, (salt, text) in sorted(texts.items())],
        "decisions": [plain(one) for one in reader.decisions.of(deployment.id)],
        "sign_offs": [plain(one) for one in situation.sign_offs],
        "checks": [_check(situation, one) for one in situation.results.values()],
        "break_glass": plain(reader.troubles.broken_glass(deployment.id)),
        "notices": [plain(one) for one in situation.notices],
        "checklist": {"file": reader.checklists.file(revision), "sha": revision, "text": situation.checklist.text},
        "files": [_file(reader, file) for file in situation.files],
    }


def _deployment(deployment: Deployment) -> dict[str, Any]:
    found = {"label": deployment.label, "chain": deployment.chain, **plain(deployment)}
    return {**found, "facts": deployment.facts.plain()}


def _environment(situation: Situation) -> dict[str, Any]:
    """What of today's settings says how strict the deployment was."""
    place = situation.environment
    return {"name": place.name, "kind": str(place.kind), "after": place.after, "two_person": int(place.two_person)}


def _people(
    entries: Iterable[Entry], texts: Mapping[str, tuple[str, str | None]], known: Mapping[str, str]
) -> dict[str, str | None]:
    """Names as they were: the last one each person acted under, None where it was erased."""
    found: dict[str, str | None] = {}
    for entry in entries:
        body = json.loads(entry.body)
        if "name" in body:
            found[body["who"]] = texts.get(body["name"], ("", None))[1]
        elif "who" in body:
            found.setdefault(body["who"], known.get(body["who"]))
    return found


def _heads(entries: Iterable[Entry]) -> Iterable[dict[str, Any]]:
    for entry in entries:
        event = json.loads(entry.body)["event"]
        if event in HEADS:
            yield {"moment": HEADS[event], "seq": entry.seq, "hash": entry.hash}


def _entry(entry: Entry) -> dict[str, Any]:
    return {"seq": entry.seq, "prev": entry.prev, "hash": entry.hash, "body": entry.body}


def _check(situation: Situation, result: CheckResult) -> dict[str, Any]:
    facts: dict[str, Any] = plain(result)
    items = [item.id for item in situation.checklist.items if result.check_id in _checks_of(situation, item.id)]
    title = situation.project.check_titles.get(result.check_id, "")
    return {"check": facts.pop("check_id"), "title": title, "items": items, **facts}


def _checks_of(situation: Situation, item_id: str) -> tuple[str, ...]:
    return situation.checks_of(situation.checklist.item(item_id)) if item_id in situation.states else ()


def _file(reader: Reader, file: PinnedFile) -> dict[str, Any]:
    """A typed range has stand-ins for its files, whose bytes are empty."""
    content = base64.b64encode(reader.files.content(file.sha)).decode()
    return {"version": file.version, "name": file.name, "sha": file.sha, "is_down": file.is_down, "base64": content}


COLUMNS = ("row", "at", "event", "who", "name", "reason", "facts", "hash")
_SHOWN_APART = frozenset({"at", "event", "who", "name", "reason"})
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export_csv(reader: Reader, deployment_id: str) -> str:
    """CSV text (RFC 4180, UTF-8) with a heading. Raises LookupError where there is no such deployment."""
    chain = reader.deployments.get(deployment_id).chain
    texts = reader.journal.texts(chain)
    page = io.StringIO(newline="")
    writer = csv.writer(page)
    writer.writerow(COLUMNS)
    for entry in reader.journal.entries(chain):
        writer.writerow([_safe(cell) for cell in _cells(entry, texts)])
    return page.getvalue()


def _cells(entry: Entry, texts: Mapping[str, tuple[str, str | None]]) -> Iterator[str]:
    body: dict[str, Any] = json.loads(entry.body)
    rest = {key: value for key, value in body.items() if key not in _SHOWN_APART}
    yield from (str(entry.seq), body["at"], body["event"], body.get("who", ""))
    yield from (_private_text(body, key, texts) for key in ("name", "reason"))
    yield json.dumps(rest, ensure_ascii=False, sort_keys=True) if rest else ""
    yield entry.hash


def _private_text(body: Mapping[str, Any], key: str, texts: Mapping[str, tuple[str, str | None]]) -> str:
    if key not in body:
        return ""
    text = texts.get(body[key], ("", None))[1]
    return REMOVED if text is None else text


def _safe(cell: str) -> str:
    """A spreadsheet would run what begins like a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}"
    "h1,h2,h3{line-height:1.2}ul{padding-left:1.4rem}li{margin:.15rem 0}li li{color:#555;font-size:.92rem}"
    "code{overflow-wrap:anywhere}@media print{body{margin:0}}"
)
_BOXES = {"[x] ": "☑ ", "[X] ": "☑ ", "[ ] ": "☐ "}


def export_html(record: str, title: str) -> str:
    """A page of the record's Markdown (`views.record_text`). HTML in it is shown as text, its comments left out."""
    body = _markdown().render(record)
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title><style>{_STYLE}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n{body}</body></html>\n'


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark")
    for kind in ("html_inline", "html_block"):
        markdown.add_render_rule(kind, _shown_as_text)
    markdown.add_render_rule("text", _with_boxes)
    return markdown


def _shown_as_text(_renderer: Any, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    content = tokens[at].content
    return "" if content.lstrip().startswith("<!--") else html.escape(content)


def _with_boxes(_renderer: Any, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    content = tokens[at].content
    if at == 0 and content[:4] in _BOXES:
        content = _BOXES[content[:4]] + content[4:]
    return html.escape(content)
