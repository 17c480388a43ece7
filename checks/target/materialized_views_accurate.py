"""materialized-views-accurate: what a materialized view keeps, beside what its definition gives now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from checks.base import CannotRun, Check, Finding, Need, Result, counted, evidence
from checks.contexts import TargetContext
from checks.options import list_option, option
from checks.target.explained import plan_of
from checks.targetdb.asking import number_option, refuse_busy, short

if TYPE_CHECKING:
    from checks.targetdb.session import Session

ID = "materialized-views-accurate"
_VIEW = """
SELECT c.oid::regclass::text AS name, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS quoted,
       rtrim(pg_get_viewdef(c.oid), ';') AS definition, c.relispopulated AS populated
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
    kept: int
    only_kept: int
    only_now: int

    @property
    def shown(self) -> str:
        if not (self.only_kept or self.only_now):
            return f"{self.name}: {counted(self.kept, 'row')} as its definition gives them now"
        return (
            f"{self.name}: {self.only_kept} of {counted(self.kept, 'row')} no longer so, {self.only_now} new or changed"
        )


def run(context: TargetContext) -> Result:
    """Evidence always: rows that differ are stale or wrong, and only who knows the last refresh can tell which."""
    if option(context.inputs.options, ID, "allow_row_reads") is not True:
        sentence = f"reading rows of {context.name} is not allowed"
        raise CannotRun(sentence, f"[checks.{ID}] allow_row_reads = true; better against a standby")
    cap = number_option(context, "max_cost", 100_000)
    compared = [_compared(context, name, cap) for name in list_option(context.inputs.options, ID, "views")]
    differing = [one for one in compared if one.only_kept or one.only_now]
    hint = f"REFRESH MATERIALIZED VIEW CONCURRENTLY {differing[0].name}, then ask again" if differing else ""
    findings = [Finding(one.shown, one.name, severity="note") for one in differing]
    return evidence(
        "; ".join(one.shown for one in sorted(compared, key=lambda one: one not in differing)), findings, hint
    )


def _compared(context: TargetContext, name: str, cap: float) -> _Compared:
    with context.session(statement_timeout=15.0) as session:
        refuse_busy(session, context.name)
        view = session.row(_VIEW, [name if "." in name else f"public.{name}"])
        if view is None:
            raise CannotRun(f"{context.name} has no materialized view {name}", f"mend views under [checks.{ID}]")
        shown = short(view.name)
        if not view.populated:
            raise CannotRun(f"{shown} was never filled", f"REFRESH MATERIALIZED VIEW {shown}")
        _refuse_costly(session, view.definition, shown, cap)
        # Both come from the catalog, which quotes what it has to.
        row = session.row(_COMPARED.format(name=view.quoted, definition=view.definition))
    return _Compared(shown, row.kept, row.only_kept, row.only_now)


def _refuse_costly(session: Session, definition: str, name: str, cap: float) -> None:
    cost = float(plan_of(session, definition)["Total Cost"])
    if cost > cap:
        hint = f"ask a standby, or raise max_cost under [checks.{ID}]"
        raise CannotRun(f"making {name} anew would cost {cost:.0f}, above {cap:g}", hint)


CHECK = Check(
    id=ID,
    title="Materialized views beside their definition",
    needs=Need.TARGET,
    run=run,
    decides="Nothing: for each of `views` it counts the rows that its definition would give now and the view does not "
    "have, and the other way round. They are stale, or wrong. Needs `allow_row_reads = true`, and SELECT on the view "
    "and its tables.",
    cost="What a refresh costs, without its lock: the query of each view, at most 15 s and none above `max_cost` "
    "(100,000). Not run while anything holds or awaits ACCESS EXCLUSIVE.",
    fix="Refresh the view and ask again: what still differs is wrong, such as a definition that uses now().",
    option="views",
)
