"""Checks of the migration files alone."""

from __future__ import annotations

from typing import Any

from checks.base import Check
from checks.files import (
    concurrently,
    copy_program,
    definer_search_path,
    dependency_order,
    destructive_statements,
    documented_changes,
    down_files,
    file_names,
    ignore_comments,
    migration_comments,
    naming_conventions,
    online_safety,
    passwords,
    public_grants,
    sequential_numbering,
    stated_range,
    superuser_roles,
    syntax,
    transaction_control,
    types_defined,
)

CHECKS: list[Check[Any]] = [
    online_safety.CHECK,  # first: squawk works while the files are parsed, for all the others too
    syntax.CHECK,
    sequential_numbering.CHECK,
    types_defined.CHECK,
    dependency_order.CHECK,
    file_names.CHECK,
    stated_range.CHECK,
    naming_conventions.CHECK,
    migration_comments.CHECK,
    transaction_control.CHECK,
    concurrently.CHECK,
    destructive_statements.CHECK,
    down_files.CHECK,
    passwords.CHECK,
    superuser_roles.CHECK,
    public_grants.CHECK,
    definer_search_path.CHECK,
    copy_program.CHECK,
    documented_changes.CHECK,
    ignore_comments.CHECK,
]
