"""disk-use: what the database takes; free space is not to be had in SQL."""

from __future__ import annotations

from checks.base import Check, Need, Result, evidence
from checks.contexts import TargetContext
from checks.measures import size
from checks.targetdb.asking import USER_SCHEMA, short

# pg_database_size adds up files and opens no relation; tables by relpages for the same reason.
_SIZES = "SELECT pg_database_size(current_database()) AS database, (SELECT sum(size) FROM pg_ls_waldir()) AS wal"
_LARGEST = f"""
SELECT c.oid::regclass::text AS name, (c.relpages::bigint + coalesce((SELECT sum(i.relpages) FROM pg_index x
       JOIN pg_class i ON i.oid = x.indexrelid WHERE x.indrelid = c.oid), 0)) * current_setting('block_size')::int AS
       bytes
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND {USER_SCHEMA} ORDER BY 2 DESC, 1 LIMIT 3
"""


def run(context: TargetContext) -> Result:
    """Evidence: database, WAL, the largest tables with their indexes."""
    with context.session() as session:
        sizes, largest = session.row(_SIZES), session.rows(_LARGEST)
    tables = ", ".join(f"{short(row.name)} {size(row.bytes)}" for row in largest if row.bytes)
    shown = f"database {size(sizes.database)}, WAL {size(sizes.wal or 0)}"
    hint = "free space: a probe, such as node_filesystem_avail_bytes of Prometheus or check_disk"
    return evidence(f"{shown}; largest: {tables}" if tables else shown, hint=hint)


CHECK = Check(
    id="disk-use",
    title="What the database takes on disk",
    needs=Need.TARGET,
    run=run,
    decides="Shows the size of the database, of its WAL and of its largest tables with indexes (by relpages). How much "
    "is free, SQL cannot tell: add a probe to the same item.",
    cost="One pass over the files' sizes and one catalog query; waits for no lock.",
    fix="Drop what is not needed, detach old partitions, or enlarge the disk.",
)
