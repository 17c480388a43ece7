"""Queries that a team names: their plans, how quick they are, and how many partitions they touch."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checks.base import CannotRun, Finding, NotApplicable, Result, counted, evidence, passed, target_check, warning
from checks.contexts import TargetContext
from checks.findings import judged
from checks.options import list_option, option, text_option
from checks.sql.names import quoted
from checks.targetdb.asking import number_option, refuse_busy

if TYPE_CHECKING:
    from checks.targetdb.session import Session


OPTIONS = "critical-queries"


def named_queries(context: TargetContext) -> tuple[str, ...]:
    """The queries, each one SELECT. Raises NotApplicable where there is none, CannotRun for anything else."""
    queries = list_option(context.inputs.options, OPTIONS, "queries")
    if not queries:
        raise NotApplicable(f"not set up: [checks.{OPTIONS}] queries = … says what to look at")
    for number, query in enumerate(queries, 1):
        _refuse_other_than_select(number, query)
    return tuple(query.strip().rstrip(";") for query in queries)


def prepare(session: Session, context: TargetContext) -> None:
    """Names in queries are the application's; nothing may be locked, since EXPLAIN opens tables too."""
    refuse_busy(session, context.name)
    path = text_option(context.inputs.options, OPTIONS, "search_path") or "public"
    session.rows("SELECT set_config('search_path', %s, true)", [path])


def rows_not_allowed(context: TargetContext) -> CannotRun:
    """For a check whose `allow_row_reads` is not true."""
    sentence = f"reading rows of {context.name} is not allowed"
    return CannotRun(sentence, f"[checks.{context.check_id}] allow_row_reads = true; better against a standby")


def plan_of(session: Session, query: str) -> dict[str, Any]:
    """The top node of the plan. Queries with $1 get a generic plan, from PostgreSQL 16 on.

    The session then ends in ROLLBACK, since the query is not ours.
    """
    session.rolls_back = True
    generic = ", GENERIC_PLAN" if "$1" in query else ""
    if generic and session.server_version < 160000:
        raise CannotRun("a query with $1 can be explained from PostgreSQL 16 on", "write a typical value instead")
    found = session.value(f"EXPLAIN (FORMAT JSON{generic}) {query}")
    plans = json.loads(found) if isinstance(found, str) else found
    return dict(plans[0]["Plan"])


def plan_nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The node and all below."""
    yield plan
    for child in plan.get("Plans", ()):
        yield from plan_nodes(child)


def _refuse_other_than_select(number: int, query: str) -> None:
    from pglast.parser import ParseError, parse_sql_json

    try:
        statements = json.loads(parse_sql_json(query))["stmts"]
    except (ParseError, KeyError):
        raise CannotRun(f"query {number} of [checks.{OPTIONS}] does not parse", "try it in psql") from None
    if len(statements) != 1 or "SelectStmt" not in statements[0]["stmt"]:
        raise CannotRun(f"query {number} of [checks.{OPTIONS}] is not one SELECT", "only reading is allowed here")


_MOST_ROWS = 10_000


@dataclass(frozen=True)
class _Run:
    query: str
    cost: float
    rows: int | None
    milliseconds: float


@target_check(
    title="Critical queries work",
    decides="Runs the `queries` of [checks.critical-queries], each one SELECT: passes when each gives a row within "
    "1,000 ms (`milliseconds`). Needs `allow_row_reads = true`.",
    cost="Reads rows: EXPLAIN first, and none above `max_cost` (100,000) is run; READ ONLY, 15 s at most, rows are "
    "counted on the server and stay there. Not run while anything holds or awaits ACCESS EXCLUSIVE.",
    fix="EXPLAIN the query: an index that was dropped, statistics that are missing (ANALYZE), a changed column.",
    option="queries",
)
def critical_queries(context: TargetContext) -> Result:
    if option(context.inputs.options, OPTIONS, "allow_row_reads") is not True:
        raise rows_not_allowed(context)
    cap, slow = number_option(context, "max_cost", 100_000), number_option(context, "milliseconds", 1000)
    runs = [_run_query(context, query, cap) for query in named_queries(context)]
    done = [r for r in runs if r.rows is not None]
    worst = max((r.milliseconds for r in done), default=0)
    shown = f"{len(done)} of {counted(len(runs), 'query', 'queries')} run, slowest {worst:.0f} ms"
    return judged(_query_findings(runs, cap, slow), shown, shown)


def _run_query(context: TargetContext, query: str, cap: float) -> _Run:
    """Rows are counted on the server, at most 10,000; none comes here."""
    with context.session(statement_timeout=15.0) as session:
        prepare(session, context)
        cost = float(plan_of(session, query)["Total Cost"])
        if cost > cap:
            return _Run(query, cost, None, 0)
        started = time.monotonic()
        rows = session.value(f"SELECT count(*) FROM (SELECT FROM ({query}) AS q LIMIT {_MOST_ROWS}) AS n")
        return _Run(query, cost, rows, (time.monotonic() - started) * 1000)


def _query_findings(runs: list[_Run], cap: float, slow: float) -> Iterator[Finding]:
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


@target_check(
    title="Plans of critical queries",
    decides="Shows cost and sequential scans of the `queries` of [checks.critical-queries], by EXPLAIN without "
    "ANALYZE: nothing is executed. Compare with the plan before.",
    cost="EXPLAIN of each query; opens its tables for a moment, and is not asked while ACCESS EXCLUSIVE is held or "
    "awaited.",
    fix="ANALYZE the tables; look for the index that the plan used before.",
)
def query_plans(context: TargetContext) -> Result:
    queries = named_queries(context)
    with context.session() as session:
        prepare(session, context)
        plans = [plan_of(session, query) for query in queries]
    shown = "; ".join(f"q{number}: {_shown_plan(plan)}" for number, plan in enumerate(plans, 1))
    return evidence(shown, [_plan_finding(number, plan) for number, plan in enumerate(plans, 1)])


def _shown_plan(plan: dict[str, Any]) -> str:
    scans = [node["Relation Name"] for node in plan_nodes(plan) if node["Node Type"] == "Seq Scan"]
    read = f"Seq Scan on {', '.join(dict.fromkeys(scans))}" if scans else str(plan["Node Type"])
    return f"{read}, cost {float(plan['Total Cost']):.0f}"


def _plan_finding(number: int, plan: dict[str, Any]) -> Finding:
    nodes = " > ".join(node["Node Type"] for node in plan_nodes(plan))
    return Finding(f"q{number}: {nodes}, about {plan['Plan Rows']} rows", f"query {number}", severity="info")


_PARTITIONS = """
SELECT c.relname::text AS name, p.inhparent::regclass::text AS parent,
       (SELECT count(*) FROM pg_inherits o WHERE o.inhparent = p.inhparent) AS siblings
FROM pg_class c JOIN pg_inherits p ON p.inhrelid = c.oid WHERE c.relispartition AND c.relkind IN ('r', 'p')
"""


@target_check(
    title="Queries touch few partitions",
    decides="EXPLAINs the `queries` of [checks.critical-queries]: passes when none touches every partition of a table.",
    cost="EXPLAIN of each query; opens its tables for a moment, and is not asked while ACCESS EXCLUSIVE is held or "
    "awaited.",
    fix="Compare the partition key with a constant or parameter of the same type.",
)
def partition_pruning(context: TargetContext) -> Result:
    rows = context.rows(_PARTITIONS)
    if not rows:
        raise NotApplicable(f"{context.name} has no partitioned table")
    queries, siblings = named_queries(context), {row.name: row for row in rows}
    with context.session() as session:
        prepare(session, context)
        setting, place = session.row("SELECT current_setting('enable_partition_pruning'), current_database()::text")
        touched = [_touched(plan_of(session, query), siblings) for query in queries]
    shown = [f"q{n} touches {a} of {b} partitions" for n, (a, b) in enumerate(touched, 1) if b]
    if setting != "on":
        hint = f"ALTER DATABASE {quoted(place)} SET enable_partition_pruning = on"
        return warning("enable_partition_pruning is off", [Finding("pruning is off", "setting", hint=hint)], hint)
    if not shown:
        return evidence("none of the named queries reads a partitioned table; pruning on")
    every = [(number, one[1]) for number, one in enumerate(touched, 1) if one[0] == one[1] > 1]
    whole = [Finding(f"q{number} touches all {count} partitions", f"query {number}") for number, count in every]
    hint = "add a condition on the partition key"
    return warning("; ".join(shown), whole, hint) if whole else passed("; ".join(shown))


def _touched(plan: dict[str, Any], siblings: Mapping[str, Any]) -> tuple[int, int]:
    names = {node["Relation Name"] for node in plan_nodes(plan) if node.get("Relation Name") in siblings}
    parents = {siblings[name].parent: siblings[name].siblings for name in names}
    return len(names), sum(parents.values())
