"""The record of one deployment as one JSON file that verifies alone: `bot.record.verify` reads it back."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from bot.core.decision import CheckResult
from bot.core.deployment import Deployment, PinnedFile
from bot.core.journal import Entry
from bot.core.policy import Project
from bot.core.times import to_text
from bot.record.plain import plain
from bot.record.verify import FORMAT
from bot.usecases.ports import Reader
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation

HEADS = {"go": "at go", "completed": "at completion", "closed": "at closing"}


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
