"""Rows of the tables `check_run` and `check_result`."""

from __future__ import annotations

import json
import sqlite3

from bot.core.decision import CheckResult, CheckRun, Purpose, RunState
from bot.core.times import from_text
from bot.storage.rows import instant_or_none
from checks.result import Finding, Status

RESULT_COLUMNS = (
    *("id", "run_id", "deployment_id", "check_id", "status", "summary", "hint", "findings"),
    *("took_ms", "inputs_hash", "fingerprint", "at"),
)
FINDING_FIELDS = ("message", "object", "file", "line", "hint", "severity")


def check_run(row: sqlite3.Row) -> CheckRun:
    return CheckRun(
        id=row["id"],
        deployment_id=row["deployment_id"],
        batch=row["batch"],
        check_id=row["check_id"],
        purpose=Purpose(row["purpose"]),
        state=RunState(row["state"]),
        asked_at=from_text(row["asked_at"]),
        asked_by=row["asked_by"],
        started_at=instant_or_none(row["started_at"]),
        ended_at=instant_or_none(row["ended_at"]),
        lease_until=instant_or_none(row["lease_until"]),
    )


def check_result(row: sqlite3.Row) -> CheckResult:
    return CheckResult(
        id=row["id"],
        run_id=row["run_id"],
        deployment_id=row["deployment_id"],
        check_id=row["check_id"],
        status=Status(row["status"]),
        summary=row["summary"],
        at=from_text(row["at"]),
        hint=row["hint"],
        findings=tuple(Finding(**facts) for facts in json.loads(row["findings"])),
        took_ms=row["took_ms"],
        inputs_hash=row["inputs_hash"],
        fingerprint=row["fingerprint"],
    )
