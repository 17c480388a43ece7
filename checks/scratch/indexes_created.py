"""indexes-created: every index that the files declare exists in the scratch database and is valid."""

from __future__ import annotations

from checks.base import Check, Finding, Need, Result
from checks.created import declared_of, missing_finding, verdict
from checks.scratchdb.context import ScratchContext
from checks.sql.declared import Declared
from checks.sql.objects import INDEX
from checks.targetdb.asking import USER_SCHEMA

_INDEXES = f"""
SELECT CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END AS name,
       CASE m.nspname WHEN 'public' THEN t.relname ELSE m.nspname || '.' || t.relname END AS on_table,
       i.indisvalid AND i.indisready AS usable,
       ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(num, ord)
             JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num
             WHERE k.ord <= i.indnkeyatts ORDER BY k.ord) AS columns
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace m ON m.oid = t.relnamespace
WHERE {USER_SCHEMA}
"""


def run(context: ScratchContext) -> Result:
    """Failed for a missing or invalid index; one without a name is known by its table and columns."""
    rows = context.rows(_INDEXES)
    by_name = {row.name: row for row in rows}
    by_columns = {(row.on_table, tuple(row.columns)) for row in rows}
    declared = declared_of(context, INDEX)
    findings = [missing_finding(context, index) for index in declared if not _exists(index, by_name, by_columns)]
    places = {index.name: index for index in declared}
    findings += [_invalid(row.name, places.get(row.name)) for row in rows if not row.usable]
    shown = f"{len(declared)} of {len(declared)} declared indexes present"
    evidence = f"{shown}, {len(rows)} with those of constraints, all valid"
    return verdict(context, "indexes", len(declared), findings, evidence)


def _exists(index: Declared, by_name: dict[str, object], by_columns: set[tuple[str, tuple[str, ...]]]) -> bool:
    if not index.name:
        return (index.table, index.columns) in by_columns
    return index.name in by_name and getattr(by_name[index.name], "on_table", "") == index.table


def _invalid(name: str, declared: Declared | None) -> Finding:
    file, line = (declared.file, declared.line) if declared else ("", None)
    return Finding(
        f"index {name} is not valid, so no query uses it", name, file, line, f"REINDEX INDEX {name}", "error"
    )


CHECK = Check(
    id="indexes-created",
    title="All indexes are created and valid",
    needs=Need.SCRATCH,
    run=run,
    decides="Passes when each index that the files create and do not drop exists on its table and is valid.",
    cost="One catalog query in the scratch database, once the files are applied.",
    fix="An index of the same name on another table makes IF NOT EXISTS pass over it: rename. REINDEX what is invalid.",
)
