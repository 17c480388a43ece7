"""Checks of what the team keeps beside its migrations: documents, and the set-up of a developer's machine.

Each needs its option in `[checks.ID]`; without it nothing is asked. Paths begin at the folder of gonogo.toml, or at the
root of `[migrations] repository`.
"""

from __future__ import annotations

from typing import Any

from checks.base import Check
from checks.repository import changed_documents, development, plans, releases, sqlx_offline

CHECKS: list[Check[Any]] = [
    plans.ROLLBACK_PLAN,
    changed_documents.SCHEMA,
    changed_documents.API,
    changed_documents.DEPLOYMENT,
    changed_documents.OPERATIONS,
    plans.RUNBOOKS,
    changed_documents.BACKUP,
    plans.DISASTER_RECOVERY_PLAN,
    releases.RELEASE_NOTES,
    releases.CHANGELOG,
    development.DOCKER_COMPOSE,
    development.ENV_EXAMPLE,
    development.MAKE_TARGETS,
    sqlx_offline.CHECK,
]
