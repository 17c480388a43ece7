"""Who a server of ours runs as: where we are root, a user number that nothing else on the machine has.

Two servers of one user could read each other's files and, by /proc, each other's environment. Where we are not root,
the server has our own number, and only its logins' lack of rights keeps a migration from files and programs.
"""

from __future__ import annotations

import contextlib
import os
import platform
import pwd
import random
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checks.base import CannotRun

# Numbers that no distribution hands out: https://systemd.io/UIDS-GIDS/
UNUSED = range(60706, 61184)


@dataclass(frozen=True)
class Account:
    """A user that is not root, by numbers, and where it is a server's alone what keeps others from taking it."""

    uid: int
    gid: int
    reservation: socket.socket | None = field(default=None, repr=False, compare=False)

    def as_arguments(self) -> dict[str, Any]:
        """For subprocess: run as this user, in no other group."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def release(self) -> None:
        """Once its server is gone: the number may be another's."""
        if self.reservation is not None:
            self.reservation.close()

    def take(self, folder: Path) -> None:
        """Makes a folder and everything in it this user's."""
        for _, _, files, place in os.fwalk(folder):
            os.fchown(place, self.uid, self.gid)
            for name in files:
                os.chown(name, self.uid, self.gid, dir_fd=place, follow_symlinks=False)


def server_account(directory: Path) -> Account | None:
    """None for an ordinary user; for root the owner of the data that `directory` has, else a number of its own."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(FileNotFoundError):
        found = (directory / "data" / "PG_VERSION").stat()
        if found.st_uid != 0:
            return Account(found.st_uid, found.st_gid)
    taken = set(_in_use(directory.parent))
    for number in random.sample(UNUSED, len(UNUSED)):
        if number not in taken and not _has_name(number) and (reservation := _reserve(number)):
            return Account(number, number, reservation)
    raise CannotRun(f"no user number from {UNUSED[0]} to {UNUSED[-1]} is free for a server", "stop servers left behind")


def initdb_account() -> Account | None:
    """As `server_account`, but one that has a name, which initdb asks for; no SQL of others runs as it."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(name)
            return Account(found.pw_uid, found.pw_gid)
    raise CannotRun("PostgreSQL does not run as root, and there is no user postgres or nobody", "useradd postgres")


def _in_use(folders: Path) -> Iterator[int]:
    """Numbers with a process, or with the data of another server beside this one."""
    for pattern in (Path("/proc").glob("[0-9]*"), folders.glob("*/data")):
        for place in pattern:
            with contextlib.suppress(OSError):
                yield place.stat().st_uid


def _has_name(number: int) -> bool:
    try:
        pwd.getpwuid(number)
    except KeyError:
        return False
    return True


def _reserve(number: int) -> socket.socket | None:
    """A lock that nothing leaves behind: Linux drops an abstract name with the process that bound it.

    Elsewhere there are no such names; two servers that start in one moment may then get one number.
    """
    held = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        if platform.system() == "Linux":
            held.bind(f"\0gonogo-server-{number}")
    except OSError:
        held.close()
        return None
    return held
