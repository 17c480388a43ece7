"""Size classes: how bad it is that somebody waits for work on a table of this size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from checks.base import CannotRun
from checks.measures import MEGABYTE
from checks.options import option
from checks.result import ERROR, WARNING
from checks.risk.facts import CHANGES, NOTE, StatementRisk

CHECK_ID = "statement-risk"
_DEFAULT_SMALL_MB = 100
_DEFAULT_LARGE_MB = 1000


@dataclass(frozen=True)
class Classes:
    """Bytes: below `small` work is over soon enough, above `large` it takes minutes."""

    small: int = _DEFAULT_SMALL_MB * MEGABYTE
    large: int = _DEFAULT_LARGE_MB * MEGABYTE


def classes(options: Mapping[str, object]) -> Classes:
    """`small_mb` and `large_mb` under `[checks.statement-risk]`. Raises CannotRun for what is no number."""
    found = {}
    for key, default in (("small_mb", _DEFAULT_SMALL_MB), ("large_mb", _DEFAULT_LARGE_MB)):
        value = option(options, CHECK_ID, key)
        if value is None:
            value = default
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise CannotRun(f"[checks.{CHECK_ID}] {key} is no number of megabytes", f"{key} = {default}")
        found[key] = int(value * MEGABYTE)
    return Classes(found["small_mb"], found["large_mb"])


def graded(risk: StatementRisk, limits: Classes) -> StatementRisk:
    """The risk with its severity: by the size that is worked on while others wait, else by what is blocked."""
    return replace(risk, severity=_severity(risk, limits))


def _severity(risk: StatementRisk, limits: Classes) -> str:
    if risk.waits:
        size = risk.worked_size
        if size is None:
            return WARNING
        return ERROR if size > limits.large else WARNING if size >= limits.small else NOTE
    if risk.work:
        changes = any(work == CHANGES for work, _ in risk.work)
        return WARNING if changes and (risk.worked_size or 0) > limits.large else NOTE
    queues = bool(risk.blocking) and not risk.guarded
    return WARNING if queues and risk.held_size > limits.large else NOTE
