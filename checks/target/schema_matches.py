"""schema-matches: the target's schema equals that of another database."""

from __future__ import annotations

from checks.base import Check, Need, Result
from checks.compare_verdict import ignored_names, verdict_of
from checks.contexts import PairContext
from checks.targetdb.compare import compare_databases


def run(context: PairContext) -> Result:
    """Failed for every object that differs; could-not-run between two major versions."""
    target = context.target
    ignored = ignored_names(target.inputs.options, target.check_id)
    return verdict_of(compare_databases(target.target, context.other.target, target.check_id, ignored))


CHECK = Check(
    id="schema-matches",
    title="The schema equals that of the other database",
    needs=Need.PAIR,
    run=run,
    decides="Passes when tables, columns, constraints, indexes, triggers, policies, views, functions, sequences and "
    "types are the same, by name and definition. Not compared: order of columns, owners, grants, comments, history "
    'tables, what extensions made; `[checks.schema-matches] ignore = ["audit.*"]` leaves out more. Partitions that '
    "only one side has are noted. Between two major versions only names are compared, which never passes.",
    cost="About 20 short catalog queries on each side with at most ten relation locks at a time; hashes are made on "
    "the server, texts read only for what differs. Not run while anything holds or awaits ACCESS EXCLUSIVE.",
    fix="Write a migration for what is missing; what was changed by hand goes into a migration or away.",
)
