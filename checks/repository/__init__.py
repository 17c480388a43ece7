"""Checks of what the team keeps beside its migrations: documents, and the set-up of a developer's machine.

Each needs its option in `[checks.ID]`; without it nothing is asked. Paths begin at the folder of gonogo.toml, or at the
root of `[migrations] repository`.
"""

from __future__ import annotations

from typing import Any

from checks.base import Check
from checks.repository import (
    changed_documents,
    changelog,
    disaster_recovery_plan,
    docker_compose,
    env_example,
    make_targets,
    release_notes,
    rollback_plan,
    runbooks,
    sqlx_offline,
)

CHECKS: list[Check[Any]] = [
    rollback_plan.CHECK,
    changed_documents.SCHEMA,
    changed_documents.API,
    changed_documents.DEPLOYMENT,
    changed_documents.OPERATIONS,
    runbooks.CHECK,
    changed_documents.BACKUP,
    disaster_recovery_plan.CHECK,
    release_notes.CHECK,
    changelog.CHECK,
    docker_compose.CHECK,
    env_example.CHECK,
    make_targets.CHECK,
    sqlx_offline.CHECK,
]
