"""Readers of migration histories, one file a tool. A new one is a module like `sqlx` and its line in READERS."""

from __future__ import annotations

from checks.history_readers import alembic, django, flyway, golang_migrate, goose, prisma, rails, sqlx
from checks.history_readers.base import HistoryReader

READERS: tuple[HistoryReader, ...] = (sqlx, golang_migrate, flyway, alembic, django, rails, goose, prisma)
