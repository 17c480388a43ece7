"""Sending one live message: posted once, then updated only where it looks different; every outcome is kept."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

from slack_sdk.webhook import WebhookClient

from bot.core.team import is_person
from bot.slack.inbound.dispatch import HOME
from bot.slack.outbound.calling import CallResult, Done, Limited, Lost, Refusal, attempt
from bot.slack.outbound.drawing import Drawn, Outgoing, digest, draw, want_again, want_changed_parts
from bot.slack.outbound.pace import backoff_seconds, fault_seconds, unsure_seconds
from bot.slack.outbound.posting import find_post, post
from bot.slack.outbound.rooms import CLOSED, WAIT_SECONDS, tell_starter
from bot.usecases.books.rows import NOTICE, Live
from bot.usecases.books.units import PostUnit

log = logging.getLogger(__name__)
_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
_ECHO_SECONDS = 5


def send_live(out: Outgoing, live: Live) -> None:
    """One try for one message. Raises what drawing raises; nothing that Slack or the network does."""
    if live.kind == HOME:
        _publish_home(out, live)
        return
    drawn = out.store.read(lambda reader: draw(out, reader, live.id))
    if drawn is None:
        return
    if not drawn.is_news:
        _keep_sent(out, drawn)
    elif drawn.live.ts is None:
        _post(out, drawn)
    elif not _echoed(out, drawn):
        _update(out, drawn)


def put_off(out: Outgoing, live: Live) -> None:
    """After a fault of our own: the message tries again later, each time later."""
    started = out.store.write(lambda unit: unit.live.start_sending(live.id))
    if started is not None:
        _later(out, started, fault_seconds(started.attempts))


def _post(out: Outgoing, drawn: Drawn) -> None:
    live = out.store.write(lambda unit: unit.live.start_sending(drawn.live.id))
    live = _at_its_place(out, live) if live else None
    if live is None or (live.state == "unsure" and _looked_up(out, drawn, live)):
        return
    later = out.store.read(lambda reader: out.drawing.waits_until(reader, drawn.live, out.clock()))
    if later is not None:
        out.store.write(lambda unit: unit.live.keep_until(live.id, later))
        return
    out.pace.took_post(live.channel)
    result = post(out.clients.sending, live.channel, drawn.thread_ts, drawn.shown, live.id)
    if isinstance(result, Done):
        out.outage.answered()
        _keep_sent(out, drawn, ts=str(result.data["ts"]), channel=live.channel)
    else:
        _not_done(out, live, result, f"post {live.channel}", is_post=True)


def _at_its_place(out: Outgoing, live: Live) -> Live | None:
    """What is for one person stands in their DM, which is opened first; None where Slack did not open it."""
    if not is_person(live.channel):
        return live
    opened = attempt(lambda: out.clients.sending.conversations_open(users=[live.channel]))
    if isinstance(opened, Done):
        return replace(live, channel=str(opened.data["channel"]["id"]))
    _not_done(out, live, opened, "direct")
    return None


def _looked_up(out: Outgoing, drawn: Drawn, live: Live) -> bool:
    """Whether an earlier post of it arrived, or nobody can say yet."""
    found = find_post(out.clients.reading, live.channel, drawn.thread_ts, live.id)
    if isinstance(found, Lost):
        _not_done(out, live, found, "", is_post=True)
    elif found is not None:
        # Version 0: how it looked then is not known, so it is drawn anew.
        thread_ts = drawn.thread_ts or None
        out.store.write(
            lambda unit: unit.live.mark_sent(live.id, 0, "", ts=found, thread_ts=thread_ts, channel=live.channel)
        )
    return found is not None


def _update(out: Outgoing, drawn: Drawn) -> None:
    if out.pace.take_update(urgent=drawn.live.urgency == 0):
        try:
            _update_now(out, drawn)
        finally:
            out.pace.update_answered()


def _update_now(out: Outgoing, drawn: Drawn) -> None:
    live = out.store.write(lambda unit: unit.live.start_sending(drawn.live.id))
    if live is None:
        return
    result = attempt(
        lambda: out.clients.sending.chat_update(
            channel=live.channel, ts=live.ts or "", text=drawn.shown.text, blocks=drawn.shown.blocks
        )
    )
    if isinstance(result, Done):
        out.outage.answered()
        _keep_sent(out, drawn)
    elif isinstance(result, Refusal) and result.error in _GONE:
        out.store.write(lambda unit: unit.live.mark_gone(live.id))
    else:
        _not_done(out, live, result, "update")


def _echoed(out: Outgoing, drawn: Drawn) -> bool:
    """Whether it was repainted through its click's own response URL, which costs no `chat.update`."""
    live = drawn.live
    url = out.echoes.take(live.channel, live.ts or "")
    if url is None or out.store.write(lambda unit: unit.live.start_sending(live.id)) is None:
        return False
    if _replaced(out, url, drawn):
        _keep_sent(out, drawn)
    else:
        out.echoes.forget(live.channel, live.ts or "")
        _later(out, live, 0.0)
    return True


def _replaced(out: Outgoing, url: str, drawn: Drawn) -> bool:
    client = WebhookClient(url, timeout=_ECHO_SECONDS, ssl=out.clients.sending.ssl, retry_handlers=[])
    try:
        answer = client.send(text=drawn.shown.text, blocks=drawn.shown.blocks, replace_original=True)
    except Exception as error:
        log.info("a response URL did not answer (%s); chat.update takes over", type(error).__name__)
        return False
    return answer.status_code == 200


def _publish_home(out: Outgoing, live: Live) -> None:
    current, view = out.store.read(
        lambda reader: (reader.live.get(live.id), out.drawing.home(reader, live.subject, out.clock()))
    )
    shown = digest("", view)
    started = out.store.write(lambda unit: unit.live.start_sending(live.id))
    if current is None or started is None:
        return
    result: CallResult = Done()
    if current.rendered_hash != shown:
        result = attempt(lambda: out.clients.sending.views_publish(user_id=live.subject, view=dict(view)))
    if isinstance(result, Done):
        out.store.write(lambda unit: unit.live.mark_sent(live.id, current.wanted, shown))
    else:
        _not_done(out, started, result, "home")


def _not_done(out: Outgoing, live: Live, result: CallResult, method: str, *, is_post: bool = False) -> None:
    if isinstance(result, Limited):
        out.pace.bar(method, result.seconds)
        _later(out, live, result.seconds)
    elif isinstance(result, Refusal) and result.error in CLOSED:
        out.refused[live.id] = f"{live.kind} in {live.channel}: {result.error}"
        tell_starter(out, live.deployment_id, live.channel, result.error)
        _later(out, live, WAIT_SECONDS)
    elif isinstance(result, Refusal):
        log.error("Slack refuses the %s %s in %s: %s", live.kind, live.subject or live.id, live.channel, result.error)
        out.refused[live.id] = f"{live.kind} in {live.channel}: {result.error}"
        out.store.write(lambda unit: unit.live.mark_dead(live.id))
    elif isinstance(result, Lost) and is_post:
        # Nobody knows whether the post arrived: it is looked up before the next try.
        out.outage.failed()
        at = out.clock() + timedelta(seconds=unsure_seconds(live.attempts))
        out.store.write(lambda unit: unit.live.mark_unsure(live.id, at))
    else:
        out.outage.failed()
        _later(out, live, backoff_seconds(live.attempts))


def _keep_sent(out: Outgoing, drawn: Drawn, ts: str | None = None, channel: str | None = None) -> None:
    """Sent at the version that was drawn; a click since then leaves it behind."""
    live, now = drawn.live, out.clock()
    thread_ts = drawn.thread_ts if ts and drawn.thread_ts else None
    out.refused.pop(live.id, None)

    def work(unit: PostUnit) -> None:
        unit.live.mark_sent(live.id, live.wanted, drawn.digest, ts=ts, thread_ts=thread_ts, channel=channel)
        if live.part == 0 and live.deployment_id:
            want_changed_parts(unit, drawn, now)
        if live.kind == NOTICE:
            _deliver(out, unit, live.id)

    out.store.write(work)


def _deliver(out: Outgoing, unit: PostUnit, message_id: str) -> None:
    """What Slack shows of a notice is delivered, unless more was wanted of it since it was drawn."""
    shown, now = unit.live.get(message_id), out.clock()
    if shown is None or shown.sent < shown.wanted or not (shown.ts and shown.deployment_id):
        return
    link = out.drawing.address(shown.channel, shown.ts)
    if unit.notices.deliver(shown.deployment_id, shown.subject, now, link):
        # A delivered notice settles items, so what is on screen may look different now.
        want_again(unit, shown.deployment_id, now)


def _later(out: Outgoing, live: Live, seconds: float) -> None:
    at = out.clock() + timedelta(seconds=seconds)
    out.store.write(lambda unit: unit.live.retry_at(live.id, at))
