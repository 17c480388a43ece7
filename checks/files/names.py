"""Names of files, and of what they create: one rule, none that the server cuts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from checks.base import Finding, MigrationFile, Result, counted, files_check
from checks.contexts import FilesContext
from checks.findings import verdict
from checks.options import pattern_option
from checks.sql.mentions import Named
from checks.sql.objects import COLUMN, MATVIEW, VIEW, altered_by, made_by, renamed_by
from checks.sql.statements import Statement
from checks.sql.tree import Tree, of_kind

KINDS = ("table", "column", "index", "constraint", "view", "type", "function", "trigger", "sequence", "schema", "role")
# What people call each kind in a rule of theirs.
_NAMED = {kind: kind for kind in KINDS} | {MATVIEW: VIEW}


def given_names(statement: Statement) -> Iterator[Named]:
    """Names of objects, their columns and constraints; unqualified."""
    kind, tree = statement.kind, statement.tree
    if (renamed := renamed_by(kind, tree)) and renamed.kind in _NAMED:
        yield Named(_NAMED[renamed.kind], renamed.new.bare)
    for made in made_by(kind, tree):
        if made.kind in _NAMED and made.kind != COLUMN and made.name.bare:
            yield Named(_NAMED[made.kind], made.name.bare, made.location)
    if kind == "CreateStmt":
        yield from _table_parts(tree.get("tableElts"))
    for subtype in ("AT_AddColumn", "AT_AddConstraint"):
        yield from _table_parts([command["def"] for command in altered_by(kind, tree, subtype)])


def _table_parts(elements: list[Tree] | None) -> Iterator[Named]:
    for column in of_kind(elements, "ColumnDef"):
        yield Named("column", column["colname"], column.get("location"))
        yield from _table_parts(column.get("constraints"))
    for constraint in of_kind(elements, "Constraint"):
        if constraint.get("conname"):
            yield Named("constraint", constraint["conname"], constraint.get("location"))


# What tools put around the description: V1__x.sql, 0001_x.up.sql, R__x.sql, ae10_x.py, 2026-11-01-000000_x/up.sql.
_DESCRIPTION = re.compile(
    r"(?:[VU][0-9._]*__|R__|[0-9a-f-]+_|[0-9]+)?(?P<words>.*?)(?:\.(?:up|down))?(?:\.(?:sql|py|rb))?"
)
_LOWER_WORDS = r"[a-z0-9]+(_[a-z0-9]+)*"
# Most file systems take 255 bytes, and people read about this much.
_LONGEST = 100


@files_check(
    title="Migration files are named by one rule",
    decides="Passes when each pending file has a description of lower case words joined by `_`, a name of at most "
    '100 bytes, and a down file has the words of its up file. `[checks.file-names] description = "regex"` sets another '
    "rule.",
    cost="Reads names only.",
    fix="Rename the file before anybody applied it; afterwards the tool would take it for another one.",
)
def file_names(context: FilesContext) -> Result:
    rule = pattern_option(context.options, file_names.id, "description", _LOWER_WORDS)
    findings = [finding for file in context.pending for finding in _file_faults(file, rule)]
    findings += _unlike_downs(context)
    return verdict(findings, f"{counted(len(context.pending), 'file name')}, all lower case words")


def _file_faults(file: MigrationFile, rule: re.Pattern[str]) -> Iterator[Finding]:
    words = _words(file)
    if not words:
        yield _file_finding(file, f"{file.name} does not say what it does", "put a description after the number")
    elif not rule.fullmatch(words):
        suggestion = _snake(words, kept="") or "what_it_does"
        usual = f"name it {suggestion}" if rule.pattern == _LOWER_WORDS else f"the rule is {rule.pattern}"
        yield _file_finding(file, f'"{words}" is not named by the rule', usual)
    if len(file.name.encode()) > _LONGEST:
        yield _file_finding(file, f"a name of {len(file.name.encode())} bytes", f"at most {_LONGEST}: shorten it")


def _unlike_downs(context: FilesContext) -> Iterator[Finding]:
    ups = {file.version: file for file in context.pending}
    for down in context.pending_downs:
        if down.version in ups and _words(down) != _words(ups[down.version]):
            message = f"is not named as its up file {ups[down.version].name}"
            yield _file_finding(down, message, "give both the same words")


def _words(file: MigrationFile) -> str:
    match = _DESCRIPTION.fullmatch(file.given_name)
    return match["words"] if match else file.name


def _file_finding(file: MigrationFile, message: str, hint: str) -> Finding:
    return Finding(message, file.version, file.name, hint=hint)


_SNAKE_CASE = r"[a-z_][a-z0-9_]*"
# NAMEDATALEN - 1: PostgreSQL manual, "Identifiers and Key Words".
_MAX_BYTES = 63


@files_check(
    title="New objects are named by one rule",
    decides="Passes when tables, columns, indexes, constraints, views, types, functions, triggers, sequences, schemas "
    "and roles that pending files create are in snake_case and have at most 63 bytes. `[checks.naming-conventions] "
    'table = "regex"` (also the other kinds) sets a rule of your own.',
    fix="Rename the object in the file; once it is applied, a rename breaks whoever uses the old name.",
)
def naming_conventions(context: FilesContext) -> Result:
    rules = {kind: pattern_option(context.options, naming_conventions.id, kind, _SNAKE_CASE) for kind in KINDS}
    count = 0
    findings: list[Finding] = []
    for statement in context.all_statements(context.pending):
        for given in given_names(statement):
            count += 1
            findings.extend(_name_faults(statement, given, rules))
    return verdict(findings, f"{counted(count, 'name')} in {counted(len(context.pending), 'file')}, all by the rule")


def _name_faults(statement: Statement, given: Named, rules: Mapping[str, re.Pattern[str]]) -> Iterator[Finding]:
    whole = _as_written(statement, given.name)
    if len(whole.encode()) > _MAX_BYTES:
        message = f"{given.kind} {whole} has {len(whole.encode())} bytes: the server cuts it after {_MAX_BYTES}"
        hint = "shorten it: cut names collide, and nobody finds them"
        yield statement.finding(message, given.name, hint, at=given.location)
    elif not rules[given.kind].fullmatch(given.name):
        rule = rules[given.kind].pattern
        usual = f"name it {_snake(given.name) or 'a_name'}" if rule == _SNAKE_CASE else f"the rule is {rule}"
        quoted = "" if rule != _SNAKE_CASE else ", and has to be quoted ever after"
        message = f'{given.kind} "{given.name}" is off the rule{quoted}'
        yield statement.finding(message, given.name, usual, at=given.location)


def _as_written(statement: Statement, name: str) -> str:
    """The parser cuts long names as the server does: the whole one stands in the text."""
    if len(name.encode()) < _MAX_BYTES - 3:
        return name
    longer = re.search(re.escape(name) + r"[\w$]*", statement.text, re.IGNORECASE)
    return longer.group() if longer else name


def _snake(name: str, kept: str = "_") -> str:
    """In lower case, with `_` between words, for whatever is neither letter nor digit nor `kept`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(rf"[^a-z0-9{kept}]+", "_", words.lower()).strip("_")
