"""Names of files, and of what they create: one rule, none that the server cuts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from checks.base import Check, Finding, MigrationFile, Need, Result, counted
from checks.contexts import FilesContext
from checks.findings import verdict
from checks.options import pattern_option
from checks.sql.objects import (
    COLUMN,
    FUNCTION,
    INDEX,
    MATVIEW,
    ROLE,
    SCHEMA,
    SEQUENCE,
    TABLE,
    TRIGGER,
    TYPE,
    VIEW,
    altered_by,
    made_by,
    renamed_by,
)
from checks.sql.statements import Statement
from checks.sql.tree import Tree, line_of, of_kind


@dataclass(frozen=True)
class GivenName:
    """A name that a statement gives; `location` in bytes of the file."""

    kind: str
    name: str
    location: int | None = None


# What people call each kind in a rule of theirs.
_NAMED = {kind: kind for kind in (TABLE, VIEW, INDEX, COLUMN, SEQUENCE, FUNCTION, TRIGGER, TYPE, SCHEMA, ROLE)}
_NAMED |= {MATVIEW: VIEW, "constraint": "constraint"}


def given_names(statement: Statement) -> Iterator[GivenName]:
    """Names of objects, their columns and constraints; unqualified."""
    kind, tree = statement.kind, statement.tree
    if (renamed := renamed_by(kind, tree)) and renamed.kind in _NAMED:
        yield GivenName(_NAMED[renamed.kind], renamed.new.bare)
    for made in made_by(kind, tree):
        if made.kind in _NAMED and made.kind != COLUMN and made.name.bare:
            yield GivenName(_NAMED[made.kind], made.name.bare, made.location)
    if kind == "CreateStmt":
        yield from _table_parts(tree.get("tableElts"))
    for subtype in ("AT_AddColumn", "AT_AddConstraint"):
        yield from _table_parts([command["def"] for command in altered_by(kind, tree, subtype)])


def _table_parts(elements: list[Tree] | None) -> Iterator[GivenName]:
    for column in of_kind(elements, "ColumnDef"):
        yield GivenName("column", column["colname"], column.get("location"))
        yield from _table_parts(column.get("constraints"))
    for constraint in of_kind(elements, "Constraint"):
        if constraint.get("conname"):
            yield GivenName("constraint", constraint["conname"], constraint.get("location"))


FILE_NAMES_ID = "file-names"
# What tools put around the description: V1__x.sql, 0001_x.up.sql, R__x.sql, ae10_x.py.
_DESCRIPTION = re.compile(r"(?:[VU][0-9._]*__|R__|[0-9a-f]+_|[0-9]+)?(?P<words>.*?)(?:\.(?:up|down))?\.(?:sql|py|rb)")
_FILE_NAMES_SNAKE = r"[a-z0-9]+(_[a-z0-9]+)*"
# Most file systems take 255 bytes, and people read about this much.
_LONGEST = 100


def file_names(context: FilesContext) -> Result:
    """Warns of each name that is off."""
    rule = pattern_option(context.options, FILE_NAMES_ID, "description", _FILE_NAMES_SNAKE)
    findings = [finding for file in context.pending for finding in _file_names_faults(file, rule)]
    findings += _unlike_downs(context)
    return verdict(findings, f"{counted(len(context.pending), 'file name')}, all lower case words")


def _file_names_faults(file: MigrationFile, rule: re.Pattern[str]) -> Iterator[Finding]:
    words = _words(file)
    if not words:
        yield _file_names_finding(file, f"{file.name} does not say what it does", "put a description after the number")
    elif not rule.fullmatch(words):
        usual = f"name it {_suggestion(words)}" if rule.pattern == _FILE_NAMES_SNAKE else f"the rule is {rule.pattern}"
        yield _file_names_finding(file, f'"{words}" is not named by the rule', usual)
    if len(file.name.encode()) > _LONGEST:
        yield _file_names_finding(file, f"a name of {len(file.name.encode())} bytes", f"at most {_LONGEST}: shorten it")


def _unlike_downs(context: FilesContext) -> Iterator[Finding]:
    ups = {file.version: file for file in context.pending}
    for down in context.pending_downs:
        if down.version in ups and _words(down) != _words(ups[down.version]):
            yield _file_names_finding(
                down, f"is not named as its up file {ups[down.version].name}", "give both the same words"
            )


def _words(file: MigrationFile) -> str:
    match = _DESCRIPTION.fullmatch(PurePosixPath(file.name).name)
    return match["words"] if match else file.name


def _suggestion(words: str) -> str:
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", words)
    return re.sub(r"[^a-z0-9]+", "_", split.lower()).strip("_") or "what_it_does"


def _file_names_finding(file: MigrationFile, message: str, hint: str) -> Finding:
    return Finding(message, file.version, file.name, hint=hint)


FILE_NAMES = Check(
    id=FILE_NAMES_ID,
    title="Migration files are named by one rule",
    needs=Need.FILES,
    run=file_names,
    decides="Passes when each pending file has a description of lower case words joined by `_`, a name of at most "
    '100 bytes, and a down file has the words of its up file. `[checks.file-names] description = "regex"` sets another '
    "rule.",
    cost="Reads names only.",
    fix="Rename the file before anybody applied it; afterwards the tool would take it for another one.",
)


NAMING_ID = "naming-conventions"
KINDS = ("table", "column", "index", "constraint", "view", "type", "function", "trigger", "sequence", "schema", "role")
_NAMING_CONVENTIONS_SNAKE = r"[a-z_][a-z0-9_]*"
# NAMEDATALEN - 1: PostgreSQL manual, "Identifiers and Key Words".
_MAX_BYTES = 63


def naming_conventions(context: FilesContext) -> Result:
    """Warns of each name that is off the rule, and of names that the server would cut."""
    rules = {kind: pattern_option(context.options, NAMING_ID, kind, _NAMING_CONVENTIONS_SNAKE) for kind in KINDS}
    count = 0
    findings: list[Finding] = []
    for statement in context.all_statements(context.pending):
        for given in given_names(statement):
            count += 1
            findings.extend(_naming_conventions_faults(statement, given, rules))
    return verdict(findings, f"{counted(count, 'name')} in {counted(len(context.pending), 'file')}, all by the rule")


def _naming_conventions_faults(
    statement: Statement, given: GivenName, rules: Mapping[str, re.Pattern[str]]
) -> Iterator[Finding]:
    whole = _as_written(statement, given.name)
    if len(whole.encode()) > _MAX_BYTES:
        message = f"{given.kind} {whole} has {len(whole.encode())} bytes: the server cuts it after {_MAX_BYTES}"
        yield _naming_conventions_finding(
            statement, given, message, "shorten it: cut names collide, and nobody finds them"
        )
    elif not rules[given.kind].fullmatch(given.name):
        rule = rules[given.kind].pattern
        suggestion = f"name it {_snake(given.name)}" if rule == _NAMING_CONVENTIONS_SNAKE else f"the rule is {rule}"
        quoted = "" if rule != _NAMING_CONVENTIONS_SNAKE else ", and has to be quoted ever after"
        yield _naming_conventions_finding(
            statement, given, f'{given.kind} "{given.name}" is off the rule{quoted}', suggestion
        )


def _naming_conventions_finding(statement: Statement, given: GivenName, message: str, hint: str) -> Finding:
    return Finding(message, given.name, statement.file.name, line_of(statement, given.location), hint)


def _as_written(statement: Statement, name: str) -> str:
    """The parser cuts long names as the server does: the whole one stands in the text."""
    if len(name.encode()) < _MAX_BYTES - 3:
        return name
    longer = re.search(re.escape(name) + r"[\w$]*", statement.text, re.IGNORECASE)
    return longer.group() if longer else name


def _snake(name: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z0-9_]+", "_", words.lower()).strip("_") or "a_name"


NAMING_CONVENTIONS = Check(
    id=NAMING_ID,
    title="New objects are named by one rule",
    needs=Need.FILES,
    run=naming_conventions,
    decides="Passes when tables, columns, indexes, constraints, views, types, functions, triggers, sequences, schemas "
    "and roles that pending files create are in snake_case and have at most 63 bytes. `[checks.naming-conventions] "
    'table = "regex"` (also the other kinds) sets a rule of your own.',
    cost="Milliseconds; nothing is connected to.",
    fix="Rename the object in the file; once it is applied, a rename breaks whoever uses the old name.",
)
