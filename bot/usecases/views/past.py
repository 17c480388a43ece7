"""Earlier deployments: how long each took, and how long each role was waited for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bot.core.deployment import Deployment
from bot.core.signoff import SignOff
from bot.core.signoff_rules import YES
from bot.usecases.facts import Past
from bot.usecases.ports import Reader


def past(reader: Reader, limit: int, environment: str = "") -> tuple[Past, ...]:
    """The last deployments, newest first; of one environment where it is named."""
    found = (one for one in reader.deployments.recent(10 * limit) if environment in {"", one.environment})
    return tuple(_past(reader, one) for one, _ in zip(found, range(limit), strict=False))


def _past(reader: Reader, deployment: Deployment) -> Past:
    to_go = deployment.go_at - deployment.started_at if deployment.go_at else None
    ran = deployment.completed_at - deployment.go_at if deployment.completed_at and deployment.go_at else None
    return Past(deployment, to_go, ran, _waits(deployment, reader.sign_offs.of(deployment.id)))


def _waits(deployment: Deployment, sign_offs: tuple[SignOff, ...]) -> Mapping[str, timedelta]:
    """From asking (or the start) to the last yes that stood before go, by role."""
    asked = deployment.asked_at or deployment.started_at
    found: dict[str, timedelta] = {}
    for one in sign_offs:
        if one.decision in YES and one.stands and one.carried_from is None:
            found[one.role] = max(found.get(one.role, timedelta()), one.at - asked, timedelta())
    return found
