"""What stands before the next step."""

from __future__ import annotations

from datetime import datetime

from bot.core.policy import Project
from bot.usecases import gate
from bot.usecases.facts import Blocker
from bot.usecases.ports import Reader
from bot.usecases.situation.judging import load


def blockers(reader: Reader, project: Project, deployment_id: str, now: datetime) -> tuple[Blocker, ...]:
    """Everything that is missing before the next step, and who can mend it."""
    return gate.blockers(load(reader, project, deployment_id, now))
