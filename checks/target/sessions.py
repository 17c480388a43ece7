"""Sessions: the target answers, who is connected, how many can be, and what bounds them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

from checks.base import Finding, Result, counted, evidence, failed, passed, target_check, warning
from checks.contexts import TargetContext
from checks.findings import judged
from checks.measures import duration
from checks.options import list_option
from checks.targetdb.asking import number_option
from checks.targetdb.baseline import CONNECTION_COUNTS
from checks.targetdb.conninfo import CannotConnect

_WHO = """
SELECT pg_is_in_recovery() AS standby, current_setting('server_version') AS version,
       (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser, current_database() AS database
"""


@target_check(
    title="The database can be reached",
    decides="Passes when a login that is no superuser connects within 5 s and reaches a primary.",
    cost="One connection and one query.",
    fix="The hint says whether host, password, pg_hba.conf or the number of connections is the matter.",
)
def can_connect(context: TargetContext) -> Result:
    started = time.monotonic()
    try:
        with context.session() as session:
            row = session.row(_WHO)
    except CannotConnect as refusal:
        if refusal.reason == "address":
            raise
        return failed(refusal.sentence, [Finding(refusal.sentence, context.name, severity="error")], refusal.hint)
    took = duration(time.monotonic() - started)
    kind = "standby" if row.standby else "primary"
    shown = f"connected to {row.database} in {took}, {kind}, PostgreSQL {row.version.split()[0]}"
    if row.standby:
        message = "a standby takes no migration"
        hint = "set the address of the primary, or target_session_attrs=read-write"
        return failed(f"{shown}: {message}", [Finding(message, context.name, severity="error")], hint)
    if row.superuser:
        message = "the login of the checks is a superuser: only its good will keeps it read-only"
        hint = r"CREATE ROLE gonogo LOGIN IN ROLE pg_monitor; -- then \password gonogo, and name it in the address"
        return warning(f"{shown}; superuser", [Finding(message, context.name, hint=hint)], hint)
    return passed(shown)


_BY_APPLICATION = """
SELECT coalesce(nullif(application_name, ''), usename::text, 'unknown') AS who, count(*) AS used FROM pg_stat_activity
WHERE backend_type = 'client backend' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 3
"""


@target_check(
    title="Enough connections are free",
    decides="Passes below 80 % (`percent`) of max_connections without those reserved for superusers, with no session "
    "idle in a transaction for a minute, and fewer than 20 more and twice (`ratio`) what there were before go.",
    cost="Two statistics queries; wait for no lock.",
    fix="Look for a pool that leaks, or put a pooler between.",
)
def connections(context: TargetContext) -> Result:
    limit = number_option(context, "percent", 80)
    with context.session() as session:
        now = session.row(CONNECTION_COUNTS)
        most = ", ".join(f"{row.who} {row.used}" for row in session.rows(_BY_APPLICATION))
    share = 100 * now.used / max(now.usable, 1)
    usual, ratio = _before_go(context), number_option(context, "ratio", 2)
    before = f", {usual} before go" if usual is not None else ""
    used = f"{now.used} of {now.usable} ({share:.0f} %{before})"
    shown = f"connections {used}, {now.idle} idle in transaction; most: {most}"
    findings = list(_connection_findings(now, share, limit))
    if usual and now.used >= max(usual * ratio, usual + 20):
        hint = "what has more of them since go? look for a pool that grew or leaks"
        findings.append(Finding(f"connections ×{now.used / usual:.1f} since go", "connections", hint=hint))
    return judged(findings, shown, shown)


def _connection_findings(now: Any, share: float, limit: float) -> Iterator[Finding]:
    if share >= limit:
        severity = "error" if share >= 95 else "warning"
        hint = "look for a pool that leaks, or lower the pools' sizes; a new limit needs a restart"
        yield Finding(f"{share:.0f} % of the connections are used", "max_connections", hint=hint, severity=severity)
    if now.idle:
        message = f"{now.idle} idle in a transaction for more than a minute"
        yield Finding(message, "idle in transaction", hint="ask lock-conflicts for their pids")


def _before_go(context: TargetContext) -> int | None:
    before = (context.inputs.baseline or {}).get("connections")
    return int(before["used"]) if isinstance(before, dict) and "used" in before else None


_SESSIONS = """
SELECT coalesce(nullif(application_name, ''), usename::text, 'unknown') AS who, coalesce(usename::text, '') AS role,
       count(*) AS sessions, count(*) FILTER (WHERE state = 'active') AS active
FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'
  AND pid <> pg_backend_pid() GROUP BY 1, 2 ORDER BY 3 DESC, 1
"""


@target_check(
    title="Who is connected",
    decides="Shows sessions by application_name, so that maintenance and its end can be seen from the database. "
    "`application-connected` decides about those that the settings name.",
    cost="One statistics query; waits for no lock.",
    fix="Start the application; an empty application_name is set in its connection string.",
)
def application_sessions(context: TargetContext) -> Result:
    return evidence(_shown(context.rows(_SESSIONS)))


def _shown(rows: Sequence[Any]) -> str:
    """`4 sessions, 1 active: shop 3, psql 1`."""
    sessions, active = sum(row.sessions for row in rows), sum(row.active for row in rows)
    most = ", ".join(f"{row.who} {row.sessions}" for row in rows[:5])
    return f"{counted(sessions, 'session')}, {active} active" + (f": {most}" if most else "")


@target_check(
    title="The application is connected",
    decides="Passes when each of `applications = […]` (application names or roles) has a session, and fails "
    "when one has none.",
    cost="One statistics query; waits for no lock.",
    fix="Start the application; an empty application_name is set in its connection string.",
    option="applications",
)
def application_connected(context: TargetContext) -> Result:
    wanted = list_option(context.inputs.options, context.check_id, "applications")
    rows = context.rows(_SESSIONS)
    seen = {row.who for row in rows} | {row.role for row in rows}
    silent = [name for name in wanted if name not in seen]
    missing = [Finding(f"{name} has no session", name, hint="is it started?", severity="error") for name in silent]
    return judged(missing, _shown(rows), _shown(rows))


_MEMORY = ("shared_buffers", "work_mem", "maintenance_work_mem", "temp_file_limit")
_NAMES = ("max_connections", *_MEMORY, "max_wal_size", "log_min_duration_statement")
_SETTINGS = """
SELECT name, CASE WHEN unit IN ('8kB', 'kB', 'MB') AND setting::bigint >= 0
  THEN pg_size_pretty(setting::bigint * pg_size_bytes(CASE unit WHEN '8kB' THEN '8 kB' ELSE '1 ' || unit END))
  WHEN setting = '-1' THEN 'off' ELSE setting || coalesce(' ' || unit, '') END AS value, pending_restart
FROM pg_settings WHERE name = ANY (%s)
"""
_ROLES = "SELECT count(*) FROM pg_roles WHERE rolcanlogin AND rolconnlimit >= 0"


@target_check(
    title="What the server may use",
    decides="Shows the limits of memory, connections, temporary files and WAL in force; whether they fit is for a "
    "person.",
    cost="Two catalog queries; wait for no lock.",
    fix="ALTER SYSTEM, ALTER ROLE … SET, or the settings of the service.",
)
def resource_limits(context: TargetContext) -> Result:
    with context.session() as session:
        found = {row.name: row for row in session.rows(_SETTINGS, [list(_NAMES)])}
        limited = session.value(_ROLES)
    shown = ", ".join(f"{name} {found[name].value}" for name in _NAMES if name in found)
    pending = [name for name in _NAMES if name in found and found[name].pending_restart]
    wait = f"; waits for a restart: {', '.join(pending)}" if pending else ""
    return evidence(f"{shown}; {counted(limited, 'login')} with a CONNECTION LIMIT{wait}")
