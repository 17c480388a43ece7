"""Rows to start from, and the texts that break careless storage."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from bot.core.checklist.items import Kind
from bot.core.deployment import Deployment, State
from bot.storage.database import Unit
from bot.storage.erasure import Personal
from bot.storage.sqlite import new_id

AT = datetime(2026, 11, 22, 14, 3, 7, 123000, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

nasty = st.sampled_from(
    ["Robert'); DROP TABLE decision;--", "👩‍🚀 go", "שלום מנהל", "a\tb\nc", '"quoted" \\ back', " ", "%s ? :id"]
)
texts = st.one_of(nasty, st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60))
instants = st.datetimes(datetime(2020, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)).map(
    lambda instant: instant.replace(microsecond=instant.microsecond // 1000 * 1000)
)


def a_deployment(unit: Unit, **changes: Any) -> Deployment:
    """A stored deployment of its own environment, so that many fit into one store."""
    unit.checklists.keep("sha-1", "checklist.md", "# List")
    facts: dict[str, Any] = {
        "id": new_id(),
        "team": "T1",
        "project": "default",
        "number": unit.deployments.next_number("T1", changes.get("project", "default")),
        "environment": f"env-{new_id()}",
        "kind": Kind.PRODUCTION,
        "revision": "sha-1",
        "state": State.PREPARING,
        "starter": "U1",
        "owner": "U1",
        "started_at": AT,
        "last_act_at": AT,
    }
    deployment = Deployment(**{**facts, **changes})
    unit.deployments.add(deployment)
    return deployment


def erased(unit: Unit, digests: Iterable[str], at: datetime) -> int:
    """What `forget` does with these texts; how many there were."""
    return unit.erasure.forget(Personal("UNOBODY", frozenset(), frozenset(digests), frozenset(), 0), at)
