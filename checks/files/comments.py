"""What people write beside the SQL: what a file is for, what is silenced and why, documentation of the schema."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.base import Finding, MigrationFile, NotApplicable, Result, counted, evidence, files_check
from checks.catalogue import CATALOGUE
from checks.contexts import FilesContext
from checks.files.names import given_names
from checks.findings import not_these, silences, verdict
from checks.options import flag_option, text_option
from checks.sql.statements import Statement
from checks.sql.tree import bare

_LEADING = re.compile(r"\s*(?:--[^\n]*\n?|/\*.*?\*/|\s+)*", re.DOTALL)
# Words to programs: sqlx, squawk, gonogo, Flyway and golang-migrate headers.
_DIRECTIVE = re.compile(r"^\s*--\s*(?:no-transaction|squawk-ignore|gonogo:|flyway:|migrate:|\+).*$", re.MULTILINE)
_FEWEST_LETTERS = 10


@files_check(
    title="Each file says what it is for",
    decides="Tells how many pending up files begin with a comment of more than a word or two; lines that are meant for "
    "programs, such as `-- no-transaction`, do not count. Passes when all do; the others are findings with "
    "`[checks.migration-comments] required = true`.",
    fix="Write a sentence at the top: what changes, why, and what to look out for while it runs.",
)
def migration_comments(context: FilesContext) -> Result:
    context.require_sql()
    findings = [finding for file in context.pending for finding in _unsaid(file)]
    files = counted(len(context.pending), "file")
    if findings and not flag_option(context.options, migration_comments.id, "required"):
        said = f"{len(context.pending) - len(findings)} of {files} with a sentence at the top"
        return evidence(f"{said}; {not_these(finding.file for finding in findings)}")
    return verdict(findings, f"{files}, each says at its top what it does")


def _unsaid(file: MigrationFile) -> Iterator[Finding]:
    head = _LEADING.match(file.text[:20_000])
    said = _DIRECTIVE.sub("", head.group() if head else "")
    if sum(1 for char in said if char.isalpha()) < _FEWEST_LETTERS:
        hint = "-- What changes, why, and what whoever runs it should know."
        yield Finding("does not say what it is for", file.version, file.name, 1, hint)


@files_check(
    title="Silenced findings have a reason",
    decides="Passes when every `-- gonogo: ignore ID reason` of pending files names a check that exists, and a reason; "
    "its evidence is the list of them. One without silences nothing.",
    cost="Reads the files' comments.",
    fix="Write the reason behind the id, for whoever approves the deployment.",
)
def ignore_comments(context: FilesContext) -> Result:
    files = [*context.pending, *context.pending_downs]
    count = sum(len(silences(file)) for file in files)
    if not count:
        raise NotApplicable("pending files silence no check")
    said = "; ".join(dict.fromkeys(f"{s.check}: {s.reason}" for file in files for s in silences(file)))
    findings = [finding for file in files for finding in _unsilencing(file)]
    return verdict(findings, f"{counted(count, 'ignore comment')}: {said}")


def _unsilencing(file: MigrationFile) -> Iterator[Finding]:
    for silence in silences(file):
        if silence.check not in CATALOGUE:
            message = f'no check is called "{silence.check}": the comment silences nothing'
            yield Finding(message, silence.check, file.name, silence.at, "gonogo checks")
        elif not silence.reason:
            hint = f"-- gonogo: ignore {silence.check} WHY IT IS FINE HERE"
            yield Finding("silences nothing without a reason", silence.check, file.name, silence.at, hint)


_WORD = re.compile(r"[\w$]+")


@files_check(
    title="New tables and columns are documented",
    option="file",
    decides='With `[checks.documented-changes] file = "docs/schema.md"`: passes when the file has the name of every '
    "table, view and column that pending files add; partitions do not count.",
    cost="Reads one file of text.",
    fix="Describe them, or run the generator of your documentation again.",
)
def documented_changes(context: FilesContext) -> Result:
    from checks.documents import documents_of

    path = text_option(context.options, documented_changes.id, "file")
    words = frozenset(_WORD.findall(documents_of(context.options).text(path)))
    new = [(s, kind, name, at) for s in context.all_statements(context.pending) for kind, name, at in _new(s)]
    lacking = [one for one in new if bare(one[2]) not in words]
    hint = f"describe it in {path}"
    findings = [s.finding(f"new {kind} {name} is not in {path}", name, hint, at=at) for s, kind, name, at in lacking]
    shown = counted(len(new), "new table, view or column", "new tables, views and columns")
    return verdict(findings, f"{shown} in {path}")


def _new(statement: Statement) -> Iterator[tuple[str, str, int | None]]:
    kinds = ("CreateStmt", "CreateTableAsStmt", "ViewStmt", "AlterTableStmt")
    if statement.kind not in kinds or "partbound" in statement.tree:
        return
    table = statement.made[0].name if statement.made else statement.tree.get("relation", {}).get("relname", "")
    for given in given_names(statement):
        if given.kind in ("table", "view"):
            yield given.kind, table, given.location
        elif given.kind == "column":
            yield given.kind, f"{table}.{given.name}", given.location
