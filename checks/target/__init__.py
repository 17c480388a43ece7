"""Checks of a database that people use."""

from __future__ import annotations

from typing import Any

from checks.base import Check
from checks.target import can_connect, migrations_completed, migrations_pending, runner_ran

CHECKS: list[Check[Any]] = [
    can_connect.CHECK,
    migrations_pending.CHECK,
    migrations_completed.CHECK,
    runner_ran.CHECK,
]
