"""What a statement reaches for beyond its database: programs, files, other hosts, other servers' settings.

Told by the text, also in bodies of DO and of functions. What a string hides that is put together while it runs is held
by the rights of the login, the server's bare environment and its bounds: see `checks.scratchdb`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from checks.base import MigrationFile
from checks.sql.statements import SqlError, Statement, split
from checks.sql.tree import Tree, body_of, kind_and_tree, line_in_body, line_of, nodes, options, parsed, parts, text_of

# https://www.postgresql.org/docs/current/predefined-roles.html
ROLES_OF_THE_MACHINE = {
    "pg_execute_server_program": "runs programs on the server",
    "pg_write_server_files": "writes files of the server, and so becomes superuser",
    "pg_read_server_files": "reads files of the server",
}

PROGRAM, FILES, HOST = "a program of the server", "files of the server", "another host"
# https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-GENFILE, and lo-funcs.html
_FILE_FUNCTION = re.compile(r"pg_read_(binary_)?file\w*|pg_ls_\w+|pg_stat_file|pg_file_\w+|lo_(import|export)\w*")
_HOST_FUNCTION = re.compile(r"dblink(_connect(_u)?|_exec|_open|_send_query)?")
# A language in which a body does what the server's user may do: https://www.postgresql.org/docs/current/xplang.html
_UNTRUSTED = re.compile(r"(?i)c|internal|pl\w*u|plpython\d?|plsh|plr")
_EXTENSIONS = {"adminpack": FILES, "dblink": HOST, "file_fdw": FILES, "http": HOST, "pg_net": HOST, "plproxy": HOST}
_KINDS = {
    "AlterSystemStmt": "the server's own settings",
    "CreateForeignServerStmt": HOST,
    "CreateFdwStmt": HOST,
    "CreateSubscriptionStmt": HOST,
    "CreateTableSpaceStmt": FILES,
    "ImportForeignSchemaStmt": HOST,
    "LoadStmt": FILES,
}
# Words without which nothing of this is there; a file or a body without them is not parsed.
_SUSPECT = re.compile(
    rb"(?i)\bcopy\b|pg_read_|pg_ls_|pg_stat_file|pg_file_|lo_import|lo_export|dblink|\bfdw|_fdw|\bextension\b|\blanguage\b"
    rb"|\bsystem\b|\bload\b|subscription|\bimport\b|\bserver\b|\bwrapper\b|tablespace|pg_execute_|pg_write_|\bpl\w+u\b"
)


@dataclass(frozen=True)
class Reach:
    """A place that reaches out: where, and for what; `what` may follow "reaches for"."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} reaches for {self.what}"


def first_reach(files: Iterable[MigrationFile]) -> Reach | None:
    """The first place of the files that reaches out; a file that does not parse is for `syntax`."""
    for file in files:
        if not _SUSPECT.search(file.content):
            continue
        try:
            statements = split(file)
        except SqlError:
            continue
        for statement in statements:
            if found := next(reaches(statement), None):
                return found
    return None


def reaches(statement: Statement) -> Iterator[Reach]:
    """What a statement reaches for itself, then what its body does."""
    for what, location in _in_tree(statement.kind, statement.tree):
        yield Reach(statement.file.name, line_of(statement, location), what)
    body = body_of(statement)
    if not _SUSPECT.search(body.encode()):
        return
    for query in _queries(statement, body):
        line = line_in_body(statement, body, max(body.find(query), 0))
        for kind, tree in _parsed(query):
            yield from (Reach(statement.file.name, line, what) for what, _ in _in_tree(kind, tree))


def _in_tree(kind: str, tree: Tree) -> Iterator[tuple[str, int | None]]:
    """What is reached for, with the location where one is known."""
    if what := _of_kind(kind, tree):
        yield what, None
    if granted := ROLES_OF_THE_MACHINE.keys() & set(_roles(kind, tree)):
        yield f"the role {min(granted)}", None
    for node in nodes(tree):
        # A call: a trigger and CREATE FUNCTION name functions too, which are the files' own.
        if "funcname" in node and not {"trigname", "options"} & node.keys():
            *schema, name = parts(node["funcname"])
            if _FILE_FUNCTION.fullmatch(name) and schema in ([], ["pg_catalog"]):
                yield f"{FILES} by {name}()", node.get("location")
            elif _HOST_FUNCTION.fullmatch(name):
                yield f"{HOST} by {name}()", node.get("location")


def _of_kind(kind: str, tree: Tree) -> str:
    if kind == "CopyStmt" and tree.get("is_program"):
        return PROGRAM
    if kind == "CopyStmt" and tree.get("filename"):
        return FILES
    if kind == "CreateExtensionStmt":
        name = tree["extname"]
        if name in _EXTENSIONS or name.endswith("_fdw"):
            return f"{_EXTENSIONS.get(name, HOST)} by the extension {name}"
        return f"the language {name}" if _UNTRUSTED.fullmatch(name) else ""
    language = _language(kind, tree)
    return f"the language {language}" if _UNTRUSTED.fullmatch(language) else _KINDS.get(kind, "")


def _language(kind: str, tree: Tree) -> str:
    if kind == "CreatePLangStmt":
        return str(tree["plname"])
    return text_of(options(tree.get("options") or tree.get("args")).get("language")) if kind in _WITH_BODY else ""


_WITH_BODY = ("CreateFunctionStmt", "DoStmt")
_ABOUT_ROLES = ("GrantRoleStmt", "CreateRoleStmt", "AlterRoleStmt", "AlterRoleSetStmt", "VariableSetStmt")


def _roles(kind: str, tree: Tree) -> Iterator[str]:
    """Names of roles that a statement grants, joins, changes, or sets."""
    if kind not in _ABOUT_ROLES or (kind == "GrantRoleStmt" and not tree.get("is_grant")):
        return
    for node in nodes(tree):
        yield node.get("priv_name", "")
        yield node.get("rolename", "")
        yield node.get("sval", "") if isinstance(node.get("sval"), str) else ""


def _queries(statement: Statement, body: str) -> Iterator[str]:
    """The SQL in a body: all of a function in SQL, of plpgsql each statement and expression."""
    from pglast.parser import ParseError, parse_plpgsql_json

    if (_language(statement.kind, statement.tree) or "plpgsql").lower() == "sql":
        yield body
        return
    try:
        body_tree = json.loads(parse_plpgsql_json(statement.text))
    except (ParseError, RecursionError):
        return
    yield from (node["query"] for node in nodes(body_tree) if isinstance(node.get("query"), str))


def _parsed(query: str) -> list[tuple[str, Tree]]:
    """As statements; what is an expression or an assignment is read as SELECT."""
    from pglast.parser import ParseError

    for text in (query, f"SELECT {query}", f"SELECT {query.partition(':=')[2]}"):
        try:
            return [kind_and_tree(raw) for raw in parsed(text)]
        except (ParseError, RecursionError):
            continue
    return []
