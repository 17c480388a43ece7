"""Checks of what the team keeps beside its migrations: documents, and the set-up of a developer's machine.

Each needs its option in `[checks.ID]`; without it nothing is asked. Paths begin at the folder of gonogo.toml, or at the
root of `[migrations] repository`.
"""

from __future__ import annotations

from typing import Any

from checks.base import Check
from checks.repository import changed_documents, development, plans, releases, sqlx_offline

CHECKS: list[Check[Any]] = [
    plans.rollback_plan,
    changed_documents.SCHEMA,
    changed_documents.API,
    changed_documents.DEPLOYMENT,
    changed_documents.OPERATIONS,
    plans.runbooks,
    changed_documents.BACKUP,
    plans.disaster_recovery_plan,
    releases.release_notes,
    releases.changelog,
    development.docker_compose,
    development.env_example,
    development.make_targets,
    sqlx_offline.sqlx_offline,
]
