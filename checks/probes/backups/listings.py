"""What backup tools list: pgBackRest, WAL-G, Barman; and archives of pg_dump that lie on this machine."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from checks.base import CannotRun, Result, counted
from checks.masking import Mask
from checks.probes import reports
from checks.probes.backups import archive as archives
from checks.probes.backups.archive import Archive, Unreadable
from checks.probes.backups.inventory import Backup, Inventory, Limits, epoch, judge, number
from checks.probes.process import Ended
from checks.probes.settings import ProbeSettings
from checks.probes.wording import one_line
from checks.targetdb.asking import moment


class WrongShape(ValueError):
    """JSON that is not this tool's listing."""


def parse_json(tool: str, text: str) -> object:
    """Raises CannotRun with a sentence that names the tool."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise CannotRun(f"the output is no JSON of {tool}", "see the command in the settings") from None


def mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise WrongShape
    return value


def sequence(value: object) -> Sequence[object]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise WrongShape
    return value


def read_pgbackrest(text: str) -> list[Inventory]:
    """One inventory a stanza. Raises CannotRun, WrongShape."""
    return [_stanza(mapping(one)) for one in sequence(parse_json("pgBackRest", text))]


def _stanza(stanza: Mapping[str, object]) -> Inventory:
    status = mapping(stanza["status"])
    # Code 0 is ok; 2 is "no valid backups", which the list itself shows.
    fault = str(status.get("message") or "error") if status.get("code") not in (0, 2) else ""
    backups = tuple(_pgbackrest_backup(mapping(one)) for one in sequence(stanza["backup"]))
    return Inventory(f"pgBackRest {stanza['name']}", backups, _pgbackrest_cipher(stanza), fault)


def _pgbackrest_backup(backup: Mapping[str, object]) -> Backup:
    info, stamps = mapping(backup.get("info") or {}), mapping(backup["timestamp"])
    # pgBackRest: page checksum errors were found while copying.
    fault = "page checksum errors" if backup.get("error") else ""
    return Backup(str(backup["label"]), str(backup["type"]), epoch(stamps.get("stop")), number(info.get("size")), fault)


def _pgbackrest_cipher(stanza: Mapping[str, object]) -> str | None:
    """The cipher of the repositories; "" where any is without."""
    found = [mapping(one).get("cipher") for one in sequence(stanza.get("repo") or [])] or [stanza.get("cipher")]
    if None in found:
        return None
    return "" if "none" in found else ", ".join(sorted({str(one) for one in found}))


# finish_time comes with --detail only; the others are what older versions call the time of upload.
_TIMES = ("finish_time", "modification_time", "time", "creation_time")


def read_wal_g(text: str) -> list[Inventory]:
    """WAL-G lists finished backups only, and prints nothing where there is none. Raises CannotRun, WrongShape."""
    found = parse_json("WAL-G", text) if text.strip() else []
    return [Inventory("WAL-G", tuple(_walg_backup(mapping(one)) for one in sequence(found or [])))]


def _walg_backup(backup: Mapping[str, object]) -> Backup:
    name = str(backup["backup_name"])
    kind = "delta" if "_D_" in name else "full"
    times = (_wal_g_time(backup.get(key)) for key in _TIMES)
    return Backup(name, kind, next((at for at in times if at), None), number(backup.get("uncompressed_size")))


def _wal_g_time(value: object) -> datetime | None:
    """RFC 3339; Go writes nine decimals, and the year 1 for no time."""
    try:
        found = moment(str(value))
    except ValueError:
        return None
    return found if found.year > 1970 else None


_COPIED = {"DONE", "WAITING_FOR_WALS"}
_RUNNING = {"EMPTY", "STARTED", "SYNCING"}


def read_barman(text: str) -> list[Inventory]:
    """One inventory a server; the listing does not tell encryption. Raises CannotRun, WrongShape."""
    servers = mapping(parse_json("Barman", text))
    return [
        Inventory(f"Barman {name}", tuple(_barman_backup(mapping(one)) for one in sequence(backups)))
        for name, backups in servers.items()
        # Messages of barman itself stand beside the servers.
        if not name.startswith("_")
    ]


def _barman_backup(backup: Mapping[str, object]) -> Backup:
    status = str(backup["status"])
    finished = epoch(backup.get("end_time_timestamp")) if status in _COPIED else None
    fault = "" if status in _COPIED | _RUNNING else f"status {status}"
    kind = str(backup.get("backup_type") or "full")
    return Backup(str(backup["backup_id"]), kind, finished, number(backup.get("size_bytes")), fault)


# A listing cannot be cut as a message can; a backup takes about 700 bytes in it.
LISTING_LIMIT = 8 * 1024 * 1024

READERS: Mapping[str, tuple[str, Callable[[str], list[Inventory]]]] = {
    "pgbackrest": ("pgbackrest info --output=json", read_pgbackrest),
    "wal-g": ("wal-g backup-list --detail --json", read_wal_g),
    "barman": ("barman -f json list-backups all", read_barman),
}


def read_listing(settings: ProbeSettings, reader: str, ended: Ended, mask: Mask) -> Result:
    """Raises CannotRun: the tool complained, or printed what is not its listing."""
    if reader not in READERS:
        raise settings.wrong("reader", f"none of {', '.join(READERS)}")
    command, read = READERS[reader]
    output = ended.output.decode("utf-8", errors="replace")
    if reader == "barman" and output.startswith("BARMAN "):
        return reports.judge(settings.spec.id, ended.code, reports.read_output(mask(output)))
    if ended.code != 0:
        raise CannotRun(_complaint(ended, mask), f"try it yourself: {command}")
    if ended.is_cut:
        raise CannotRun("the listing is longer than 8 MiB", "name one stanza or server in the command")
    try:
        inventories = read(output)
    except (WrongShape, KeyError):
        raise CannotRun(f"the output is not what `{command}` prints", f"command = {command.split()}") from None
    return judge(inventories, Limits.of(settings), datetime.now(UTC))


def _complaint(ended: Ended, mask: Mask) -> str:
    words = reports.read_output(mask((ended.errors or ended.output).decode("utf-8", errors="replace"))).summary
    end = f"exit code {ended.code}" if ended.code > 0 else f"signal {-ended.code}"
    return one_line(f"the backup tool ended with {end}: {words or 'nothing printed'}")


def judge_dumps(settings: ProbeSettings, mask: Mask) -> Result:
    """Raises CannotRun: no file there, or no pg_restore that can read it."""
    found = archives.archives(settings)
    if not found:
        raise CannotRun(f"there is no {settings.text('path')}", "path is a file or a pattern such as dumps/*.dump")
    if settings.flag("restore"):
        from checks.probes.backups import restore

        return restore.run(settings, found[0], mask)
    newest, tables = _listed(settings, found[0], mask)
    words = f"pg_dump {newest.path.name} ({', '.join(filter(None, [newest.form, tables]))})"
    backups = tuple(one.backup for one in (newest, *found[1:]))
    return judge([Inventory(words, backups)], Limits.of(settings), datetime.now(UTC))


def _listed(settings: ProbeSettings, newest: Archive, mask: Mask) -> tuple[Archive, str]:
    """The archive with what pg_restore has to say of it; without a pg_restore its first bytes have to do."""
    if newest.form not in archives.WITH_LISTING:
        return newest, ""
    try:
        archives.programs(settings)
    except CannotRun:
        return newest, "not listed: no pg_restore"
    try:
        listing = archives.listing(settings, newest, mask)
    except Unreadable as fault:
        return replace(newest, fault=f"pg_restore: {fault}"), ""
    return newest, counted(listing.tables, "table")
