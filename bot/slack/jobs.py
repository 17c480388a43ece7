"""What waits to be sent, as jobs in the order in which they are due."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.slack.live_drawing import DASHBOARD, HOME
from bot.slack.outgoing import Outgoing
from bot.slack.sending_live import put_off, send_live
from bot.slack.sending_said import put_off_said, send_said
from bot.usecases.post_ports import PostReader, SaidRow
from bot.usecases.rows import Live

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
    return sorted(out.store.read(lambda reader: _all(out, reader, now)), key=lambda job: job.due)


def _all(out: Outgoing, reader: PostReader, now: datetime) -> list[Job]:
    behind = _postable(reader, reader.live.behind(now, _MOST))
    return [*(_live_job(out, live) for live in behind), *(_said_job(out, row) for row in reader.said.open(now, _MOST))]


def _postable(reader: PostReader, behind: Iterable[Live]) -> list[Live]:
    """Without those that wait for their thread."""
    rows = list(behind)
    waiting = {live.deployment_id for live in rows if live.ts is None and live.kind not in {DASHBOARD, HOME}}
    rootless = {each for each in waiting if each and not _has_thread(reader, each)}
    return [live for live in rows if live.ts or live.kind in {DASHBOARD, HOME} or live.deployment_id not in rootless]


def _has_thread(reader: PostReader, deployment_id: str) -> bool:
    return any(live.kind == DASHBOARD and live.ts for live in reader.outbox.wanted(deployment_id))


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
