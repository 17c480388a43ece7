"""The backups of one server, whatever tool made them, judged by the same limits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from checks.base import CannotRun, Finding, Result, counted
from checks.findings import status_of, worst_first
from checks.measures import duration, size
from checks.probes.settings import RANKS, ProbeSettings
from checks.probes.wording import result


@dataclass(frozen=True)
class Backup:
    """One backup. `finished` is None while it runs or where it failed; `size` is bytes; `fault` says what is wrong."""

    label: str
    kind: str
    finished: datetime | None
    size: int | None = None
    fault: str = ""


@dataclass(frozen=True)
class Inventory:
    """`source` is the tool with its stanza or server; `cipher` is "" for none and None where the tool does not say."""

    source: str
    backups: tuple[Backup, ...]
    cipher: str | None = None
    fault: str = ""

    @property
    def finished(self) -> tuple[Backup, ...]:
        """The newest first."""
        done = [(one.finished, one) for one in self.backups if one.finished is not None]
        return tuple(one for _, one in sorted(done, key=lambda pair: pair[0], reverse=True))


def number(value: object) -> int | None:
    """A count that tools write as a number or as digits; None where there is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return int(value)
    except (OverflowError, ValueError):
        return None


def epoch(value: object) -> datetime | None:
    """A time in seconds since 1970."""
    seconds = number(value)
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (OverflowError, OSError, ValueError):
        return None


DAY = 86400.0
MIN_RATIO = 0.5

_PERIODS = 14
# A backup may start and take a little later than the one before.
_LATE = 1.25
_SKEW = 300.0
_NAMES = {3600.0: "hourly", DAY: "daily", 7 * DAY: "weekly"}
_UNITS = {3600.0: "hours", DAY: "days", 7 * DAY: "weeks"}


@dataclass(frozen=True)
class Limits:
    """Seconds and a ratio to the size of the backup before. `every` 0: regularity is not looked at."""

    max_age: float = DAY
    min_ratio: float = MIN_RATIO
    every: float = 0.0
    encrypted: bool = False

    @classmethod
    def of(cls, settings: ProbeSettings) -> Limits:
        return cls(
            settings.number("max_age", DAY),
            settings.number("min_ratio", MIN_RATIO),
            settings.number("every", 0.0),
            settings.flag("encrypted"),
        )


def judge(inventories: Sequence[Inventory], limits: Limits, now: datetime) -> Result:
    """The worst inventory decides and is told; the findings are those of all. Raises CannotRun for none at all."""
    if not inventories:
        raise CannotRun("the tool knows no server", "name the stanza or the server in the command")
    judged = [(one, worst_first(_complaints(one, limits, now))) for one in inventories]
    inventory, worst = max(judged, key=lambda pair: RANKS.index(status_of(pair[1])))
    findings = [finding for _, found in judged for finding in found]
    more = f" (and {counted(len(inventories) - 1, 'other')})" if len(inventories) > 1 else ""
    summary = ": ".join([*(one.message for one in worst[:1]), _described(inventory, limits, now) + more])
    identity = "\n".join(sorted(f"{one.object} {one.severity} {one.message}" for one in findings))
    made = inventory.finished[0].finished if inventory.finished else None
    return result(status_of(worst), summary, worst[0].hint if worst else "", findings, identity, made)


def _complaints(inventory: Inventory, limits: Limits, now: datetime) -> Iterator[Finding]:
    """About all, about the newest, about what is missing."""
    if inventory.fault:
        yield _error(inventory.fault, inventory.source)
    if limits.encrypted and inventory.cipher == "":
        yield _error("not encrypted", inventory.source, "set a cipher for the repository")
    if limits.encrypted and inventory.cipher is None:
        hint = "look at the tool's own configuration"
        yield Finding("the listing does not say whether it is encrypted", inventory.source, hint=hint)
    last = max(inventory.backups, key=lambda one: one.label, default=None)
    if last is not None and last.fault and last.finished is None:
        yield Finding(f"the latest attempt {last.label}: {last.fault}", inventory.source, hint="see the tool's log")
    yield from _about_newest(inventory, limits, now)
    done, whole = _regularity(inventory, limits, now)
    if limits.every and inventory.finished and done < whole:
        message = f"{whole - done} of the last {whole} {_unit(limits.every)} without a backup"
        yield Finding(message, inventory.source, hint="see why the backup job did not run")


def _about_newest(inventory: Inventory, limits: Limits, now: datetime) -> Iterator[Finding]:
    if not inventory.finished:
        yield _error("no finished backup", inventory.source, "make one now")
        return
    newest, *earlier = inventory.finished
    old = _seconds(newest, now)
    if old < -_SKEW:
        yield Finding(f"{newest.label} ended in the future: a clock is wrong", inventory.source, hint="compare clocks")
    if old > limits.max_age:
        message = f"{duration(old)} old (at most {duration(limits.max_age)})"
        yield _error(message, inventory.source, "see why the backup job did not run, or make one now")
    if newest.fault:
        yield _error(f"{newest.label}: {newest.fault}", inventory.source, "verify it, or make another")
    before = next((one.size for one in earlier if one.kind == newest.kind and one.size), None)
    if newest.size == 0:
        yield _error(f"{newest.label} is empty", inventory.source, "see the tool's log")
    elif newest.size and before and newest.size < limits.min_ratio * before:
        message = f"{size(newest.size)} is {newest.size / before:.0%} of the one before ({size(before)})"
        yield Finding(message, inventory.source, hint="see what is missing in it")


def _regularity(inventory: Inventory, limits: Limits, now: datetime) -> tuple[int, int]:
    """Of the last periods that the oldest kept backup allows (14 at most), how many have their backup."""
    if not limits.every or not inventory.finished:
        return 0, 0
    oldest = _seconds(inventory.finished[-1], now)
    whole = min(_PERIODS, max(1, math.floor(oldest / limits.every)))
    ages = [_seconds(one, now) for one in inventory.finished]
    # A gap is told by its length: two backups may lie in one day and the next a little later than a day after.
    ages = [0.0, *(old for old in sorted(ages) if old <= (whole + _LATE) * limits.every)]
    lost = sum(max(0, math.ceil((b - a) / limits.every - _LATE)) for a, b in pairwise(ages))
    return max(0, whole - lost), whole


def _described(inventory: Inventory, limits: Limits, now: datetime) -> str:
    """`pgBackRest shop full 2026-11-22 02:10 UTC, 41 GB, 12 h old, aes-256-cbc, daily for 14 of 14 days`."""
    if not inventory.finished:
        return inventory.source
    newest = inventory.finished[0]
    done, whole = _regularity(inventory, limits, now)
    parts = [
        f"{inventory.source} {newest.kind}".strip() + f" {newest.finished:%Y-%m-%d %H:%M} UTC",
        size(newest.size) if newest.size is not None else "",
        f"{duration(_seconds(newest, now))} old",
        "no error" if not newest.fault and not inventory.fault else "",
        "" if inventory.cipher is None else inventory.cipher or "not encrypted",
        f"{_NAMES.get(limits.every, 'regular')} for {done} of {whole} {_unit(limits.every)}" if whole else "",
    ]
    return ", ".join(filter(None, parts))


def _unit(every: float) -> str:
    return _UNITS.get(every, f"× {duration(every)}")


def _seconds(backup: Backup, now: datetime) -> float:
    return (now - backup.finished).total_seconds() if backup.finished else 0.0


def _error(message: str, source: str, hint: str = "") -> Finding:
    return Finding(message, source, hint=hint, severity="error")
