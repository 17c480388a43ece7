"""What of a hint is SQL, and which checks can print some: read from their source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import checks
from checks.base import Result
from checks.catalogue import CATALOGUE

_VERB = re.compile(
    r"(?:ALTER|ANALYZE|CALL|COMMENT|CREATE|DELETE|DROP|EXPLAIN|GRANT|INSERT|REFRESH|REINDEX|REVOKE|ROLLBACK|SELECT|SET"
    r"|TRUNCATE|UPDATE|VACUUM) "
)


def statements_of(hint: str) -> list[str]:
    """A hint that begins with a word of SQL is SQL to its end, and has to parse; any other is for people."""
    from pglast.parser import split

    return [text.strip() for text in split(hint)] if _VERB.match(hint) else []


def typed_hints(result: Result) -> Iterator[str]:
    """Each hint with SQL, once."""
    hints = dict.fromkeys([*(finding.hint for finding in result.findings), result.hint])
    yield from (hint for hint in hints if statements_of(hint))


_ASKED = {"execute", "rows", "row", "value", "SQL"}
_HINT = re.compile(
    r"(?:ALTER|ANALYZE|COMMENT|CREATE|DROP|GRANT|REFRESH|REINDEX|REVOKE|VACUUM) "
    r"|SELECT (?:cron\.|pg_drop_|pg_\w+_backend|\* FROM cron)"
)


def checks_with_typed_hints(*rooms: str) -> set[str]:
    """Checks of the rooms whose source, followed through the functions that it names, holds the beginning of one."""
    known = _definitions()
    runs = {id_: f"{check.run.__module__}.{getattr(check.run, '__name__', '')}" for id_, check in CATALOGUE.items()}
    wanted = {id_: run for id_, run in runs.items() if run.startswith(tuple(f"checks.{room}." for room in rooms))}
    return {id_ for id_, run in wanted.items() if any(known[place].holds for place in _reached(known, run))}


@dataclass(frozen=True)
class _Definition:
    """What a function, a constant or an import names, by whole names, and whether it holds a hint with SQL."""

    names: frozenset[str]
    holds: bool = False


@cache
def _definitions() -> dict[str, _Definition]:
    root = Path(checks.__file__).parent
    known: dict[str, _Definition] = {}
    for path in root.rglob("*.py"):
        module = ".".join(path.relative_to(root.parent).with_suffix("").parts)
        known |= dict(_defined(module, ast.parse(path.read_text())))
    return known


def _defined(module: str, tree: ast.Module) -> Iterator[tuple[str, _Definition]]:
    """By their whole names; what is imported is known by the name here, too."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield f"{module}.{node.name}", _definition(module, node.body)
        elif isinstance(node, ast.Assign):
            found = _definition(module, [node])
            yield from ((f"{module}.{target.id}", found) for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.ImportFrom):
            for name in node.names:
                there = frozenset([f"{node.module}.{name.name}"])
                yield f"{module}.{name.asname or name.name}", _Definition(there)


def _definition(module: str, body: Sequence[ast.stmt]) -> _Definition:
    """A string counts that is not asked of a server; what a decorator says of its check is not in the body."""
    names: set[str] = set()
    texts: dict[int, str] = {}
    asked: set[int] = set()
    for node in (node for statement in body for node in ast.walk(statement)):
        if isinstance(node, ast.Name):
            names.add(f"{module}.{node.id}")
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            names.add(f"checks.sql.{node.value.id}.{node.attr}")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts[id(node)] = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _ASKED:
            asked.update(id(part) for part in ast.walk(node))
    return _Definition(frozenset(names), any(_HINT.match(text) for at, text in texts.items() if at not in asked))


def _reached(known: Mapping[str, _Definition], start: str) -> set[str]:
    todo, seen = [start], {start}
    while todo:
        new = {name for name in known[todo.pop()].names if name in known} - seen
        seen |= new
        todo.extend(new)
    return seen
