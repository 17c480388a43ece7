"""query-plans: how the planner would run the queries that a team names."""

from __future__ import annotations

from typing import Any

from checks.base import Check, Finding, Need, Result, evidence
from checks.contexts import TargetContext
from checks.target.explained import named_queries, plan_nodes, plan_of, prepare


def run(context: TargetContext) -> Result:
    """Evidence: cost, and the tables that are read from end to end; nothing is executed."""
    queries = named_queries(context)
    with context.session() as session:
        prepare(session, context)
        plans = [plan_of(session, query) for query in queries]
    shown = "; ".join(f"q{number}: {_shown(plan)}" for number, plan in enumerate(plans, 1))
    return evidence(shown, [_finding(number, plan) for number, plan in enumerate(plans, 1)])


def _shown(plan: dict[str, Any]) -> str:
    scans = [node["Relation Name"] for node in plan_nodes(plan) if node["Node Type"] == "Seq Scan"]
    read = f"Seq Scan on {', '.join(dict.fromkeys(scans))}" if scans else str(plan["Node Type"])
    return f"{read}, cost {float(plan['Total Cost']):.0f}"


def _finding(number: int, plan: dict[str, Any]) -> Finding:
    nodes = " > ".join(node["Node Type"] for node in plan_nodes(plan))
    return Finding(f"q{number}: {nodes}, about {plan['Plan Rows']} rows", f"query {number}", severity="info")


CHECK = Check(
    id="query-plans",
    title="Plans of critical queries",
    needs=Need.TARGET,
    run=run,
    decides="Shows cost and sequential scans of the `queries` of [checks.critical-queries], by EXPLAIN without "
    "ANALYZE: nothing is executed. Compare with the plan before.",
    cost="EXPLAIN of each query; opens its tables for a moment, and is not asked while ACCESS EXCLUSIVE is held or "
    "awaited.",
    fix="ANALYZE the tables; look for the index that the plan used before.",
)
