"""History tables as the tools make them, filled as the tools fill them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from checks.base import MigrationFile
from tests.postgres import TestDatabase

# The table of sqlx-postgres, column by column.
SQLX = """CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL,
installed_on TIMESTAMPTZ NOT NULL DEFAULT now(), success BOOLEAN NOT NULL, checksum BYTEA NOT NULL,
execution_time BIGINT NOT NULL)"""
GOLANG = "CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)"


def sqlx_history(database: TestDatabase, files: Iterable[MigrationFile], at: str = "2026-11-22T14:10:00Z") -> None:
    """As after `sqlx migrate run` at a time, with SELECT for the login with pg_monitor."""
    database.execute(f"{SQLX}; GRANT SELECT ON _sqlx_migrations TO {database.monitor_role}")
    with database.connect() as connection:
        for file in files:
            checksum = hashlib.sha384(file.content).digest()
            insert = "INSERT INTO _sqlx_migrations VALUES (%s, %s, %s, true, %s, 1)"
            connection.execute(insert, [int(file.version), file.name[6:-4], at, checksum])


def golang_history(database: TestDatabase, version: int, dirty: bool = False) -> None:
    database.execute(f"{GOLANG}; GRANT SELECT ON schema_migrations TO {database.monitor_role}")
    database.execute(f"INSERT INTO schema_migrations VALUES ({version}, {dirty})")
