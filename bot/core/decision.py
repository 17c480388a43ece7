"""What people decided about items, and what checks answered: the two inputs of an item's state."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from checks.result import Finding, Status


class DecisionKind(StrEnum):
    DONE = "done"
    UNDONE = "undone"
    NOT_APPLICABLE = "n/a"
    OVERRIDE = "override"
    NOTE = "note"
    ASSIGN = "assign"


SETTLING = frozenset({DecisionKind.DONE, DecisionKind.UNDONE, DecisionKind.NOT_APPLICABLE, DecisionKind.OVERRIDE})

WAIVING = frozenset({DecisionKind.NOT_APPLICABLE, DecisionKind.OVERRIDE})
"""What lets a required item pass without being done: an approver who is no deployer decides it, nobody else."""
PEERS_SAY = frozenset({DecisionKind.DONE, DecisionKind.OVERRIDE})


@dataclass(frozen=True)
class Decision:
    """One act of one person on one item; append-only.

    `seen` holds the verdict digests (`CheckResult.digest`) that stood when the person decided.
    `at` is the time of the act, `entered_at` of its entry (they differ at the console). `for_whom` is on whose behalf
    an item was waived, or whose an assigned one is; `verdict` is what the checks of a carried answer said at worst.
    """

    id: str
    deployment_id: str
    item: str
    kind: DecisionKind
    who: str
    at: datetime
    entered_at: datetime
    reason: str = ""
    for_whom: str | None = None
    seen: frozenset[str] = frozenset()
    carried_from: str | None = None
    verdict: Status | None = None

    @property
    def people(self) -> frozenset[str]:
        """The people behind it: who clicked, and on whose behalf (of an *assign*, `for_whom` is whose it is)."""
        behalf = None if self.kind is DecisionKind.ASSIGN else self.for_whom
        return frozenset({self.who, behalf or self.who})


@dataclass(frozen=True)
class CheckResult:
    """The newest answer of one check in one deployment. `took_ms` in milliseconds."""

    id: str
    run_id: str
    deployment_id: str
    check_id: str
    status: Status
    summary: str
    at: datetime
    hint: str = ""
    findings: tuple[Finding, ...] = ()
    took_ms: int = 0
    inputs_hash: str = ""
    fingerprint: str | None = None

    @property
    def digest(self) -> str:
        """Identity of this very verdict: the same check with the same status from the same inputs."""
        return hashlib.sha256(f"{self.check_id}\t{self.status}\t{self.inputs_hash}".encode()).hexdigest()[:32]


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


class Purpose(StrEnum):
    """Why a check runs: what happens when the last of its batch has answered."""

    PREFLIGHT = "preflight"
    ASKED = "asked"
    PHASE = "phase"
    GO = "go"
    WATCH = "watch"
    ACT = "act"


PREFLIGHT_JOB = "preflight"
"""The `check_id` of the job that reads files and history; it is a job of the pool, not a check of the catalogue."""


@dataclass(frozen=True)
class CheckRun:
    """One queued, running or finished run; `batch` groups what was asked for together."""

    id: str
    deployment_id: str
    batch: str
    check_id: str
    purpose: Purpose
    state: RunState
    asked_at: datetime
    asked_by: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    lease_until: datetime | None = None
