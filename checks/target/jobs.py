"""Scheduled jobs: what refreshes materialized views and makes partitions, and when it last did."""

from __future__ import annotations

from dataclasses import dataclass

from checks.base import Finding, NotApplicable, Result, counted, evidence, target_check, warning
from checks.contexts import TargetContext
from checks.findings import judged
from checks.measures import duration
from checks.sql.mends import literal
from checks.sql.names import quoted
from checks.sql.statements import without_values
from checks.target.materialized_views import VIEWS, refresh_of
from checks.target.partitions import read_partitioned

_THERE = """
SELECT (SELECT n.nspname::text FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
        WHERE e.extname = 'pg_partman') AS partman,
       EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = 'cron' AND c.relname = 'job') AS cron,
       EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = 'cron' AND c.relname = 'job_run_details') AS details
"""
_JOBS = (
    "SELECT jobid, schedule, command, active, NULL AS status, NULL AS took, NULL AS last FROM cron.job ORDER BY jobid"
)
_JOBS_AND_RUNS = """
SELECT j.jobid, j.schedule, j.command, j.active, d.status, extract(epoch FROM d.end_time - d.start_time)::float AS took,
       extract(epoch FROM now() - d.end_time)::float AS last
FROM cron.job j LEFT JOIN LATERAL (SELECT status, start_time, end_time FROM cron.job_run_details r
  WHERE r.jobid = j.jobid ORDER BY r.runid DESC LIMIT 1) d ON true ORDER BY j.jobid
"""
NO_CRON = "no pg_cron: what another scheduler runs cannot be seen from the database"
PROBE = "name a command that shows the schedule as a probe of the item"


@dataclass(frozen=True)
class Job:
    """One job of pg_cron; `ago` seconds since its last run ended, `took` how long it ran; None for never or unknown."""

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
    return [
        Job(row.jobid, row.schedule, " ".join(row.command.split()), row.active, row.status or "", row.last, row.took)
        for row in context.rows(_JOBS_AND_RUNS if there.details else _JOBS)
    ]


@target_check(
    title="Materialized views are refreshed on a schedule",
    decides="Passes when an active job of pg_cron refreshes views and its last run worked; shows how long it took.",
    cost="Two queries; needs SELECT on cron.job and cron.job_run_details.",
    fix="Schedule REFRESH MATERIALIZED VIEW CONCURRENTLY; where another scheduler does it, make a probe of it.",
)
def refresh_schedule(context: TargetContext) -> Result:
    views = context.rows(VIEWS)
    if not views:
        raise NotApplicable(f"{context.name} has no materialized view")
    known = read_jobs(context)
    if known is None:
        return evidence(NO_CRON, hint=PROBE)
    jobs = [job for job in known if "refresh" in job.command.lower()]
    if not jobs:
        hint = f"SELECT cron.schedule('refresh', '*/15 * * * *', {literal('; '.join(map(refresh_of, views)))})"
        return warning("no job of pg_cron refreshes a view", [Finding("no REFRESH job", "cron.job", hint=hint)], hint)
    return judged(filter(None, map(finding_of, jobs)), "; ".join(map(shown, jobs[:3])))


def finding_of(job: Job) -> Finding | None:
    """What is wrong with a job: off, never run, or failed."""
    command = without_values(job.command)[:60]
    hint = f"SELECT * FROM cron.job_run_details WHERE jobid = {job.id} ORDER BY runid DESC LIMIT 5"
    if job.status == "failed":
        return Finding(f"the last run of job {job.id} failed: {command}", str(job.id), hint=hint, severity="error")
    if not job.active:
        return Finding(f"job {job.id} is switched off: {command}", str(job.id), hint=hint)
    return None


def shown(job: Job) -> str:
    """`pg_cron */15 * * * *: REFRESH …, ran 7 min ago in 2 s`."""
    ran = f", ran {duration(job.ago)} ago in {duration(job.took or 0)}" if job.ago is not None else ", not run yet"
    return f"pg_cron {job.schedule}: {job.command[:60]}{ran}"


@target_check(
    title="A job makes the next partitions",
    decides="Passes when an active job of pg_cron whose command speaks of partitions or partman worked the last time.",
    cost="A few catalog queries; needs SELECT on cron.job and cron.job_run_details.",
    fix="Schedule it; where another scheduler does it, make a probe of it.",
)
def partition_job(context: TargetContext) -> Result:
    tables = counted(len(read_partitioned(context)), "partitioned table")
    known = read_jobs(context)
    if known is None:
        return evidence(f"{tables}; {NO_CRON}", hint=PROBE)
    jobs = [job for job in known if any(word in job.command.lower() for word in ("partition", "partman"))]
    if not jobs:
        partman = context.rows(_THERE)[0].partman
        extra = "pg_partman is installed, but no job runs its maintenance" if partman else "no job makes any"
        hint = "schedule what makes them; pg_partman is made for it"
        if partman:
            call = literal(f"CALL {quoted(partman)}.run_maintenance_proc()")
            hint = f"SELECT cron.schedule('partitions', '@daily', {call})"
        return warning(f"{tables}, {extra}", [Finding(extra, "cron.job", hint=hint)], hint)
    return judged(filter(None, map(finding_of, jobs)), f"{tables}; {'; '.join(map(shown, jobs[:2]))}")
