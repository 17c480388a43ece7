"""The backup's commands: `take` makes one, `check` and `drill` judge the newest, each in one line of evidence.

python -m bot.demo.sample.backup take|check|drill ENVIRONMENT --directory FOLDER
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from bot.demo.sample import dumps
from bot.demo.sample.addresses import State, Verdict, from_file, report
from bot.demo.sample.servers import drill_database

FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group(help="Backups of the sample databases.")
def main() -> None:
    pass


@main.command("take", help="Dump the database of ENVIRONMENT.")
@click.argument("environment")
@click.option("--addresses", type=click.Path(path_type=Path), required=True, help="The sample's addresses.json.")
@click.option("--directory", type=FOLDER, required=True, help="Where backups are kept.")
def take_command(environment: str, addresses: Path, directory: Path) -> None:
    report("BACKUP", lambda: _judged(lambda: take(addresses, directory, environment)))


@main.command("check", help="Is there a whole backup of ENVIRONMENT that is new enough?")
@click.argument("environment")
@click.option("--directory", type=FOLDER, required=True, help="Where backups are kept.")
@click.option("--max-age", type=float, default=24.0, show_default=True, help="Hours.")
def check_command(environment: str, directory: Path, max_age: float) -> None:
    report("BACKUP", lambda: _judged(lambda: check(directory, environment, max_age)))


@main.command("drill", help="Restore the newest backup of ENVIRONMENT into a throw-away server and count the rows.")
@click.argument("environment")
@click.option("--directory", type=FOLDER, required=True, help="Where backups are kept.")
def drill_command(environment: str, directory: Path) -> None:
    report("RESTORE", lambda: _judged(lambda: drill(directory, environment)))


def take(addresses: Path, directory: Path, environment: str) -> Verdict:
    """Takes a backup and says what it holds."""
    address = from_file(addresses, environment, "migrator")
    return Verdict(State.OK, _describe(dumps.take(address, directory, environment)))


def check(directory: Path, environment: str, max_age: float) -> Verdict:
    """Critical where the newest backup is missing, damaged or older than `max_age` hours."""
    manifest = dumps.newest(directory, environment)
    entries = dumps.verify(directory, manifest)
    if _age_hours(manifest) > max_age:
        words = f"the newest is {_age(manifest)} old: older than {max_age:g} h; take another backup"
        return Verdict(State.CRITICAL, words + _made(manifest))
    return Verdict(State.OK, f"{_describe(manifest)}, {entries} entries readable, sha-256 as taken{_made(manifest)}")


def drill(directory: Path, environment: str) -> Verdict:
    """Restores for real: critical where a table has other rows than the manifest says."""
    manifest = dumps.newest(directory, environment)
    dumps.verify(directory, manifest)
    with drill_database() as address:
        start = time.perf_counter()
        rows = dumps.restore(directory, manifest, address)
        took = time.perf_counter() - start
    for table, expected in manifest.rows.items():
        if rows.get(table) != expected:
            words = f"{table} has {rows.get(table, 'no')} rows instead of {expected}"
            return Verdict(State.CRITICAL, f"{manifest.file}: {words}{_made(manifest)}")
    counted = f"{len(rows)} tables, {manifest.total_rows:,} rows as backed up"
    words = f"{manifest.file} restored in {took:.1f} s into a throw-away server: {counted}"
    return Verdict(State.OK, words + _made(manifest))


def _made(manifest: dumps.Manifest) -> str:
    """Performance data that say which backup was looked at."""
    return f" | made={datetime.fromisoformat(manifest.taken_at).timestamp():.0f}"


def _judged(act: Callable[[], Verdict]) -> Verdict:
    try:
        return act()
    except dumps.BackupFault as fault:
        return Verdict(State.CRITICAL, str(fault))


def _describe(manifest: dumps.Manifest) -> str:
    size = f"{manifest.size / 1e6:.1f} MB"
    return f"{manifest.tool} {manifest.file}, {size}, {_age(manifest)} old, {manifest.total_rows:,} rows"


def _age_hours(manifest: dumps.Manifest) -> float:
    return (datetime.now(UTC) - datetime.fromisoformat(manifest.taken_at)).total_seconds() / 3600


def _age(manifest: dumps.Manifest) -> str:
    hours = _age_hours(manifest)
    return f"{hours * 60:.0f} min" if hours < 2 else f"{hours:.0f} h"


if __name__ == "__main__":
    main()
