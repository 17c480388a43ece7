"""What SQL text defines, found without a parser: files that the target has already, DO blocks, dynamic SQL.

About a hundred times cheaper than the parser, and it sees into strings. Names only; good enough to say "made earlier".
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from checks.base import MigrationFile
from checks.mentions import EXTENSION, FUNCTION, RELATION, SCHEMA, TYPE
from checks.tree import qualified

_NAME = rb'(?:"[^"\n]{1,128}"|[\w$]{1,128})'
_CREATE = re.compile(
    rb"\bcreate\s+(?:or\s+replace\s+)?(?:(?:temp|temporary|unlogged|foreign|recursive|materialized|trusted)\s+){0,3}"
    rb"(?P<kind>table|view|sequence|type|domain|function|procedure|aggregate|extension|schema)\s+"
    rb"(?:if\s+not\s+exists\s+)?(?:(?P<schema>" + _NAME + rb")\s*\.\s*)?(?P<name>" + _NAME + rb")",
    re.IGNORECASE,
)
_RENAME = re.compile(rb"\brename\s+to\s+(?P<name>" + _NAME + rb")", re.IGNORECASE)
_KINDS = {
    b"table": RELATION,
    b"view": RELATION,
    b"sequence": RELATION,
    b"type": TYPE,
    b"domain": TYPE,
    b"function": FUNCTION,
    b"procedure": FUNCTION,
    b"aggregate": FUNCTION,
    b"extension": EXTENSION,
    b"schema": SCHEMA,
}


def defined_in_text(files: Iterable[MigrationFile]) -> frozenset[tuple[str, str]]:
    """(kind, name) of everything that the files' text creates; a renamed object counts as each kind."""
    found: set[tuple[str, str]] = set()
    for file in files:
        for match in _CREATE.finditer(file.content):
            name = qualified(_folded(match["schema"]), _folded(match["name"]))
            found.add((_KINDS[match["kind"].lower()], name))
        for match in _RENAME.finditer(file.content):
            found.update((kind, _folded(match["name"])) for kind in (RELATION, TYPE, FUNCTION))
    return frozenset(found)


def _folded(name: bytes | None) -> str:
    """An identifier as the server keeps it: folded to lower case unless quoted."""
    text = (name or b"").decode("utf-8", errors="replace")
    return text.strip('"') if text.startswith('"') else text.lower()
