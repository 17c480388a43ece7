"""Thresholds of a number: `> 0.5`, `<= 3`, or a bare number that must not be exceeded."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from checks.base import Status
from checks.probes.settings import ProbeSettings
from checks.probes.wording import figure

_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
_WRITTEN = re.compile(r"\s*(>=|<=|==|!=|>|<)?\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*")
_SEVERITY = {Status.FAILED: "error", Status.WARNING: "warning"}


@dataclass(frozen=True)
class Threshold:
    """A number is bad where it stands in this relation to the limit."""

    relation: str
    limit: float

    def is_reached(self, value: float) -> bool:
        return _COMPARE[self.relation](value, self.limit)

    def __str__(self) -> str:
        return f"{self.relation} {figure(self.limit)}"


@dataclass(frozen=True)
class Thresholds:
    """`warning` and `critical` of a probe, either of which may be missing."""

    warning: Threshold | None
    critical: Threshold | None

    @classmethod
    def of(cls, settings: ProbeSettings) -> Thresholds:
        """Raises CannotRun for what is no threshold."""
        return cls(_read(settings, "warning"), _read(settings, "critical"))

    @property
    def given(self) -> bool:
        return self.warning is not None or self.critical is not None

    def judge(self, value: float) -> tuple[Status, Threshold | None]:
        """The status of a number, and the threshold that it reached."""
        if self.critical is not None and self.critical.is_reached(value):
            return Status.FAILED, self.critical
        if self.warning is not None and self.warning.is_reached(value):
            return Status.WARNING, self.warning
        return Status.PASSED, None

    def __str__(self) -> str:
        named = (("warning", self.warning), ("critical", self.critical))
        return ", ".join(f"{name} {limit}" for name, limit in named if limit is not None)


def severity(status: Status) -> str:
    return _SEVERITY.get(status, "info")


def _read(settings: ProbeSettings, key: str) -> Threshold | None:
    value = settings.spec.options.get(key)
    if value is None:
        return None
    written = None if isinstance(value, bool) else _WRITTEN.fullmatch(str(value))
    if written is None:
        raise settings.wrong(key, 'no threshold such as "> 0.5"')
    return Threshold(written[1] or ">", float(written[2]))
