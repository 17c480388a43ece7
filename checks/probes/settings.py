"""What a probe's table says: durations in seconds, placeholders filled in, thresholds of numbers."""

from __future__ import annotations

import operator
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks.base import CannotRun, Inputs, ProbeSpec, Status
from checks.contexts import ProbeContext
from checks.probes.wording import figure

RANKS = (Status.PASSED, Status.WARNING, Status.FAILED)
# These come from `Inputs.options`; anything else in braces stays.
_PLACEHOLDER = re.compile(r"\{(environment|deployment|range|commit)\}")
_VARIABLE = re.compile(r"(?:(?<=\s)|^)env:([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True)
class ProbeSettings:
    """One probe's options, each asked for by name; a value of the wrong sort raises CannotRun that names it."""

    spec: ProbeSpec
    inputs: Inputs

    @classmethod
    def of(cls, context: ProbeContext) -> ProbeSettings:
        return cls(context.spec, context.inputs)

    @property
    def directory(self) -> Path:
        """The folder of the settings file, where a command runs and relative paths begin."""
        return Path(self.text("directory") or ".").resolve()

    def has(self, key: str) -> bool:
        return self.spec.options.get(key) is not None

    def text(self, key: str) -> str:
        """A text with its placeholders filled, "" where it is not set."""
        return self.fill(self._value(key, (str,), "", "no text"))

    def number(self, key: str, default: float) -> float:
        return float(self._value(key, (int, float), default, "no number"))

    def flag(self, key: str) -> bool:
        return bool(self._value(key, (bool,), False, "neither true nor false"))

    def table(self, key: str) -> Mapping[str, object]:
        return {str(name): part for name, part in self._value(key, (Mapping,), {}, "no table").items()}

    def words(self, key: str) -> tuple[str, ...]:
        """A list of texts, () where it is not set."""
        return tuple(str(part) for part in self._value(key, (list, tuple), (), "no list of texts"))

    def _value(self, key: str, kinds: tuple[type, ...], default: object, wrong: str) -> Any:
        """`default` where it is not set; true and false are no numbers."""
        value = self.spec.options.get(key)
        if value is None:
            return default
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise self.wrong(key, wrong)
        return value

    def paths(self, key: str) -> list[Path]:
        """What is there of a path or pattern, which begins in the folder of the settings file unless absolute."""
        pattern = Path(self.text(key))
        folder = Path(pattern.anchor) if pattern.is_absolute() else self.directory
        parts = pattern.relative_to(pattern.anchor)
        return sorted(folder.glob(str(parts))) if parts.parts else []

    def wrong(self, key: str, what: str) -> CannotRun:
        return CannotRun(f"{self.place} {key} is {what}", f"mend {key} in the settings")

    def fill(self, text: str, quoted: Callable[[str], str] = str) -> str:
        """The text with its placeholders filled, each value through `quoted`. Raises CannotRun for one not known."""
        return _PLACEHOLDER.sub(lambda found: quoted(self._placeholder(found[1])), text)

    def _placeholder(self, name: str) -> str:
        value = str(self.inputs.options.get(name) or "")
        if not value and name == "environment" and self.inputs.target is not None:
            value = self.inputs.target.name
        if not value and name == "range" and self.inputs.migrations is not None:
            pending = [file.version for file in self.inputs.migrations.pending]
            value = "–".join(dict.fromkeys([pending[0], pending[-1]])) if pending else ""
        if not value:
            raise CannotRun(f"{{{name}}} has no value here", f"only a deployment in Slack has one; see {self.place}")
        return value

    @property
    def place(self) -> str:
        return f"[probes.{self.spec.id}]"


def from_environment(text: str) -> str:
    """`Bearer env:TOKEN` with the variable's value. Raises CannotRun where it is not set; no value is ever shown."""

    def value(found: re.Match[str]) -> str:
        if found[1] not in os.environ:
            raise CannotRun(f"the environment variable {found[1]} is not set", f"export {found[1]}=… where gonogo runs")
        return os.environ[found[1]]

    return _VARIABLE.sub(value, text)


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
        return cls(_read_threshold(settings, "warning"), _read_threshold(settings, "critical"))

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


def _read_threshold(settings: ProbeSettings, key: str) -> Threshold | None:
    value = settings.spec.options.get(key)
    if value is None:
        return None
    written = None if isinstance(value, bool) else _WRITTEN.fullmatch(str(value))
    if written is None:
        raise settings.wrong(key, 'no threshold such as "> 0.5"')
    return Threshold(written[1] or ">", float(written[2]))
