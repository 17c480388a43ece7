"""Checks of a throw-away database with the files applied."""

from __future__ import annotations

from typing import Any

from checks.base import Check
from checks.scratch import (
    applies_to_scratch,
    functions_created,
    indexes_created,
    maintenance_needed,
    materialized_views_created,
    scratch_database,
    statement_risk,
    tables_created,
    triggers_created,
)

CHECKS: list[Check[Any]] = [
    scratch_database.CHECK,
    applies_to_scratch.CHECK,
    tables_created.CHECK,
    indexes_created.CHECK,
    materialized_views_created.CHECK,
    functions_created.CHECK,
    triggers_created.CHECK,
    statement_risk.CHECK,
    maintenance_needed.CHECK,
]
