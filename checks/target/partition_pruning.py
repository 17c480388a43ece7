"""partition-pruning: how many partitions the queries that a team names would touch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.base import Check, Finding, Need, NotApplicable, Result, evidence, passed, warning
from checks.contexts import TargetContext
from checks.target.explained import named_queries, plan_nodes, plan_of, prepare

_PARTITIONS = """
SELECT c.relname::text AS name, p.inhparent::regclass::text AS parent,
       (SELECT count(*) FROM pg_inherits o WHERE o.inhparent = p.inhparent) AS siblings
FROM pg_class c JOIN pg_inherits p ON p.inhrelid = c.oid WHERE c.relispartition AND c.relkind IN ('r', 'p')
"""


def run(context: TargetContext) -> Result:
    """A warning where pruning is off or a query touches every one of several partitions."""
    rows = context.rows(_PARTITIONS)
    if not rows:
        raise NotApplicable(f"{context.name} has no partitioned table")
    queries, siblings = named_queries(context), {row.name: row for row in rows}
    with context.session() as session:
        prepare(session, context)
        setting = str(session.value("SELECT current_setting('enable_partition_pruning')"))
        touched = [_touched(plan_of(session, query), siblings) for query in queries]
    shown = [f"q{n} touches {a} of {b} partitions" for n, (a, b) in enumerate(touched, 1) if b]
    if setting != "on":
        hint = "SET enable_partition_pruning = on"
        return warning("enable_partition_pruning is off", [Finding("pruning is off", "setting", hint=hint)], hint)
    if not shown:
        return evidence("none of the named queries reads a partitioned table; pruning on")
    whole = [
        Finding(f"q{n} touches all {b} partitions", f"query {n}") for n, (a, b) in enumerate(touched, 1) if a == b > 1
    ]
    hint = "add a condition on the partition key"
    return warning("; ".join(shown), whole, hint) if whole else passed("; ".join(shown))


def _touched(plan: dict[str, Any], siblings: Mapping[str, Any]) -> tuple[int, int]:
    names = {node["Relation Name"] for node in plan_nodes(plan) if node.get("Relation Name") in siblings}
    parents = {siblings[name].parent: siblings[name].siblings for name in names}
    return len(names), sum(parents.values())


CHECK = Check(
    id="partition-pruning",
    title="Queries touch few partitions",
    needs=Need.TARGET,
    run=run,
    decides="EXPLAINs the `queries` of [checks.critical-queries]: passes when none touches every partition of a table.",
    cost="EXPLAIN of each query; opens its tables for a moment, and is not asked while ACCESS EXCLUSIVE is held or "
    "awaited.",
    fix="Compare the partition key with a constant or parameter of the same type.",
)
