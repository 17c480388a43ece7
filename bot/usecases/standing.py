"""Items settled once for an environment, for any change, until they expire."""

from __future__ import annotations

from datetime import timedelta

from bot.core.checklist.items import Item
from bot.core.item import worst
from bot.usecases.act import Act
from bot.usecases.books.rows import Standing
from bot.usecases.ports import Unit
from bot.usecases.situation.snapshot import Situation


def settle_standing(unit: Unit, situation: Situation, item: Item, who: str, evidence: str, act: Act) -> None:
    """Keep the item settled for the whole environment."""
    until = act.at + timedelta(days=item.valid_days or 0)
    verdict = worst(situation.results_of(item))
    standing = Standing(item.id, situation.deployment.id, who, evidence, act.at, until, verdict)
    deployment = situation.deployment
    unit.standings.settle(deployment.team, deployment.project, deployment.environment, standing)


def forget_standing(unit: Unit, situation: Situation, item: Item) -> None:
    """Take back what this very deployment settled; what another one settled stands."""
    deployment = situation.deployment
    place = (deployment.team, deployment.project, deployment.environment)
    standing = unit.standings.of(*place).get(item.id)
    if standing is not None and standing.deployment_id == deployment.id:
        unit.standings.forget(*place, item.id)
