"""`barman -f json list-backups SERVER|all`: an object of servers. https://docs.pgbarman.org"""

from __future__ import annotations

from collections.abc import Mapping

from checks.probes.backups.inventory import Backup, Inventory, epoch, mapping, number, parse_json, sequence

COMMAND = "barman -f json list-backups all"

_COPIED = {"DONE", "WAITING_FOR_WALS"}
_RUNNING = {"EMPTY", "STARTED", "SYNCING"}


def read(text: str) -> list[Inventory]:
    """One inventory a server; the listing does not tell encryption. Raises CannotRun, WrongShape."""
    servers = mapping(parse_json("Barman", text))
    return [
        Inventory(f"Barman {name}", tuple(_backup(mapping(one)) for one in sequence(backups)))
        for name, backups in servers.items()
        # Messages of barman itself stand beside the servers.
        if not name.startswith("_")
    ]


def _backup(backup: Mapping[str, object]) -> Backup:
    status = str(backup["status"])
    finished = epoch(backup.get("end_time_timestamp")) if status in _COPIED else None
    fault = "" if status in _COPIED | _RUNNING else f"status {status}"
    kind = str(backup.get("backup_type") or "full")
    return Backup(str(backup["backup_id"]), kind, finished, number(backup.get("size_bytes")), fault)
