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
)

CHECKS: list[Check[Any]] = [
    online_safety.online_safety,  # first: squawk works while the files are parsed, for all the others too
    syntax.syntax,
    numbering.sequential_numbering,
    dependency_order.types_defined,
    dependency_order.dependency_order,
    names.file_names,
    numbering.stated_range,
    names.naming_conventions,
    comments.migration_comments,
    transaction_control.transaction_control,
    transaction_control.concurrently,
    destructive_statements.destructive_statements,
    down_files.down_files,
    secrets.passwords,
    privileges.superuser_roles,
    privileges.public_grants,
    privileges.definer_search_path,
    secrets.copy_program,
    comments.documented_changes,
    comments.ignore_comments,
]
