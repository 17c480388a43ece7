"""The words of a checklist: kinds, phases, requirements, roles and due times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Kind(StrEnum):
    """The kind of an environment."""

    DEVELOPMENT = "development"
    STAGING = "staging"
    PRODUCTION = "production"


class Phase(StrEnum):
    """Where in a deployment's life an item belongs. Troubleshoot and rollback are on demand, never counted."""

    PREPARE = "prepare"
    SIGN_OFF = "sign-off"
    DEPLOY = "deploy"
    VERIFY = "verify"
    CLOSE = "close"
    TROUBLESHOOT = "troubleshoot"
    ROLLBACK = "rollback"

    @property
    def on_demand(self) -> bool:
        return self in (Phase.TROUBLESHOOT, Phase.ROLLBACK)


class Requirement(StrEnum):
    """What needs the item settled: the go, the completion, or nothing."""

    GO = "go"
    COMPLETE = "complete"
    NO = "no"


class RoleKind(StrEnum):
    """What a role does. Approve and review gate the go, acknowledge never does."""

    APPROVE = "approve"
    REVIEW = "review"
    ACKNOWLEDGE = "acknowledge"

    @property
    def gates(self) -> bool:
        return self is not RoleKind.ACKNOWLEDGE


class DueUnit(StrEnum):
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"

    @property
    def length(self) -> timedelta:
        return timedelta(**{f"{self.value}s": 1})


@dataclass(frozen=True)
class RoleAnnotation:
    """The sign-off an item stands for: a role's name (`dba`) and what it does."""

    name: str
    kind: RoleKind


@dataclass(frozen=True)
class Due:
    """When after completion an item is due: from `first` to `last` units; `first` 0 means at once."""

    first: int
    last: int
    unit: DueUnit

    @property
    def opens(self) -> timedelta:
        """Time after completion from which the item is asked for."""
        return self.first * self.unit.length

    @property
    def closes(self) -> timedelta:
        """Time after completion at which it is late; a single day or week lasts one day or week."""
        return (self.last + (self.first == self.last)) * self.unit.length

    def __str__(self) -> str:
        if self.first == 0:
            return f"{self.last}{self.unit[0]}"
        return f"{self.unit} {self.first}" + (f"-{self.last}" if self.last != self.first else "")
