"""The queue of check runs, and what checks answered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.core.decision import CheckResult, CheckRun, Purpose
from bot.core.journal import to_text
from bot.storage.ledger import KeptBook
from bot.storage.sqlite import columns, every, first, insert, json_text, new_id, one, reader_of
from checks.result import Finding

_FINDING_FIELDS = ("message", "object", "file", "line", "hint", "severity")
_check_run = reader_of(CheckRun)
_check_result = reader_of(
    CheckResult, findings=lambda row: tuple(Finding(**facts) for facts in json.loads(row["findings"]))
)
_QUEUE = (
    "INSERT INTO check_run (id, deployment_id, batch, check_id, purpose, asked_by, state, asked_at)"
    " VALUES (?, ?, ?, ?, ?, ?, 'queued', ?)"
    " ON CONFLICT (deployment_id, check_id) WHERE state = 'queued'"
    " DO UPDATE SET batch = excluded.batch, purpose = excluded.purpose, asked_by = excluded.asked_by"
    " WHERE excluded.purpose = 'go' AND check_run.purpose <> 'go'"
)
# What a short act has begun is never begun again by itself.
_FREE = "(state = 'queued' OR (state = 'running' AND purpose <> 'act' AND lease_until <= :at))"
_NEXT_BATCH = f"SELECT deployment_id, batch FROM check_run WHERE {_FREE} ORDER BY purpose <> 'go', asked_at, id LIMIT 1"
_NEXT_WATCH = f"SELECT id FROM check_run WHERE purpose = 'watch' AND {_FREE} ORDER BY asked_at, id LIMIT 1"
_NEXT_RUNS = (
    f"SELECT id FROM check_run WHERE {_FREE} AND deployment_id = :deployment_id AND batch = :batch"
    " ORDER BY asked_at, id LIMIT :limit"
)
# A watch leaves thousands of answers: hop from check to check along the index rather than reading them all.
_NEWEST = (
    "WITH RECURSIVE answered (check_id) AS (SELECT min(check_id) FROM check_result WHERE deployment_id = :id UNION ALL"
    " SELECT (SELECT min(check_id) FROM check_result WHERE deployment_id = :id AND check_id > answered.check_id)"
    " FROM answered WHERE check_id IS NOT NULL)"
    " SELECT result.* FROM answered JOIN check_result AS result ON result.id = (SELECT id FROM check_result"
    " WHERE deployment_id = :id AND check_id = answered.check_id ORDER BY at DESC, id DESC LIMIT 1)"
)
# The plus keeps SQLite on the index of open runs, which are few, rather than on all of the deployment's.
_OF_OPEN_BATCHES = (
    "SELECT * FROM check_run WHERE deployment_id = :id AND state <> 'cancelled' AND batch IN"
    " (SELECT batch FROM check_run WHERE +deployment_id = :id AND state IN ('queued', 'running'))"
    " ORDER BY asked_at, id"
)


class ResultBook(KeptBook):
    """Tables `check_run` and `check_result`."""

    def queue(
        self,
        deployment_id: str,
        check_ids: Iterable[str],
        purpose: Purpose,
        batch: str,
        asked_by: str | None,
        at: datetime,
    ) -> int:
        """Queue what is not queued already; returns how many this batch now waits for.

        A go waits for its own batch only, so it takes what another purpose had queued over into that batch.
        """
        asked = (purpose, asked_by, to_text(at))
        return sum(
            self._connection.execute(_QUEUE, (new_id(), deployment_id, batch, check_id, *asked)).rowcount
            for check_id in dict.fromkeys(check_ids)
        )

    def has_free(self, at: datetime) -> bool:
        """Whether `claim` would find a run; to be asked first, since a claim is a commit that wakes everybody."""
        return one(self._connection, _NEXT_BATCH, {"at": to_text(at)}) is not None

    def claim(self, at: datetime, lease_until: datetime, limit: int) -> tuple[CheckRun, ...]:
        """Take queued runs, or running ones whose lease ran out, of one deployment and one batch.

        Those of a go come first, then the longest waiting.
        """
        head = one(self._connection, _NEXT_BATCH, {"at": to_text(at)})
        if head is None:
            return ()
        wanted = {"at": to_text(at), "limit": limit, **dict(head)}
        ids = [row["id"] for row in self._connection.execute(_NEXT_RUNS, wanted).fetchall()]
        return tuple(self._take(run_id, at, lease_until) for run_id in ids)

    def claim_watch(self, at: datetime, lease_until: datetime) -> tuple[CheckRun, ...]:
        """Take the reading of a history that is watched; it waits behind no check."""
        rows = self._connection.execute(_NEXT_WATCH, {"at": to_text(at)}).fetchall()
        return tuple(self._take(row["id"], at, lease_until) for row in rows)

    def has_watch(self, at: datetime) -> bool:
        """Whether `claim_watch` would find one."""
        return one(self._connection, _NEXT_WATCH, {"at": to_text(at)}) is not None

    def finish(self, run_id: str, result: CheckResult | None, at: datetime) -> None:
        """Close the run and keep its answer. An answer to a run cancelled or closed meanwhile is dropped."""
        closed = self._connection.execute(
            "UPDATE check_run SET state = 'done', ended_at = ?, lease_until = NULL"
            " WHERE id = ? AND state IN ('queued', 'running')",
            (to_text(at), run_id),
        )
        if closed.rowcount and result is not None:
            plain = [{name: getattr(found, name) for name in _FINDING_FIELDS} for found in result.findings]
            insert(self._connection, "check_result", columns(result, findings=json_text(plain)))
            self._ledger.wrote("check", result.deployment_id, result.id)

    def requeue(self) -> int:
        """At start: runs that an earlier process left running are free again at once; returns how many."""
        freed = self._connection.execute("UPDATE check_run SET lease_until = asked_at WHERE state = 'running'")
        return freed.rowcount

    def interrupted_acts(self) -> tuple[CheckRun, ...]:
        """Short acts that are under way; at a start, those that the earlier process left half done."""
        sql = "SELECT * FROM check_run WHERE state = 'running' AND purpose = 'act' ORDER BY asked_at, id"
        return every(self._connection, _check_run, sql)

    def cancel(self, deployment_id: str, at: datetime) -> None:
        """Give up every open run of the deployment."""
        self._connection.execute(
            "UPDATE check_run SET state = 'cancelled', ended_at = ?, lease_until = NULL"
            " WHERE deployment_id = ? AND state IN ('queued', 'running')",
            (to_text(at), deployment_id),
        )

    def newest(self, deployment_id: str) -> Mapping[str, CheckResult]:
        """The latest answer by check id."""
        rows = self._connection.execute(_NEWEST, {"id": deployment_id})
        return {row["check_id"]: _check_result(row) for row in rows}

    def newest_until(self, deployment_id: str, check_id: str, at: datetime) -> CheckResult | None:
        """The last answer of one check up to that moment."""
        sql = (
            "SELECT * FROM check_result WHERE deployment_id = ? AND check_id = ? AND at <= ? ORDER BY at DESC, id DESC"
        )
        return first(self._connection, _check_result, f"{sql} LIMIT 1", (deployment_id, check_id, to_text(at)))

    def runs(self, deployment_id: str) -> tuple[CheckRun, ...]:
        """Queued and running ones, and the done ones of batches that still run."""
        return every(self._connection, _check_run, _OF_OPEN_BATCHES, {"id": deployment_id})

    def batch(self, deployment_id: str, batch: str) -> tuple[CheckRun, ...]:
        """Every run of the batch, in any state."""
        sql = "SELECT * FROM check_run WHERE deployment_id = ? AND batch = ? ORDER BY asked_at, id"
        return every(self._connection, _check_run, sql, (deployment_id, batch))

    def _take(self, run_id: str, at: datetime, lease_until: datetime) -> CheckRun:
        row = self._connection.execute(
            "UPDATE check_run SET state = 'running', started_at = ?, lease_until = ? WHERE id = ? RETURNING *",
            (to_text(at), to_text(lease_until), run_id),
        ).fetchall()[0]
        return _check_run(row)
