"""partition-job: something makes the next partitions: pg_partman, or a job of pg_cron."""

from __future__ import annotations

from checks.base import Check, Finding, Need, Result, counted, evidence, warning
from checks.contexts import TargetContext
from checks.target.partition_bounds import read_partitioned
from checks.target.refresh_schedule import finding_of, shown
from checks.target.scheduled_jobs import NO_CRON, PROBE, has_partman, read_jobs
from checks.verdict import judged

_WORDS = ("partition", "partman")


def run(context: TargetContext) -> Result:
    """Failed when the job's last run did; a warning where there is none, evidence without pg_cron."""
    tables = counted(len(read_partitioned(context)), "partitioned table")
    known = read_jobs(context)
    if known is None:
        return evidence(f"{tables}; {NO_CRON}", hint=PROBE)
    jobs = [job for job in known if any(word in job.command.lower() for word in _WORDS)]
    if not jobs:
        extra = (
            "pg_partman is installed, but no job runs its maintenance" if has_partman(context) else "no job makes any"
        )
        hint = "SELECT cron.schedule('partitions', '@daily', 'CALL partman.run_maintenance_proc()')"
        return warning(f"{tables}, {extra}", [Finding(extra, "cron.job", hint=hint)], hint)
    return judged(filter(None, map(finding_of, jobs)), f"{tables}; {'; '.join(map(shown, jobs[:2]))}")


CHECK = Check(
    id="partition-job",
    title="A job makes the next partitions",
    needs=Need.TARGET,
    run=run,
    decides="Passes when an active job of pg_cron whose command speaks of partitions or partman worked the last time.",
    cost="A few catalog queries; needs SELECT on cron.job and cron.job_run_details.",
    fix="Schedule it; where another scheduler does it, make a probe of it.",
)
