"""No pending statement blocks a table in use for longer than a moment: squawk's rules and our own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from checks.base import WARNING, CannotRun, Finding, MigrationFile, Result, counted, files_check
from checks.contexts import FilesContext
from checks.files.online_rules import RULES_OFF, OnlineRule, own_rules, rule_for
from checks.findings import verdict
from checks.measures import duration
from checks.options import list_option, text_option
from checks.sql.mentions import RELATION
from checks.sql.objects import touched
from checks.sql.statements import Statement

# Files of squawk lie in memory where the system has such a place: on a slow disk they take longer than squawk itself.
_IN_MEMORY = Path("/dev/shm")
_SECONDS = 90.0
_NULL = subprocess.DEVNULL


@dataclass(frozen=True)
class Report:
    """One finding of squawk; `line` counts from 1."""

    file: MigrationFile
    line: int
    rule: str
    message: str
    help: str


@contextlib.contextmanager
def running(
    files: Sequence[MigrationFile], excluded: Sequence[str], pg_version: str
) -> Iterator[Callable[[], tuple[Report, ...]]]:
    """Starts squawk over the files, without the excluded rules. Raises CannotRun where it is not installed.

    The caller can parse meanwhile: what it is given waits for the reports.
    The files are written to a private folder under names of our own, so that neither a hostile name nor a
    `.squawk.toml` of some parent folder has a say; `-- squawk-ignore RULE` works as in squawk. Source of the options:
    squawk 2.70, `squawk --help`.
    """
    settings = ["--reporter", "json", "--assume-in-transaction", "--pg-version", pg_version]
    command = [_binary(), *settings, *(f"--exclude={rule}" for rule in excluded)]
    with _folder(files) as (folder, named), tempfile.TemporaryFile() as output:
        process = subprocess.Popen([*command, *named], cwd=folder, stdout=output, stdin=_NULL, stderr=_NULL)
        try:
            yield lambda: _reports(process, output, named)
        finally:
            process.kill()
            process.wait()


@contextlib.contextmanager
def _folder(files: Sequence[MigrationFile]) -> Iterator[tuple[Path, Mapping[str, MigrationFile]]]:
    named = {f"{number}.sql": file for number, file in enumerate(files)}
    for parent in (_IN_MEMORY, None):
        with contextlib.ExitStack() as stack:
            try:
                place = tempfile.TemporaryDirectory(prefix="gonogo-squawk-", dir=parent, ignore_cleanup_errors=True)
                folder = stack.enter_context(place)
                for name, file in named.items():
                    # open() on a text: making a thousand Paths costs more than writing the files.
                    with open(f"{folder}/{name}", "wb") as copy:  # noqa: PTH123
                        copy.write(file.content)
            except OSError:
                continue
            yield Path(folder), named
            return
    sentence = "there is no room for a copy of the files in the temporary folder"
    raise CannotRun(sentence, f"df -h {tempfile.gettempdir()}")


def _binary() -> str:
    places = os.pathsep.join((sysconfig.get_path("scripts"), os.environ.get("PATH", "")))
    found = shutil.which("squawk", path=places)
    if found is None:
        raise CannotRun("squawk is not installed", "pip install squawk-cli")
    return found


def _reports(
    process: subprocess.Popen[bytes], output: IO[bytes], files: Mapping[str, MigrationFile]
) -> tuple[Report, ...]:
    """Raises CannotRun when it does not end in time or says something else than JSON."""
    try:
        process.wait(_SECONDS)
    except subprocess.TimeoutExpired:
        raise CannotRun(f"squawk did not end within {duration(_SECONDS)}", "squawk --version") from None
    output.seek(0)
    try:
        return tuple(_report(entry, files) for entry in json.loads(output.read() or b"[]"))
    except (ValueError, KeyError, TypeError):
        sentence = f"squawk ended with {process.returncode} and no report"
        raise CannotRun(sentence, "squawk --version; pip install --force-reinstall squawk-cli") from None


def _report(entry: Mapping[str, object], files: Mapping[str, MigrationFile]) -> Report:
    file = files[Path(str(entry["file"])).name]
    line = int(str(entry["line"])) + 1
    return Report(file, line, str(entry["rule_name"]), str(entry["message"]), str(entry["help"] or ""))


_OLDEST_SUPPORTED = "13"
_VERSION = re.compile(r"\d{1,2}(\.\d{1,2})?")
# One ADD CONSTRAINT gets both; the special rule says more.
_SPECIAL = ("adding-foreign-key-constraint", "disallowed-unique-constraint", "adding-serial-primary-key-field")


@files_check(
    title="No statement blocks a table in use",
    decides="Passes when no statement of pending files holds a lock on an existing table or view for as long as it is "
    "large (index without CONCURRENTLY, constraint without NOT VALID, rewrite), or breaks sessions that use an old "
    "name. squawk's rules, without those of style; objects that pending files create do not count. DO blocks are "
    'counted, not looked into. `[checks.online-safety] off = ["rule"]`, `pg_version = "15"`.',
    cost="One process of squawk over the pending files; nothing is connected to.",
    fix="Type what the finding says. A small table may be worth the lock: `-- gonogo: ignore online-safety 200 rows`.",
)
def online_safety(context: FilesContext) -> Result:
    context.require_sql()
    off = (*RULES_OFF, *list_option(context.options, online_safety.id, "off"))
    if not context.pending:
        return verdict((), "no pending file")
    with running(context.pending, off, _pg_version(context)) as reports_of_squawk:
        new = new_objects(context)
        findings = [finding for s in context.all_statements(context.pending) for finding in _own(s, new, off)]
        reports = reports_of_squawk()
    findings = [*dict.fromkeys([*findings, *_reported(context, reports, new)])]
    return verdict(sorted(findings, key=lambda finding: (finding.file, finding.line or 0)), _summary(context))


def new_objects(context: FilesContext) -> frozenset[str]:
    """Tables, views and indexes that pending files create, by name without `public.`."""
    found: set[str] = set()
    for statement in context.all_statements(context.pending):
        found.update(named.name for named in statement.made if named.kind == RELATION)
        if statement.kind == "IndexStmt" and "idxname" in statement.tree:
            found.add(statement.tree["idxname"])
    return frozenset(found)


def _own(statement: Statement, new: frozenset[str], off: Sequence[str]) -> Iterator[Finding]:
    for name, table, rule in own_rules(statement):
        if table not in new and name not in off:
            yield _finding(statement, statement.line, name, table, rule)


def _reported(context: FilesContext, reports: Sequence[Report], new: frozenset[str]) -> Iterator[Finding]:
    special = {(r.file.name, r.line) for r in reports if r.rule in _SPECIAL}
    for report in reports:
        statement = _statement_at(context, report)
        if report.rule == "constraint-missing-not-valid" and (report.file.name, report.line) in special:
            continue
        if report.rule == "syntax-error":
            yield _unread(report)
            continue
        tables = touched(statement) if statement else ()
        if statement is not None and not (tables and new.issuperset(tables)):
            rule = rule_for(report.rule, statement, report.message, report.help)
            yield _finding(statement, report.line, report.rule, ", ".join(tables), rule)


def _statement_at(context: FilesContext, report: Report) -> Statement | None:
    """The last one that starts at or before the line, and is the report's own."""
    statements = [s for s in context.statements(report.file) if s.line <= report.line]
    return statements[-1] if statements else None


def _finding(statement: Statement, line: int, name: str, table: str, rule: OnlineRule) -> Finding:
    message = f"{rule.costs.replace('{table}', table or 'the table')} ({name})"
    return Finding(message, table, statement.file.name, line, rule.instead, rule.severity)


def _unread(report: Report) -> Finding:
    """PostgreSQL's parser took the file, or it would not have come here."""
    message = "squawk cannot read this place, so that its rules were not tried on the file"
    hint = "look at the file yourself, then: -- gonogo: ignore online-safety REASON"
    return Finding(message, "", report.file.name, report.line, hint, WARNING)


def _summary(context: FilesContext) -> str:
    statements = list(context.all_statements(context.pending))
    blocks = sum(1 for statement in statements if statement.kind == "DoStmt")
    unseen = f"; {counted(blocks, 'DO block')} not looked into" if blocks else ""
    return f"{counted(len(context.pending), 'file')}, {counted(len(statements), 'statement')}, none blocks{unseen}"


def _pg_version(context: FilesContext) -> str:
    version = text_option(context.options, online_safety.id, "pg_version") or _OLDEST_SUPPORTED
    if not _VERSION.fullmatch(version):
        raise CannotRun(f"[checks.{online_safety.id}] pg_version is no version of PostgreSQL", 'pg_version = "15"')
    return version if "." in version else f"{version}.0"
