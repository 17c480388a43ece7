"""`pgbackrest info --output=json`: an array of stanzas. https://pgbackrest.org/command.html#command-info"""

from __future__ import annotations

from collections.abc import Mapping

from checks.probes.backups.inventory import Backup, Inventory, epoch, mapping, number, parse_json, sequence

COMMAND = "pgbackrest info --output=json"


def read(text: str) -> list[Inventory]:
    """One inventory a stanza. Raises CannotRun, WrongShape."""
    return [_stanza(mapping(one)) for one in sequence(parse_json("pgBackRest", text))]


def _stanza(stanza: Mapping[str, object]) -> Inventory:
    status = mapping(stanza["status"])
    # Code 0 is ok; 2 is "no valid backups", which the list itself shows.
    fault = str(status.get("message") or "error") if status.get("code") not in (0, 2) else ""
    backups = tuple(_backup(mapping(one)) for one in sequence(stanza["backup"]))
    return Inventory(f"pgBackRest {stanza['name']}", backups, _cipher(stanza), fault)


def _backup(backup: Mapping[str, object]) -> Backup:
    info, stamps = mapping(backup.get("info") or {}), mapping(backup["timestamp"])
    # pgBackRest: page checksum errors were found while copying.
    fault = "page checksum errors" if backup.get("error") else ""
    return Backup(str(backup["label"]), str(backup["type"]), epoch(stamps.get("stop")), number(info.get("size")), fault)


def _cipher(stanza: Mapping[str, object]) -> str | None:
    """The cipher of the repositories; "" where any is without."""
    found = [mapping(one).get("cipher") for one in sequence(stanza.get("repo") or [])] or [stanza.get("cipher")]
    if None in found:
        return None
    return "" if "none" in found else ", ".join(sorted({str(one) for one in found}))
