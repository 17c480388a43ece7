"""What pending files destroy that no down file brings back."""

from __future__ import annotations

from collections.abc import Iterator

from checks.base import Finding, Result, counted, files_check
from checks.contexts import FilesContext
from checks.files.enum_labels import dropped_labels
from checks.files.online_safety import new_objects
from checks.findings import verdict
from checks.sql.objects import touched
from checks.sql.statements import Statement
from checks.sql.tree import of_kind, relation_name

# Kinds of which the content is lost; a dropped view, index or function can be made again from the files.
_WITH_ROWS = {"OBJECT_TABLE": "table", "OBJECT_FOREIGN_TABLE": "foreign table", "OBJECT_SEQUENCE": "sequence"}
_HINT = "take a backup of it, or rename it and drop it a release later"


@files_check(
    title="No statement destroys data",
    decides="Warns of DROP TABLE, DROP COLUMN, DROP … CASCADE, TRUNCATE and DELETE without WHERE in pending up files, "
    "on what the files did not create themselves: no down file brings the rows back. And of enum types made anew "
    "without a label: which columns are switched, what becomes of rows that have it, which functions still name it.",
    fix="Check that nobody reads it and that the backup has it, and say so: `-- gonogo: ignore ID reason`.",
)
def destructive_statements(context: FilesContext) -> Result:
    new = new_objects(context)
    findings = [f for s in context.all_statements(context.pending) for f in _faults(s) if f.object not in new]
    findings += dropped_labels(context)
    return verdict(findings, f"{counted(len(context.pending), 'file')}, nothing destroyed")


def _faults(statement: Statement) -> Iterator[Finding]:
    tree = statement.tree
    match statement.kind:
        case "DropStmt":
            yield from _dropped(statement)
        case "DropdbStmt":
            yield statement.finding(f"drops database {tree['dbname']}", tree["dbname"], _HINT)
        case "TruncateStmt":
            more = ", and every table that refers to it" if tree["behavior"] == "DROP_CASCADE" else ""
            for table in touched(statement):
                yield statement.finding(f"empties {table}{more}", table, _HINT)
        case "DeleteStmt" if "whereClause" not in tree:
            table = relation_name(tree["relation"])
            yield statement.finding(f"deletes every row of {table}", table, _HINT)
        case "AlterTableStmt":
            table = relation_name(tree["relation"])
            for command in of_kind(tree.get("cmds"), "AlterTableCmd"):
                if command["subtype"] == "AT_DropColumn":
                    yield statement.finding(f"drops column {command['name']} of {table} with its values", table, _HINT)


def _dropped(statement: Statement) -> Iterator[Finding]:
    kind = str(statement.tree["removeType"])
    cascade = statement.tree["behavior"] == "DROP_CASCADE"
    for name in touched(statement):
        if kind in _WITH_ROWS:
            more = " and what depends on it" if cascade else ""
            yield statement.finding(f"drops {_WITH_ROWS[kind]} {name}{more}", name, _HINT)
        elif cascade:
            what = "every table in it" if kind == "OBJECT_SCHEMA" else "whatever depends on it"
            yield statement.finding(f"drops {kind.removeprefix('OBJECT_').lower()} {name} and {what}", name, _HINT)
