"""What a reader finds: the backups of one server, whatever tool made them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from checks.base import CannotRun


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


class WrongShape(ValueError):
    """JSON that is not this tool's listing."""


def parse_json(tool: str, text: str) -> object:
    """Raises CannotRun with a sentence that names the tool."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise CannotRun(f"the output is no JSON of {tool}", "see the command in the settings") from None


def mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise WrongShape
    return value


def sequence(value: object) -> Sequence[object]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise WrongShape
    return value


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
