"""Growth and VACUUM: which tables grew, which want VACUUM or ANALYZE, how old transaction numbers are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checks.base import Finding, Result, counted, evidence, target_check
from checks.contexts import TargetContext
from checks.findings import judged
from checks.measures import MEGABYTE, duration, percent, size
from checks.targetdb.asking import USER_SCHEMA, number_option, short
from checks.targetdb.baseline import difference


@target_check(
    title="How fast tables grow",
    decides="Passes with the growth since the baseline by relpages, which VACUUM and ANALYZE bring up to date; a "
    "warning for a table that grows by more than 1,024 MB a day (`megabytes_a_day`).",
    cost="One statistics snapshot; waits for no lock, opens no table.",
    fix="Decide whether the growth is expected; plan partitions, retention, or disk.",
    also=("baseline",),
)
def table_growth(context: TargetContext) -> Result:
    """What grew in less than a day counts as a day's growth."""
    limit = number_option(context, "megabytes_a_day", 1024) * MEGABYTE
    since = difference(context)
    days = max(since.seconds / 86400, 1.0)
    grown = {name: since.table(name, "bytes") for name in since.now["tables"]}
    top = sorted(grown, key=lambda name: -abs(grown[name]))[:3]
    parts = [f"{short(name)} {_signed(grown[name] / days)}" for name in top if grown[name]]
    most = f"{', '.join(parts)}{' a day' if days > 1 else ''}" if parts else "no table grew"
    shown = f"{most}; {_signed(sum(grown.values()))} in {duration(since.seconds)}"
    new = [short(name) for name in since.now["tables"] if name not in since.before["tables"]]
    made = f"; new: {', '.join(new[:5])}" if new else ""
    kept = sum(table["bytes"] for table in since.now["tables"].values())
    hint = "is the growth expected? partition it, or delete what is old"
    fast = sorted((name for name in grown if grown[name] / days > limit), key=lambda name: -grown[name])
    found = [Finding(f"{short(n)} grows by {size(grown[n] / days)} a day", short(n), hint=hint) for n in fast]
    good = f"{shown}{made}; {len(grown)} tables, {size(kept)} as of the last VACUUM or ANALYZE"
    return judged(found, good, f"{shown}; limit {size(limit)} a day")


def _signed(count: float) -> str:
    return f"{'+' if count >= 0 else ''}{size(count)}"


# pg_database_size adds up files and opens no relation; tables by relpages for the same reason.
_SIZES = "SELECT pg_database_size(current_database()) AS database, (SELECT sum(size) FROM pg_ls_waldir()) AS wal"
_LARGEST = f"""
SELECT c.oid::regclass::text AS name, (c.relpages::bigint + coalesce((SELECT sum(i.relpages) FROM pg_index x
       JOIN pg_class i ON i.oid = x.indexrelid WHERE x.indrelid = c.oid), 0)) * current_setting('block_size')::int
       AS bytes
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND {USER_SCHEMA} ORDER BY 2 DESC, 1 LIMIT 3
"""


@target_check(
    title="What the database takes on disk",
    decides="Shows the size of the database, of its WAL and of its largest tables with indexes (by relpages). How much "
    "is free, SQL cannot tell: with the size of the volume as `gigabytes` it passes below 80 % (`percent`) of that, "
    "else add a probe to the same item.",
    cost="One pass over the files' sizes and one catalog query; waits for no lock.",
    fix="Drop what is not needed, detach old partitions, or enlarge the disk.",
)
def disk_use(context: TargetContext) -> Result:
    with context.session() as session:
        sizes, largest = session.row(_SIZES), session.rows(_LARGEST)
    tables = ", ".join(f"{short(row.name)} {size(row.bytes)}" for row in largest if row.bytes)
    shown = f"database {size(sizes.database)}, WAL {size(sizes.wal or 0)}"
    volume, limit = number_option(context, "gigabytes", 0) * 1024 * MEGABYTE, number_option(context, "percent", 80)
    if volume:
        used = float(sizes.database + (sizes.wal or 0))
        shown = f"{shown}: {percent(used, volume)} of {size(volume)}, limit {limit:g} %"
        full = [Finding("the volume fills up", "disk", hint="enlarge it, or detach old partitions")]
        return judged(full if 100 * used >= limit * volume else (), f"{shown}; largest: {tables}", shown)
    hint = "free space: a probe, such as node_filesystem_avail_bytes of Prometheus or check_disk"
    return evidence(f"{shown}; largest: {tables}" if tables else shown, hint=hint)


_TABLES = """
SELECT relid::regclass::text AS name, n_live_tup AS live, n_dead_tup AS dead, n_mod_since_analyze AS changed,
       greatest(last_analyze, last_autoanalyze) IS NOT NULL AS analyzed,
       (SELECT reltuples FROM pg_class WHERE oid = relid) >= 0 AS known
FROM pg_stat_user_tables ORDER BY n_dead_tup DESC, 1
"""


@target_check(
    title="Tables are vacuumed and analyzed",
    decides="A warning for tables of more than 1,000 rows that were never analyzed, and for more dead rows than 1,000 "
    "plus 20 % (`dead_percent`) of the live ones.",
    cost="One statistics query; waits for no lock.",
    fix="VACUUM (ANALYZE, SKIP_LOCKED) on the tables named, by their owner; autovacuum follows by itself later.",
)
def vacuum_state(context: TargetContext) -> Result:
    share = number_option(context, "dead_percent", 20)
    rows = context.rows(_TABLES)
    found = [finding for row in rows for finding in _vacuum_findings(row, share)]
    dead = sum(row.dead for row in rows)
    shown = f"{counted(len(rows), 'table')}, {dead} dead rows"
    return judged(found, f"{shown}, none wants VACUUM or ANALYZE", shown)


def _vacuum_findings(row: Any, share: float) -> Iterator[Finding]:
    name = short(row.name)
    if row.live > 1000 and not row.analyzed and row.changed >= row.live:
        yield Finding(f"{name} ({row.live} rows) was never analyzed", name, hint=f"ANALYZE {row.name}")
    if row.dead > 1000 + row.live * share / 100:
        message = f"{name} has {row.dead} dead rows beside {row.live}"
        yield Finding(message, name, hint=f"VACUUM (ANALYZE) {row.name}")


_AGES = """
SELECT datname::text AS name, greatest(age(datfrozenxid), mxid_age(datminmxid)) AS age FROM pg_database
WHERE datallowconn ORDER BY 2 DESC, 1
"""
# PostgreSQL stops taking writes some three million before this many.
_END = 2**31


@target_check(
    title="Transaction numbers do not run out",
    decides="Passes below 50 % (`percent`) of 2³¹ for every database; fails from 80 % on.",
    cost="One catalog query; waits for no lock.",
    fix="VACUUM (FREEZE), and find what holds the horizon back: old transactions, prepared ones, replication slots.",
)
def wraparound(context: TargetContext) -> Result:
    limit = number_option(context, "percent", 50)
    rows = context.rows(_AGES)
    found = [_runs_out(row) for row in rows if 100 * row.age / _END >= limit]
    return judged(found, f"oldest: {rows[0].name} at {100 * rows[0].age / _END:.1f} % of the transaction numbers")


def _runs_out(row: Any) -> Finding:
    share = 100 * row.age / _END
    message = f"{row.name} is at {share:.0f} % of the transaction numbers"
    hint = "freeze the oldest tables by VACUUM (FREEZE); end old transactions and unused slots, which hold it up"
    return Finding(message, row.name, hint=hint, severity="error" if share >= 80 else "warning")
