"""Every check that ships with gonogo, by id. Each folder lists its own in `CHECKS`; nothing registers itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from checks import files, probes, repository, scratch, target
from checks.base import Check


def _by_id(checks: Iterable[Check[Any]]) -> Mapping[str, Check[Any]]:
    found: dict[str, Check[Any]] = {}
    for check in checks:
        if check.id in found:
            raise ValueError(f"two checks have the id {check.id}")
        found[check.id] = check
    return MappingProxyType(found)


CATALOGUE: Mapping[str, Check[Any]] = _by_id(
    [*files.CHECKS, *repository.CHECKS, *scratch.CHECKS, *target.CHECKS, *probes.CHECKS]
)
