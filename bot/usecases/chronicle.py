"""Write what happened into the deployment's journal chain."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.deployment import Deployment
from bot.core.journal import Entry
from bot.core.times import to_text
from bot.usecases.act import Act
from bot.usecases.ports import Unit


def chronicle(
    unit: Unit,
    deployment: Deployment,
    act: Act,
    event: str,
    facts: Mapping[str, object] | None = None,
    *,
    reason: str = "",
) -> Entry:
    """Append one entry: who, what, when; the display name and free text go to the side table."""
    person = unit.people.person(act.who)
    body: dict[str, object] = {"who": act.who, **(facts or {})}
    if act.console:
        body |= {"entered_at_console": to_text(act.entered)}
    texts = {"name": person.name} if person else {}
    if reason:
        texts["reason"] = reason
    return unit.journal.append(deployment.chain, event, act.at, body, texts)


def head(unit: Unit, deployment: Deployment) -> str:
    """The hash of the newest entry, as printed at go, completion and closing."""
    entry = unit.journal.head(deployment.chain)
    return entry.hash if entry else ""
