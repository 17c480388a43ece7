"""The target's schema is what the files make, and equals that of another database."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace

from checks.base import CannotRun, DatabaseAddress, Need, Result, check, failed, hash_findings, passed, scratch_check
from checks.contexts import PairContext, database_of
from checks.findings import and_more, judged
from checks.migrations import fingerprint, range_of
from checks.options import list_option
from checks.result import Status, counted
from checks.scratchdb.context import ScratchContext
from checks.targetdb.asking import short
from checks.targetdb.compare import Comparison, compare_databases
from checks.targetdb.compare_kinds import ENUM_LABELS, KINDS, Kind

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

    address = database_of(context.inputs, context.inputs.target)
    context.require_applied()
    made = DatabaseAddress(FILES, context.database.conninfo, "scratch")
    with closing(Target(address)) as target, closing(Target(made)) as files:
        return compare_databases(target, files, check_id, ignored, kinds)


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


@check(
    title="The schema equals that of the other database",
    needs=Need.PAIR,
    decides="Passes when tables, columns, constraints, indexes, triggers, policies, views, functions, sequences and "
    "types are the same, by name and definition. Not compared: order of columns, owners, grants, comments, history "
    'tables, what extensions made; `[checks.schema-matches] ignore = ["audit.*"]` leaves out more. Partitions that '
    "only one side has are noted. Between two major versions only names are compared, which never passes.",
    cost="About 20 short catalog queries on each side with at most ten relation locks at a time; hashes are made on "
    "the server, texts read only for what differs. Not run while anything holds or awaits ACCESS EXCLUSIVE.",
    fix="Write a migration for what is missing; what was changed by hand goes into a migration or away.",
)
def schema_matches(context: PairContext) -> Result:
    target = context.target
    ignored = ignored_names(target.inputs.options, target.check_id)
    return verdict_of(compare_databases(target.target, context.other.target, target.check_id, ignored))


@scratch_check(
    title="The schema is what the files make",
    decides="Applies all files to a scratch database and passes when the target has the same schema; see "
    "schema-matches for what is compared and how to leave something out.",
    cost="A scratch database, and on the target about 20 short catalog queries with at most ten relation locks.",
    fix="Run what is pending first. What the target has besides was made by hand: put it into a migration, or drop it. "
    "Where the versions differ, set [scratch] server to one of the target's major version.",
    also=("target",),
)
def schema_validation(context: ScratchContext) -> Result:
    files = context.files.migrations
    if not files.is_sql:
        sentence = f"{files.tool} migrations are programs: gonogo cannot build a database from them"
        raise CannotRun(sentence, "compare with another database: schema-matches, or a probe of your own")
    ignored = ignored_names(context.inputs.options, "schema-validation")
    result = pending_first(context, verdict_of(against_files(context, "schema-validation", ignored, KINDS)))
    made_from = f"{fingerprint(files.files)}\n{hash_findings(result.findings)}"
    return replace(result, inputs_hash=hashlib.sha256(made_from.encode()).hexdigest())


@scratch_check(
    title="Enums have the labels of the files",
    decides="Passes when each enum type has the labels that the files give it, in the same order, and no other.",
    cost="A scratch database, and a few short catalog queries on the target.",
    fix="ALTER TYPE … ADD VALUE in a migration; a label cannot be removed, only the type replaced.",
    also=("target",),
)
def enum_labels(context: ScratchContext) -> Result:
    """Compares labels alone, which is the same in every version."""
    if not context.files.migrations.is_sql:
        tool = context.files.migrations.tool
        raise CannotRun(f"{tool} migrations are programs: gonogo cannot build a database from them", "look by hand")
    ignored = ignored_names(context.inputs.options, "enum-labels")
    compared = against_files(context, "enum-labels", ignored, [ENUM_LABELS])
    findings = compared.findings + compared.notes
    enums = sum(owner.of == "type" and owner.kind == "e" for owner in compared.left.owners.values())
    result = judged(findings, f"{counted(enums, 'enum')} on {compared.left.name} as the files make them")
    result = pending_first(context, result)
    return replace(result, inputs_hash=hash_findings(findings) if findings else "")
