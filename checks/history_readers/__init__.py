"""Readers of migration histories. A new one is a `HistoryReader` in `tools`, and its place in READERS."""

from __future__ import annotations

from checks.history.rows import HistoryReader
from checks.history_readers.flyway import FLYWAY
from checks.history_readers.tools import ALEMBIC, DJANGO, GOLANG_MIGRATE, GOOSE, PRISMA, RAILS, SQLX

READERS: tuple[HistoryReader, ...] = (SQLX, GOLANG_MIGRATE, FLYWAY, ALEMBIC, DJANGO, RAILS, GOOSE, PRISMA)
