from __future__ import annotations

from tests.postgres import database, database15, postgres, postgres15

__all__ = ["database", "database15", "postgres", "postgres15"]
