"""How the bot is: its state file, whether it runs, hears and sends."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from bot.core.times import from_text
from bot.doctor.finding import fault, ok, warning
from bot.storage import Store, StoreFault, lock_holder
from bot.usecases.post_ports import Heartbeat, PostReader
from checks.result import Finding, counted

AREA = "bot"
SILENT_AFTER = timedelta(minutes=2)
_RESTART = "restart it, and look at its log"


def ask_state(state: Path, now: datetime) -> Iterator[Finding]:
    """The state file and the process on it. A file that is not there yet is no fault: `run` makes it."""
    if not state.exists():
        yield warning(AREA, f"there is no state yet ({state.name})", "start the bot: gonogo run")
        return
    try:
        store = Store.open(state, read_only=True)
    except StoreFault as refusal:
        yield fault(AREA, refusal.sentence, refusal.hint or "restore a backup")
        return
    try:
        yield ok(AREA, "the state file is that of this gonogo, every migration of it applied unchanged")
        yield from store.read(lambda unit: list(_in_use(unit, lock_holder(state), now)))
    except StoreFault as refusal:
        yield fault(AREA, refusal.sentence, "restore a backup")
    finally:
        store.close()


def _in_use(unit: PostReader, process: int | None, now: datetime) -> Iterator[Finding]:
    beats = unit.heartbeats.all()
    if process is None:
        seen = max((beat.at for beat in beats.values()), default=None)
        when = f"; it was last alive {seen:%Y-%m-%d %H:%M} UTC" if seen else ""
        yield warning(AREA, f"no gonogo runs on this state file{when}", "start the bot: gonogo run")
    else:
        yield ok(AREA, f"gonogo runs as process {process or 'unknown'}")
        yield from _socket(beats.get("socket"), now)
        yield from _loops(beats, now)
    yield from _directory(beats.get("directory"))
    yield from _dead(unit)


def _socket(beat: Heartbeat | None, now: datetime) -> Iterator[Finding]:
    if beat is None or now - beat.at > SILENT_AFTER:
        yield fault(AREA, "the process lives, and its link to Slack gives no sign of life", _RESTART)
        return
    detail = _detail(beat)
    last = detail.get("last_message", "")
    heard = f"; last message {from_text(last):%Y-%m-%d %H:%M} UTC" if last else "; no message yet"
    if detail.get("connected") == "yes":
        yield ok(AREA, f"connected to Slack{heard}")
    else:
        yield fault(AREA, f"not connected to Slack{heard}", "see the findings on Slack above; it connects by itself")


def _loops(beats: Mapping[str, Heartbeat], now: datetime) -> Iterator[Finding]:
    beat = beats.get("publisher")
    if beat is not None and now - beat.at > SILENT_AFTER:
        yield fault(AREA, f"nothing was looked at to be sent since {beat.at:%Y-%m-%d %H:%M} UTC", _RESTART)


def _directory(beat: Heartbeat | None) -> Iterator[Finding]:
    faults = _detail(beat).get("faults", "") if beat else ""
    if faults:
        yield warning(AREA, f"at its last look at people and groups: {faults}", "see the findings on people")


def _dead(unit: PostReader) -> Iterator[Finding]:
    dead = [one for one in unit.said.dead() if one.error != "expired"]
    if dead:
        newest = dead[0]
        sentence = f"{counted(len(dead), 'message')} given up, the newest for: {newest.error or 'no reason kept'}"
        yield warning(AREA, sentence, "mend that; what they said stands in the dashboards and in the journal")
    stuck = [live for one in unit.deployments.open() for live in unit.outbox.wanted(one.id) if live.state == "dead"]
    if stuck:
        sentence = f"{counted(len(stuck), 'message')} of open deployments no longer repainted"
        yield warning(AREA, sentence, "mend the channel or the scopes; the next act in the deployment tries again")


def _detail(beat: Heartbeat) -> Mapping[str, str]:
    try:
        found = json.loads(beat.detail or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
