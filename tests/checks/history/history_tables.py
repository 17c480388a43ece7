"""Histories as Flyway, Alembic, Django, Rails, goose and Prisma leave them, readable for the login with pg_monitor."""

from __future__ import annotations

from checks.base import MigrationSet
from checks.history.by_files import FLYWAY as READER
from checks.history.tools import table_ddl
from checks.migrations import read_pairs
from tests.postgres import TestDatabase

FLYWAY, ALEMBIC, DJANGO, RAILS, GOOSE, PRISMA = map(
    table_ddl, ("flyway", "alembic", "django", "rails", "goose", "prisma")
)

REVISION = '"""x"""\nrevision = "{0}"\ndown_revision = {1!r}\n\ndef upgrade():\n    pass\n'
DJANGO_FILE = b"from django.db import migrations\n\nclass Migration(migrations.Migration):\n    pass\n"


def make(database: TestDatabase, table: str, *rows: str) -> None:
    """The table, with SELECT for the login of the checks, and rows as `table (columns) VALUES (…)`."""
    database.execute(f"{table}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {database.monitor_role}")
    for row in rows:
        database.execute(f"INSERT INTO {row}")


def flyway_row(rank: int, version: str, script: str, checksum: str, kind: str = "SQL", success: bool = True) -> str:
    quoted = f"'{version}'" if version else "NULL"
    number = checksum or "NULL"
    what = f"{rank}, {quoted}, 'd', '{kind}', '{script}', {number}, 'me', now(), 1, {success}"
    return f"flyway_schema_history VALUES ({what})"


def flyway_files(**texts: str) -> MigrationSet:
    """Files by name without `.sql`, such as `V1__a`."""
    return read_pairs([(f"{name}.sql", text.encode()) for name, text in texts.items()], "flyway")


def as_applied(files: MigrationSet) -> list[str]:
    """A row for each file, as after `flyway migrate`."""
    return [
        flyway_row(rank, "" if file.version.startswith("R__") else file.version, file.name, READER.checksum(file))
        for rank, file in enumerate(files.ups, 1)
    ]


def alembic_files(**parents: str | None) -> MigrationSet:
    """Revisions by id with what each comes after."""
    pairs = [(f"versions/{n}_{r}.py", REVISION.format(r, down).encode()) for n, (r, down) in enumerate(parents.items())]
    return read_pairs(pairs, "alembic")


def django_files(*paths: str) -> MigrationSet:
    return read_pairs([(path, DJANGO_FILE) for path in paths], "django")


def rails_files(*versions: str) -> MigrationSet:
    return read_pairs([(f"{v}_x.rb", b"class X < ActiveRecord::Migration[8.0]; end\n") for v in versions], "rails")
