"""Looks at every configured history now and then: did something run that nobody announced?"""

from __future__ import annotations

import logging

from bot.background.backstage import BOT, Backstage
from bot.core.policy import Environment, Project
from bot.settings.sources import Sources
from bot.usecases.act import Act
from bot.usecases.notice_history import notice_history
from checks.base import CannotRun
from checks.history.reading import read_history
from checks.targetdb.session import Target

logger = logging.getLogger(__name__)


def look_at_histories(backstage: Backstage) -> None:
    """One look at each environment that has a database; one that cannot be read is skipped until the next look."""
    identity = backstage.store.read(lambda reader: reader.people.identity())
    if identity is None:
        return
    for project in backstage.projects.values():
        for environment in project.environments.values():
            sources = backstage.sources(project.name, environment.name)
            if environment.has_database and sources is not None:
                _look(backstage, project, environment, sources, identity.team)


def _look(backstage: Backstage, project: Project, environment: Environment, sources: Sources, team: str) -> None:
    applied = _applied(sources)
    if applied is None:
        return
    act = Act(BOT, backstage.clock(), team)
    backstage.store.write(lambda unit: notice_history(unit, project, act, environment, applied))


def _applied(sources: Sources) -> tuple[str, ...] | None:
    if sources.target is None:
        return None
    target, table = Target(sources.target), str(sources.options.get("history_table", ""))
    try:
        with target.session("history-guard") as session:
            return tuple(row.version for row in read_history(session, sources.tool, table).rows)
    except CannotRun as fault:
        logger.info("the history of %s was not read: %s", sources.environment, fault)
        return None
    finally:
        target.close()
