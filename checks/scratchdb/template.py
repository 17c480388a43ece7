"""Data folders that initdb made once, kept to be copied: initdb takes 0.6 s of CPU, a copy a tenth of that.

They lie in a private cache folder of the user, one for each set of binaries and options, made in a place of their own
and renamed into place. Nobody can log in to one: its superuser's password was thrown away, and each copy gets its own,
and an identity of its own (`new_identity`), as if initdb had made it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import random
import shutil
import struct
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from checks.scratchdb.account import Account

# Goes up when anything here makes another folder of the same binaries and options.
_FORMAT = "1"
_MANIFEST = "manifest"
_UNUSED_SECONDS = 30 * 86400
_CRC32C = 0x82F63B78
# Offset of xlp_sysid in the header of a segment's first page, by src/include/access/xlog_internal.h.
_SEGMENT_IDENTITY = 24


class Template:
    """The folder to copy for these binaries and options; `place` is None where the user has no private cache."""

    def __init__(self, bin_dir: Path, options: Sequence[str]) -> None:
        cache = _private_cache()
        self.place = cache / _key(bin_dir, options) if cache else None

    def copy_to(self, data: Path, account: Account | None) -> bool:
        """Fills the folder `data`; False, and nothing is left in it, where there is no sound template."""
        if self.place is None or not _is_sound(self.place):
            return False
        try:
            _copy(self.place / "data", data)
            os.utime(self.place)
        except OSError:
            empty(data)
            return False
        if account is not None:
            account.take(data)
        return True

    def keep(self, data: Path) -> None:
        """Keeps what initdb just made; where that cannot be done, the next server is made by initdb again."""
        if self.place is None:
            return
        with contextlib.suppress(OSError), tempfile.TemporaryDirectory(dir=self.place.parent) as made:
            _copy(data, Path(made, "new", "data"))
            Path(made, "new").chmod(0o700)
            Path(made, "new", _MANIFEST).write_text(_listing(Path(made, "new", "data")))
            _forget_old(self.place)
            Path(made, "new").rename(self.place)


def _private_cache() -> Path | None:
    """A folder below the user's cache that nobody else can change or read; None where there can be none."""
    with contextlib.suppress(OSError, KeyError):
        home = Path(pwd.getpwuid(os.geteuid()).pw_dir)
        place = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "gonogo"
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        parent, own = place.parent.stat(), place.lstat()
        if parent.st_uid == own.st_uid == os.geteuid() and not (parent.st_mode & 0o022 or own.st_mode & 0o077):
            return place if not place.is_symlink() else None
    return None


def _key(bin_dir: Path, options: Sequence[str]) -> str:
    """Another build, other options, another zone of the machine (initdb writes it down): another folder."""
    program = (bin_dir / "postgres").resolve()
    facts = program.stat()
    zone = os.environ.get("TZ") or str(Path("/etc/localtime").resolve())
    told = "\0".join((_FORMAT, str(program), str(facts.st_size), str(facts.st_mtime_ns), zone, *options))
    return f"initdb-{hashlib.sha256(told.encode()).hexdigest()[:24]}"


def _is_sound(place: Path) -> bool:
    """Ours, and every file with the size and the time that it was kept with."""
    try:
        found = place.lstat()
        is_ours = found.st_uid == os.geteuid() and not found.st_mode & 0o077 and not place.is_symlink()
        return is_ours and (place / _MANIFEST).read_text() == _listing(place / "data")
    except OSError:
        return False


def _listing(folder: Path) -> str:
    """A digest of names, owners, sizes and times."""
    lines = []
    for where, _, names, handle in os.fwalk(folder):
        for name in names:
            facts = os.stat(name, dir_fd=handle, follow_symlinks=False)
            within = where.removeprefix(str(folder))
            lines.append(f"{within}/{name} {facts.st_uid} {facts.st_mode} {facts.st_size} {facts.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _copy(source: Path, target: Path) -> None:
    """By the system's own program, half the work; it shares blocks where the file system can."""
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = ["cp", "-R", f"{source}/.", str(target)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        raise OSError(f"{source} could not be copied")


def empty(folder: Path) -> None:
    """What is half done in a folder that stays."""
    for inside in folder.iterdir():
        shutil.rmtree(inside) if inside.is_dir() and not inside.is_symlink() else inside.unlink()


def _forget_old(place: Path) -> None:
    """The damaged one of this name, and those that nobody has copied for a month."""
    for other in place.parent.glob("initdb-*"):
        if other == place or time.time() - other.stat().st_mtime > _UNUSED_SECONDS:
            shutil.rmtree(other)


def new_identity(data: Path) -> bool:
    """Gives a copy a system_identifier of its own, made as initdb makes it; False where its files are laid out anew.

    It stands at the start of pg_control, which ends in a checksum, and in the log of changes.
    https://www.postgresql.org/docs/current/app-pgcontroldata.html, src/include/catalog/pg_control.h
    """
    control = data / "global" / "pg_control"
    content = control.read_bytes()
    size = next((n for n in range(64, 1024, 4) if _crc32c(content[:n]) == content[n : n + 4]), 0)
    segments = [place for place in (data / "pg_wal").iterdir() if place.is_file()]
    if not size or any(_identity_of(place) != content[:8] for place in segments):
        return False
    identity = struct.pack("=Q", int(time.time()) << 32 | random.SystemRandom().getrandbits(32))
    changed = identity + content[8:size]
    control.write_bytes(changed + _crc32c(changed) + content[size + 4 :])
    for place in segments:
        with place.open("r+b") as segment:
            segment.seek(_SEGMENT_IDENTITY)
            segment.write(identity)
    return True


def _identity_of(segment: Path) -> bytes:
    with segment.open("rb") as file:
        return file.read(_SEGMENT_IDENTITY + 8)[_SEGMENT_IDENTITY:]


def _crc32c(content: bytes) -> bytes:
    """As PostgreSQL computes it, in the byte order of this machine."""
    crc = 0xFFFFFFFF
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (_CRC32C if crc & 1 else 0)
    return struct.pack("=I", crc ^ 0xFFFFFFFF)
