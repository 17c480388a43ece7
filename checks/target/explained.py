"""Queries that a team names under `[checks.critical-queries] queries`: looked at by EXPLAIN before anything runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from checks.base import CannotRun, NotApplicable
from checks.contexts import TargetContext
from checks.options import list_option, text_option
from checks.targetdb.asking import refuse_busy

if TYPE_CHECKING:
    from checks.targetdb.session import Session

OPTIONS = "critical-queries"
GENERIC_PLAN_SINCE = 160000


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


def plan_of(session: Session, query: str) -> dict[str, Any]:
    """The top node of the plan. Queries with $1 get a generic plan, from PostgreSQL 16 on.

    The session then ends in ROLLBACK, since the query is not ours.
    """
    session.rolls_back = True
    generic = ", GENERIC_PLAN" if "$1" in query else ""
    if generic and session.server_version < GENERIC_PLAN_SINCE:
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
