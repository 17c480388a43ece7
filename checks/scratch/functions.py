"""Functions that files make: they exist, run, and name nothing that is not there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from checks.base import ERROR, Finding, NotApplicable, Result, counted, scratch_check
from checks.findings import verdict
from checks.scratch.places import PG_PROC, Places, all_there, declared_of, missing_finding
from checks.scratchdb.apply_errors import said_by
from checks.scratchdb.context import TRIAL_SECONDS, ScratchContext
from checks.sql.declared import Declared
from checks.sql.names import quoted
from checks.sql.objects import FUNCTION
from checks.sql.tree import body_of, line_in_body
from checks.targetdb.asking import USER_SCHEMA, short

if TYPE_CHECKING:
    import psycopg


# plpgsql looks at tables and columns only when it runs: a call finds what CREATE FUNCTION does not.
# Functions of triggers are run by triggers-created. Arguments are made from their types.
_FUNCTIONS = f"""
SELECT p.oid::bigint AS oid, p.oid::regprocedure::text AS name, format('%I.%I', n.nspname, p.proname) AS call,
       CASE n.nspname WHEN 'public' THEN p.proname ELSE n.nspname || '.' || p.proname END AS declared,
       l.lanname = 'plpgsql' AS is_plpgsql, p.prokind AS kind,
       ARRAY(SELECT format_type(a.type, NULL) FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY a(type, ord)
             ORDER BY a.ord) AS types,
       ARRAY(SELECT t.typcategory::text || t.typtype::text
             FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY a(type, ord)
             JOIN pg_type t ON t.oid = a.type ORDER BY a.ord) AS sorts
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
WHERE p.prokind IN ('f', 'p') AND l.lanname IN ('plpgsql', 'sql') AND {USER_SCHEMA}
  AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                  AND d.deptype = 'e')
ORDER BY p.oid
"""
# Undefined columns, tables, functions, wrong types: the body is wrong. Other errors may be the empty database's.
_WRONG_BODY = "42"


@scratch_check(
    title="All functions are created",
    decides="Passes when each function and procedure that the files create and do not drop exists with its input "
    "types, and each plpgsql function without arguments runs without naming what is not there.",
    cost="One query a function in the scratch database; calls are rolled back and end after 5 s.",
    fix="Mend the statement that the finding names; plpgsql finds unknown columns only when it runs.",
)
def functions_created(context: ScratchContext) -> Result:
    declared = declared_of(context, FUNCTION)
    findings = [missing_finding(context, function) for function in declared if not _exists(context, function)]
    called, broken = _call_all(context, declared)
    present = f"{len(declared) - len(findings)} of {len(declared)} functions present"
    note = f", {called} called (what takes no arguments), 0 errors" if called else ""
    return all_there(context, "functions", len(declared), findings + broken, present + note)


def _exists(context: ScratchContext, function: Declared) -> bool:
    """By its input types; by name alone where those cannot be looked up by themselves (`users.email%TYPE`)."""
    import psycopg

    name = ".".join(map(quoted, function.name.split(".")))
    with context.trial() as connection:
        try:
            row = connection.execute("SELECT to_regprocedure(%s)", [f"{name}({function.arguments})"]).fetchone()
        except psycopg.Error:
            row = None
        else:
            return row is not None and row[0] is not None
    bare = function.name.rpartition(".")[2]
    return bool(context.value("SELECT count(*) > 0 FROM pg_proc WHERE proname = %s", [bare]))


def _call_all(context: ScratchContext, declared: Sequence[Declared]) -> tuple[int, list[Finding]]:
    """How many were called without an error of their bodies, and findings for the others."""
    places = {function.name: function for function in declared if not function.arguments}
    broken = []
    rows = [row for row in context.rows(_FUNCTIONS) if row.is_plpgsql and row.kind == "f" and not row.types]
    callable_ = [row for row in rows if row.declared in places]
    for row in callable_:
        fault = _fault_of(context, f"SELECT {row.call}()")
        if fault is not None and (fault.sqlstate or "").startswith(_WRONG_BODY):
            of, hint = places[row.declared], "mend the function's body"
            message = f"{of.label} fails when it is called: {said_by(fault)}"
            broken.append(Finding(message, of.label, of.file, of.line, hint, ERROR))
    return len(callable_) - len(broken), broken


def _fault_of(context: ScratchContext, statement: str) -> psycopg.Error | None:
    """What the server says against it."""
    import psycopg

    with context.trial() as connection:
        try:
            connection.execute(statement.encode())
        except psycopg.Error as fault:
            return fault
    return None


_VALUES = {"N": "1", "S": "'a'", "B": "true", "D": "now()", "A": "'{}'"}
# The body names what is not there, or does not fit: undefined column, table, function, object, type mismatch, syntax.
_WRONG = ("42703", "42P01", "42883", "42704", "42804", "42601", "42702", "42P02", "42803")
_STOPPED = "57014"
_LINE = re.compile(r"line (?P<line>\d+) at (?P<what>.+)")


@scratch_check(
    title="Function bodies name what is there",
    decides="Runs plpgsql_check over the functions that pending files make, where the files install it; else calls "
    "each with values made from the argument types. Fails for an unknown column, table, function or a type that does "
    "not fit; other errors may come from the values. Bodies of triggers are run by triggers-created.",
    cost="A call a function in the scratch database, rolled back, 5 s at most each.",
    fix="Mend the line of the body: plpgsql looks up names only when it runs.",
)
def function_bodies(context: ScratchContext) -> Result:
    places = Places(context)
    rows = [row for row in context.rows(_FUNCTIONS) if places.is_new(PG_PROC, row.oid)]
    if not rows:
        raise NotApplicable("no pending file makes a function that can be called")
    if context.value("SELECT count(*) > 0 FROM pg_extension WHERE extname = 'plpgsql_check'"):
        return _by_extension(context, places, [row for row in rows if row.is_plpgsql])
    callable_ = [(row, arguments) for row in rows if (arguments := _arguments(row)) is not None]
    faults = [(row, fault) for row, arguments in callable_ if (fault := _call(context, row, arguments)) is not None]
    found = [_at_fault(places, row, fault) for row, fault in faults if fault.sqlstate != _STOPPED]
    stopped, left = len(faults) - len(found), len(rows) - len(callable_)
    note = f"; {stopped} stopped after {TRIAL_SECONDS} s" if stopped else ""
    note += f"; {left} not called, for want of a value" if left else ""
    shown = f"{len(callable_) - stopped} of {counted(len(rows), 'new function')}"
    return verdict(found, f"{shown} called with made-up values, 0 errors{note}")


def _by_extension(context: ScratchContext, places: Places, rows: list[Any]) -> Result:
    schema = context.value(
        "SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace "
        "WHERE e.extname = 'plpgsql_check'"
    )
    query = f"SELECT lineno, message FROM {schema}.plpgsql_check_function_tb(%s::regprocedure) WHERE level = 'error'"
    faults = [(row, fault) for row in rows for fault in context.rows(query, [row.name])]
    found = [_body_finding(places, row, fault.message, fault.lineno or 0) for row, fault in faults]
    return verdict(found, f"plpgsql_check: {counted(len(rows), 'new function')}, 0 errors")


def _arguments(row: Any) -> str | None:
    """A list of values by type; None where one cannot be made."""
    values = []
    for type_, sort in zip(row.types, row.sorts, strict=True):
        if sort[1] == "e":
            values.append(f"(enum_range(NULL::{type_}))[1]")
        elif sort[0] not in _VALUES or type_.startswith("reg"):
            return None
        else:
            values.append(f"{_VALUES[sort[0]]}::{type_}")
    return ", ".join(values)


def _call(context: ScratchContext, row: Any, arguments: str) -> psycopg.Error | None:
    """The error, where it is the body's own, or the time limit. One in dynamic SQL may come from the values."""
    fault = _fault_of(context, f"{'CALL' if row.kind == 'p' else 'SELECT'} {row.call}({arguments})")
    if fault is None:
        return None
    at = _LINE.search(fault.diag.context or "")
    is_dynamic = at is not None and at["what"].startswith("EXECUTE")
    return fault if fault.sqlstate in (*_WRONG, _STOPPED) and not is_dynamic else None


def _at_fault(places: Places, row: Any, fault: psycopg.Error) -> Finding:
    at = _LINE.search(fault.diag.context or "")
    return _body_finding(places, row, said_by(fault), int(at["line"]) if at else 0)


def _body_finding(places: Places, row: Any, message: str, line: int) -> Finding:
    """At the line of the body, which is counted from 1; 0 where it is not known."""
    name, statement = short(row.name), places.made_by(PG_PROC, row.oid)
    found = places.finding(statement, f"{name} fails: {message}", name, "mend the function's body", ERROR)
    body = body_of(statement) if statement is not None else ""
    if statement is None or not body or not line:
        return found
    return replace(found, line=line_in_body(statement, body, 0) + line - 1)
