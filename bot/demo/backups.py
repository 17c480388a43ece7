"""The backups that the try-out begins with: production's is older than the settings allow, which a person can mend."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from bot.demo.sample import dumps
from bot.demo.sample.databases import SampleDatabases

OLD = "production"
AGE = timedelta(hours=50)  # two nights ago: last night's run is missing


def take_backups(databases: SampleDatabases, folder: Path) -> None:
    """One of each sample database."""
    for environment, address in databases.migrator_urls.items():
        manifest = dumps.take(address, folder, environment)
        if environment == OLD:
            _make_older(folder, manifest, AGE)


def _make_older(folder: Path, manifest: dumps.Manifest, by: timedelta) -> None:
    """As if it had been taken earlier: the time in the manifest, and in the names of both files."""
    taken_at = datetime.fromisoformat(manifest.taken_at) - by
    dump = folder / manifest.file
    older = dump.with_name(f"{OLD}-{taken_at:%Y%m%dT%H%M%S%fZ}.dump")
    said = json.loads(dump.with_suffix(".json").read_text(encoding="utf-8"))
    said |= {"file": older.name, "taken_at": taken_at.isoformat()}
    dump.rename(older)
    dump.with_suffix(".json").unlink()
    older.with_suffix(".json").write_text(json.dumps(said, indent=1), encoding="utf-8")
