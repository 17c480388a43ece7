"""Checks of a throw-away database with the files applied."""

from __future__ import annotations

from typing import Any

from checks.base import Check
from checks.scratch import (
    applies_to_scratch,
    audit_coverage,
    comments,
    constraints_valid,
    disabled_triggers,
    duplicate_indexes,
    fk_index,
    fk_types,
    functions_created,
    index_strategy,
    indexes_created,
    int4_keys,
    maintenance_needed,
    materialized_views_created,
    matview_unique_index,
    primary_keys,
    row_security,
    scratch_database,
    statement_risk,
    tables_created,
    triggers_created,
    unlogged_tables,
    unvalidated_constraints,
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
    fk_index.CHECK,
    fk_types.CHECK,
    primary_keys.CHECK,
    int4_keys.CHECK,
    constraints_valid.CHECK,
    unvalidated_constraints.CHECK,
    duplicate_indexes.CHECK,
    matview_unique_index.CHECK,
    index_strategy.CHECK,
    disabled_triggers.CHECK,
    audit_coverage.CHECK,
    comments.CHECK,
    row_security.CHECK,
    unlogged_tables.CHECK,
]
