"""Checks across the tables of environments: names, kinds, order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.core.checklist.items import Kind
from bot.settings import words
from bot.settings.document import EnvironmentTable
from bot.settings.faults import did_you_mean, nearest, quoted
from bot.settings.reading import ProjectFile
from checks.result import Finding, Unusable

_RESERVED = ("files", "default")


def environment_tables(project: ProjectFile) -> Mapping[str, EnvironmentTable]:
    """The configured environments; without any, one of each kind, without databases."""
    return project.document.environments or {kind.value: EnvironmentTable() for kind in Kind}


def kind_of(name: str, table: EnvironmentTable) -> Kind:
    """The kind: as set, or the name where it is one; production, the strictest, for a faulty one."""
    if table.kind:
        return table.kind
    return Kind(name) if name in set(Kind) else Kind.PRODUCTION


def environment_faults(project: ProjectFile) -> Iterator[Finding]:
    """Names that cannot be typed, kinds that cannot be known, `after` that leads nowhere or in a circle."""
    tables = project.document.environments
    for name, table in tables.items():
        yield from _name_faults(project, name, table)
        if table.after:
            yield from _after_faults(project, name, table.after)
    for circle in _circles(tables):
        sentence = f"goes round in a circle: {' after '.join(circle)}"
        yield project.source.fault(("environments", circle[0], "after"), sentence, "one of them comes after none")


def _name_faults(project: ProjectFile, name: str, table: EnvironmentTable) -> Iterator[Finding]:
    place = ("environments", name)
    try:
        words.name(name, "an environment")
    except Unusable as error:
        yield project.source.fault(place, error.sentence, error.hint)
    if name in _RESERVED:
        yield project.source.fault(
            place, f"'{name}' has a meaning of its own on the command line", "choose another name"
        )
    elif table.kind is None and name not in set(Kind):
        near = nearest(name, list(Kind)) or "production"
        sentence = f"is missing, since '{name}' is no kind by itself"
        yield project.source.fault((*place, "kind"), sentence, f'write kind = "{near}"')


def _after_faults(project: ProjectFile, name: str, after: str) -> Iterator[Finding]:
    tables = project.document.environments
    place = ("environments", name, "after")
    if after == name:
        yield project.source.fault(place, "an environment cannot come after itself")
    elif after not in tables:
        others = [other for other in tables if other != name]
        known = ", ".join(others) or "none yet"
        mend = did_you_mean(after, others) or f"environments here: {known}"
        yield project.source.fault(place, f"there is no environment {quoted(after)}", mend)


def _circles(tables: Mapping[str, EnvironmentTable]) -> Iterator[list[str]]:
    """Each circle of two or more once, from its first member in the file, closed by that member again."""
    told: set[str] = set()
    for start in tables:
        chain = [start]
        while (after := tables[chain[-1]].after) and after in tables and after not in chain:
            chain.append(after)
        if after == start and len(chain) > 1 and not told & set(chain):
            told |= set(chain)
            yield [*chain, start]
