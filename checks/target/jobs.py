"""Scheduled jobs: what refreshes materialized views and makes partitions, and when it last did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from checks.base import Finding, NotApplicable, Result, counted, evidence, passed, target_check, warning
from checks.contexts import TargetContext
from checks.findings import judged
from checks.measures import duration
from checks.options import option
from checks.sql.mends import literal
from checks.sql.names import quoted
from checks.sql.statements import without_values
from checks.target.materialized_views import VIEWS, refresh_of
from checks.target.partitions import read_partitioned
from checks.targetdb.asking import moment, number_option, short, since_go

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


# Both kinds of REFRESH count as writes of the view; ANALYZE follows them by and by.
_SIGNS = """
SELECT s.relid::regclass::text AS name, s.n_tup_ins + s.n_tup_upd + s.n_tup_del AS written
FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid WHERE c.relkind = 'm' ORDER BY 1
"""


@target_check(
    title="Materialized views are fresh",
    decides="Where pg_cron refreshes the views: passes when each last refresh worked and is younger than 60 minutes "
    "(`minutes`). PostgreSQL keeps no such time: elsewhere it passes when each was written since a go within those "
    "minutes, and is evidence later.",
    cost="Catalog and statistics queries; with pg_cron SELECT on cron.job and cron.job_run_details.",
    fix="REFRESH MATERIALIZED VIEW CONCURRENTLY, and a job that does it.",
)
def materialized_views_fresh(context: TargetContext) -> Result:
    with context.session() as session:
        views, signs = session.rows(VIEWS), session.rows(_SIGNS)
    if not views:
        raise NotApplicable(f"{context.name} has no materialized view")
    jobs = read_jobs(context)
    limit = number_option(context, "minutes", 60) * 60
    if jobs is None:
        return _by_signs(context, signs, len(views), limit)
    ages = {row: _refreshed(jobs, row.name) for row in views}
    if not any(ages.values()):
        return evidence(f"{_written(context, signs, len(views))[1]}; no job of pg_cron refreshes one")
    known = [f"{short(row.name)} {duration(job.ago)} old" for row, job in ages.items() if job and job.ago is not None]
    return judged(_freshness_findings(ages, limit), f"{', '.join(known)} (limit {duration(limit)})")


def _refreshed(jobs: list[Job], name: str) -> Job | None:
    """The newest job whose command refreshes this view."""
    found = [job for job in jobs if "refresh" in job.command.lower() and short(name) in job.command]
    return min(found, key=lambda job: job.ago if job.ago is not None else float("inf"), default=None)


def _freshness_findings(ages: dict[Any, Job | None], limit: float) -> Iterator[Finding]:
    for row, job in ages.items():
        name, hint = row.name, refresh_of(row)
        if job is None:
            yield Finding(f"no job refreshes {short(name)}", short(name), hint=hint)
        elif job.status == "failed":
            yield Finding(f"the last refresh of {short(name)} failed", short(name), hint=hint, severity="error")
        elif job.ago is None or job.ago > limit:
            age = f"is {duration(job.ago)} old" if job.ago is not None else "was never refreshed by its job"
            yield Finding(f"{short(name)} {age}", short(name), hint=hint, severity="error")


def _by_signs(context: TargetContext, signs: list[Any], views: int, limit: float) -> Result:
    """What was written since a go that is not older than the limit is fresh."""
    written, shown = _written(context, signs, views)
    if written == views:
        taken_at = moment(str((context.inputs.baseline or {})["taken_at"]))
        if (datetime.now(UTC) - taken_at).total_seconds() <= limit:
            return passed(shown)
    return evidence(f"{shown}; {NO_CRON}", hint=PROBE)


def _written(context: TargetContext, signs: list[Any], views: int) -> tuple[int, str]:
    """`2 of 3 written since the baseline`: a plain REFRESH counts inserts, a concurrent one the differences only."""
    before = option({"b": context.inputs.baseline or {}}, "b", "tables")
    if not isinstance(before, Mapping) or not context.inputs.since:
        return 0, f"{counted(views, 'materialized view')}; PostgreSQL keeps no time of a refresh"
    at = since_go(context).strftime("%H:%M UTC")
    moved = sum(row.written > _old(before.get(row.name)) for row in signs)
    return moved, f"{moved} of {counted(views, 'materialized view')} written since go ({at})"


def _old(table: object) -> int:
    if not isinstance(table, Mapping):
        return 0
    return sum(int(table.get(column, 0)) for column in ("inserted", "updated", "deleted"))


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
