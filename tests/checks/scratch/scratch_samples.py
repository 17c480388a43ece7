"""Short ways to run scratch checks over files written in the test, and the shop's files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from checks.base import DatabaseAddress, Inputs, MigrationSet, Result
from checks.migrations import read_directory, read_pairs
from tests.checks.check_samples import migrations, run_one

SHOP = Path(__file__).parents[3] / "bot" / "demo" / "sample"

USERS = """CREATE TABLE users (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email text NOT NULL,
  deleted_at timestamptz
);"""
ORDERS = """CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id bigint NOT NULL,
  total bigint NOT NULL
);"""


def on(
    server: str,
    check_id: str,
    *texts: str,
    through: str | None = None,
    options: Mapping[str, object] | None = None,
    target: DatabaseAddress | None = None,
    tool: str = "sqlx",
) -> Result:
    """One check over files 00001_a.sql, 00002_b.sql …, of which those after `through` are pending."""
    files = migrations(*texts, tool=tool, applied_through=through)
    return run_one(check_id, Inputs(migrations=files, scratch_server=server, options=options or {}, target=target))


def on_pairs(server: str, check_id: str, pairs: Mapping[str, str], through: str | None = None) -> Result:
    """One check over files by name, so that there may be down files."""
    files = replace(read_pairs((n, t.encode()) for n, t in pairs.items()), applied_through=through)
    return run_one(check_id, Inputs(migrations=files, scratch_server=server))


def shop(through: str | None = None) -> MigrationSet:
    """The ten clean files of the demo's shop."""
    return replace(read_directory(SHOP / "migrations"), applied_through=through)


def shop_with(fault: str, through: str | None = None) -> MigrationSet:
    """The shop with the files of one of its faults in place of the clean ones of the same name."""
    pairs = {file.name: file.content for file in shop().files}
    pairs |= {path.name: path.read_bytes() for path in (SHOP / "faults" / fault).iterdir()}
    return replace(read_pairs(sorted(pairs.items())), applied_through=through)
