"""critical-queries: the queries that a team names work, give rows, and are quick. The one check that reads rows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from checks.base import CannotRun, Check, Finding, Need, Result, counted
from checks.contexts import TargetContext
from checks.options import option
from checks.target.explained import OPTIONS, named_queries, plan_of, prepare
from checks.targetdb.asking import number_option
from checks.verdict import judged

_MOST_ROWS = 10_000


@dataclass(frozen=True)
class _Run:
    query: str
    cost: float
    rows: int | None
    milliseconds: float


def run(context: TargetContext) -> Result:
    """Failed for a query that is too slow or empty; a warning for one too costly to be run."""
    if option(context.inputs.options, OPTIONS, "allow_row_reads") is not True:
        sentence = f"reading rows of {context.name} is not allowed"
        raise CannotRun(sentence, f"[checks.{OPTIONS}] allow_row_reads = true; better against a standby")
    cap, slow = number_option(context, "max_cost", 100_000), number_option(context, "milliseconds", 1000)
    runs = [_run(context, query, cap) for query in named_queries(context)]
    done = [r for r in runs if r.rows is not None]
    worst = max((r.milliseconds for r in done), default=0)
    shown = f"{len(done)} of {counted(len(runs), 'query', 'queries')} run, slowest {worst:.0f} ms"
    return judged(_findings(runs, cap, slow), shown, shown)


def _run(context: TargetContext, query: str, cap: float) -> _Run:
    """Rows are counted on the server, at most 10,000; none comes here."""
    with context.session(statement_timeout=15.0) as session:
        prepare(session, context)
        cost = float(plan_of(session, query)["Total Cost"])
        if cost > cap:
            return _Run(query, cost, None, 0)
        started = time.monotonic()
        rows = session.value(f"SELECT count(*) FROM (SELECT FROM ({query}) AS q LIMIT {_MOST_ROWS}) AS n")
        return _Run(query, cost, rows, (time.monotonic() - started) * 1000)


def _findings(runs: list[_Run], cap: float, slow: float) -> Iterator[Finding]:
    for number, one in enumerate(runs, 1):
        name, text = f"query {number}", " ".join(one.query.split())[:60]
        if one.rows is None:
            message = f"{name} was not run, its cost {one.cost:.0f} is above {cap:g}: {text}"
            yield Finding(message, name, hint="is an index missing? or raise max_cost")
        elif one.rows == 0:
            yield Finding(f"{name} gives no row: {text}", name, hint="is the data there?", severity="error")
        elif one.milliseconds > slow:
            message = f"{name} took {one.milliseconds:.0f} ms, limit {slow:g}: {text}"
            yield Finding(message, name, hint="ask query-plans how it is run", severity="error")


CHECK = Check(
    id="critical-queries",
    title="Critical queries work",
    needs=Need.TARGET,
    run=run,
    decides="Runs the `queries` of [checks.critical-queries], each one SELECT: passes when each gives a row within "
    "1,000 ms (`milliseconds`). Needs `allow_row_reads = true`.",
    cost="Reads rows: EXPLAIN first, and none above `max_cost` (100,000) is run; READ ONLY, 15 s at most, rows are "
    "counted on the server and stay there. Not run while anything holds or awaits ACCESS EXCLUSIVE.",
    fix="EXPLAIN the query: an index that was dropped, statistics that are missing (ANALYZE), a changed column.",
    option="queries",
)
