"""What people decided, about items and for roles, and what checks answered."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from checks.result import Finding, Status


def people_behind(who: str, on_behalf_of: str | None) -> frozenset[str]:
    """The people behind a decision: who clicked, and on whose behalf."""
    return frozenset({who, on_behalf_of or who})


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
        return people_behind(self.who, behalf)


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

    @property
    def made(self) -> datetime | None:
        """When the backup was made that it speaks of, which checks of backups write in front; None of every other."""
        before, slash, _ = self.inputs_hash.partition("/")
        return datetime.fromisoformat(before) if slash and _MOMENT.fullmatch(before) else None


_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


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


class SignOffDecision(StrEnum):
    APPROVE = "approve"
    REVIEW = "review"
    ACKNOWLEDGE = "acknowledge"
    REJECT = "reject"
    SECOND = "second"
    NOT_REQUIRED = "not-required"


SAID = {
    SignOffDecision.APPROVE: "approved by",
    SignOffDecision.REVIEW: "reviewed by",
    SignOffDecision.ACKNOWLEDGE: "acknowledged by",
    SignOffDecision.REJECT: "rejected by",
    SignOffDecision.SECOND: "🟠 seconded by",
    SignOffDecision.NOT_REQUIRED: "not required, says",
}
"""How thread and record tell a decision; a name follows."""


@dataclass(frozen=True)
class SignOff:
    """One decision of one person for one role; never deleted, but withdrawn, gone stale or cleared."""

    id: str
    deployment_id: str
    role: str
    subject: str
    decision: SignOffDecision
    who: str
    at: datetime
    entered_at: datetime
    on_behalf_of: str | None = None
    reason: str = ""
    carried_from: str | None = None
    withdrawn_at: datetime | None = None
    stale_at: datetime | None = None
    cleared_at: datetime | None = None
    cleared_by: str | None = None
    ended_why: str = ""

    @property
    def stands(self) -> bool:
        """Neither withdrawn nor stale nor cleared."""
        return self.withdrawn_at is None and self.stale_at is None and self.cleared_at is None

    @property
    def people(self) -> frozenset[str]:
        """The people behind it: who clicked, and on whose behalf."""
        return people_behind(self.who, self.on_behalf_of)


@dataclass(frozen=True)
class Delegation:
    """A role handed to somebody else for a while: `to_user` decides on behalf of `from_user` until `until`."""

    id: str
    project: str
    role: str
    from_user: str
    to_user: str
    until: datetime
    at: datetime


def short(digest: str | None) -> str:
    """The first letters of a digest, as people compare them: as many wherever it is named."""
    return (digest or "")[:8]


def subject_digest(fingerprint: str, team: str, project: str, environment: str, revision: str) -> str:
    """What a sign-off is about, as bytes that never change (ARCHITECTURE: *Bytes that never change*)."""
    text = f"gonogo-subject/1\n{fingerprint}\n{team}/{project}/{environment}\n{revision}"
    return hashlib.sha256(text.encode()).hexdigest()
