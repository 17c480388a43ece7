"""`wal-g backup-list --detail --json`: an array of backups. https://wal-g.readthedocs.io/#backup-list"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from checks.probes.backups.inventory import Backup, Inventory, mapping, number, parse_json, sequence

COMMAND = "wal-g backup-list --detail --json"

# finish_time comes with --detail only; the others are what older versions call the time of upload.
_TIMES = ("finish_time", "modification_time", "time", "creation_time")


def read(text: str) -> list[Inventory]:
    """WAL-G lists finished backups only, and prints nothing where there is none. Raises CannotRun, WrongShape."""
    found = parse_json("WAL-G", text) if text.strip() else []
    return [Inventory("WAL-G", tuple(_backup(mapping(one)) for one in sequence(found or [])))]


def _backup(backup: Mapping[str, object]) -> Backup:
    name = str(backup["backup_name"])
    kind = "delta" if "_D_" in name else "full"
    times = (_time(backup.get(key)) for key in _TIMES)
    return Backup(name, kind, next((at for at in times if at), None), number(backup.get("uncompressed_size")))


def _time(value: object) -> datetime | None:
    """RFC 3339; Go writes nine decimals, and the year 1 for no time."""
    try:
        found = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except ValueError:
        return None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found if found.year > 1970 else None
