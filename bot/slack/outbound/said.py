"""Sending what is said once, each sort by its own promise (ARCHITECTURE: *Nothing lost*)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta

from bot.core.typed import LONGEST
from bot.slack.inbound.click import Click, kept
from bot.slack.inbound.dispatch import Place, deployment_in_thread, thread_of
from bot.slack.messages.blocks import cut
from bot.slack.messages.buttons import Target
from bot.slack.outbound.calling import CallResult, Done, Limited, Lost, Refusal, attempt
from bot.slack.outbound.drawing import Outgoing
from bot.slack.outbound.pace import backoff_seconds, fault_seconds, unsure_seconds
from bot.slack.outbound.posting import find_post, post, send_file
from bot.slack.outbound.rooms import CLOSED, WAIT_SECONDS, tell_starter
from bot.usecases.books.rows import PendingClick
from bot.usecases.books.units import PostUnit, SaidRow
from bot.usecases.verb import Verb

log = logging.getLogger(__name__)
_MOST_FAULTS = 8
_NEWS = timedelta(days=1)
_NO_PIN = frozenset({"already_pinned", "no_pin", "not_pinned", "missing_scope", "message_not_found"})
_ABSENT_USER = frozenset({"user_not_in_channel", "not_in_channel", "channel_not_found", "messages_tab_disabled"})


def send_said(out: Outgoing, row: SaidRow) -> None:
    """One try for one row. Raises what drawing raises; nothing that Slack or the network does."""
    started = out.store.write(lambda unit: unit.said.start_sending(row.id))
    if started is not None:
        _SENDERS[started.said.sort](out, started)


def put_off_said(out: Outgoing, row: SaidRow) -> None:
    """After a fault of our own: the row tries again later, each time later, and in the end makes way for its lane."""
    if row.attempts >= _MOST_FAULTS:
        log.error("the %s for %s was given up after %d tries", row.said.template, row.said.key, _MOST_FAULTS)
        _dead(out, row, "a fault of gonogo's own, see the log")
        return
    _later(out, row, fault_seconds(row.attempts + 1), "a fault of gonogo's own, see the log")


def _place_of(out: Outgoing, row: SaidRow) -> Place | None:
    """Where a post belongs; None while the thread it waits for is not there."""
    facts = row.said.facts
    if not facts.get("in_thread") and row.said.sort != "file":
        return Place(str(facts.get("channel", "")), str(facts.get("thread_ts") or ""))
    place = out.store.read(lambda reader: thread_of(reader, row.said.deployment_id or ""))
    return place if place.thread_ts else None


def _post(out: Outgoing, row: SaidRow) -> None:
    place = _place_of(out, row)
    if place is None:
        _later(out, row, 1.0, "its thread is not there yet")
    elif row.said.sort == "file":
        _file(out, row, place)
    else:
        _post_once(out, row, place)


def _direct(out: Outgoing, row: SaidRow) -> None:
    still_true = out.store.read(lambda reader: out.drawing.is_still_true(reader, row.said, out.clock()))
    if not (still_true or row.state == "unsure"):
        # It waited for the person's morning, and its reason is gone.
        _dead(out, row, "expired")
        return
    opened = attempt(lambda: out.clients.sending.conversations_open(users=[str(row.said.facts["user"])]))
    if not isinstance(opened, Done):
        _not_done(out, row, opened, "direct", lost_matters=False)
        return
    _post_once(out, row, Place(str(opened.data["channel"]["id"])))


def _post_once(out: Outgoing, row: SaidRow, place: Place) -> None:
    if row.state == "unsure" and _looked_up(out, row, place):
        return
    later = out.store.read(lambda reader: out.drawing.waits_until(reader, row.said, out.clock()))
    if later is not None:
        # It is late: its person was awake when it was said, or the morning that it waited for is over.
        out.store.write(lambda unit: unit.said.keep_until(row.id, later))
        return
    shown = out.store.read(lambda reader: out.drawing.said(reader, row.said))
    out.pace.took_post(place.channel)
    result = post(out.clients.sending, place.channel, place.thread_ts, shown, row.said.key)
    if isinstance(result, Done):
        _arrived(out, row, place.channel, str(result.data["ts"]))
    else:
        _not_done(out, row, result, f"post {place.channel}", lost_matters=True)


def _looked_up(out: Outgoing, row: SaidRow, place: Place) -> bool:
    """Whether an earlier try arrived, or nobody can say yet."""
    found = find_post(out.clients.reading, place.channel, place.thread_ts, row.said.key)
    if isinstance(found, Lost):
        _not_done(out, row, found, "", lost_matters=True)
    elif found is not None:
        _arrived(out, row, place.channel, found)
    return found is not None


def _arrived(out: Outgoing, row: SaidRow, channel: str, ts: str) -> None:
    out.outage.answered()
    out.refused.pop(row.id, None)
    out.store.write(lambda unit: unit.said.mark_sent(row.id, out.clock(), channel=channel, ts=ts))


def _ephemeral(out: Outgoing, row: SaidRow) -> None:
    """At most once: a lost answer ends it. Where the bot or the person is not in the channel, it becomes a DM."""
    facts, shown = row.said.facts, out.store.read(lambda reader: out.drawing.said(reader, row.said))
    result = attempt(
        lambda: out.clients.sending.chat_postEphemeral(
            channel=str(facts["channel"]),
            user=str(facts["user"]),
            thread_ts=str(facts.get("thread_ts") or "") or None,
            text=shown.text,
            blocks=shown.blocks,
        )
    )
    if isinstance(result, Done):
        out.outage.answered()
        out.store.write(lambda unit: unit.said.mark_sent(row.id, out.clock()))
    elif isinstance(result, Refusal) and result.error in _ABSENT_USER:
        _direct(out, row)
    elif isinstance(result, Lost):
        out.outage.failed()
        _dead(out, row, "its answer was lost, and it is said at most once")
    else:
        _not_done(out, row, result, "ephemeral", lost_matters=False)


def _pin(out: Outgoing, row: SaidRow) -> None:
    """A pin is a courtesy: where it stands already, is gone already, or may not be set, nothing is missing."""
    place = _place_of(out, row)
    if place is None:
        _later(out, row, 1.0, "its dashboard is not there yet")
        return
    api = out.clients.sending
    call = api.pins_add if row.said.template == "pin" else api.pins_remove
    result = attempt(lambda: call(channel=place.channel, timestamp=place.thread_ts))
    if isinstance(result, Done) or (isinstance(result, Refusal) and result.error in _NO_PIN):
        out.outage.answered()
        out.store.write(lambda unit: unit.said.mark_sent(row.id, out.clock()))
    else:
        _not_done(out, row, result, "pin", lost_matters=False)


def _put_into_record(out: Outgoing, row: SaidRow) -> None:
    """A message under which somebody put 📌 is read, and goes on as their click of *Add to the record*.

    Source: conversations.replies; of a reply's ts it gives that reply (docs.slack.dev/reference/methods).
    """
    facts = {name: str(value) for name, value in row.said.facts.items()}
    channel, ts = facts["channel"], facts["ts"]
    answer = attempt(lambda: out.clients.reading.conversations_replies(channel=channel, ts=ts, limit=1))
    if not isinstance(answer, Done):
        _not_done(out, row, answer, "reaction", lost_matters=False)
        return
    message: Mapping[str, object] = next(
        (each for each in answer.data.get("messages") or () if each.get("ts") == ts), {}
    )
    thread_ts = str(message.get("thread_ts") or ts)

    def work(unit: PostUnit) -> PendingClick | None:
        unit.said.mark_sent(row.id, out.clock())
        deployment = deployment_in_thread(unit, channel, thread_ts) if message else ""
        if not deployment:
            return None
        target = Target(deployment, extra=f"{ts} {facts['author']}")
        note = {"note": cut(str(message.get("text") or ""), LONGEST)}
        who = (facts["user"], facts["home_team"], row.created_at)
        click = Click(Verb.ADD_TO_RECORD, target, *who, note, channel=channel, thread_ts=thread_ts)
        pending = kept(click, row.id, {"people": (click.who,)})
        unit.clicks.keep(pending)
        return pending

    pending = out.store.write(work)
    if pending is not None:
        out.heard(pending)


def _file(out: Outgoing, row: SaidRow, place: Place) -> None:
    result, ts = send_file(out, row, place)
    if isinstance(result, Done):
        _arrived(out, row, place.channel, ts)
    else:
        _not_done(out, row, result, "file", lost_matters=True)


def _not_done(out: Outgoing, row: SaidRow, result: CallResult, method: str, *, lost_matters: bool) -> None:
    if isinstance(result, Limited):
        out.pace.bar(method, result.seconds)
        _later(out, row, result.seconds, "Slack asked to wait")
    elif isinstance(result, Refusal) and result.error in CLOSED and _may_wait(out, row):
        out.refused[row.id] = f"{row.said.template}: {result.error}"
        tell_starter(out, row.said.deployment_id, str(row.said.facts.get("channel")), result.error)
        _later(out, row, WAIT_SECONDS, result.error)
    elif isinstance(result, Refusal):
        log.error("Slack refuses the %s for %s: %s", row.said.template, row.said.key, result.error)
        _dead(out, row, result.error)
    elif isinstance(result, Lost) and lost_matters:
        out.outage.failed()
        at, why = out.clock() + timedelta(seconds=unsure_seconds(row.attempts)), result.why
        out.store.write(lambda unit: unit.said.mark_unsure(row.id, at, why))
    else:
        out.outage.failed()
        _later(out, row, backoff_seconds(row.attempts), "Slack could not be reached")


def _may_wait(out: Outgoing, row: SaidRow) -> bool:
    """What a deployment says in a channel waits a day for it; later it would be no news."""
    return bool(row.said.deployment_id) and row.said.sort in {"post", "file"} and out.clock() - row.created_at < _NEWS


def _later(out: Outgoing, row: SaidRow, seconds: float, error: str) -> None:
    at = out.clock() + timedelta(seconds=seconds)
    out.store.write(lambda unit: unit.said.retry_at(row.id, at, error))


def _dead(out: Outgoing, row: SaidRow, error: str) -> None:
    out.store.write(lambda unit: unit.said.mark_dead(row.id, error))


_SENDERS: Mapping[str, Callable[[Outgoing, SaidRow], None]] = {
    "post": _post,
    "direct": _direct,
    "ephemeral": _ephemeral,
    "file": _post,
    "pin": _pin,
    "reaction": _put_into_record,
}
