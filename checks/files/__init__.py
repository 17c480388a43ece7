"""Checks of the migration files alone."""

from __future__ import annotations

from typing import Any

from checks.base import Check
from checks.files import sequential_numbering, syntax

CHECKS: list[Check[Any]] = [
    syntax.CHECK,
    sequential_numbering.CHECK,
]
