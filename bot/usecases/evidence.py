"""Everything that is kept of a deployment, as an export shows it, and whether the journal stands behind it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.core.deployment import Deployment
from bot.core.journal import Entry
from bot.core.verify import FORMAT, HEADS, TABLES, verify, with_texts
from bot.usecases.books.units import Reader

Texts = Mapping[str, tuple[str, str | None]]


def evidence(reader: Reader, deployment: Deployment) -> dict[str, Any]:
    """What `bot.core.verify` verifies: the rows as they are stored, with the journal that tells of them."""
    entries, texts = reader.journal.entries(deployment.chain), reader.journal.texts(deployment.chain)
    bodies = [json.loads(entry.body) for entry in entries]
    words = {digest: text for digest, (_, text) in texts.items()}
    rows = with_texts({name: [dict(row) for row in found] for name, found in _rows(reader, deployment)}, words)
    shown = {name: rows[table] for name, (table, _) in TABLES.items()}
    return {
        "format": FORMAT,
        "deployment": rows["deployment"][0],
        "environment": _environment(deployment, bodies),
        "people": _people(bodies, words),
        "heads": list(_heads(entries, bodies)),
        **shown,
        "checks": _newest(shown["checks"]),
        "files": [_file(reader, row) for row in shown["files"]],
        "checklist": _checklist(reader, deployment),
        "journal": {"chain": deployment.chain, "entries": [_entry(entry) for entry in entries]},
        "private_texts": [_private_text(digest, *text) for digest, text in sorted(texts.items())],
    }


def broken(reader: Reader, deployment: Deployment) -> tuple[str, ...]:
    """What in the state differs from what the journal of a deployment tells; empty where nothing does."""
    return verify(evidence(reader, deployment)).broken


def _rows(reader: Reader, deployment: Deployment) -> Iterable[tuple[str, Any]]:
    return reader.journal.rows(deployment.id).items()


def _environment(deployment: Deployment, bodies: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """How strict the deployment was, by the settings of its start or of its go."""
    found: dict[str, Any] = {"name": deployment.environment, "kind": str(deployment.kind)}
    for body in bodies:
        found |= body.get("terms", {})
    return found


def _people(bodies: Iterable[Mapping[str, Any]], words: Mapping[str, str | None]) -> dict[str, str | None]:
    """Names as they were: the last one each person acted under, None where it was erased."""
    found: dict[str, str | None] = {}
    for body in bodies:
        if "name" in body:
            found[body["who"]] = words.get(body["name"])
        elif "who" in body:
            found.setdefault(body["who"], None)
    return found


def _heads(entries: Iterable[Entry], bodies: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for entry, body in zip(entries, bodies, strict=True):
        if body["event"] in HEADS:
            yield {"moment": HEADS[body["event"]], "seq": entry.seq, "hash": entry.hash}


def _newest(checks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The last answer of each check."""
    last = {one["check_id"]: one for one in sorted(checks, key=lambda one: (one["at"], one["id"]))}
    return sorted(last.values(), key=lambda one: str(one["id"]))


def _file(reader: Reader, row: Mapping[str, Any]) -> dict[str, Any]:
    """A typed range has stand-ins for its files, whose bytes are empty."""
    return {**row, "base64": base64.b64encode(reader.files.content(row["sha"])).decode()}


def _checklist(reader: Reader, deployment: Deployment) -> dict[str, str]:
    revision = deployment.revision
    file, text = reader.checklists.file(revision), reader.checklists.text(revision)
    return {"file": file, "sha": revision, "text": text}


def _entry(entry: Entry) -> dict[str, Any]:
    return {"seq": entry.seq, "prev": entry.prev, "hash": entry.hash, "body": entry.body}


def _private_text(digest: str, salt: str, text: str | None) -> dict[str, str | None]:
    """Of a removed text nothing is left but its digest."""
    return {"digest": digest, "salt": "" if text is None else salt, "text": text}
