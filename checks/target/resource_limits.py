"""resource-limits: the settings that bound what one session or all together may use."""

from __future__ import annotations

from checks.base import Check, Need, Result, counted, evidence
from checks.contexts import TargetContext

_NAMES = (
    "max_connections",
    "shared_buffers",
    "work_mem",
    "maintenance_work_mem",
    "temp_file_limit",
    "max_wal_size",
    "log_min_duration_statement",
)
_SETTINGS = """
SELECT name, CASE WHEN unit IN ('8kB', 'kB', 'MB') AND setting::bigint >= 0
  THEN pg_size_pretty(setting::bigint * pg_size_bytes(CASE unit WHEN '8kB' THEN '8 kB' ELSE '1 ' || unit END))
  WHEN setting = '-1' THEN 'off' ELSE setting || coalesce(' ' || unit, '') END AS value, pending_restart
FROM pg_settings WHERE name = ANY (%s)
"""
_ROLES = "SELECT count(*) FROM pg_roles WHERE rolcanlogin AND rolconnlimit >= 0"


def run(context: TargetContext) -> Result:
    """Evidence of the values in force."""
    with context.session() as session:
        found = {row.name: row for row in session.rows(_SETTINGS, [list(_NAMES)])}
        limited = session.value(_ROLES)
    shown = ", ".join(f"{name} {found[name].value}" for name in _NAMES if name in found)
    pending = [name for name in _NAMES if name in found and found[name].pending_restart]
    wait = f"; waits for a restart: {', '.join(pending)}" if pending else ""
    return evidence(f"{shown}; {counted(limited, 'login')} with a CONNECTION LIMIT{wait}")


CHECK = Check(
    id="resource-limits",
    title="What the server may use",
    needs=Need.TARGET,
    run=run,
    decides="Shows the limits of memory, connections, temporary files and WAL in force; whether they fit is for a "
    "person.",
    cost="Two catalog queries; wait for no lock.",
    fix="ALTER SYSTEM, ALTER ROLE … SET, or the settings of the service.",
)
