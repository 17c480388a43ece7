"""Every check that ships with gonogo, by id. Each folder lists its own in `CHECKS`; nothing registers itself.

A folder is imported when one of its checks is asked for: all of them take longer than most commands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any

from checks.base import Check, Need

# What the checks of each folder need.
FOLDERS: Mapping[str, Collection[Need]] = {
    "files": (Need.FILES,),
    "repository": (Need.FILES,),
    "scratch": (Need.SCRATCH,),
    "target": (Need.TARGET, Need.PAIR, Need.SCRATCH),
    "probes": (Need.COMMAND, Need.HTTP, Need.PROMETHEUS),
}


@cache
def _checks_of(folder: str) -> Mapping[str, Check[Any]]:
    checks: list[Check[Any]] = import_module(f"checks.{folder}").CHECKS
    return {check.id: check for check in checks}


class Catalogue(Mapping[str, Check[Any]]):
    """Checks with one of these needs, in the order of the folders; an id is looked for in one after the other."""

    def __init__(self, *needs: Need) -> None:
        self._needs = frozenset(needs)
        self._folders = [folder for folder, theirs in FOLDERS.items() if self._needs & {*theirs}]

    def __getitem__(self, check_id: str) -> Check[Any]:
        for folder in self._folders:
            if (found := _checks_of(folder).get(check_id)) and found.needs in self._needs:
                return found
        raise KeyError(check_id)

    def __iter__(self) -> Iterator[str]:
        for folder in self._folders:
            yield from (check.id for check in _checks_of(folder).values() if check.needs in self._needs)

    def __bool__(self) -> bool:
        """Whether there is any, for which the first folder is enough."""
        return next(iter(self), None) is not None

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def set_up(self, options: Mapping[str, object]) -> bool:
        """Whether a table `[checks.ID]` sets up a check that says nothing without it."""
        tables = [id_ for id_, table in options.items() if isinstance(table, Mapping) and id_ in self]
        return any(self[id_].option and self[id_].is_set_up(options) for id_ in tables)


CATALOGUE = Catalogue(*Need)
