"""materialized-views-fresh: when materialized views were last refreshed, as far as anything knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.base import Check, Finding, Need, NotApplicable, Result, counted, evidence
from checks.contexts import TargetContext
from checks.measures import duration
from checks.options import option
from checks.target.materialized_views_populated import VIEWS
from checks.target.scheduled_jobs import NO_CRON, Job, read_jobs
from checks.targetdb.asking import number_option, short, since_go
from checks.verdict import judged

# Both kinds of REFRESH count as writes of the view; ANALYZE follows them by and by.
_SIGNS = """
SELECT s.relid::regclass::text AS name, s.n_tup_ins + s.n_tup_upd + s.n_tup_del AS written
FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid WHERE c.relkind = 'm' ORDER BY 1
"""


def run(context: TargetContext) -> Result:
    """By jobs of pg_cron, where they refresh the views; else evidence from what was written since the baseline."""
    with context.session() as session:
        views, signs = session.rows(VIEWS), session.rows(_SIGNS)
    if not views:
        raise NotApplicable(f"{context.name} has no materialized view")
    jobs = read_jobs(context)
    if jobs is None:
        return evidence(f"{_written(context, signs, len(views))}; {NO_CRON}")
    limit = number_option(context, "minutes", 60) * 60
    ages = {row.name: _refreshed(jobs, row.name) for row in views}
    if not any(ages.values()):
        return evidence(f"{_written(context, signs, len(views))}; no job of pg_cron refreshes one")
    known = [f"{short(name)} {duration(job.ago)} old" for name, job in ages.items() if job and job.ago is not None]
    return judged(_findings(ages, limit), f"{', '.join(known)} (limit {duration(limit)})")


def _refreshed(jobs: list[Job], name: str) -> Job | None:
    """The newest job whose command refreshes this view."""
    found = [job for job in jobs if "refresh" in job.command.lower() and short(name) in job.command]
    return min(found, key=lambda job: job.ago if job.ago is not None else float("inf"), default=None)


def _findings(ages: dict[str, Job | None], limit: float) -> Iterator[Finding]:
    for name, job in ages.items():
        hint = f"REFRESH MATERIALIZED VIEW CONCURRENTLY {short(name)}"
        if job is None:
            yield Finding(f"no job refreshes {short(name)}", short(name), hint=hint)
        elif job.status == "failed":
            yield Finding(f"the last refresh of {short(name)} failed", short(name), hint=hint, severity="error")
        elif job.ago is None or job.ago > limit:
            age = f"is {duration(job.ago)} old" if job.ago is not None else "was never refreshed by its job"
            yield Finding(f"{short(name)} {age}", short(name), hint=hint, severity="error")


def _written(context: TargetContext, signs: list[Any], views: int) -> str:
    """`2 of 3 written since the baseline`: a plain REFRESH counts inserts, a concurrent one the differences only."""
    before = option({"b": context.inputs.baseline or {}}, "b", "tables")
    if not isinstance(before, Mapping) or not context.inputs.since:
        return f"{counted(views, 'materialized view')}; PostgreSQL keeps no time of a refresh"
    at = since_go(context).strftime("%H:%M UTC")
    moved = [row for row in signs if row.written > _old(before.get(row.name))]
    return f"{len(moved)} of {counted(views, 'materialized view')} written since go ({at})"


def _old(table: object) -> int:
    if not isinstance(table, Mapping):
        return 0
    return sum(int(table.get(column, 0)) for column in ("inserted", "updated", "deleted"))


CHECK = Check(
    id="materialized-views-fresh",
    title="Materialized views are fresh",
    needs=Need.TARGET,
    run=run,
    decides="Where pg_cron refreshes the views: passes when each last refresh worked and is younger than 60 minutes "
    "(`minutes`). Elsewhere evidence of what was written since the baseline, since PostgreSQL keeps no such time.",
    cost="Catalog and statistics queries; with pg_cron SELECT on cron.job and cron.job_run_details.",
    fix="REFRESH MATERIALIZED VIEW CONCURRENTLY, and a job that does it.",
)
