"""Roles in migration files: they belong to a whole server, not to one scratch database."""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Iterable, Iterator

from checks.base import CannotRun, MigrationFile

_ROLE_SPEC = re.compile(r'"roletype":"ROLESPEC_CSTRING","rolename":("(?:[^"\\]|\\.)*")')
_CREATE_ROLE = re.compile(r'(?i)\bcreate\s+(?:role|user|group)\s+"?([\w$]+)"?')

# On a server of ours only one set of files that names roles is applied at a time.
_roles_lock = threading.Lock()
_ROLES_TIMEOUT = 120.0


def mentioned_roles(files: Iterable[MigrationFile]) -> frozenset[str]:
    """Roles that the files grant to, or hand objects to, and do not create."""
    mentioned: set[str] = set()
    created: set[str] = set()
    for file in files:
        text = file.text
        created.update(name.lower() for name in _CREATE_ROLE.findall(text))
        mentioned.update(_role_specs(text))
    return frozenset(name for name in mentioned if name.lower() not in created and not name.startswith("pg_"))


def _role_specs(text: str) -> Iterator[str]:
    from pglast.parser import ParseError, parse_sql_json

    try:
        parsed = str(parse_sql_json(text))
    except ParseError:
        return
    for found in _ROLE_SPEC.findall(parsed):
        yield str(json.loads(found))


def makes_roles(files: Iterable[MigrationFile]) -> bool:
    """Whether a file creates a role, in a DO block too."""
    return any(_CREATE_ROLE.search(file.text) for file in files)


@contextlib.contextmanager
def alone_with_roles() -> Iterator[None]:
    """For as long as the block, no other files of this process that make roles are applied. Raises CannotRun."""
    if not _roles_lock.acquire(timeout=_ROLES_TIMEOUT):
        raise CannotRun("the scratch server is busy with other files that make roles", "try again in a moment")
    try:
        yield
    finally:
        _roles_lock.release()
