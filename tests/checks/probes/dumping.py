"""Dumps of real databases, made by the pg_dump of the server that they are in."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from checks.base import Inputs, ProbeSpec, Result
from tests.checks.probes.probe_samples import ask
from tests.postgres import TestDatabase

SHOP = """
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint REFERENCES users, at date) ;
CREATE TABLE events (id bigint, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE "events 2026" PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE MATERIALIZED VIEW busy AS SELECT user_id, count(*) FROM orders GROUP BY 1;
INSERT INTO users SELECT n, n || '@shop.example' FROM generate_series(1, 1200) n;
INSERT INTO orders SELECT n, n, '2026-03-01' FROM generate_series(1, 1000) n;
INSERT INTO events SELECT n, '2026-03-01' FROM generate_series(1, 10) n;
ANALYZE;
"""


def dump(database: TestDatabase, path: Path, *options: str, age: float = 0) -> Path:
    """`pg_dump` in the custom format unless options say otherwise; `age` seconds old."""
    command = [
        database.server.bin_dir / "pg_dump",
        "--format=custom",
        *options,
        "--file",
        path,
        "--dbname",
        database.admin,
    ]
    subprocess.run(command, check=True, capture_output=True)
    set_age(path, age)
    return path


def set_age(path: Path, age: float) -> None:
    then = time.time() - age
    for one in [path, *(path.iterdir() if path.is_dir() else ())]:
        os.utime(one, (then, then))


def read(folder: Path, pattern: str = "*.dump", inputs: Inputs | None = None, **options: object) -> Result:
    """A probe with `path`."""
    return ask(ProbeSpec("dumps", options={"directory": str(folder), "path": pattern, **options}), inputs)


def restore(folder: Path, inputs: Inputs | None = None, **options: object) -> Result:
    return read(folder, inputs=inputs or Inputs(scratch_server="embedded"), restore=True, **options)
