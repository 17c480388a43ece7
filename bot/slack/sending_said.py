"""Sending what is said once, each sort by its own promise (ARCHITECTURE: *Nothing lost*)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from bot.slack.calling import CallResult, Done, Limited, Lost, Refusal, attempt
from bot.slack.lookup import Found, NotSeen, find_post, metadata
from bot.slack.messages.blocks import Rendered
from bot.slack.outage import backoff_seconds, fault_seconds, unsure_seconds
from bot.slack.outgoing import Outgoing
from bot.slack.places import Place, thread_of
from bot.slack.sending_file import send_file
from bot.usecases.post_ports import Delivery, PostUnit

log = logging.getLogger(__name__)
NOTICE = "notice"
_MOST_FAULTS = 8
_ABSENT_USER = frozenset({"user_not_in_channel", "not_in_channel", "channel_not_found", "messages_tab_disabled"})
_DONE_ALREADY = frozenset({"already_pinned", "already_reacted"})


def send_said(out: Outgoing, delivery: Delivery) -> None:
    """One try for one row. Raises what drawing raises; nothing that Slack or the network does."""
    started = out.store.write(lambda unit: unit.said.start_sending(delivery.id))
    if started is not None:
        _SENDERS[started.said.sort](out, started)


def put_off_said(out: Outgoing, delivery: Delivery) -> None:
    """After a fault of our own: the row tries again later, each time later, and in the end makes way for its lane."""
    if delivery.attempts >= _MOST_FAULTS:
        log.error("the %s for %s was given up after %d tries", delivery.said.template, delivery.said.key, _MOST_FAULTS)
        _dead(out, delivery, "a fault of gonogo's own, see the log")
        return
    _later(out, delivery, fault_seconds(delivery.attempts + 1), "a fault of gonogo's own, see the log")


def place_of_said(out: Outgoing, delivery: Delivery) -> Place | None:
    """Where a post belongs; None while the thread it waits for is not there."""
    facts = delivery.said.facts
    if not facts.get("in_thread") and delivery.said.sort != "file":
        return Place(str(facts.get("channel", "")), str(facts.get("thread_ts") or ""))
    place = out.store.read(lambda reader: thread_of(reader, delivery.said.deployment_id or ""))
    return place if place.thread_ts else None


def _post(out: Outgoing, delivery: Delivery) -> None:
    place = place_of_said(out, delivery)
    if place is None:
        _later(out, delivery, 1.0, "its thread is not there yet")
        return
    _post_once(out, delivery, place)


def _direct(out: Outgoing, delivery: Delivery) -> None:
    opened = attempt(lambda: out.clients.sending.conversations_open(users=[str(delivery.said.facts["user"])]))
    if not isinstance(opened, Done):
        _not_done(out, delivery, opened, "direct", lost_matters=False)
        return
    _post_once(out, delivery, Place(str(opened.data["channel"]["id"])))


def _post_once(out: Outgoing, delivery: Delivery, place: Place) -> None:
    if delivery.state == "unsure" and _looked_up(out, delivery, place):
        return
    shown = _drawn(out, delivery)
    out.pace.took_post(place.channel)
    result = attempt(
        lambda: out.clients.sending.chat_postMessage(
            channel=place.channel,
            thread_ts=place.thread_ts or None,
            text=shown.text,
            blocks=shown.blocks,
            metadata=metadata(delivery.said.key),
            unfurl_links=False,
            unfurl_media=False,
        )
    )
    if isinstance(result, Done):
        _arrived(out, delivery, place.channel, str(result.data["ts"]))
    else:
        _not_done(out, delivery, result, f"post {place.channel}", lost_matters=True)


def _drawn(out: Outgoing, delivery: Delivery) -> Rendered:
    said = delivery.said
    return out.store.read(lambda reader: out.drawing.said(reader, said.template, said.facts))


def _looked_up(out: Outgoing, delivery: Delivery, place: Place) -> bool:
    """Whether an earlier try arrived, or nobody can say yet."""
    found = find_post(out.clients.reading, place.channel, place.thread_ts, delivery.said.key)
    if isinstance(found, Found):
        _arrived(out, delivery, place.channel, found.ts)
        return True
    if isinstance(found, NotSeen):
        out.outage.failed()
        _unsure(out, delivery, "Slack did not show the channel")
        return True
    return False


def _arrived(out: Outgoing, delivery: Delivery, channel: str, ts: str) -> None:
    out.outage.answered()
    permalink = _permalink(out, channel, ts) if delivery.said.template == NOTICE else ""
    now = out.clock()

    def work(unit: PostUnit) -> None:
        unit.said.mark_sent(delivery.id, now, channel=channel, ts=ts, permalink=permalink)
        if delivery.said.template == NOTICE and delivery.said.deployment_id:
            _repaint(unit, delivery.said.deployment_id, out)

    out.store.write(work)


def _permalink(out: Outgoing, channel: str, ts: str) -> str:
    """The notice's address for the record; a notice without one is delivered all the same."""
    answer = attempt(lambda: out.clients.sending.chat_getPermalink(channel=channel, message_ts=ts))
    return str(answer.data.get("permalink", "")) if isinstance(answer, Done) else ""


def _repaint(unit: PostUnit, deployment_id: str, out: Outgoing) -> None:
    """A delivered notice settles items, so what is on screen may look different now."""
    for live in unit.outbox.wanted(deployment_id):
        unit.outbox.want(deployment_id, live.kind, live.subject, live.channel, out.clock(), part=live.part)


def _ephemeral(out: Outgoing, delivery: Delivery) -> None:
    """At most once: a lost answer ends it. Where the bot or the person is not in the channel, it becomes a DM."""
    facts, shown = delivery.said.facts, _drawn(out, delivery)
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
        out.store.write(lambda unit: unit.said.mark_sent(delivery.id, out.clock()))
    elif isinstance(result, Refusal) and result.error in _ABSENT_USER:
        _direct(out, delivery)
    elif isinstance(result, Lost):
        out.outage.failed()
        _dead(out, delivery, "its answer was lost, and it is said at most once")
    else:
        _not_done(out, delivery, result, "ephemeral", lost_matters=False)


def _file(out: Outgoing, delivery: Delivery) -> None:
    place = place_of_said(out, delivery)
    if place is None:
        _later(out, delivery, 1.0, "its thread is not there yet")
        return
    result, ts = send_file(out, delivery, place)
    if isinstance(result, Done):
        _arrived(out, delivery, place.channel, ts)
    else:
        _not_done(out, delivery, result, "file", lost_matters=True)


def _mark(out: Outgoing, delivery: Delivery) -> None:
    """Pins and reactions: best effort."""
    facts, client = delivery.said.facts, out.clients.sending
    where: dict[str, Any] = {"channel": str(facts["channel"]), "timestamp": str(facts["ts"])}
    if delivery.said.sort == "pin":
        result = attempt(lambda: client.pins_add(**where))
    else:
        result = attempt(lambda: client.reactions_add(name=str(facts["name"]), **where))
    if isinstance(result, Done) or (isinstance(result, Refusal) and result.error in _DONE_ALREADY):
        out.store.write(lambda unit: unit.said.mark_sent(delivery.id, out.clock()))
    else:
        _not_done(out, delivery, result, "mark", lost_matters=False)


def _not_done(out: Outgoing, delivery: Delivery, result: CallResult, method: str, *, lost_matters: bool) -> None:
    if isinstance(result, Limited):
        out.pace.bar(method, result.seconds)
        _later(out, delivery, result.seconds, "Slack asked to wait")
    elif isinstance(result, Refusal):
        log.error("Slack refuses the %s for %s: %s", delivery.said.template, delivery.said.key, result.error)
        _dead(out, delivery, result.error)
    elif isinstance(result, Lost) and lost_matters:
        out.outage.failed()
        _unsure(out, delivery, result.why)
    else:
        out.outage.failed()
        _later(out, delivery, backoff_seconds(delivery.attempts), "Slack could not be reached")


def _later(out: Outgoing, delivery: Delivery, seconds: float, error: str) -> None:
    at = out.clock() + timedelta(seconds=seconds)
    out.store.write(lambda unit: unit.said.retry_at(delivery.id, at, error))


def _unsure(out: Outgoing, delivery: Delivery, error: str) -> None:
    at = out.clock() + timedelta(seconds=unsure_seconds(delivery.attempts))
    out.store.write(lambda unit: unit.said.mark_unsure(delivery.id, at, error))


def _dead(out: Outgoing, delivery: Delivery, error: str) -> None:
    out.store.write(lambda unit: unit.said.mark_dead(delivery.id, error))


_SENDERS: Mapping[str, Callable[[Outgoing, Delivery], None]] = {
    "post": _post,
    "direct": _direct,
    "ephemeral": _ephemeral,
    "file": _file,
    "pin": _mark,
    "reaction": _mark,
}
