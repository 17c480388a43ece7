"""documented-changes: the team's schema documentation names the new tables and columns."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.base import Check, Finding, Need, Result, counted
from checks.contexts import FilesContext
from checks.documents import documents_of
from checks.naming import given_names
from checks.options import text_option
from checks.sql.statements import Statement
from checks.sql.tree import bare, line_of
from checks.verdict import verdict

ID = "documented-changes"
_WORD = re.compile(r"[\w$]+")


def run(context: FilesContext) -> Result:
    """Warns of each new table, view or column that the file does not name."""
    path = text_option(context.options, ID, "file")
    words = frozenset(_WORD.findall(documents_of(context.options).text(path)))
    new = [(s, kind, name, at) for s in context.all_statements(context.pending) for kind, name, at in _new(s)]
    findings = [
        Finding(f"new {kind} {name} is not in {path}", name, s.file.name, line_of(s, at), f"describe it in {path}")
        for s, kind, name, at in new
        if bare(name) not in words
    ]
    return verdict(
        findings, f"{counted(len(new), 'new table, view or column', 'new tables, views and columns')} in {path}"
    )


def _new(statement: Statement) -> Iterator[tuple[str, str, int | None]]:
    if statement.kind not in ("CreateStmt", "CreateTableAsStmt", "ViewStmt", "AlterTableStmt"):
        return
    if "partbound" in statement.tree:
        return
    table = statement.made[0].name if statement.made else statement.tree.get("relation", {}).get("relname", "")
    for given in given_names(statement):
        if given.kind in ("table", "view"):
            yield given.kind, table, given.location
        elif given.kind == "column":
            yield given.kind, f"{table}.{given.name}", given.location


CHECK = Check(
    id=ID,
    title="New tables and columns are documented",
    needs=Need.FILES,
    run=run,
    option="file",
    decides='With `[checks.documented-changes] file = "docs/schema.md"`: passes when the file has the name of every '
    "table, view and column that pending files add; partitions do not count.",
    cost="Reads one file of text.",
    fix="Describe them, or run the generator of your documentation again.",
)
