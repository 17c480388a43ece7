"""Materialized views: filled, and what they keep beside what their definition gives now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from checks.base import CannotRun, Finding, NotApplicable, Result, counted, evidence, target_check
from checks.contexts import TargetContext
from checks.findings import judged
from checks.options import list_option, option
from checks.sql import mends
from checks.target.queries import plan_of, rows_not_allowed
from checks.targetdb.asking import USER_SCHEMA, number_option, refuse_busy, short

UNIQUE = """EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid
  AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL)"""
VIEWS = f"""
SELECT c.oid::bigint AS oid, c.oid::regclass::text AS name, c.relispopulated AS populated,
       coalesce(s.n_live_tup, 0) AS rows, {UNIQUE} AS concurrently
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid
WHERE c.relkind = 'm' AND {USER_SCHEMA} ORDER BY 1
"""


@target_check(
    title="Materialized views are filled",
    decides="Passes when each materialized view is populated and has a unique index, so that REFRESH … CONCURRENTLY "
    "works. PostgreSQL does not keep the time of a refresh: see materialized-views-fresh.",
    cost="One catalog query; waits for no lock.",
    fix="REFRESH MATERIALIZED VIEW, with CONCURRENTLY where it is filled already.",
)
def materialized_views_populated(context: TargetContext) -> Result:
    rows = context.rows(VIEWS)
    if not rows:
        raise NotApplicable(f"{context.name} has no materialized view")
    filled = sum(row.populated for row in rows)
    shown = f"{filled} of {counted(len(rows), 'materialized view')} populated"
    return judged(_unfilled_findings(rows), f"{shown}, all can be refreshed CONCURRENTLY", shown)


def _unfilled_findings(rows: list[Any]) -> Iterator[Finding]:
    for row in rows:
        name = short(row.name)
        if not row.populated:
            message = f"{name} was never filled: reading it fails"
            yield Finding(message, name, hint=refresh_of(row), severity="error")
        elif not row.concurrently:
            message = f"{name} has no unique index over whole columns: a refresh locks readers out"
            yield Finding(message, name, hint="give it one over the columns that identify a row")


def refresh_of(view: Any) -> str:
    """What refreshes a row of `VIEWS`."""
    return mends.refresh(view.name, view.populated and view.concurrently)


_VIEW = f"""
SELECT c.oid::regclass::text AS name, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS quoted,
       rtrim(pg_get_viewdef(c.oid), ';') AS definition, c.relispopulated AS populated, {UNIQUE} AS concurrently
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'm' AND c.oid = to_regclass(%s)
"""
_COMPARED = """
WITH gonogo_kept AS MATERIALIZED (TABLE {name}), gonogo_now AS MATERIALIZED ({definition})
SELECT (SELECT count(*) FROM gonogo_kept) AS kept,
       (SELECT count(*) FROM (TABLE gonogo_kept EXCEPT ALL TABLE gonogo_now) AS a) AS only_kept,
       (SELECT count(*) FROM (TABLE gonogo_now EXCEPT ALL TABLE gonogo_kept) AS b) AS only_now
"""


@dataclass(frozen=True)
class _Compared:
    name: str
    refresh: str
    kept: int
    only_kept: int
    only_now: int

    @property
    def shown(self) -> str:
        if not (self.only_kept or self.only_now):
            return f"{self.name}: {counted(self.kept, 'row')} as its definition gives them now"
        stale = f"{self.only_kept} of {counted(self.kept, 'row')} no longer so"
        return f"{self.name}: {stale}, {self.only_now} new or changed"


@target_check(
    title="Materialized views beside their definition",
    decides="Nothing: for each of `views` it counts the rows that its definition would give now and the view does not "
    "have, and the other way round. They are stale, or wrong. Needs `allow_row_reads = true`, and SELECT on the view "
    "and its tables.",
    cost="What a refresh costs, without its lock: the query of each view, at most 15 s and none above `max_cost` "
    "(100,000). Not run while anything holds or awaits ACCESS EXCLUSIVE.",
    fix="Refresh the view and ask again: what still differs is wrong, such as a definition that uses now().",
    option="views",
)
def materialized_views_accurate(context: TargetContext) -> Result:
    if option(context.inputs.options, context.check_id, "allow_row_reads") is not True:
        raise rows_not_allowed(context)
    cap = number_option(context, "max_cost", 100_000)
    views = list_option(context.inputs.options, context.check_id, "views")
    compared = [_compared(context, name, cap) for name in views]
    differing = [one for one in compared if one.only_kept or one.only_now]
    hint = f"{differing[0].refresh}; -- then ask again" if differing else ""
    findings = [Finding(one.shown, one.name, severity="note") for one in differing]
    compared.sort(key=lambda one: one not in differing)
    return evidence("; ".join(one.shown for one in compared), findings, hint)


def _compared(context: TargetContext, name: str, cap: float) -> _Compared:
    with context.session(statement_timeout=15.0) as session:
        refuse_busy(session, context.name)
        view = session.row(_VIEW, [name if "." in name else f"public.{name}"])
        if view is None:
            hint = f"mend views under [checks.{context.check_id}]"
            raise CannotRun(f"{context.name} has no materialized view {name}", hint)
        shown = short(view.name)
        if not view.populated:
            raise CannotRun(f"{shown} was never filled", refresh_of(view))
        cost = float(plan_of(session, view.definition)["Total Cost"])
        if cost > cap:
            hint = f"ask a standby, or raise max_cost under [checks.{context.check_id}]"
            raise CannotRun(f"making {shown} anew would cost {cost:.0f}, above {cap:g}", hint)
        # Both come from the catalog, which quotes what it has to.
        row = session.row(_COMPARED.format(name=view.quoted, definition=view.definition))
    return _Compared(shown, refresh_of(view), row.kept, row.only_kept, row.only_now)
