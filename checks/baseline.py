"""The baseline: what a database looked like before go, so that checks after go speak of differences.

`take` returns plain JSON data, which the caller keeps and gives back as `Inputs.baseline`:
`taken_at`, `server_version`, `database` (counters of pg_stat_database), `connections`, `archiver`, `wal`,
`invalid_indexes` (index -> table), `tables` (name -> bytes by relpages, rows, scans, changed rows) and `statements`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checks.base import CannotRun, DatabaseAddress
from checks.baseline_read import measure
from checks.contexts import TargetContext

_NEEDED = ("database", "connections", "tables", "invalid_indexes")


@dataclass(frozen=True)
class Difference:
    """Two measurements of the same database; `seconds` lie between them."""

    before: Mapping[str, Any]
    now: Mapping[str, Any]
    seconds: float

    def counter(self, name: str, part: str = "database") -> int:
        """How much a counter grew; what it is now where the statistics were reset meanwhile."""
        before, now = self.before.get(part, {}).get(name, 0), self.now.get(part, {}).get(name, 0)
        return int(now - before) if now >= before and not self.was_reset else int(now)

    @property
    def was_reset(self) -> bool:
        """Whether somebody reset the statistics since the baseline."""
        return bool(self.before["database"].get("stats_reset") != self.now["database"].get("stats_reset"))

    def table(self, name: str, column: str) -> int:
        """How much a table's number grew; a table made since counts from nothing."""
        before = self.before["tables"].get(name, {}).get(column, 0)
        return int(self.now["tables"].get(name, {}).get(column, 0) - before)


def take(address: DatabaseAddress) -> dict[str, Any]:
    """The baseline of a database, for `json.dumps`. Raises CannotConnect, CannotRun."""
    from checks.targetdb.session import Target

    target = Target(address)
    try:
        with target.session("baseline") as session:
            return measure(session)
    finally:
        target.close()


def difference(context: TargetContext) -> Difference:
    """The target now against its baseline. Raises CannotRun where there is none."""
    from checks.targetdb.asking import moment

    before = context.inputs.baseline
    if before is None:
        raise CannotRun(f"no baseline of {context.name}: it is taken before go", "ask again after go")
    if not all(isinstance(before.get(part), Mapping) for part in _NEEDED):
        raise CannotRun(f"the baseline of {context.name} cannot be read", "ask again after the next go")
    with context.session() as session:
        now = measure(session)
    seconds = (moment(now["taken_at"]) - moment(str(before["taken_at"]))).total_seconds()
    return Difference(before, now, max(seconds, 0.0))
