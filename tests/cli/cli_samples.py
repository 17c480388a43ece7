"""Folders of migrations, and the command run in this process."""

from __future__ import annotations

import hashlib
from pathlib import Path

from click.testing import CliRunner, Result

from bot.__main__ import main
from tests.postgres import TestDatabase

MIGRATIONS = {
    "00001_users.sql": "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);\n",
    "00002_orders.sql": "CREATE TABLE orders (id bigint PRIMARY KEY, total bigint NOT NULL);\n",
    "00003_paid.sql": "ALTER TABLE orders ADD COLUMN paid_at timestamptz;\n",
}
HISTORY = """CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, description text NOT NULL,
  installed_on timestamptz NOT NULL DEFAULT now(), success boolean NOT NULL, checksum bytea NOT NULL,
  execution_time bigint NOT NULL); GRANT SELECT ON _sqlx_migrations TO pg_monitor;"""


def gonogo(*arguments: str | Path) -> Result:
    """Runs the command line; `stdout` and `stderr` apart."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def migrations(folder: Path, **changed: str) -> Path:
    """Writes the sample files, some with other text (`v00002_orders="…"`); an empty text leaves the file out."""
    directory = folder / "migrations"
    directory.mkdir()
    texts = MIGRATIONS | {f"{name.removeprefix('v')}.sql": text for name, text in changed.items()}
    for name, text in texts.items():
        if text:
            (directory / name).write_text(text)
    return directory


def apply(database: TestDatabase, count: int = len(MIGRATIONS)) -> None:
    """Applies the first files as sqlx does, and records them as sqlx does."""
    database.execute(HISTORY)
    for name, text in list(MIGRATIONS.items())[:count]:
        checksum = hashlib.sha384(text.encode()).hexdigest()
        version, _, description = name.removesuffix(".sql").partition("_")
        database.execute(text)
        database.execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)"
            f" VALUES ({int(version)}, '{description}', true, '\\x{checksum}', 1000)"
        )
