"""Checks of what the team keeps beside its migrations: documents, and the set-up of a developer's machine.

Each needs its option in `[checks.ID]`; without it nothing is asked. Paths begin at the folder of gonogo.toml, or at the
root of `[migrations] repository`.
"""

from __future__ import annotations

from typing import Any

from checks.base import Check
from checks.repository import (
    api_document,
    backup_document,
    changelog,
    deployment_document,
    disaster_recovery_plan,
    docker_compose,
    env_example,
    make_targets,
    operations_document,
    release_notes,
    rollback_plan,
    runbooks,
    schema_document,
    sqlx_offline,
)

CHECKS: list[Check[Any]] = [
    rollback_plan.CHECK,
    schema_document.CHECK,
    api_document.CHECK,
    deployment_document.CHECK,
    operations_document.CHECK,
    runbooks.CHECK,
    backup_document.CHECK,
    disaster_recovery_plan.CHECK,
    release_notes.CHECK,
    changelog.CHECK,
    docker_compose.CHECK,
    env_example.CHECK,
    make_targets.CHECK,
    sqlx_offline.CHECK,
]
