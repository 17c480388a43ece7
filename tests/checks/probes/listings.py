"""What backup tools print, in the shape that each really prints it, with times relative to now.

pgBackRest: captured from 2.45. WAL-G and Barman: fields of `backup-list --detail --json` and of `list-backups` in JSON.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

HOUR, DAY = 3600.0, 86400.0
GB = 1024**3


def ago(seconds: float) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=seconds)


def pgbackrest_backup(age: float, kind: str = "full", size: int = 41 * GB, error: bool = False) -> dict[str, Any]:
    stop = int(ago(age).timestamp())
    return {
        "archive": {"start": "000000010000000000000002", "stop": "000000010000000000000002"},
        "backrest": {"format": 5, "version": "2.45"},
        "database": {"id": 1, "repo-key": 1},
        "error": error,
        "info": {"delta": size, "repository": {"delta": size // 8, "size": size // 8}, "size": size},
        "label": f"{ago(age):%Y%m%d-%H%M%S}F",
        "lsn": {"start": "0/2000028", "stop": "0/2000100"},
        "prior": None,
        "reference": None,
        "timestamp": {"start": stop - 600, "stop": stop},
        "type": kind,
    }


def pgbackrest(
    *backups: dict[str, Any], name: str = "shop", cipher: str = "aes-256-cbc", code: int = 0, message: str = "ok"
) -> dict[str, Any]:
    """One stanza of `pgbackrest info --output=json`."""
    return {
        "archive": [
            {"database": {"id": 1, "repo-key": 1}, "id": "15-1", "max": "000000010000000000000004", "min": None}
        ],
        "backup": list(backups),
        "cipher": cipher,
        "db": [{"id": 1, "repo-key": 1, "system-id": 7710920295217883205, "version": "15"}],
        "name": name,
        "repo": [{"cipher": cipher, "key": 1, "status": {"code": code, "message": message}}],
        "status": {"code": code, "lock": {"backup": {"held": False}}, "message": message},
    }


def walg_backup(age: float, name: str = "base_000000010000000000000002", size: int = 41 * GB) -> dict[str, Any]:
    return {
        "backup_name": name,
        "time": f"{ago(age - 30):%Y-%m-%dT%H:%M:%S}Z",
        "wal_file_name": "000000010000000000000002",
        "storage_name": "default",
        "start_time": f"{ago(age + 600):%Y-%m-%dT%H:%M:%S}.000001Z",
        "finish_time": f"{ago(age):%Y-%m-%dT%H:%M:%S}.000000001Z",  # never younger than its age
        "date_fmt": "%Y-%m-%dT%H:%M:%S.%fZ",
        "hostname": "db1",
        "data_dir": "/var/lib/postgresql/15/main",
        "pg_version": 150018,
        "start_lsn": 33554472,
        "finish_lsn": 33554688,
        "is_permanent": False,
        "system_identifier": 7710920295217883205,
        "uncompressed_size": size,
        "compressed_size": size // 4,
    }


def barman_backup(age: float, status: str = "DONE", size: int = 41 * GB) -> dict[str, Any]:
    end = ago(age)
    copied = {
        "end_time_timestamp": str(int(end.timestamp())),
        "end_time": end.ctime(),
        "size_bytes": size,
        "wal_size_bytes": 16 << 20,
        "size": "41.0 GiB",
        "wal_size": "16.0 MiB",
        "retention_status": "-",
    }
    start = {"backup_id": f"{end:%Y%m%dT%H%M%S}", "backup_type": "rsync", "status": status}
    return start | (copied if status in {"DONE", "WAITING_FOR_WALS"} else {})
