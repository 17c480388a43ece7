"""Bodies of LANGUAGE sql functions, which the server parses and resolves when it makes the function."""

from __future__ import annotations

import json

from checks.mentions import Named, mentioned_by
from checks.sql import Statement
from checks.tree import body_of, options, text_of


def mentioned_in_body(statement: Statement) -> tuple[Named, ...]:
    """What an SQL function's body needs; locations are not told, so that the function's own line stands for them."""
    if statement.kind != "CreateFunctionStmt":
        return ()
    language = text_of(options(statement.tree.get("options")).get("language"))
    body = body_of(statement) if language.lower() == "sql" else ""
    return tuple(Named(m.kind, m.name, None, m.arguments) for m in _mentions(statement, body)) if body else ()


def _mentions(statement: Statement, body: str) -> tuple[Named, ...]:
    """A body that does not parse is for `syntax` to tell."""
    from pglast.parser import ParseError, parse_sql_json

    try:
        found = json.loads(parse_sql_json(body)).get("stmts", ())
    except (ParseError, RecursionError):
        return ()
    inner = [next(iter(raw["stmt"].items())) for raw in found]
    return tuple(
        mention
        for kind, tree in inner
        for mention in mentioned_by(Statement(statement.file, 0, kind, body, statement.line, 0, tree))
    )
