"""What is kept of a deployment, as an export shows it; whether the journal stands behind it; what proves it besides."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.core.deployment import Deployment
from bot.core.verify import FORMAT, TABLES, YOUNGER, heads_of, people_of, strictness_of, verify, with_texts
from bot.usecases.books.rows import AnchorRow
from bot.usecases.books.units import Reader, Unit

Texts = Mapping[str, tuple[str, str | None]]


def evidence(reader: Reader, deployment: Deployment) -> dict[str, Any]:
    """What `bot.core.verify` verifies: the rows as they are stored, with the journal that tells of them."""
    entries, texts = reader.journal.entries(deployment.chain), reader.journal.texts(deployment.chain)
    linked = [{"seq": one.seq, "prev": one.prev, "hash": one.hash, "body": one.body} for one in entries]
    bodies = [json.loads(entry.body) for entry in entries]
    words = {digest: text for digest, (_, text) in texts.items()}
    stored = reader.journal.rows(deployment.id).items()
    rows = with_texts({name: [dict(row) for row in found] for name, found in stored}, words)
    sha = deployment.revision
    shown = {name: rows[table] for name, (table, _) in TABLES.items() if rows[table] or name not in YOUNGER}
    return {
        "format": FORMAT,
        "environment": strictness_of(rows["deployment"][0], bodies),
        "people": people_of(bodies, words),
        "heads": heads_of(linked, bodies, {entry.seq: entry.signature for entry in entries if entry.signature}),
        **shown,
        "deployment": rows["deployment"][0],
        "files": [_file(reader, row) for row in shown["files"]],
        "checklist": {"file": reader.checklists.file(sha), "sha": sha, "text": reader.checklists.text(sha)},
        "journal": {"chain": deployment.chain, "entries": linked},
        "private_texts": [_private_text(digest, *text) for digest, text in sorted(texts.items())],
    }


def broken(reader: Reader, deployment: Deployment) -> tuple[str, ...]:
    """What in the state differs from what the journal of a deployment tells; empty where nothing does."""
    return verify(evidence(reader, deployment)).broken


def tell_record(unit: Unit, deployment: Deployment, digest: str, at: datetime) -> None:
    """The chain holds the digest of each record that is posted."""
    facts = {"digest": digest, "state": str(deployment.state)}
    unit.journal.append(deployment.chain, "record-written", at, facts, {})


def tell_anchored(unit: Unit, row: AnchorRow, answer: str, at: datetime) -> None:
    """The team's anchor took a head: the chain holds what it answered."""
    unit.anchors.settle(row)
    unit.journal.append(row.chain, "anchored", at, {"head": row.head, "answer": answer, "code": 0}, {})


def _file(reader: Reader, row: Mapping[str, Any]) -> dict[str, Any]:
    """A typed range has stand-ins for its files, whose bytes are empty."""
    return {**row, "base64": base64.b64encode(reader.files.content(row["sha"])).decode()}


def _private_text(digest: str, salt: str, text: str | None) -> dict[str, str | None]:
    """Of a removed text nothing is left but its digest."""
    return {"digest": digest, "salt": "" if text is None else salt, "text": text}
