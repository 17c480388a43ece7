"""Checks of a throw-away database with the files applied."""

from __future__ import annotations

from typing import Any

from checks.base import Check
from checks.scratch import (
    constraints,
    database,
    down_up,
    functions,
    indexes,
    keys,
    maintenance,
    materialized_views,
    partitions,
    soft_delete,
    tables,
    triggers,
)

CHECKS: list[Check[Any]] = [
    database.SCRATCH_DATABASE,
    database.APPLIES_TO_SCRATCH,
    tables.TABLES_CREATED,
    indexes.INDEXES_CREATED,
    materialized_views.MATERIALIZED_VIEWS_CREATED,
    functions.FUNCTIONS_CREATED,
    triggers.TRIGGERS_CREATED,
    maintenance.STATEMENT_RISK,
    maintenance.MAINTENANCE_NEEDED,
    functions.FUNCTION_BODIES,
    soft_delete.SOFT_DELETE,
    materialized_views.MATVIEW_REFRESH,
    partitions.CHECK,
    down_up.DOWN_UP,
    keys.FK_INDEX,
    keys.FK_TYPES,
    keys.PRIMARY_KEYS,
    keys.INT4_KEYS,
    constraints.CONSTRAINTS_VALID,
    constraints.UNVALIDATED_CONSTRAINTS,
    indexes.DUPLICATE_INDEXES,
    materialized_views.MATVIEW_UNIQUE_INDEX,
    indexes.INDEX_STRATEGY,
    triggers.DISABLED_TRIGGERS,
    triggers.AUDIT_COVERAGE,
    tables.COMMENTS,
    tables.ROW_SECURITY,
    tables.UNLOGGED_TABLES,
]
