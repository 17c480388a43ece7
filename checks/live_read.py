"""Queries behind `checks.live`: statistics views, pg_locks and pg_class only, which wait for no relation lock."""

from __future__ import annotations

# Words in the order of https://www.postgresql.org/docs/current/progress-reporting.html.
_NAME = "coalesce(nullif({}::regclass::text, '-'), '')"
PROGRESS = {
    "CREATE INDEX": f"""
SELECT p.pid, p.command AS command, {_NAME.format("p.index_relid")} AS object, {_NAME.format("p.relid")} AS on_table,
       p.phase AS phase, CASE WHEN p.lockers_total > p.lockers_done THEN p.lockers_done
         WHEN p.blocks_total > 0 THEN p.blocks_done ELSE p.tuples_done END AS done,
       CASE WHEN p.lockers_total > p.lockers_done THEN p.lockers_total
         WHEN p.blocks_total > 0 THEN p.blocks_total ELSE p.tuples_total END AS total
FROM pg_stat_progress_create_index p WHERE p.datname = current_database()""",
    "VACUUM": f"""
SELECT p.pid, 'VACUUM' AS command, '' AS object, {_NAME.format("p.relid")} AS on_table, p.phase,
       p.heap_blks_scanned AS done, p.heap_blks_total AS total
FROM pg_stat_progress_vacuum p WHERE p.datname = current_database()""",
    "CLUSTER": f"""
SELECT p.pid, p.command, '' AS object, {_NAME.format("p.relid")} AS on_table, p.phase,
       p.heap_blks_scanned AS done, p.heap_blks_total AS total
FROM pg_stat_progress_cluster p WHERE p.datname = current_database()""",
    "ANALYZE": f"""
SELECT p.pid, 'ANALYZE' AS command, '' AS object, {_NAME.format("p.relid")} AS on_table, p.phase,
       p.sample_blks_scanned AS done, p.sample_blks_total AS total
FROM pg_stat_progress_analyze p WHERE p.datname = current_database()""",
}
COPY = f"""
SELECT p.pid, p.command, '' AS object, {_NAME.format("p.relid")} AS on_table,
       p.tuples_processed::text || ' rows' AS phase, p.bytes_processed AS done, p.bytes_total AS total
FROM pg_stat_progress_copy p WHERE p.datname = current_database()"""

BLOCKED = """
SELECT a.pid, pg_blocking_pids(a.pid) AS by, extract(epoch FROM now() - a.query_start)::float AS seconds,
       coalesce(l.mode, a.wait_event) AS mode, coalesce(l.relation::regclass::text, '') AS object,
       coalesce(a.application_name, '') AS application, coalesce(a.usename::text, '') AS role,
       left(regexp_replace(a.query, '\\s+', ' ', 'g'), 80) AS query
FROM pg_stat_activity a LEFT JOIN pg_locks l ON l.pid = a.pid AND NOT l.granted AND l.locktype = 'relation'
WHERE a.wait_event_type = 'Lock' AND a.datname = current_database() AND cardinality(pg_blocking_pids(a.pid)) > 0
ORDER BY a.query_start"""

TRANSACTIONS = """
SELECT a.pid, coalesce(a.usename::text, '') AS role, coalesce(a.application_name, '') AS application, a.state,
       extract(epoch FROM now() - a.xact_start)::float AS seconds,
       extract(epoch FROM now() - a.state_change)::float AS idle,
       left(regexp_replace(a.query, '\\s+', ' ', 'g'), 80) AS query
FROM pg_stat_activity a WHERE a.datname = current_database() AND a.backend_type = 'client backend'
  AND a.xact_start IS NOT NULL AND a.pid <> pg_backend_pid() ORDER BY a.xact_start LIMIT 20"""

# %s: names as public.orders. Granted locks that a DDL statement would wait for, and requests before it.
HELD_ON = """
SELECT a.pid, c.oid::regclass::text AS object, l.mode, l.granted, coalesce(a.usename::text, '') AS role,
       coalesce(a.application_name, '') AS application, a.state,
       extract(epoch FROM now() - a.xact_start)::float AS seconds,
       extract(epoch FROM now() - a.state_change)::float AS idle
FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'relation' AND l.pid <> pg_backend_pid() AND a.datname = current_database()
  AND (c.relname = ANY (%s) OR n.nspname || '.' || c.relname = ANY (%s)) ORDER BY a.xact_start"""

PREPARED = """
SELECT gid, extract(epoch FROM now() - prepared)::float AS seconds FROM pg_prepared_xacts
WHERE database = current_database() ORDER BY prepared"""
