"""Which checks an item has here: named by the checklist and able to run, or a probe of the settings."""

from __future__ import annotations

from bot.core.checklist.items import Item, Kind, Phase
from bot.core.policy import Environment, Project, ShortAct
from bot.usecases.own_checks import available_own_checks, is_own


def checks_of(project: Project, environment: Environment, item: Item) -> tuple[str, ...]:
    """The ids of the item's checks in this environment; `ID@NAME` asks the environment before instead."""
    before = environment_before(project, environment, item)
    asked = before or environment
    suffix = f"@{before.name}" if before else ""
    runnable = asked.checks | available_own_checks(project, environment)
    named = [check for check in item.checks if check in runnable]
    probes = [probe for probe in project.probes.get(item.id, ()) if probe in asked.checks]
    return tuple(check if is_own(check) else check + suffix for check in dict.fromkeys((*named, *probes)))


def acts_of(project: Project, environment: Environment, item: Item) -> tuple[ShortAct, ...]:
    """The short acts of the item that may run in this environment."""
    return tuple(act for act in project.acts.get(item.id, ()) if act.id in environment.acts)


def environment_before(project: Project, environment: Environment, item: Item) -> Environment | None:
    """`after`, for an item that staging deploys and this environment only prepares; None for every other item."""
    if environment.after and asks_before(environment.kind, item):
        return project.environments.get(environment.after)
    return None


def asks_before(kind: Kind, item: Item) -> bool:
    """Whether the item is the deployment of the kind before, seen from here (Staging Environment in production)."""
    return kind is Kind.PRODUCTION and item.phase(kind) is Phase.PREPARE and item.phase(Kind.STAGING) is Phase.DEPLOY


def inapplicable(environment: Environment, item: Item) -> str:
    """Why the item cannot apply with these settings; empty where it can."""
    if environment.after is None and asks_before(environment.kind, item):
        return "no environment stands before this one (setting `after`)"
    return ""
