"""materialized-views-created: every declared materialized view exists and holds rows of its query."""

from __future__ import annotations

from checks.base import Check, Finding, Need, Result, counted
from checks.created import declared_of, missing, relations, verdict
from checks.scratchdb.context import ScratchContext
from checks.sql.declared import Declared
from checks.sql.objects import MATVIEW

_UNPOPULATED = """
SELECT CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END AS name
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'm' AND NOT c.relispopulated
"""


def run(context: ScratchContext) -> Result:
    """Failed for a missing one, a warning for one that was made WITH NO DATA and not refreshed."""
    declared = declared_of(context, MATVIEW)
    findings = missing(context, declared, relations(context, "m"))
    empty = {row.name for row in context.rows(_UNPOPULATED)}
    findings += [_unpopulated(view) for view in declared if view.name in empty]
    populated = "" if empty else ", populated"
    evidence = f"{counted(len(declared), 'materialized view')} present{populated}"
    return verdict(context, "materialized views", len(declared), findings, evidence)


def _unpopulated(view: Declared) -> Finding:
    message = f"{view.name} was made WITH NO DATA: reading it fails until it is refreshed"
    return Finding(message, view.name, view.file, view.line, f"REFRESH MATERIALIZED VIEW {view.name}")


CHECK = Check(
    id="materialized-views-created",
    title="All materialized views are created",
    needs=Need.SCRATCH,
    run=run,
    decides="Passes when each materialized view that the files create and do not drop exists and is populated.",
    cost="Two catalog queries in the scratch database, once the files are applied.",
    fix="Mend the statement that the finding names; refresh a view made WITH NO DATA before anybody reads it.",
)
