"""What is wrong with a history, as findings: shared by the checks that read one."""

from __future__ import annotations

from collections.abc import Iterator

from checks.base import CannotRun, Finding, MigrationFile
from checks.contexts import TargetContext
from checks.history.reading import Comparison, History, HistoryRow, compare, differs_only_in_line_ends, read_history


def history_of(context: TargetContext) -> tuple[History, Comparison]:
    """The target's history, and how it compares with the files. Raises CannotRun."""
    migrations = context.migrations
    table = str(context.inputs.options.get("history_table") or "")
    with context.session() as session:
        history = read_history(session, migrations.tool, table)
    if not history.found and table:
        raise CannotRun(f"{context.name} has no history table {table}", "check the name in the settings")
    if not history.found and migrations.tool == "psql":
        sentence = "psql keeps no history: the database does not tell which files ran"
        raise CannotRun(sentence, "ask who ran them, or name the table that you keep: history_table in [migrations]")
    return history, compare(history, migrations)


def problems(history: History, comparison: Comparison) -> Iterator[Finding]:
    """What blocks: dirty and failed rows, files changed since they were applied."""
    for row in comparison.dirty:
        message = f"{_named(row)} is dirty: it failed half-way, or runs now"
        yield Finding(message, row.version, row.name, hint=_dirty_hint(history), severity="error")
    for row in comparison.failed:
        yield Finding(f"{_named(row)} failed", row.version, row.name, hint="mend it and run it again", severity="error")
    for row, file in comparison.changed:
        yield _changed(history, row, file)


def remarks(history: History, comparison: Comparison) -> Iterator[Finding]:
    """What a person should know: versions without a file, and files older than the newest applied one."""
    for row in comparison.unknown:
        message = f"{history.table} has {_named(row)}, for which there is no file here"
        yield Finding(message, row.version, hint="is this the right branch? another deployment may have applied it")
    for file in comparison.out_of_order:
        message = f"{file.name} is not applied, though newer ones are"
        yield Finding(message, file.version, file.name, hint=_order_hint(history))


def pending_finding(file: MigrationFile) -> Finding:
    """A file that the history does not have."""
    return Finding(f"{file.name} is not applied", file.version, file.name, severity="error")


def where(history: History) -> str:
    """`_sqlx_migrations`, or that there is none yet."""
    return history.table or "no history table yet"


def _changed(history: History, row: HistoryRow, file: MigrationFile) -> Finding:
    hint = "put the file back as it was, and change the database by a new migration"
    message = f"{file.name} was changed after it was applied"
    if differs_only_in_line_ends(row, file, history.tool):
        message += " (only its line ends)"
        hint = "add `*.sql text eol=lf` to .gitattributes, so that every checkout has the same bytes"
    return Finding(message, file.version, file.name, hint=hint, severity="error")


def _named(row: HistoryRow) -> str:
    return f"{row.version} {row.name}".strip()


def _dirty_hint(history: History) -> str:
    if history.tool == "golang-migrate":
        return "mend the database by hand, then migrate force VERSION to the last good one"
    return "look at what it left, mend by hand, then remove its row and run it again"


def _order_hint(history: History) -> str:
    if history.tool == "golang-migrate":
        return "golang-migrate never applies it: give it a newer number"
    return "give it a newer number, or let the tool apply it out of order"
