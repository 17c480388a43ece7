"""refresh-schedule: a job refreshes the materialized views, and its last run worked."""

from __future__ import annotations

from checks.base import Check, Finding, Need, NotApplicable, Result, evidence, warning
from checks.contexts import TargetContext
from checks.measures import duration
from checks.target.materialized_views_populated import VIEWS
from checks.target.scheduled_jobs import NO_CRON, PROBE, Job, read_jobs
from checks.verdict import judged


def run(context: TargetContext) -> Result:
    """Failed when the last run did; a warning where no job says REFRESH, evidence without pg_cron."""
    if not context.rows(VIEWS):
        raise NotApplicable(f"{context.name} has no materialized view")
    known = read_jobs(context)
    if known is None:
        return evidence(NO_CRON, hint=PROBE)
    jobs = [job for job in known if "refresh" in job.command.lower()]
    if not jobs:
        hint = "SELECT cron.schedule('refresh', '*/15 * * * *', 'REFRESH MATERIALIZED VIEW CONCURRENTLY …')"
        return warning("no job of pg_cron refreshes a view", [Finding("no REFRESH job", "cron.job", hint=hint)], hint)
    return judged(filter(None, map(finding_of, jobs)), "; ".join(map(shown, jobs[:3])))


def finding_of(job: Job) -> Finding | None:
    """What is wrong with a job: off, never run, or failed."""
    hint = f"SELECT * FROM cron.job_run_details WHERE jobid = {job.id} ORDER BY runid DESC LIMIT 5"
    if job.status == "failed":
        return Finding(
            f"the last run of job {job.id} failed: {job.command[:60]}", str(job.id), hint=hint, severity="error"
        )
    if not job.active:
        return Finding(f"job {job.id} is switched off: {job.command[:60]}", str(job.id), hint=hint)
    return None


def shown(job: Job) -> str:
    """`pg_cron */15 * * * *: REFRESH …, ran 7 min ago in 2 s`."""
    ran = f", ran {duration(job.ago)} ago in {duration(job.took or 0)}" if job.ago is not None else ", not run yet"
    return f"pg_cron {job.schedule}: {job.command[:60]}{ran}"


CHECK = Check(
    id="refresh-schedule",
    title="Materialized views are refreshed on a schedule",
    needs=Need.TARGET,
    run=run,
    decides="Passes when an active job of pg_cron refreshes views and its last run worked; shows how long it took.",
    cost="Two queries; needs SELECT on cron.job and cron.job_run_details.",
    fix="Schedule REFRESH MATERIALIZED VIEW CONCURRENTLY; where another scheduler does it, make a probe of it.",
)
