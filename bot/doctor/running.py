"""Whether the state file lies where it survives, and how the bot is: whether it runs, hears and sends."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from bot.core.journal import from_text
from bot.doctor.finding import fault, ok, warning
from bot.storage import Store, StoreFault, lock_holder
from bot.usecases.books.units import Heartbeat, PostReader
from bot.usecases.evidence import broken
from checks.measures import size
from checks.result import Finding, counted

MACHINE, BOT = "machine", "bot"
TOO_LITTLE, LITTLE = 100_000_000, 1_000_000_000
_HOSTED = {"DYNO": "a Heroku dyno", "K_SERVICE": "a Cloud Run container", "AWS_LAMBDA_FUNCTION_NAME": "a Lambda"}
_NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "ceph", "glusterfs"})
_IN_MEMORY = frozenset({"tmpfs", "ramfs"})
_MOVE = "put [database] path on a disk that stays, such as a volume, and copy it daily with `gonogo backup`"
SILENT_AFTER = timedelta(minutes=2)
_NEWEST = 100
_RESTORE = "restore a backup; `gonogo export` and `gonogo verify` name every difference"
_RESTART = "restart it, and look at its log"


def ask_machine(state: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """`state` is the path of the state file, which need not exist yet."""
    folder = state.parent
    if not folder.is_dir():
        yield fault(MACHINE, f"the folder {folder} for the state file does not exist", f"mkdir -p {folder}")
        return
    if not os.access(folder, os.W_OK):
        mend = f"chown it to the user who runs gonogo: {folder}"
        yield fault(MACHINE, f"this user may not write into {folder}", mend)
    yield _room(folder)
    yield from _lasting(state, environ, mount_of(folder))


def _room(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    words = f"{size(free)} are free beside the state file"
    mend = f"make room on the disk of {folder}"
    if free < TOO_LITTLE:
        return fault(MACHINE, words, mend)
    return warning(MACHINE, words, mend) if free < LITTLE else ok(MACHINE, words)


def _lasting(state: Path, environ: Mapping[str, str], kind: str) -> Iterator[Finding]:
    for variable, what in _HOSTED.items():
        if environ.get(variable):
            sentence = f"this is {what} ({variable} is set): each restart throws its disk away, and all state with it"
            yield fault(MACHINE, sentence, _MOVE)
            return
    if kind in _IN_MEMORY:
        yield fault(MACHINE, f"the state file lies in memory ({kind}), and is gone after a restart", _MOVE)
    elif kind in _NETWORK:
        yield fault(MACHINE, f"the state file lies on a network disk ({kind}), where SQLite's locks do not hold", _MOVE)
    elif state.absolute().is_relative_to(tempfile.gettempdir()):
        yield warning(MACHINE, "the state file lies in the folder for temporary files, which is swept", _MOVE)
    elif kind == "overlay":
        yield warning(MACHINE, "the state file lies inside its container, and is gone with it", _MOVE)


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


def ask_state(state: Path, now: datetime) -> Iterator[Finding]:
    """The state file and the process on it. A file that is not there yet is no fault: `run` makes it."""
    if not state.exists():
        yield warning(BOT, f"there is no state yet ({state.name})", "start the bot: gonogo run")
        return
    try:
        with closing(Store.open(state, read_only=True)) as store:
            yield ok(BOT, "the state file is that of this gonogo, every migration of it applied unchanged")
            yield from store.read(lambda unit: list(_in_use(unit, lock_holder(state), now)))
            yield from store.read(lambda unit: list(_journals(unit)))
    except StoreFault as refusal:
        yield fault(BOT, refusal.sentence, refusal.hint or "restore a backup")


def _in_use(unit: PostReader, process: int | None, now: datetime) -> Iterator[Finding]:
    beats = unit.heartbeats.all()
    if process is None:
        seen = max((beat.at for beat in beats.values()), default=None)
        when = f"; it was last alive {seen:%Y-%m-%d %H:%M} UTC" if seen else ""
        yield warning(BOT, f"no gonogo runs on this state file{when}", "start the bot: gonogo run")
    else:
        yield ok(BOT, f"gonogo runs as process {process or 'unknown'}")
        yield from _socket(beats.get("socket"), now)
        publisher = beats.get("publisher")
        if publisher is not None and now - publisher.at > SILENT_AFTER:
            yield fault(
                BOT,
                f"the bot has sent nothing, nor looked whether it should, since {publisher.at:%Y-%m-%d %H:%M} UTC",
                _RESTART,
            )
    directory = beats.get("directory")
    if directory and (faults := _detail(directory).get("faults", "")):
        yield warning(BOT, f"at its last look at people and groups: {faults}", "see the findings on people")
    yield from _dead(unit)


def _journals(unit: PostReader) -> Iterator[Finding]:
    """Whether every row is the one that the journal of its deployment tells of."""
    found = unit.deployments.recent(_NEWEST)
    differing = {one.label: said for one in found if (said := broken(unit, one))}
    for label, said in differing.items():
        yield fault(BOT, f"deployment {label} was changed beside gonogo: {said[0]}", _RESTORE)
    if found and not differing:
        yield ok(BOT, f"every row of {counted(len(found), 'deployment')} is as the journal tells")


def _socket(beat: Heartbeat | None, now: datetime) -> Iterator[Finding]:
    if beat is None or now - beat.at > SILENT_AFTER:
        yield fault(BOT, "the process lives, and its link to Slack gives no sign of life", _RESTART)
        return
    detail = _detail(beat)
    last = detail.get("last_message", "")
    heard = f"; last message {from_text(last):%Y-%m-%d %H:%M} UTC" if last else "; no message yet"
    if detail.get("connected") == "yes":
        yield ok(BOT, f"connected to Slack{heard}")
    else:
        yield fault(BOT, f"not connected to Slack{heard}", "see the findings on Slack above; it connects by itself")


def _dead(unit: PostReader) -> Iterator[Finding]:
    dead = [one for one in unit.said.dead() if one.error != "expired"]
    if dead:
        newest = dead[0]
        sentence = f"{counted(len(dead), 'message')} given up, the newest for: {newest.error or 'no reason kept'}"
        yield warning(BOT, sentence, "mend that; what they said stands in the dashboards and in the journal")
    stuck = [live for one in unit.deployments.open() for live in unit.outbox.wanted(one.id) if live.state == "dead"]
    if stuck:
        sentence = f"{counted(len(stuck), 'message')} of open deployments no longer updated"
        yield warning(BOT, sentence, "mend the channel or the scopes; the next act in the deployment tries again")


def _detail(beat: Heartbeat) -> Mapping[str, str]:
    try:
        found = json.loads(beat.detail or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
