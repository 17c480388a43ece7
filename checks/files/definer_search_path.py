"""definer-search-path: a SECURITY DEFINER function says where it looks for names, so that no caller can say it.

PostgreSQL manual, CREATE FUNCTION, "Writing SECURITY DEFINER Functions Safely": without a search_path of its own, a
caller's table or operator of the same name runs with the owner's rights; pg_temp has to stand last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from checks.base import Check, Finding, Need, NotApplicable, Result, counted
from checks.contexts import FilesContext
from checks.result import ERROR
from checks.sql.statements import Statement
from checks.sql.tree import Tree, constant, dotted, is_true, of_kind, options
from checks.verdict import verdict


@dataclass
class _Function:
    statement: Statement
    is_definer: bool
    search_path: str | None


def run(context: FilesContext) -> Result:
    """Failed with each function that is left SECURITY DEFINER without a safe search_path after the last file."""
    functions: dict[str, _Function] = {}
    for statement in context.all_statements(context.pending):
        _follow(functions, statement)
    definers = {name: function for name, function in functions.items() if function.is_definer}
    if not definers:
        raise NotApplicable("no pending file makes a SECURITY DEFINER function")
    findings = [finding for name, function in definers.items() for finding in _faults(name, function)]
    return verdict(findings, f"{counted(len(definers), 'SECURITY DEFINER function')}, each with a safe search_path")


def _follow(functions: dict[str, _Function], statement: Statement) -> None:
    """A later ALTER FUNCTION may mend it, or break it. Overloads are taken for one."""
    tree = statement.tree
    if statement.kind == "CreateFunctionStmt":
        given = options(tree.get("options"))
        functions[dotted(tree["funcname"])] = _Function(
            statement, is_true(given.get("security")), _search_path(tree.get("options"))
        )
    elif statement.kind == "AlterFunctionStmt":
        name = dotted(tree["func"]["objname"])
        known = functions.setdefault(name, _Function(statement, False, None))
        given = options(tree.get("actions"))
        if "security" in given:
            known.statement, known.is_definer = statement, is_true(given["security"])
        if "set" in given:
            known.search_path = _search_path(tree["actions"])


def _search_path(elements: list[Tree] | None) -> str | None:
    """The list as `a, pg_temp`; None where there is none, or it is the session's."""
    for element in of_kind(elements, "DefElem"):
        setting = (element.get("arg") or {}).get("VariableSetStmt", {})
        if setting.get("name") == "search_path" and setting["kind"] == "VAR_SET_VALUE":
            return ", ".join(constant(argument) or "" for argument in setting.get("args", ()))
    return None


def _faults(name: str, function: _Function) -> Iterator[Finding]:
    path = function.search_path
    if path is None:
        message = f"{name}() is SECURITY DEFINER without a search_path of its own: its caller decides what names mean"
    elif path.strip() and path.split(",")[-1].strip().strip('"') != "pg_temp":
        message = f"{name}() is SECURITY DEFINER, and temporary tables of its caller come before {path}"
    else:
        return
    hint = "SET search_path = pg_catalog, pg_temp, with other names qualified"
    statement = function.statement
    yield Finding(message, f"{name}()", statement.file.name, statement.line, hint, ERROR)


CHECK = Check(
    id="definer-search-path",
    title="SECURITY DEFINER functions have a safe search_path",
    needs=Need.FILES,
    run=run,
    decides="Passes when each function that pending files make SECURITY DEFINER has SET search_path to nothing, or to "
    "a list that ends with pg_temp.",
    cost="Milliseconds; nothing is connected to.",
    fix="ALTER FUNCTION f(…) SET search_path = pg_catalog, pg_temp; and qualify the names in its body.",
)
