"""Carry-over by file: what earlier completed deployments of the environment before have settled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.item import Carried
from checks.result import Status


@dataclass(frozen=True)
class Settled:
    """Who settled an item, when, and the worst that its checks said then."""

    who: str
    at: datetime
    verdict: Status | None = None


@dataclass(frozen=True)
class Earlier:
    """One completed deployment of the environment before: the file hashes that count, and what it settled.

    `settled` holds items that were *done* (never n/a or overridden).
    """

    deployment_id: str
    label: str
    environment: str
    shas: frozenset[str]
    settled: Mapping[str, Settled]


def carried_items(items: Sequence[str], files: frozenset[str], earlier: Sequence[Earlier]) -> Mapping[str, Carried]:
    """Items that carry: together the earlier deployments cover every file of this range and settled the item."""
    if not files:
        return {}
    found = ((item, _cover(item, files, earlier)) for item in items)
    return {item: carried for item, carried in found if carried is not None}


def _cover(item: str, files: frozenset[str], earlier: Sequence[Earlier]) -> Carried | None:
    missing, used = set(files), []
    for deployment in earlier:
        if item in deployment.settled and missing & deployment.shas:
            missing -= deployment.shas
            used.append(deployment)
    if missing or not used:
        return None
    newest = max(used, key=lambda deployment: deployment.settled[item].at)
    settled = newest.settled[item]
    words = " and ".join(f"{one.environment} {one.label}" for one in used)
    return Carried(settled.who, settled.at, f"settled in {words}", newest.deployment_id, verdict=settled.verdict)
