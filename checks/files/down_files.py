"""down-files: each pending file has a down file, which removes what the up file makes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace

from checks.base import WARNING, Finding, MigrationFile, NotApplicable, Result, counted, files_check
from checks.contexts import FilesContext
from checks.findings import verdict
from checks.layouts.names import name_of_down
from checks.sql import objects
from checks.sql.indexes import columns_of_index, taken_over
from checks.sql.objects import COLUMN, FUNCTION, INDEX, MATVIEW, RELATIONS, SCHEMA, TABLE, TRIGGER, TYPE, VIEW, Made
from checks.sql.statements import Statement

_FOLLOWED = (*RELATIONS, COLUMN, FUNCTION, TRIGGER, TYPE, SCHEMA)


@files_check(
    title="Each file has a way back",
    decides="Passes when each pending file has a down file, and that drops each table, view, type, function, sequence, "
    "schema, column, index and trigger that the up file leaves behind. A down file of comments only says that there is "
    "no way back, and passes. Not applicable where the tool needs none and the set has none.",
    fix="Write the down file, in reverse order of the up file; or a comment why it cannot be undone.",
)
def down_files(context: FilesContext) -> Result:
    context.require_sql()
    # golang-migrate expects them; sqlx and Flyway have them where a team wants them.
    if not context.migrations.downs and context.migrations.tool != "golang-migrate":
        raise NotApplicable(f"no down files: {context.migrations.tool} needs none")
    downs = {down.version: down for down in context.pending_downs}
    ups = [file for file in context.pending if not file.version.startswith("R__")]
    findings = [f for up in ups for f in _faults(context, up, downs.get(up.version))]
    return verdict(findings, f"{counted(len(ups), 'file')}, each with a down file that removes what it makes")


def _faults(context: FilesContext, up: MigrationFile, down: MigrationFile | None) -> Iterator[Finding]:
    if down is None:
        yield Finding(
            "has no down file", up.version, up.name, hint=f"write {name_of_down(up.name, context.migrations.tool)}"
        )
        return
    if not context.statements(down):
        if not down.text.strip():
            hint = "write what undoes it, or a comment why nothing can"
            yield Finding("is empty", up.version, down.name, 1, hint)
        return
    for statement, made in leftovers(context.statements(up), context.statements(down)):
        name = _called(made)
        message = f"{down.name} leaves {made.kind} {name}"
        yield Finding(message, name, up.name, statement.line, f"drop it in {down.name}", WARNING)


def leftovers(ups: Sequence[Statement], downs: Sequence[Statement]) -> list[tuple[Statement, Made]]:
    """What the up statements leave existing and the down statements do not drop, nor what it hangs on."""
    dropped = _dropped(ups) | _dropped(downs)
    cascading = any(statement.tree.get("behavior") == "DROP_CASCADE" for statement in downs)
    schemas = {name for kind, name in dropped if kind == SCHEMA}
    renamed = dict(pair for statement in ups for pair in taken_over(statement.kind, statement.tree))
    left = []
    for statement in ups:
        for found in objects.made_by(statement.kind, statement.tree):
            made = _under_its_new_name(found, renamed)
            if _goes(statement, made, dropped, schemas) or (cascading and made.kind in (VIEW, MATVIEW, TRIGGER, INDEX)):
                # Partitions of a partition go with it.
                dropped.add((made.kind, _called(made)))
            elif _stays(made):
                left.append((statement, made))
    return left


def _under_its_new_name(made: Made, renamed: Mapping[str, str]) -> Made:
    """An index that a constraint of the same file takes over has the constraint's name, and goes with it."""
    name = renamed.get(made.name.bare, "") if made.kind == INDEX else ""
    return replace(made, name=made.name._replace(bare=name)) if name else made


def _goes(statement: Statement, made: Made, dropped: Set[tuple[str, str]], schemas: Set[str]) -> bool:
    """Dropped itself, or with its table, schema, or, an index, with one of its columns."""
    if (made.kind, _called(made)) in dropped or _called(made).partition(".")[0] in schemas:
        return True
    if any((kind, str(made.table)) in dropped for kind in (TABLE, MATVIEW)):
        return True
    columns = columns_of_index(statement.tree) if made.kind == INDEX else ()
    return any((COLUMN, f"{made.table}.{column}") in dropped for column in columns)


def _stays(made: Made) -> bool:
    """OR REPLACE and a schema IF NOT EXISTS may have found it there already; an unnamed index goes with its table."""
    found = made.replaces or (made.kind == SCHEMA and made.may_be_there)
    return made.kind in _FOLLOWED and not found and bool(made.name.bare)


def _called(made: Made) -> str:
    if made.kind in (INDEX, TRIGGER):
        return made.name.bare
    return f"{made.table}.{made.name.bare}" if made.kind == COLUMN else str(made.name)


def _dropped(statements: Iterable[Statement]) -> set[tuple[str, str]]:
    """What drops, and what a rename takes away under its name."""
    found: set[tuple[str, str]] = set()
    for statement in statements:
        kind, tree = statement.kind, statement.tree
        for dropped in objects.dropped_by(kind, tree):
            sort = TABLE if dropped.kind == objects.FOREIGN_TABLE else dropped.kind
            found.add((sort, dropped.name.bare if sort in (TRIGGER, INDEX) else str(dropped.name)))
        renamed = objects.renamed_by(kind, tree)
        if renamed is not None and renamed.kind in RELATIONS:
            found.update((sort, str(renamed.old)) for sort in RELATIONS)
        for column in objects.altered_by(kind, tree, "AT_DropColumn"):
            found.add((COLUMN, f"{objects.name_of(tree['relation'])}.{column['name']}"))
        found.update((INDEX, one["name"]) for one in objects.altered_by(kind, tree, "AT_DropConstraint"))
    return found
