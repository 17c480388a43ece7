"""naming-conventions: what pending files create is named by one rule, and no name is cut by the server."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from checks.base import Check, Finding, Need, Result, counted
from checks.contexts import FilesContext
from checks.naming import GivenName, given_names
from checks.options import pattern_option
from checks.sql.statements import Statement
from checks.sql.tree import line_of
from checks.verdict import verdict

ID = "naming-conventions"
KINDS = ("table", "column", "index", "constraint", "view", "type", "function", "trigger", "sequence", "schema", "role")
_SNAKE = r"[a-z_][a-z0-9_]*"
# NAMEDATALEN - 1: PostgreSQL manual, "Identifiers and Key Words".
_MAX_BYTES = 63


def run(context: FilesContext) -> Result:
    """Warns of each name that is off the rule, and of names that the server would cut."""
    rules = {kind: pattern_option(context.options, ID, kind, _SNAKE) for kind in KINDS}
    count = 0
    findings: list[Finding] = []
    for statement in context.all_statements(context.pending):
        for given in given_names(statement):
            count += 1
            findings.extend(_faults(statement, given, rules))
    return verdict(findings, f"{counted(count, 'name')} in {counted(len(context.pending), 'file')}, all by the rule")


def _faults(statement: Statement, given: GivenName, rules: Mapping[str, re.Pattern[str]]) -> Iterator[Finding]:
    whole = _as_written(statement, given.name)
    if len(whole.encode()) > _MAX_BYTES:
        message = f"{given.kind} {whole} has {len(whole.encode())} bytes: the server cuts it after {_MAX_BYTES}"
        yield _finding(statement, given, message, "shorten it: cut names collide, and nobody finds them")
    elif not rules[given.kind].fullmatch(given.name):
        rule = rules[given.kind].pattern
        suggestion = f"name it {_snake(given.name)}" if rule == _SNAKE else f"the rule is {rule}"
        quoted = "" if rule != _SNAKE else ", and has to be quoted ever after"
        yield _finding(statement, given, f'{given.kind} "{given.name}" is off the rule{quoted}', suggestion)


def _finding(statement: Statement, given: GivenName, message: str, hint: str) -> Finding:
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


CHECK = Check(
    id=ID,
    title="New objects are named by one rule",
    needs=Need.FILES,
    run=run,
    decides="Passes when tables, columns, indexes, constraints, views, types, functions, triggers, sequences, schemas "
    "and roles that pending files create are in snake_case and have at most 63 bytes. `[checks.naming-conventions] "
    'table = "regex"` (also the other kinds) sets a rule of your own.',
    cost="Milliseconds; nothing is connected to.",
    fix="Rename the object in the file; once it is applied, a rename breaks whoever uses the old name.",
)
