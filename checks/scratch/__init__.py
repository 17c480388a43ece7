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
    passed_over,
    sequences,
    soft_delete,
    tables,
    triggers,
)

CHECKS: list[Check[Any]] = [
    database.scratch_database,
    database.applies_to_scratch,
    tables.tables_created,
    indexes.indexes_created,
    passed_over.if_not_exists,
    materialized_views.materialized_views_created,
    functions.functions_created,
    triggers.triggers_created,
    maintenance.statement_risk,
    maintenance.maintenance_needed,
    functions.function_bodies,
    soft_delete.soft_delete,
    materialized_views.matview_refresh,
    partitions.partition_rows,
    down_up.down_up,
    keys.fk_index,
    keys.fk_types,
    keys.primary_keys,
    keys.int4_keys,
    sequences.seeded_sequences,
    constraints.constraints_valid,
    constraints.unvalidated_constraints,
    indexes.duplicate_indexes,
    materialized_views.matview_unique_index,
    indexes.index_strategy,
    triggers.disabled_triggers,
    triggers.audit_coverage,
    tables.comments,
    tables.row_security,
    tables.unlogged_tables,
]
