"""replication: standbys stream and are not far behind, no slot keeps WAL for nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checks.base import Check, Finding, Need, Result, counted, evidence
from checks.contexts import TargetContext
from checks.measures import duration, size
from checks.targetdb.asking import number_option
from checks.verdict import judged

_STANDBYS = """
SELECT coalesce(nullif(application_name, ''), client_addr::text, 'standby') AS name, state, sync_state,
       coalesce(extract(epoch FROM replay_lag), 0)::float AS lag,
       CASE WHEN NOT pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint END AS behind
FROM pg_stat_replication WHERE application_name NOT LIKE 'pg_basebackup%%' ORDER BY 1
"""
_SLOTS = """
SELECT slot_name::text AS name, active, coalesce(wal_status, 'unknown') AS wal_status,
       CASE WHEN NOT pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint END AS kept
FROM pg_replication_slots WHERE NOT temporary ORDER BY 1
"""
_STANDBY = """
SELECT pg_is_in_recovery() AS standby, CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
  ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END::float AS lag
"""


def run(context: TargetContext) -> Result:
    """`replicas` says how many there should be; without it, none is evidence and not a pass."""
    wanted, limit = number_option(context, "replicas", -1), number_option(context, "lag_seconds", 30)
    with context.session() as session:
        own = session.row(_STANDBY)
        standbys, slots = session.rows(_STANDBYS.replace("%%", "%")), session.rows(_SLOTS)
    if own.standby:
        return evidence(f"{context.name} is a standby itself, {duration(own.lag or 0)} behind")
    findings = [*_standby_findings(standbys, wanted, limit), *_slot_findings(slots)]
    shown = _shown(standbys, slots)
    if not findings and not standbys and wanted < 0:
        return evidence(f"{shown}; set replicas under [checks.replication] to have it decided")
    return judged(findings, shown, shown)


def _standby_findings(standbys: list[Any], wanted: float, limit: float) -> Iterator[Finding]:
    streaming = [row for row in standbys if row.state == "streaming"]
    if len(streaming) < wanted:
        message = f"{len(streaming)} of {wanted:g} standbys stream"
        yield Finding(message, "standbys", hint="look at the standby's log", severity="error")
    for row in standbys:
        if row.lag > limit:
            message = f"{row.name} is {duration(row.lag)} ({size(row.behind or 0)}) behind"
            yield Finding(message, row.name, hint="wait before go: a migration's WAL makes it later still")


def _slot_findings(slots: list[Any]) -> Iterator[Finding]:
    for row in slots:
        if row.wal_status in ("lost", "unreserved"):
            hint = "its standby has to be made anew, or the slot dropped"
            yield Finding(f"slot {row.name} is {row.wal_status}", row.name, hint=hint, severity="error")
        elif not row.active:
            hint = f"SELECT pg_drop_replication_slot('{row.name}') if nobody comes back for it"
            yield Finding(f"slot {row.name} is not in use and keeps {size(row.kept or 0)} of WAL", row.name, hint=hint)


def _shown(standbys: list[Any], slots: list[Any]) -> str:
    if not standbys:
        return f"no standby streams from here, {counted(len(slots), 'slot')}"
    lag = max(row.lag for row in standbys)
    sync = sum(row.sync_state in ("sync", "quorum") for row in standbys)
    return (
        f"{counted(len(standbys), 'standby', 'standbys')} streaming, {sync} synchronous, at most {duration(lag)} behind"
    )


CHECK = Check(
    id="replication",
    title="Standbys follow",
    needs=Need.TARGET,
    run=run,
    decides="Passes when as many standbys stream as `replicas` says, none more than 30 s (`lag_seconds`) behind, and "
    "no replication slot is lost or unused.",
    cost="Three statistics queries; wait for no lock.",
    fix="Look at the standby's log and disk; drop a slot that nobody uses.",
)
