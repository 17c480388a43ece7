"""The thread that brings the outbox to Slack: woken by each commit, one lane a message, never faster than Slack likes.

What was committed is sent, also when Slack was down for hours or the process was killed in between.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic, sleep

from bot.slack.inbound.dispatch import DASHBOARD, HOME, ROOTS, thread_of
from bot.slack.outbound.drawing import Outgoing, want_again
from bot.slack.outbound.live import put_off, send_live
from bot.slack.outbound.said import put_off_said, send_said
from bot.slack.people.identity import Beat
from bot.usecases.books.rows import Live
from bot.usecases.books.units import PostReader, PostUnit, SaidRow

log = logging.getLogger(__name__)
HEARTBEAT = "publisher"
WORKERS = 4
_IDLE_SECONDS = 1.0
_BREATH_SECONDS = 0.05
_BEAT_SECONDS = 15.0
_FAULT_SECONDS = 1.0
_MOST = 500
# How long each kind may take when much is wanted (DESIGN: the bench); the earliest due goes first.
_CLICKED = timedelta(seconds=3)
_DASHBOARD = timedelta(seconds=30)
_ROUTINE = timedelta(seconds=120)
_PRIVATE = timedelta(seconds=1)
_POSTED = timedelta(seconds=10)


@dataclass(frozen=True)
class Job:
    """One message to send. `lanes` are what no other job may use meanwhile; `wait` is in seconds."""

    name: str
    due: datetime
    lanes: tuple[str, ...]
    wait: Callable[[], float]
    send: Callable[[], None]
    put_off: Callable[[], None]


def jobs(out: Outgoing) -> list[Job]:
    """Everything that could be sent now, the most pressing first."""
    now = out.clock()

    def read(reader: PostReader) -> list[Job]:
        behind = _postable(reader, reader.live.behind(now, _MOST))
        said = reader.said.open(now, _MOST)
        return [*(_live_job(out, live) for live in behind), *(_said_job(out, row) for row in said)]

    return sorted(out.store.read(read), key=lambda job: job.due)


def _postable(reader: PostReader, behind: Iterable[Live]) -> list[Live]:
    """Without those that wait for their thread."""
    rows = list(behind)
    waiting = {live.deployment_id for live in rows if live.ts is None and live.kind not in ROOTS}
    rootless = {each for each in waiting if each and not thread_of(reader, each).thread_ts}
    return [live for live in rows if live.ts or live.kind in ROOTS or live.deployment_id not in rootless]


def _live_job(out: Outgoing, live: Live) -> Job:
    is_post = live.ts is None and live.kind != HOME
    lanes = (f"live {live.id}", f"post {live.channel}") if is_post else (f"live {live.id}",)
    return Job(
        name=f"{live.kind} {live.subject}".strip(),
        due=(live.wanted_at or out.clock()) + _patience(out, live),
        lanes=lanes,
        wait=lambda: _live_wait(out, live),
        send=lambda: send_live(out, live),
        put_off=lambda: put_off(out, live),
    )


def _patience(out: Outgoing, live: Live) -> timedelta:
    if live.urgency == 0 or out.echoes.has(live.channel, live.ts or ""):
        return _CLICKED
    return _DASHBOARD if live.kind in {DASHBOARD, HOME} else _ROUTINE


def _live_wait(out: Outgoing, live: Live) -> float:
    if live.kind == HOME:
        return 0.0
    if live.ts is None:
        return out.pace.post_wait(live.channel)
    if out.echoes.has(live.channel, live.ts):
        return 0.0
    return out.pace.update_wait(urgent=live.urgency == 0)


def _said_job(out: Outgoing, row: SaidRow) -> Job:
    channel = str(row.said.facts.get("channel") or "")
    is_post = row.said.sort in {"post", "file"}
    lanes = (f"said {row.said.lane}", f"post {channel}") if is_post else (f"said {row.said.lane}",)
    return Job(
        name=f"{row.said.template} {row.said.key}",
        due=row.created_at + (_POSTED if is_post else _PRIVATE),
        lanes=lanes,
        wait=lambda: out.pace.post_wait(channel) if is_post else 0.0,
        send=lambda: send_said(out, row),
        put_off=lambda: put_off_said(out, row),
    )


class Publisher:
    """`start()` recovers what an earlier process left half-done; `stop(seconds)` sends on for that long at most.

    `pause` waits for an event, seconds at most, by the same clock as `out` goes by.
    """

    def __init__(
        self, out: Outgoing, beat: Beat, pause: Callable[[threading.Event, float], bool] = threading.Event.wait
    ) -> None:
        self._out, self._beat, self._pause = out, beat, pause
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._busy: set[str] = set()
        self._running = 0
        self._stop_at: float | None = None
        self._next_beat = 0.0
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)

    def start(self) -> None:
        self._out.store.write(lambda unit: _recover(unit, self._out.clock()))
        self._out.store.on_commit(self._wake.set)
        self._thread.start()

    def stop(self, seconds: float = 5.0) -> None:
        """Drains: returns when nothing is left to send now, or after `seconds`."""
        self._stop_at = monotonic() + seconds
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(seconds + 1)

    def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                wait = self._turn()
            except Exception:
                log.exception("the publisher could not look into the outbox; it goes on")
                wait = _FAULT_SECONDS
            if self._is_over():
                return
            if self._pause(self._wake, wait) and self._stop_at is None:
                # The click that woke us is acked first: drawing would compete with it for the interpreter.
                sleep(_BREATH_SECONDS)

    def _turn(self) -> float:
        """Starts what may be sent now; the seconds until there may be more."""
        rest = self._out.outage.rest()
        if monotonic() >= self._next_beat:
            self._next_beat = monotonic() + _BEAT_SECONDS
            self._beat(HEARTBEAT, self._detail())
        if rest > 0:
            return min(rest, _IDLE_SECONDS)
        waits = [self._try(job) for job in jobs(self._out)]
        return min([_IDLE_SECONDS, *(wait for wait in waits if wait > 0)])

    def _try(self, job: Job) -> float:
        """Starts a job where its lanes and a worker are free and the pace allows; else the seconds to wait."""
        wait = job.wait()
        if wait > 0:
            return wait
        with self._lock:
            most = 1 if self._out.outage.suspected else WORKERS
            if self._running >= most or self._busy.intersection(job.lanes):
                return _IDLE_SECONDS
            self._running += 1
            self._busy.update(job.lanes)
        threading.Thread(target=self._send, args=(job,), name="publisher-send", daemon=True).start()
        return 0.0

    def _send(self, job: Job) -> None:
        try:
            job.send()
        except Exception:
            if self._stop_at is None:
                log.exception("%s could not be sent; it is tried again later", job.name)
                self._put_off(job)
        finally:
            with self._lock:
                self._running -= 1
                self._busy.difference_update(job.lanes)
            self._wake.set()

    def _put_off(self, job: Job) -> None:
        try:
            job.put_off()
        except Exception:
            log.exception("%s could not be put off either", job.name)

    def _is_over(self) -> bool:
        """When stopping: nothing runs and nothing can be sent at once, or time is up."""
        if self._stop_at is None:
            return False
        if monotonic() >= self._stop_at:
            return True
        return self._running == 0 and not (self._out.outage.rest() == 0 and jobs(self._out))

    def _detail(self) -> Mapping[str, str]:
        self._out.store.write(lambda unit: unit.said.expire(self._out.clock()))
        dead = self._out.store.read(lambda reader: reader.said.dead(20))
        refused = [f"{row.said.template}: {row.error}" for row in dead if row.error != "expired"]
        slack = "no answer" if self._out.outage.suspected else "answers"
        return {"slack": slack, "refused": "; ".join([*list(self._out.refused.values())[:5], *refused[:5]])}


def _recover(unit: PostUnit, now: datetime) -> None:
    """What was being sent when the process ended is looked up or sent again.

    What is on screen is drawn anew, since this version may draw it differently.
    """
    unit.live.recover()
    unit.said.recover()
    for deployment in unit.deployments.open():
        want_again(unit, deployment.id, now)
