"""archiving: WAL is archived, lately and without failures, so that a restore can reach any moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.base import Check, Finding, Need, Result
from checks.contexts import TargetContext
from checks.measures import duration
from checks.targetdb.asking import number_option
from checks.verdict import judged

_ARCHIVER = """
SELECT current_setting('archive_mode') AS mode, current_setting('wal_level') AS level,
       current_setting('archive_command', true) AS command, coalesce(current_setting('archive_library', true), '') AS
       library,
       archived_count, failed_count, last_archived_time > coalesce(last_failed_time, '-infinity') AS works,
       extract(epoch FROM now() - last_archived_time)::float AS ago,
       extract(epoch FROM now() - last_failed_time)::float AS failed_ago
FROM pg_stat_archiver
"""


def run(context: TargetContext) -> Result:
    """Failed when archiving is on and does not work; a warning when it is off or has been quiet for long."""
    limit = number_option(context, "minutes", 15) * 60
    row = context.rows(_ARCHIVER)[0]
    last = f"last {duration(row.ago)} ago" if row.ago is not None else "none yet"
    shown = f"archive_mode {row.mode}, {row.archived_count} archived, {last}, {_failures(context, row)} failures"
    return judged(_findings(row, limit), shown, shown)


def _findings(row: Any, limit: float) -> Iterator[Finding]:
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
        hint = "quiet database? SELECT pg_switch_wal() as its owner, or archive_timeout = 5min"
        yield Finding(f"nothing was archived {age}", "pg_stat_archiver", hint=hint)


def _failures(context: TargetContext, row: Any) -> str:
    before = (context.inputs.baseline or {}).get("archiver")
    if isinstance(before, Mapping) and row.failed_count >= before.get("failed_count", 0):
        return f"{row.failed_count - before.get('failed_count', 0)} new"
    return str(row.failed_count)


CHECK = Check(
    id="archiving",
    title="WAL is archived",
    needs=Need.TARGET,
    run=run,
    decides="Passes when archiving is on, the newest try worked, and the last file is younger than 15 minutes "
    "(`minutes`). The backups themselves are for a probe of your backup tool.",
    cost="One statistics query; waits for no lock.",
    fix="The server's log has the output of archive_command; a full archive disk is the usual reason.",
)
