"""One row of the table `deployment`, both ways."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from bot.core.checklist.items import Kind
from bot.core.deployment import Deployment, History, KnownFacts, Outcome, PinnedFile, State
from bot.core.times import from_text
from bot.storage.rows import instant_or_none, json_text, text_or_none
from checks.result import Finding

_FIELDS = tuple(field.name for field in fields(Deployment))
COLUMNS = (*_FIELDS, "holds_environment", "holds_database")
_INSTANTS = (
    *("history_read_at", "window_start", "window_end", "parked_at", "asked_at"),
    *("go_asked_at", "go_at", "completed_at", "closed_at"),
)
_PLAIN = (
    *("id", "team", "project", "number", "environment", "revision", "starter", "owner", "database_key"),
    *("first_version", "last_version", "fingerprint", "moved_fingerprint", "source_commit"),
    *("estimate_minutes", "go_asked_by", "version"),
)


def to_row(deployment: Deployment) -> dict[str, Any]:
    """Every column by name."""
    row = {name: _plain(getattr(deployment, name)) for name in COLUMNS}
    row["history"] = None if deployment.history is None else json_text(asdict(deployment.history))
    row["obstacles"] = json_text([{"sentence": one.message, "mend": one.hint} for one in deployment.obstacles])
    row["moved_files"] = json_text([asdict(file) for file in deployment.moved_files])
    row["facts"] = json_text(deployment.facts.plain())
    row["completion"] = None if deployment.completion is None else json_text(dict(deployment.completion))
    return row


def from_row(row: sqlite3.Row) -> Deployment:
    plain: dict[str, Any] = {name: row[name] for name in _PLAIN}
    instants: dict[str, Any] = {name: instant_or_none(row[name]) for name in _INSTANTS}
    return Deployment(
        **plain,
        **instants,
        kind=Kind(row["kind"]),
        state=State(row["state"]),
        result=None if row["result"] is None else Outcome(row["result"]),
        started_at=from_text(row["started_at"]),
        last_act_at=from_text(row["last_act_at"]),
        history=_history(row["history"]),
        obstacles=tuple(Finding(one["sentence"], hint=one["mend"]) for one in json.loads(row["obstacles"])),
        facts=KnownFacts.from_plain(json.loads(row["facts"])),
        completion=None if row["completion"] is None else json.loads(row["completion"]),
        lifted=bool(row["lifted"]),
        moved_files=tuple(PinnedFile(**file) for file in json.loads(row["moved_files"])),
    )


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return text_or_none(value)
    return int(value) if isinstance(value, bool) else value


def _history(text: str | None) -> History | None:
    if text is None:
        return None
    facts: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in json.loads(text).items()
    }
    return History(**facts)
