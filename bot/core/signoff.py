"""Sign-offs: decisions of roles on one exact subject."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SignOffDecision(StrEnum):
    APPROVE = "approve"
    REVIEW = "review"
    ACKNOWLEDGE = "acknowledge"
    REJECT = "reject"
    SECOND = "second"
    NOT_REQUIRED = "not-required"


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
        return frozenset({self.who, self.on_behalf_of or self.who})


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


def subject_digest(fingerprint: str, team: str, project: str, environment: str, revision: str) -> str:
    """What a sign-off is about, as bytes that never change (ARCHITECTURE: *Bytes that never change*)."""
    text = f"gonogo-subject/1\n{fingerprint}\n{team}/{project}/{environment}\n{revision}"
    return hashlib.sha256(text.encode()).hexdigest()
