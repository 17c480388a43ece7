"""What a comparison of two databases comes to, as a result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from checks.base import CannotRun, DatabaseAddress, Result, Status, counted, failed, passed
from checks.contexts import database_of
from checks.migrations import range_of
from checks.options import list_option
from checks.scratchdb.context import ScratchContext
from checks.targetdb.asking import short
from checks.targetdb.compare import Comparison, compare_databases
from checks.targetdb.compare_kinds import Kind
from checks.verdict import and_more

FILES = "the files"


def verdict_of(compared: Comparison) -> Result:
    """Failed with findings; could-not-run, with what names alone tell, between two major versions."""
    left, right = compared.left, compared.right
    everything = compared.findings + compared.notes
    if not compared.texts:
        return _by_names(compared)
    notes = f"; {counted(len(compared.notes), 'partition')} on one side only" if compared.notes else ""
    if compared.findings:
        first = f"{compared.findings[0].message}{and_more(compared.findings)}"
        hint = "write a migration for it, or undo what was changed by hand"
        return failed(f"{first}; {compared.objects} objects compared{notes}", everything, hint)
    return passed(f"{left.name} equals {right.name}, {compared.shown_counts}{notes}", everything)


def against_files(context: ScratchContext, check_id: str, ignored: Sequence[str], kinds: Sequence[Kind]) -> Comparison:
    """The target of the inputs against the scratch database. Raises CannotRun."""
    from checks.targetdb.session import Target

    target = Target(database_of(context.inputs, context.inputs.target))
    context.require_applied()
    files = Target(DatabaseAddress(FILES, context.database.conninfo, "scratch"))
    try:
        return compare_databases(target, files, check_id, ignored, kinds)
    finally:
        target.close()
        files.close()


def pending_first(context: ScratchContext, result: Result) -> Result:
    """A failure that says so where files are not applied yet: what they make is missing, and nobody changed a thing."""
    from checks.history.reading import compare, read_history

    if result.status is not Status.FAILED:
        return result
    files, table = context.files.migrations, str(context.inputs.options.get("history_table") or "")
    try:
        history = read_history(database_of(context.inputs, context.inputs.target), files.tool, table)
    except CannotRun:
        return result
    pending = compare(history, files).pending if history.found else ()
    if not pending:
        return result
    summary = f"{counted(len(pending), 'file')} not applied yet ({range_of(pending)}): {result.summary}"
    return replace(result, summary=summary, hint="run what is pending, then ask again")


def ignored_names(options: Mapping[str, object], check_id: str) -> tuple[str, ...]:
    """`[checks.ID] ignore`, patterns of names, and the history table of the settings."""
    own = short(options.get("history_table") or "")
    return (*list_option(options, check_id, "ignore"), *([own] if own else []))


def _by_names(compared: Comparison) -> Result:
    left, right = compared.left, compared.right
    versions = f"{left.name} is PostgreSQL {left.major}, {right.name} {right.major}: definitions cannot be compared"
    differ = f"{len(compared.findings)} names differ" if compared.findings else "names are equal"
    hint = f"compare with a database of PostgreSQL {left.major}"
    if right.name == FILES:
        hint = f"set [scratch] server to one of PostgreSQL {left.major}"
    summary = f"{versions}; {differ}, {compared.shown_counts}"
    return Result(Status.COULD_NOT_RUN, summary, hint, compared.findings + compared.notes)
