"""Jobs of pg_cron and pg_partman, where they are installed and may be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from checks.contexts import TargetContext

_THERE = """
SELECT (SELECT n.nspname::text FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
        WHERE e.extname = 'pg_partman') AS partman,
       EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = 'cron' AND c.relname = 'job') AS cron,
       EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = 'cron' AND c.relname = 'job_run_details') AS details
"""
_JOBS = """
SELECT j.jobid, j.schedule, j.command, j.active, j.jobid::text AS name, {last} AS last
FROM cron.job j {details} ORDER BY j.jobid
"""
_LAST = "extract(epoch FROM now() - d.end_time)::float"
_DETAILS = """LEFT JOIN LATERAL (SELECT status, start_time, end_time FROM cron.job_run_details r
WHERE r.jobid = j.jobid ORDER BY r.runid DESC LIMIT 1) d ON true"""


NO_CRON = "no pg_cron: what another scheduler runs cannot be seen from the database"
PROBE = "name a command that shows the schedule as a probe of the item"


@dataclass(frozen=True)
class Job:
    """One job of pg_cron; `ago` seconds since its last run ended, `took` how long it ran; None where never or "
    "unknown."""

    id: int
    schedule: str
    command: str
    active: bool
    status: str
    ago: float | None
    took: float | None


def read_jobs(context: TargetContext) -> list[Job] | None:
    """All jobs of pg_cron, None where it is not installed. Raises CannotRun where its tables may not be read."""
    there = context.rows(_THERE)[0]
    if not there.cron:
        return None
    last, details = ("NULL::float", "") if not there.details else (_LAST, _DETAILS)
    extra = (
        "NULL::text AS status, NULL::float AS took"
        if not there.details
        else ("d.status, extract(epoch FROM d.end_time - d.start_time)::float AS took")
    )
    query = _JOBS.format(last=f"{extra}, {last}", details=details)
    return [_job(row) for row in context.rows(query)]


def has_partman(context: TargetContext) -> bool:
    """Whether the extension pg_partman is there, whose maintenance makes partitions."""
    return context.rows(_THERE)[0].partman is not None


def _job(row: Any) -> Job:
    command = " ".join(row.command.split())
    return Job(row.jobid, row.schedule, command, row.active, row.status or "", row.last, row.took)
