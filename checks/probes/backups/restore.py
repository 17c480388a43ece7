"""Restores an archive of pg_dump into a scratch database and compares what came out of it.

The archive must restore without an error; its tables must all be there; and none may be empty, or hold far fewer rows
than the target's own statistics say (`reltuples`: no row of the target is read).
"""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from checks.base import CannotRun, Finding, MigrationFile, Result, Status, counted
from checks.contexts import TargetContext
from checks.findings import status_of, worst_first
from checks.masking import Mask
from checks.measures import duration, size
from checks.probes.backups.archive import WITH_LISTING, Archive, Listing, Unreadable, listing, pg_restore
from checks.probes.backups.inventory import MIN_RATIO
from checks.probes.process import MOST_SECONDS, Ended
from checks.probes.settings import ProbeSettings
from checks.probes.wording import one_line, result
from checks.scratchdb.database import ScratchDatabase, ScratchServer, open_scratch
from checks.targetdb.asking import USER_SCHEMA, short

SECONDS = 600.0

# A compressed archive grows when it is restored.
_GROWTH = 5
# Statistics of smaller tables say little.
_FEW_ROWS = 100.0
_ERROR = re.compile(r"^pg_restore: error: (?:could not execute query: )?(?:ERROR:\s+)?(.*)", re.MULTILINE)
_LACKS = re.compile(
    r'extension "([^"]+)" is not available|extension control file .*/([^/"]+)\.control'
    r'|permission denied to create extension "([^"]+)"|collation "([^"]+)" for encoding'
)
# A newer pg_restore sets what an older server does not know; nothing is lost by that.
_HARMLESS = re.compile(r'unrecognized configuration parameter "transaction_timeout"')
_TABLES = f"""
SELECT n.nspname::text AS schema, c.relname::text AS name, c.relkind::text AS kind, c.reltuples::float8 AS rows
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p')
  AND {USER_SCHEMA}
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass
                  AND d.objid = c.oid AND d.deptype = 'e')
"""


@dataclass(frozen=True)
class Restored:
    """What is in the scratch database: rows of each table that holds any itself, and how many tables there are."""

    tables: int
    rows: Mapping[str, int]
    took: float


def run(settings: ProbeSettings, archive: Archive, mask: Mask) -> Result:
    """Raises CannotRun: no scratch server, a form that pg_restore does not read, something the server lacks."""
    if archive.fault:
        return _failed(archive, archive.fault)
    if archive.form not in WITH_LISTING:
        sentence = f"{archive.path.name} is {archive.form}, which pg_restore does not read"
        raise CannotRun(sentence, "dump with --format=custom")
    _refuse_small_disk(settings, archive)
    try:
        listed = listing(settings, archive, mask)
        with open_scratch(settings.inputs.scratch_server, settings.inputs.forbidden_scratch) as server:
            restored = _Drill(settings, archive, listed, mask).run(server)
    except Unreadable as fault:
        return _failed(archive, str(fault))
    return _verdict(settings, archive, listed.tables, restored)


def _refuse_small_disk(settings: ProbeSettings, archive: Archive) -> None:
    """A scratch server of ours lives on the disk that the bot's own state may be on."""
    if settings.inputs.scratch_server != "embedded":
        return
    free = shutil.disk_usage(tempfile.gettempdir()).free
    if free < _GROWTH * archive.size:
        sentence = f"{size(free)} free is too little to restore {size(archive.size)}"
        raise CannotRun(sentence, "[scratch] server = a server with room")


@dataclass(frozen=True)
class _Drill:
    """One restore, with everything that its steps need."""

    settings: ProbeSettings
    archive: Archive
    listed: Listing
    mask: Mask

    def run(self, server: ScratchServer) -> Restored:
        """Raises Unreadable where it does not restore, CannotRun where that is not the archive's fault."""
        seconds = min(self.settings.number("timeout", SECONDS), MOST_SECONDS)
        started = time.monotonic()
        roles = MigrationFile("1", self.archive.path.name, self._schema(seconds))
        with server.database([roles]) as database:
            left = seconds - (time.monotonic() - started)
            ended = self._pg_restore([f"--dbname={database.name}"], left, _login(database))
            if not ended.in_time:
                raise CannotRun(f"not restored after {duration(seconds)}", 'give it longer: timeout = "14m"')
            _refuse(self.archive, ended, self.mask)
            return _look(database, time.monotonic() - started)

    def _schema(self, seconds: float) -> bytes:
        """The archive's statements without its rows, in which roles are looked for that policies name."""
        script = self._pg_restore(["--schema-only", "--file=-"], seconds).output
        # psql's own lines (\restrict) are no SQL, and nothing would be found beside them.
        return b"\n".join(line for line in script.split(b"\n") if not line.startswith(b"\\"))

    def _pg_restore(self, options: list[str], seconds: float, login: Mapping[str, str] | None = None) -> Ended:
        # Owners and grants belong to the server that was dumped.
        arguments = [*options, "--no-owner", "--no-privileges", "--", str(self.archive.path)]
        return pg_restore(self.settings, self.listed.program, arguments, seconds, login)


def _login(database: ScratchDatabase) -> dict[str, str]:
    """libpq's variables of a conninfo: an argument would show the password to every user of the machine."""
    from psycopg.conninfo import conninfo_to_dict
    from psycopg.pq import Conninfo

    names = {option.keyword.decode(): option.envvar for option in Conninfo.get_defaults()}
    given = conninfo_to_dict(database.conninfo)
    return {variable.decode(): str(value) for key, value in given.items() if (variable := names.get(key)) and value}


def _refuse(archive: Archive, ended: Ended, mask: Mask) -> None:
    """Raises CannotRun for what only the scratch server lacks, Unreadable with the first error otherwise."""
    said = mask(ended.errors.decode("utf-8", errors="replace"))
    errors = [one_line(line) for line in _ERROR.findall(said) if not _HARMLESS.search(line)]
    if ended.code != 0 and not errors and not _HARMLESS.search(said):
        errors = [one_line(said) or f"exit code {ended.code}"]
    for error in errors:
        if found := _LACKS.search(error):
            name = next(name for name in found.groups() if name)
            sentence = f"the scratch server has no {name}, so {archive.path.name} cannot be restored there: {error}"
            raise CannotRun(one_line(sentence), "[scratch] server = a server that has it")
    if errors:
        more = f" (and {counted(len(errors) - 1, 'other error')})" if len(errors) > 1 else ""
        raise Unreadable(f"{errors[0]}{more}")


def _look(database: ScratchDatabase, took: float) -> Restored:
    from psycopg import sql

    with database.connect() as connection:
        connection.execute("SET statement_timeout = '600s'")
        tables = connection.execute(_TABLES.encode()).fetchall()
        rows = {}
        for schema, name, kind, _ in tables:
            if kind == "r":
                count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, name))
                row = connection.execute(count).fetchone()
                rows[f"{schema}.{name}"] = int(row[0]) if row else 0
    return Restored(len(tables), rows, took)


def _verdict(settings: ProbeSettings, archive: Archive, expected: int, restored: Restored) -> Result:
    findings = []
    if restored.tables < expected:
        message = f"{restored.tables} of {counted(expected, 'table')} restored"
        findings.append(Finding(message, archive.path.name, severity="error"))
    findings += _fewer_rows(settings, restored)
    total = sum(restored.rows.values())
    largest = max(restored.rows.items(), key=lambda pair: pair[1], default=("", 0))
    most = f", {short(largest[0])} {largest[1]:,}" if largest[1] else ""
    old = duration(time.time() - archive.written)
    tables = f"{counted(restored.tables, 'table')}, {total:,} rows{most}"
    summary = f"{old} old, restored into scratch in {duration(restored.took)}: {tables}"
    if not findings:
        identity = f"restored {restored.tables} tables"
        return result(Status.PASSED, f"{archive.path.name}, {summary}", "", (), identity, archive.backup.finished)
    first = findings[0]
    what = first.message if first.object == archive.path.name else f"{first.object} {first.message}"
    identity = " ".join(sorted(one.object for one in findings))
    return result(status_of(findings), f"dump {summary}; {what}", "", findings, identity, archive.backup.finished)


def _fewer_rows(settings: ProbeSettings, restored: Restored) -> Iterator[Finding]:
    """Against the target's statistics, where there is a target: tables that came out empty, then those cut short."""
    least = settings.number("min_ratio", MIN_RATIO)
    found = []
    for name, rows in _target_rows(settings).items():
        there = restored.rows.get(name)
        if there is None:
            found.append(Finding("is not in it", short(name)))
        elif rows >= _FEW_ROWS and there < least * rows:
            grave = "warning" if there else "error"
            found.append(Finding(f"has {there:,} rows, about {rows:,.0f} in use", short(name), severity=grave))
    yield from worst_first(found)


def _target_rows(settings: ProbeSettings) -> dict[str, float]:
    if settings.inputs.target is None:
        return {}
    from checks.targetdb.session import Target

    with contextlib.closing(Target(settings.inputs.target)) as target:
        tables = TargetContext(target, settings.inputs, settings.spec.id).rows(_TABLES)
    return {f"{table.schema}.{table.name}": table.rows for table in tables if table.kind == "r"}


def _failed(archive: Archive, why: str) -> Result:
    findings = [Finding(why, archive.path.name, severity="error")]
    summary = f"the newest dump does not restore: {why}"
    hint = f"pg_restore --list {archive.path.name}"
    return result(Status.FAILED, summary, hint, findings, made=archive.backup.finished)
