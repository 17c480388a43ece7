"""Which account a server of ours runs as: PostgreSQL refuses to run as root, so root hands over to another user."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks.base import CannotRun

_NAMES = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """A user that is not root, by numbers."""

    uid: int
    gid: int

    def as_arguments(self) -> dict[str, Any]:
        """For subprocess: run as this user, in no other group."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def server_account() -> Account | None:
    """None for an ordinary user; for root, `postgres` where there is one, else `nobody`."""
    if os.geteuid() != 0:
        return None
    for name in _NAMES:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(found.pw_uid, found.pw_gid)
    raise CannotRun("PostgreSQL does not run as root, and there is no user postgres or nobody", "useradd postgres")


def hand_over(directory: Path, data: Path, account: Account | None) -> None:
    """Makes the data folder the account's; its parent, which is ours, may be passed through."""
    data.mkdir(mode=0o700, exist_ok=True)
    if account is None:
        return
    directory.chmod(directory.stat().st_mode | 0o011)
    os.chown(data, account.uid, account.gid)
    probe = subprocess.run(["/bin/ls", str(data)], capture_output=True, check=False, **account.as_arguments())
    if probe.returncode != 0:
        sentence = f"root starts PostgreSQL as another user, who cannot reach {data}"
        raise CannotRun(sentence, "choose a folder that others may pass through, such as one below /var/lib or /tmp")


def reachable_binaries(bin_dir: Path, directory: Path, account: Account | None) -> Path:
    """The binaries, or a copy of them in `directory` where the account may not reach them (a folder of root's own)."""
    if not (bin_dir / "postgres").exists():
        raise CannotRun(f"no PostgreSQL server in {bin_dir}", "name the folder that holds postgres and initdb")
    if account is None or _may_run(bin_dir, account):
        return bin_dir
    copy = directory / "pginstall"
    if not copy.exists():
        directory.chmod(directory.stat().st_mode | 0o011)
        shutil.copytree(bin_dir.parent, copy, symlinks=True)
    return copy / bin_dir.name


def _may_run(bin_dir: Path, account: Account) -> bool:
    try:
        done = subprocess.run(
            [bin_dir / "postgres", "--version"], capture_output=True, check=False, cwd="/", **account.as_arguments()
        )
    except PermissionError:
        return False
    return done.returncode == 0
