"""How old the rows of materialized views are, as far as a column, a job or the statistics know."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from checks.base import CannotRun, Finding, NotApplicable, Result, counted, evidence, passed, target_check
from checks.contexts import TargetContext
from checks.findings import judged
from checks.measures import duration
from checks.options import option
from checks.target.jobs import NO_CRON, PROBE, Job, read_jobs
from checks.target.materialized_views import VIEWS, refresh_of
from checks.targetdb.asking import moment, number_option, short, since_go
from checks.targetdb.rows import LOOK_SECONDS, readable

_TIME_COLUMN = """
SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = %s::oid AND attname = %s AND NOT attisdropped
  AND atttypid IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype)
"""
# Both kinds of REFRESH count as writes of the view; ANALYZE follows them by and by.
_SIGNS = """
SELECT s.relid::regclass::text AS name, s.n_tup_ins + s.n_tup_upd + s.n_tup_del AS written
FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid WHERE c.relkind = 'm' ORDER BY 1
"""


@dataclass(frozen=True)
class _Age:
    """How old the rows of a view are, in seconds: by its own column, else by its job; and the limit."""

    view: Any
    limit: float
    seconds: float | None = None
    job: Job | None = None

    @property
    def name(self) -> str:
        return short(self.view.name)

    @property
    def shown(self) -> str:
        old = f"{duration(self.seconds)} old" if self.seconds is not None else "never refreshed by its job"
        return f"{self.name} {old} (limit {duration(self.limit)})"

    @property
    def finding(self) -> Finding | None:
        hint = refresh_of(self.view)
        if self.job is not None and self.job.status == "failed":
            return Finding(f"the last refresh of {self.name} failed", self.name, hint=hint, severity="error")
        if self.seconds is not None and self.seconds <= self.limit:
            return None
        old = f"is {duration(self.seconds)} old" if self.seconds is not None else "was never refreshed by its job"
        message = f"{self.name} {old} (limit {duration(self.limit)})"
        return Finding(message, self.name, hint=hint, severity="error")


@target_check(
    title="Materialized views are fresh",
    decides="Fails for a view older than 60 minutes (`minutes`; `limits` by view), or whose last refresh by pg_cron "
    "failed. PostgreSQL keeps no time of a refresh: a column of the view tells it (`columns` by view: the largest "
    "time in it), else pg_cron. Where neither does, it passes when each was written since a go within the limit, "
    "warns where a limit is set and has passed without a write, and is evidence otherwise.",
    cost="Catalog and statistics queries; the maximum of each of `columns`, 2 s at most; with pg_cron SELECT on "
    "cron.job and cron.job_run_details.",
    fix="REFRESH MATERIALIZED VIEW CONCURRENTLY, and a job that does it.",
)
def materialized_views_fresh(context: TargetContext) -> Result:
    with context.session() as session:
        views, signs = session.rows(VIEWS), session.rows(_SIGNS)
    if not views:
        raise NotApplicable(f"{context.name} has no materialized view")
    names = {short(row.name): row for row in views}
    columns, jobs = _view_option(context, "columns", str, names), read_jobs(context)
    limits = dict.fromkeys(names, number_option(context, "minutes", 60))
    limits |= _view_option(context, "limits", (int, float), names)
    ages = [_age(context, row, columns.get(name), jobs or [], limits[name] * 60) for name, row in names.items()]
    known = [age for age in ages if age.seconds is not None or age.job]
    if not known:
        return _by_signs(context, signs, names, limits, NO_CRON if jobs is None else "no job of pg_cron refreshes one")
    unknown = [age for age in ages if age not in known]
    names_unknown = ", ".join(age.name for age in unknown)
    shown = ", ".join(age.shown for age in known) + (f"; {names_unknown}: no time is known" if unknown else "")
    if jobs and not columns:
        found = [Finding(f"no job refreshes {age.name}", age.name, hint=refresh_of(age.view)) for age in unknown]
        return judged([*filter(None, (age.finding for age in known)), *found], shown)
    return judged(filter(None, (age.finding for age in known)), evidence(shown) if unknown else shown)


def _view_option(context: TargetContext, key: str, kinds: Any, names: Collection[str]) -> dict[str, Any]:
    """A table of the settings with views as keys. Raises CannotRun for other values, and for a view that is not."""
    value = option(context.inputs.options, context.check_id, key)
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(each, kinds) for each in value.values()):
        example = '"refreshed_at"' if kinds is str else "60"
        raise CannotRun(f"[checks.{context.check_id}] {key} is no table of views", f"{key} = {{ VIEW = {example} }}")
    found = {short(name): each for name, each in value.items()}
    for name in found:
        if name not in names:
            hint = f"mend {key} under [checks.{context.check_id}]"
            raise CannotRun(f"{context.name} has no materialized view {name}", hint)
    return found


def _age(context: TargetContext, view: Any, column: str | None, jobs: list[Job], limit: float) -> _Age:
    name = short(view.name)
    if column is not None:
        return _Age(view, limit, _newest(context, view, column))
    words = re.compile(rf"(?<![\w.]){re.escape(name)}(?!\w)")
    found = [
        job for job in jobs if "refresh" in job.command.lower() and words.search(job.command.replace("public.", ""))
    ]
    job = min(found, key=lambda job: job.ago if job.ago is not None else float("inf"), default=None)
    return _Age(view, limit, job.ago if job else None, job)


def _newest(context: TargetContext, view: Any, column: str) -> float | None:
    """Seconds since the largest time in a column of the view."""
    with context.session(LOOK_SECONDS) as session:
        named = session.value(_TIME_COLUMN, [view.oid, column])
        if named is None:
            raise CannotRun(f"{short(view.name)} has no column {column} of a time", "mend columns of the check")
        relation = readable(session, view.oid, view.name, [column])
        seconds = session.value(f"SELECT extract(epoch FROM now() - max({named}))::float FROM {relation.quoted}")
    return None if seconds is None else float(seconds)


def _by_signs(
    context: TargetContext, signs: list[Any], views: Mapping[str, Any], limits: Mapping[str, float], lack: str
) -> Result:
    """What was written since a go that is not older than the limit is fresh; the rest is at least as old as go."""
    moved, shown = _written(context, signs, len(limits))
    if moved is None:
        return evidence(f"{shown}; {lack}", hint=PROBE)
    at = moment(str((context.inputs.baseline or {})["taken_at"]))
    ago = (datetime.now(UTC) - at).total_seconds()
    still = [name for name in limits if name not in moved]
    if not still and ago <= 60 * min(limits.values()):
        return passed(shown)
    options = context.inputs.options
    is_set = any(option(options, context.check_id, key) is not None for key in ("minutes", "limits"))
    stale = [name for name in still if is_set and ago > 60 * limits[name]]
    return judged(
        [_unwritten(views[name], ago, limits[name]) for name in stale], evidence(f"{shown}; {lack}", hint=PROBE)
    )


def _unwritten(view: Any, ago: float, minutes: float) -> Finding:
    name = short(view.name)
    message = f"{name} was not written since go, {duration(ago)} ago (limit {duration(minutes * 60)})"
    hint = f"{refresh_of(view)}; one that finds no difference writes nothing"
    return Finding(message, name, hint=hint)


def _written(context: TargetContext, signs: list[Any], views: int) -> tuple[set[str] | None, str]:
    """Which were written since the baseline: a plain REFRESH counts inserts, a concurrent one the differences only."""
    before = option({"b": context.inputs.baseline or {}}, "b", "tables")
    if not isinstance(before, Mapping) or not context.inputs.since:
        return None, f"{counted(views, 'materialized view')}; PostgreSQL keeps no time of a refresh"
    at = since_go(context).strftime("%H:%M UTC")
    moved = {short(row.name) for row in signs if row.written > _old(before.get(row.name))}
    return moved, f"{len(moved)} of {counted(views, 'materialized view')} written since go ({at})"


def _old(table: object) -> int:
    if not isinstance(table, Mapping):
        return 0
    return sum(int(table.get(column, 0)) for column in ("inserted", "updated", "deleted"))
