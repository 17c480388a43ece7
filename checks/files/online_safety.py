"""No pending statement blocks a table in use for longer than a moment: squawk's rules and our own."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from checks.base import ERROR, NOTE, WARNING, CannotRun, Finding, Result, counted, files_check
from checks.contexts import FilesContext
from checks.files.online_reading import Before, gains_key, is_about_old, rule_for, rules_of, wanted_names
from checks.files.online_rules import LATER, LOCK, RULES, RULES_OFF, WORK, OnlineRule
from checks.files.squawk import Report, is_ignored, running
from checks.findings import verdict
from checks.options import list_option, text_option
from checks.risk.facts import BUILDS, MODES, REWRITES, SCANS, Observed
from checks.sql.columns import Tables
from checks.sql.locks import blocks_reads
from checks.sql.mentions import RELATION, TYPE
from checks.sql.objects import renamed_by, touched
from checks.sql.statements import Statement
from checks.sql.transactions import cannot_be_in_transaction, units
from checks.sql.tree import line_of

_OLDEST_SUPPORTED = "13"
_VERSION = re.compile(r"\d{1,2}(\.\d{1,2})?")


@files_check(
    title="No statement blocks a table in use",
    decides="Passes when no statement of pending files holds a lock on an existing table or view for as long as it is "
    "large (index without CONCURRENTLY, constraint without NOT VALID, rewrite), waits for one without a lock_timeout, "
    "or breaks sessions that use an old name. Types, constraints and functions are known from the files; objects that "
    "pending files create do not count. Where checks of the same run apply the files to scratch, what was observed "
    "there decides: what locked and scanned nothing becomes a note, and what the files do not tell is added; DO blocks "
    'are seen only there. `[checks.online-safety] off = ["rule"]`, `pg_version = "15"`, `lock_timeout = "10s"` (the '
    "role or the runner sets it).",
    cost="One process of squawk over the pending files; nothing is connected to. With scratch: no more than "
    "statement-risk, which shares the run.",
    fix="Type what the finding says. A small table may be worth the lock: `-- gonogo: ignore online-safety 200 rows`.",
    version=2,
)
def online_safety(context: FilesContext) -> Result:
    context.require_sql()
    off = list_option(context.options, online_safety.id, "off")
    if not context.pending:
        return verdict((), "no pending file")
    with running(context.pending, (*RULES_OFF, *off), _pg_version(context)) as reports_of_squawk:
        reading = read(context, off)
        return judge(context, reading, reports_of_squawk())


def judge(context: FilesContext, reading: Reading, reports: Sequence[Report]) -> Result:
    """The result of what was read, by us and by squawk, and of what scratch observed where it did."""
    complaints = [*reading.complaints, *_reported(context, reports, reading)]
    kept = [each for each in complaints if not each.is_refuted(context.observed)]
    refuted = [each.as_note() for each in complaints if each.is_refuted(context.observed)]
    unread = [_unread(report) for report in reports if report.rule == "syntax-error"]
    findings = [*(each.as_finding() for each in kept), *_seen_only(context, kept), *unread]
    findings = sorted(dict.fromkeys(findings), key=lambda f: (f.message.endswith(_WAITS), f.file, f.line or 0))
    result = verdict(findings, _summary(context))
    return replace(result, findings=(*result.findings, *dict.fromkeys(refuted)))


@dataclass(frozen=True)
class Complaint:
    """A rule that a statement breaks, at a line of its file."""

    name: str
    statement: Statement
    line: int
    table: str
    rule: OnlineRule

    def is_refuted(self, observed: Observed) -> bool:
        """Whether scratch ran the statement and saw nothing of what the rule claims."""
        place = (self.statement.file.name, self.statement.offset)
        if self.rule.claims == LATER or place not in observed or cannot_be_in_transaction(self.statement):
            return False
        risk = observed[place]
        if risk is None:
            return True
        if self.rule.claims == LOCK:
            return not risk.blocking
        return not (risk.waits if self.rule.claims == WORK else risk.work)

    def as_finding(self) -> Finding:
        table = self.table or "the table"
        message = f"{self.rule.costs.replace('{table}', table)} ({self.name})"
        return Finding(message, self.table, self.statement.file.name, self.line, self.rule.instead, self.rule.severity)

    def as_note(self) -> Finding:
        message = (
            f"in scratch it made nobody wait for work on {self.table or 'the table'}, as {self.name} says it might"
        )
        return Finding(message, self.table, self.statement.file.name, self.line, "", NOTE)


@dataclass(frozen=True)
class Reading:
    """What our own rules say of the pending files; what they make, and what is known of tables after the last."""

    complaints: tuple[Complaint, ...]
    new: frozenset[str]
    tables: Tables


def read(context: FilesContext, off: Sequence[str]) -> Reading:
    """Follows the pending files in order, after what applied files tell."""
    before = _before(context)
    found: list[Complaint] = []
    waiting: list[tuple[Statement, str]] = []
    tool = context.migrations.tool
    for file in context.pending:
        before.begin(file)
        statements, is_told = context.statements(file), before.is_told_in(file)
        in_units = ((each, unit) for unit in units(file, statements, tool) for each in unit.statements)
        for number, (statement, unit) in enumerate(in_units):
            if is_about_old(statement, before.new):
                found.extend(_complaints(statement, statements[number:], before))
                tables = () if before.session.gives_up else _locked(context, statement)
                waiting.extend((statement, table) for table in tables if table not in before.new)
            if is_told:
                before.tables.follow(statement)
            before.follow(statement, unit)
    found.extend(_without_lock_timeout(context, waiting))
    kept = (each for each in found if each.name not in off and not is_ignored(each.statement, each.name))
    return Reading(tuple(kept), before.new, before.tables)


def _before(context: FilesContext) -> Before:
    """What applied files tell of the tables, types and functions that pending statements are about."""
    new, statements = new_objects(context), context.all_statements(context.pending)
    asked = {name for each in statements if is_about_old(each, new) for name in wanted_names(each)}
    before = Before(new, tuple(name.lower().encode() for name in asked))
    for file in filter(before.is_told_in, context.applied):
        with contextlib.suppress(CannotRun):
            for statement in context.statements(file):
                before.tables.follow(statement)
    return before


def _complaints(statement: Statement, rest: Sequence[Statement], before: Before) -> Iterator[Complaint]:
    """`rest` is the statement and what follows in its file: it may give back an identity that the statement takes."""
    for name, table, rule, at in rules_of(statement, before):
        is_mended = name == _IDENTITY and any(touched(s) == (table,) and gains_key(s.tree) for s in rest)
        if table not in before.new and not is_mended:
            yield Complaint(name, statement, line_of(statement, at), table, rule)


_IDENTITY, _WAITS = "dropping-replica-identity", "(lock-timeout)"


def _locked(context: FilesContext, statement: Statement) -> tuple[str, ...]:
    """Tables that a statement locks against everybody: as scratch saw it, else as it is written."""
    place = (statement.file.name, statement.offset)
    if statement.kind == "LockStmt":
        return ()  # another rule tells it
    if place not in context.observed:
        return blocks_reads(statement)
    risk = context.observed[place]
    held = (each for each in risk.blocking if each.since is risk.statement) if risk else ()
    return tuple(str(each.table) for each in held if each.mode == MODES[-1])


def _without_lock_timeout(context: FilesContext, waiting: Sequence[tuple[Statement, str]]) -> Iterator[Complaint]:
    """One for all: it is the same line at the top, or the same setting."""
    if not waiting or text_option(context.options, online_safety.id, "lock_timeout"):
        return
    statement, table = waiting[0]
    rule, others = RULES["lock-timeout"], len({each.offset for each, _ in waiting if each.file is statement.file}) - 1
    files = len({each.file.name for each, _ in waiting}) - 1
    more = [counted(others, "more statement") + " of the file"] * bool(others)
    more += [counted(files, "more file")] * bool(files)
    costs = f"{rule.costs}{'; so do ' if more else ''}{' and '.join(more)}"
    yield Complaint("lock-timeout", statement, statement.line, table, replace(rule, costs=costs))


def new_objects(context: FilesContext) -> frozenset[str]:
    """Tables, views, types and indexes that pending files create, by name without `public.`; no new name of an old."""
    found: set[str] = set()
    for statement in context.all_statements(context.pending):
        if statement.kind != "RenameStmt" or found.issuperset(touched(statement)):
            found.update(named.name for named in statement.made if named.kind in (RELATION, TYPE))
        if statement.kind == "IndexStmt" and "idxname" in statement.tree:
            found.add(statement.tree["idxname"])
    return frozenset(found)


def _seen_only(context: FilesContext, kept: Sequence[Complaint]) -> Iterator[Finding]:
    """What scratch saw and no rule says: work on an existing table while others wait."""
    told = {(each.statement.file.name, each.statement.offset) for each in kept if each.rule.claims != LOCK}
    for place, risk in context.observed.items():
        if risk is not None and risk.waits and place not in told:
            from checks.risk.words import hint, sentence

            work, table = risk.work[0]
            severity = ERROR if work in (REWRITES, SCANS, BUILDS) else WARNING
            yield risk.statement.finding(f"{sentence(risk)} (seen in scratch)", str(table), hint(risk), severity)


def _reported(context: FilesContext, reports: Sequence[Report], reading: Reading) -> Iterator[Complaint]:
    """What squawk says of tables that are there already."""
    for report in reports:
        statement = _statement_at(context, report)
        tables = _named(statement) if statement else ()
        if statement is None or report.rule == "syntax-error" or (tables and reading.new.issuperset(tables)):
            continue
        if (rule := rule_for(report.rule, statement, reading.tables)) is not None:
            yield Complaint(report.rule, statement, report.line, ", ".join(tables), rule)


def _named(statement: Statement) -> tuple[str, ...]:
    renamed = renamed_by(statement.kind, statement.tree)
    return touched(statement) or ((str(renamed.old),) if renamed else ())


def _statement_at(context: FilesContext, report: Report) -> Statement | None:
    """The last one that starts at or before the report's place."""
    lines = report.file.content.split(b"\n", report.line - 1)
    offset = len(report.file.content) - len(lines[-1]) + report.column
    statements = [s for s in context.statements(report.file) if s.offset <= offset]
    return statements[-1] if statements else None


def _unread(report: Report) -> Finding:
    """PostgreSQL's parser took the file, or it would not have come here."""
    message = "squawk cannot read this place, so that its rules were not tried on the file"
    hint = "look at the file yourself, then: -- gonogo: ignore online-safety REASON"
    return Finding(message, "", report.file.name, report.line, hint, WARNING)


def _summary(context: FilesContext) -> str:
    statements = list(context.all_statements(context.pending))
    blocks = sum(1 for statement in statements if statement.kind == "DoStmt")
    unseen = f"; {counted(blocks, 'DO block')} not looked into" if blocks and not context.observed else ""
    return f"{counted(len(context.pending), 'file')}, {counted(len(statements), 'statement')}, none blocks{unseen}"


def _pg_version(context: FilesContext) -> str:
    version = text_option(context.options, online_safety.id, "pg_version") or _OLDEST_SUPPORTED
    if not _VERSION.fullmatch(version):
        raise CannotRun(f"[checks.{online_safety.id}] pg_version is no version of PostgreSQL", 'pg_version = "15"')
    return version if "." in version else f"{version}.0"
