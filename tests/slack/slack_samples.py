"""Rows to start from, without the use cases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.core.checklist.items import Kind
from bot.core.deployment import Deployment, State
from bot.storage.database import Unit

AT = datetime(2026, 11, 22, 14, 3, 7, tzinfo=UTC)


def a_deployment(unit: Unit, **changes: Any) -> Deployment:
    """A stored deployment of an environment of its own."""
    unit.checklists.keep("sha-1", "checklist.md", "# List")
    facts: dict[str, Any] = {
        "id": unit.new_id(),
        "team": "T0ACME",
        "project": "default",
        "number": unit.deployments.next_number("T0ACME", "default"),
        "environment": f"env-{unit.new_id()}",
        "kind": Kind.PRODUCTION,
        "revision": "sha-1",
        "state": State.PREPARING,
        "starter": "U0ANN",
        "owner": "U0ANN",
        "started_at": AT,
        "last_act_at": AT,
    }
    deployment = Deployment(**{**facts, **changes})
    unit.deployments.add(deployment)
    return deployment
