"""functions-created: every declared function exists, and those that take nothing run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from checks.base import Check, Finding, Need, Result, counted
from checks.created import declared_of, missing_finding, verdict
from checks.scratchdb.context import ScratchContext
from checks.sql.declared import Declared
from checks.sql.objects import FUNCTION
from checks.targetdb.asking import USER_SCHEMA

if TYPE_CHECKING:
    from checks.targetdb.session import Connection

# plpgsql looks at tables and columns only when it runs: a call finds what CREATE FUNCTION does not.
_CALLABLE = f"""
SELECT p.oid::int AS oid, format('%I.%I', n.nspname, p.proname) AS call,
       CASE n.nspname WHEN 'public' THEN p.proname ELSE n.nspname || '.' || p.proname END AS name
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
WHERE {USER_SCHEMA} AND p.prokind = 'f' AND p.pronargs = 0
  AND l.lanname = 'plpgsql' AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""
_CALL_TIMEOUT = "5s"
# Undefined columns, tables, functions, wrong types: the body is wrong. Other errors may be the empty database's.
_WRONG_BODY = "42"


def run(context: ScratchContext) -> Result:
    """Failed for a missing function, or for one without arguments whose body names what is not there."""
    declared = declared_of(context, FUNCTION)
    findings = [missing_finding(context, function) for function in declared if not _exists(context, function)]
    called, broken = _call_all(context, declared)
    present = f"{len(declared) - len(findings)} of {len(declared)} functions present"
    note = f", {counted(called, 'one', 'ones')} without arguments called, 0 errors" if called else ""
    return verdict(context, "functions", len(declared), findings + broken, present + note)


def _exists(context: ScratchContext, function: Declared) -> bool:
    """By its input types; by name alone where those cannot be looked up by themselves (`users.email%TYPE`)."""
    import psycopg

    quoted = ".".join('"' + part.replace('"', '""') + '"' for part in function.name.split("."))
    with context.trial() as connection:
        try:
            row = connection.execute("SELECT to_regprocedure(%s)", [f"{quoted}({function.arguments})"]).fetchone()
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
    callable_ = [row for row in context.rows(_CALLABLE) if row.name in places]
    for row in callable_:
        with context.trial() as connection:
            message = _call(connection, row.call)
        if message:
            broken.append(_broken(places[row.name], message))
    return len(callable_) - len(broken), broken


def _call(connection: Connection, function: str) -> str:
    import psycopg

    try:
        connection.execute(f"SET LOCAL statement_timeout = '{_CALL_TIMEOUT}'".encode())
        connection.execute(f"SELECT {function}()".encode())
    except psycopg.Error as fault:
        is_wrong = (fault.sqlstate or "").startswith(_WRONG_BODY)
        return f"{fault.sqlstate} {fault.diag.message_primary}" if is_wrong else ""
    return ""


def _broken(function: Declared, message: str) -> Finding:
    text = f"{function.label} fails when it is called: {message}"
    return Finding(text, function.label, function.file, function.line, "mend the function's body", "error")


CHECK = Check(
    id="functions-created",
    title="All functions are created",
    needs=Need.SCRATCH,
    run=run,
    decides="Passes when each function and procedure that the files create and do not drop exists with its input "
    "types, and each plpgsql function without arguments runs without naming what is not there.",
    cost="One query a function in the scratch database; calls are rolled back and end after 5 s.",
    fix="Mend the statement that the finding names; plpgsql finds unknown columns only when it runs.",
)
