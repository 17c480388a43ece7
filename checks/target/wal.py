"""WAL: standbys stream, no slot keeps it for nobody, and it is archived."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.base import Finding, NotApplicable, Result, counted, evidence, target_check
from checks.contexts import TargetContext
from checks.findings import judged
from checks.measures import duration, size
from checks.targetdb.asking import number_option

_STANDBYS = """
SELECT coalesce(nullif(application_name, ''), client_addr::text, 'standby') AS name, state, sync_state,
       coalesce(extract(epoch FROM replay_lag), 0)::float AS lag,
       CASE WHEN NOT pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint END AS behind
FROM pg_stat_replication WHERE application_name NOT LIKE 'pg_basebackup%' ORDER BY 1
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


@target_check(
    title="Standbys follow",
    decides="Passes when as many standbys stream as `replicas` says, none more than 30 s (`lag_seconds`) behind, and "
    "no replication slot is lost or unused; with `replicas = 0`, and none, it does not apply.",
    cost="Three statistics queries; wait for no lock.",
    fix="Look at the standby's log and disk; drop a slot that nobody uses.",
)
def replication(context: TargetContext) -> Result:
    """`replicas` says how many there should be; without it, none is evidence and not a pass."""
    wanted, limit = number_option(context, "replicas", -1), number_option(context, "lag_seconds", 30)
    with context.session() as session:
        own = session.row(_STANDBY)
        standbys, slots = session.rows(_STANDBYS), session.rows(_SLOTS)
    if own.standby:
        return evidence(f"{context.name} is a standby itself, {duration(own.lag or 0)} behind")
    findings = [*_standby_findings(standbys, wanted, limit), *_slot_findings(slots)]
    shown = _shown_replication(standbys, slots)
    if not findings and not standbys and wanted == 0:
        raise NotApplicable(f"{context.name} has no standby, as replicas = 0 under [checks.replication] says")
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
            hint = f"SELECT pg_drop_replication_slot('{row.name}'); -- if nobody comes back for it"
            yield Finding(f"slot {row.name} is not in use and keeps {size(row.kept or 0)} of WAL", row.name, hint=hint)


def _shown_replication(standbys: list[Any], slots: list[Any]) -> str:
    if not standbys:
        return f"no standby streams from here, {counted(len(slots), 'slot')}"
    lag = max(row.lag for row in standbys)
    sync = sum(row.sync_state in ("sync", "quorum") for row in standbys)
    streaming = f"{counted(len(standbys), 'standby', 'standbys')} streaming"
    return f"{streaming}, {sync} synchronous, at most {duration(lag)} behind"


_ARCHIVER = """
SELECT current_setting('archive_mode') AS mode, current_setting('wal_level') AS level,
       current_setting('archive_command', true) AS command,
       coalesce(current_setting('archive_library', true), '') AS library,
       archived_count, failed_count, last_archived_time > coalesce(last_failed_time, '-infinity') AS works,
       extract(epoch FROM now() - last_archived_time)::float AS ago,
       extract(epoch FROM now() - last_failed_time)::float AS failed_ago
FROM pg_stat_archiver
"""


@target_check(
    title="WAL is archived",
    decides="Passes when archiving is on, the newest try worked, and the last file is younger than 15 minutes "
    "(`minutes`). The backups themselves are for a probe of your backup tool.",
    cost="One statistics query; waits for no lock.",
    fix="The server's log has the output of archive_command; a full archive disk is the usual reason.",
)
def archiving(context: TargetContext) -> Result:
    limit = number_option(context, "minutes", 15) * 60
    row = context.rows(_ARCHIVER)[0]
    last = f"last {duration(row.ago)} ago" if row.ago is not None else "none yet"
    shown = f"archive_mode {row.mode}, {row.archived_count} archived, {last}, {_failures(context, row)} failures"
    return judged(_archiver_findings(row, limit), shown, shown)


def _archiver_findings(row: Any, limit: float) -> Iterator[Finding]:
    if row.mode == "off":
        hint = "archive_mode = on (restart), or receive WAL elsewhere; a backup tool's check can be a probe"
        yield Finding("WAL is not archived from here: no restore to a moment", "archive_mode", hint=hint)
    elif not row.library and row.command in (None, "", "(disabled)"):
        yield Finding("archiving is on without a command", "archive_command", hint="set it", severity="error")
    elif row.failed_ago is not None and not row.works:
        message = f"the last try to archive failed {duration(row.failed_ago)} ago"
        yield Finding(message, "archive_command", hint="the server's log has the command's output", severity="error")
    elif row.ago is None or row.ago > limit:
        age = f"for {duration(row.ago)}" if row.ago is not None else "yet"
        hint = "is the database quiet? archive_timeout = 5min ends a segment in time"
        yield Finding(f"nothing was archived {age}", "pg_stat_archiver", hint=hint)


def _failures(context: TargetContext, row: Any) -> str:
    before = (context.inputs.baseline or {}).get("archiver")
    if isinstance(before, Mapping) and row.failed_count >= before.get("failed_count", 0):
        return f"{row.failed_count - before.get('failed_count', 0)} new"
    return str(row.failed_count)
