"""Checks of the migration files alone."""

from __future__ import annotations

from typing import Any

from checks.base import Check
from checks.files import (
    comments,
    dependency_order,
    destructive_statements,
    down_files,
    names,
    numbering,
    online_safety,
    privileges,
    secrets,
    syntax,
    transaction_control,
    types,
)

CHECKS: list[Check[Any]] = [
    online_safety.ONLINE_SAFETY,  # first: squawk works while the files are parsed, for all the others too
    syntax.CHECK,
    numbering.SEQUENTIAL_NUMBERING,
    types.TYPES_DEFINED,
    dependency_order.CHECK,
    names.FILE_NAMES,
    numbering.STATED_RANGE,
    names.NAMING_CONVENTIONS,
    comments.MIGRATION_COMMENTS,
    transaction_control.TRANSACTION_CONTROL,
    transaction_control.CONCURRENTLY,
    destructive_statements.CHECK,
    down_files.CHECK,
    secrets.PASSWORDS,
    privileges.SUPERUSER_ROLES,
    privileges.PUBLIC_GRANTS,
    privileges.DEFINER_SEARCH_PATH,
    secrets.COPY_PROGRAM,
    comments.DOCUMENTED_CHANGES,
    comments.IGNORE_COMMENTS,
]
