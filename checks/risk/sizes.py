"""How large tables are on the target, from catalog rows alone: no lock on them, nothing waits."""

from __future__ import annotations

from collections.abc import Collection

from checks.base import CannotRun, DatabaseAddress
from checks.risk.facts import TableName

# A partitioned table counts its partitions, a table its TOAST. relpages is 0 until the first VACUUM or ANALYZE:
# then the counted rows stand in, at a hundred bytes each.
_SIZES = """
WITH RECURSIVE wanted AS (
  SELECT c.oid, w.schema, w.name FROM unnest(%s::text[], %s::text[]) w(schema, name)
  JOIN pg_namespace n ON n.nspname = w.schema JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name
), parts AS (
  SELECT oid, schema, name FROM wanted
  UNION ALL SELECT i.inhrelid, p.schema, p.name FROM parts p JOIN pg_inherits i ON i.inhparent = p.oid
)
SELECT p.schema, p.name, sum(CASE
    WHEN c.relpages > 0 THEN (c.relpages + coalesce(t.relpages, 0))::bigint * current_setting('block_size')::bigint
    ELSE pg_stat_get_live_tuples(c.oid) * 100 END)::bigint AS bytes
FROM parts p JOIN pg_class c ON c.oid = p.oid LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
GROUP BY p.schema, p.name
"""


def table_sizes(
    target: DatabaseAddress | None, tables: Collection[TableName], check_id: str
) -> tuple[dict[TableName, int], str]:
    """Bytes by table, and why they are not known ("" where they are). One guarded transaction; never raises."""
    if target is None or not target.conninfo:
        return {}, "no target is configured"
    if not tables:
        return {}, ""
    from checks.targetdb.session import Target

    guarded = Target(target)
    try:
        with guarded.session(check_id) as session:
            parameters = [[table.schema for table in tables], [table.name for table in tables]]
            rows = session.rows(_SIZES, parameters)
    except CannotRun as fault:
        return {}, fault.sentence
    finally:
        guarded.close()
    return {TableName(row.schema, row.name): int(row.bytes or 0) for row in rows}, ""
