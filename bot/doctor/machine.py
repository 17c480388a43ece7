"""Whether the state file lies where it survives: room, and a disk that is not thrown away."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.doctor.finding import fault, ok, warning
from checks.measures import size
from checks.result import Finding

AREA = "machine"
TOO_LITTLE, LITTLE = 100_000_000, 1_000_000_000
_HOSTED = {"DYNO": "a Heroku dyno", "K_SERVICE": "a Cloud Run container", "AWS_LAMBDA_FUNCTION_NAME": "a Lambda"}
_NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "ceph", "glusterfs"})
_IN_MEMORY = frozenset({"tmpfs", "ramfs"})
_MOVE = "put [database] path on a disk that stays, such as a volume, and copy it daily with `gonogo backup`"


def ask_machine(state: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """`state` is the path of the state file, which need not exist yet."""
    folder = state.parent
    if not folder.is_dir():
        yield fault(AREA, f"the folder {folder} for the state file does not exist", f"mkdir -p {folder}")
        return
    if not os.access(folder, os.W_OK):
        yield fault(AREA, f"this user may not write into {folder}", f"chown it to the user who runs gonogo: {folder}")
    yield _room(folder)
    yield from _lasting(state, environ, mount_of(folder))


def _room(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    words = f"{size(free)} are free beside the state file"
    mend = f"make room on the disk of {folder}"
    if free < TOO_LITTLE:
        return fault(AREA, words, mend)
    return warning(AREA, words, mend) if free < LITTLE else ok(AREA, words)


def _lasting(state: Path, environ: Mapping[str, str], kind: str) -> Iterator[Finding]:
    for variable, what in _HOSTED.items():
        if environ.get(variable):
            sentence = f"this is {what} ({variable} is set): each restart throws its disk away, and all state with it"
            yield fault(AREA, sentence, _MOVE)
            return
    if kind in _IN_MEMORY:
        yield fault(AREA, f"the state file lies in memory ({kind}), and is gone after a restart", _MOVE)
    elif kind in _NETWORK:
        yield fault(AREA, f"the state file lies on a network disk ({kind}), where SQLite's locks do not hold", _MOVE)
    elif state.absolute().is_relative_to(tempfile.gettempdir()):
        yield warning(AREA, "the state file lies in the folder for temporary files, which is swept", _MOVE)
    elif kind == "overlay":
        yield warning(AREA, "the state file lies inside its container, and is gone with it", _MOVE)


def mount_of(folder: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """The kind of file system; empty where the system does not say (see proc(5))."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    best, kind = -1, ""
    for line in lines:
        point, name = (*line.split(), "", "", "")[1:3]
        place = Path(point.encode().decode("unicode_escape"))
        if folder.absolute().is_relative_to(place) and len(place.parts) >= best:
            best, kind = len(place.parts), name
    return kind
