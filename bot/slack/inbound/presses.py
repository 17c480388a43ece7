"""Buttons, menus, submitted forms and shortcuts. Interactivity is never delivered twice."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from bot.core.refusal import NotYetKnown, Refused
from bot.slack.inbound.click import Click, from_action, from_elsewhere, from_submission
from bot.slack.inbound.dispatch import (
    CHECKING,
    Verdict,
    decide,
    declined,
    deployment_in_thread,
    judge,
    project_of,
    require_own_message,
    say,
    want_home,
)
from bot.slack.inbound.opening import opener_of, reason
from bot.slack.inbound.verb_row import Opener, Services, Summary
from bot.slack.messages.blocks import Rendered, cut, section, user
from bot.slack.messages.buttons import ONLY_A_LINK, Target, decode
from bot.slack.messages.direct import private
from bot.slack.messages.forms.reason import AddToRecord, record_view
from bot.slack.outbound.calling import View, notice_view, open_form, push_form, repaint_form
from bot.usecases import views
from bot.usecases.act import Answer
from bot.usecases.books.rows import Said
from bot.usecases.books.units import PostReader, StateBusy
from bot.usecases.verb import Verb


def press(services: Services, body: Mapping[str, Any]) -> None:
    """One press: a form opens, or the act is judged and answered."""
    click = from_action(body, services.clock())
    if click.verb == ONLY_A_LINK:
        return
    view = body.get("view") or {}
    if view.get("type") == "modal":
        _press_in_form(services, click, body, view)
    else:
        services.echoes.offer(click.channel, click.message_ts, str(body.get("response_url") or ""))
        _press(services, click, str(body.get("trigger_id") or ""))
    if view.get("type") == "home":
        with contextlib.suppress(StateBusy):  # the act is recorded; the page is drawn anew when it is opened next
            want_home(services, click.who)


def _press(services: Services, click: Click, trigger_id: str) -> None:
    row = services.row(click.verb)
    opener = opener_of(row)
    if opener is not None:
        _open(services, click, trigger_id, partial(view_of, services, click, opener))
    elif row.shows is not None:
        say(services, click, _summary(services, click, row.shows))
    else:
        _act(services, click, trigger_id)


def _summary(services: Services, click: Click, shows: Summary) -> Rendered:
    try:
        return services.sight.shown_to(click.who, lambda reader: shows(reader, services, click))
    except Refused as refusal:
        return private.say(refusal.sentence)


def _act(services: Services, click: Click, trigger_id: str) -> None:
    verdict = judge(services, click)
    asks = _asks_why(services, click, verdict)
    if asks is not None:
        _open(services, click, trigger_id, partial(view_of, services, click, asks))
    elif isinstance(verdict, Refused):
        say(services, click, declined(services, click, verdict))
    elif isinstance(verdict, NotYetKnown):
        say(services, click, private.say(CHECKING))


def _asks_why(services: Services, click: Click, verdict: Verdict) -> Opener | None:
    """The form for a reason, where the act was refused for want of one."""
    return reason(services.row(click.verb)) if isinstance(verdict, Refused) and verdict.wants_reason else None


def _open(services: Services, click: Click, trigger_id: str, draw: Callable[[], View]) -> None:
    try:
        failure = open_form(services.clients.opening, trigger_id, draw())
    except Refused as refusal:
        failure = refusal.sentence
    if failure:
        say(services, click, private.say(failure))


def view_of(services: Services, click: Click, opener: Opener) -> View:
    """The form from today's facts. Raises Refused for a copied message and for an unknown deployment."""

    def read(reader: PostReader) -> View:
        require_own_message(reader, click)
        return opener(reader, project_of(reader, services, click), click, services.clock())

    return services.sight.shown_to(click.who, read)


def _press_in_form(services: Services, click: Click, body: Mapping[str, Any], view: Mapping[str, Any]) -> None:
    """A button inside a form: its own next page, another form above it, or the act, and then the form as it is now."""
    client, trigger_id = services.clients.opening, str(body.get("trigger_id") or "")
    opener = opener_of(services.row(click.verb)) or _act_in_form(services, click, trigger_id, view)
    if opener is not None and view.get("callback_id") == click.verb:
        repaint_form(client, str(view["id"]), _drawn(services, click, opener))
    elif opener is not None:
        push_form(client, trigger_id, _drawn(services, click, opener))


def _act_in_form(services: Services, click: Click, trigger_id: str, view: Mapping[str, Any]) -> Opener | None:
    """The act, answered above the form; where it misses its reason, the form that asks for one."""
    verdict = judge(services, click, decide)
    asks = _asks_why(services, click, verdict)
    if asks is not None:
        return asks
    if isinstance(verdict, Refused):
        text = verdict.sentence
    else:
        text = CHECKING if isinstance(verdict, NotYetKnown) else verdict.text
    if text:
        push_form(services.clients.opening, trigger_id, notice_view(text))
    if isinstance(verdict, Answer):
        target = decode(str(view.get("private_metadata", "")))
        _repaint(services, click, str(view["id"]), str(view.get("callback_id", "")), target)
    return None


def _drawn(services: Services, click: Click, opener: Opener) -> View:
    try:
        return view_of(services, click, opener)
    except Refused as refusal:
        return notice_view(refusal.sentence)


def _repaint(services: Services, click: Click, view_id: str, verb: str, target: Target) -> None:
    """A form that only shows, and takes no submit, is drawn anew."""
    row = services.row(verb)
    if row.form is not None and row.act is None:
        shown = Click(verb, target, click.who, click.home_team, click.at)
        repaint_form(services.clients.opening, view_id, _drawn(services, shown, row.form))


UNKNOWN_SHORTCUT = "gonogo does not know this shortcut; nothing was recorded."
ERROR_LENGTH = 2000
_PREFERRED = ("result", "reason", "note", "notes", "range", "environment", "choice")


def submit(services: Services, body: Mapping[str, Any]) -> dict[str, Any]:
    """Judges one submission; gives Slack's `response_action`, nothing where the form may close."""
    click = from_submission(body, services.clock())
    verdict = judge(services, click)
    if isinstance(verdict, Refused):
        return _refused(services, click, verdict, body["view"])
    if isinstance(verdict, NotYetKnown):
        say(services, click, private.say(CHECKING))
    below = body["view"].get("previous_view_id")
    if isinstance(verdict, Answer) and below and (click.target.item or click.target.section):
        # The form of the item or of its list, from which this one was opened, shows what was just recorded.
        verb = Verb.SEE_SECTION if click.target.section else Verb.MORE_ABOUT
        _repaint(services, click, str(below), verb, click.target)
    return {}


def _refused(services: Services, click: Click, refusal: Refused, view: Mapping[str, Any]) -> dict[str, Any]:
    form = services.row(click.verb).form
    if refusal.offer_again and form is not None:
        view = view_of(services, click, form)
        changed = section(f"⚠ {user(refusal.sentence, 1000)}")
        return {"response_action": "update", "view": {**view, "blocks": [changed, *view["blocks"]][:100]}}
    field = field_for(refusal.sentence, view)
    if field:
        return {"response_action": "errors", "errors": {field: cut(refusal.sentence, ERROR_LENGTH)}}
    return {"response_action": "update", "view": notice_view(refusal.sentence)}


def field_for(text: str, view: Mapping[str, Any]) -> str:
    """The input a refusal is about: one whose name it mentions, else the likeliest; empty for a form without inputs."""
    fields = [str(block["block_id"]) for block in view.get("blocks") or () if block.get("type") == "input"]
    words = re.findall(r"\w+", text.lower())
    named = [field for field in fields if field.lower() in words]
    likely = [field for field in _PREFERRED if field in fields]
    return next(iter([*named, *likely, *fields]), "")


def use_shortcut(services: Services, body: Mapping[str, Any]) -> None:
    """Opens the form for the note; what is no message has no text to add."""
    message = body.get("message") or {}
    click = from_elsewhere(body, services.clock())
    if body.get("type") != "message_action":
        say(services, click, private.say(UNKNOWN_SHORTCUT))
        return
    draw = partial(services.sight.shown_to, click.who, lambda reader: record_view(_to_record(reader, click, message)))
    _open(services, click, str(body["trigger_id"]), draw)


INTO_THE_RECORD = "pushpin"
"""The emoji 📌 (docs.slack.dev/reference/events/reaction_added)."""


def reacted(services: Services, event: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    """Somebody put 📌 under a message of our channels: the message is read in the background."""
    item = event.get("item") or {}
    ours = {project.channel for project in services.projects.values()}
    if event.get("reaction") != INTO_THE_RECORD or item.get("channel") not in ours:
        return
    click = from_elsewhere(body, services.clock())
    facts = {"user": click.who, "home_team": click.home_team, "channel": item["channel"], "ts": item["ts"]}
    facts["author"] = str(event.get("item_user") or "")
    key = f"{INTO_THE_RECORD}:{item['channel']}:{item['ts']}:{click.who}"
    said = Said(key, "reaction", f"{INTO_THE_RECORD}:{item['ts']}", INTO_THE_RECORD, facts)
    services.store.write(lambda unit: unit.outbox.say(said, click.at))


def _to_record(reader: PostReader, click: Click, message: Mapping[str, Any]) -> AddToRecord:
    here = deployment_in_thread(reader, click.channel, click.thread_ts or click.message_ts)
    belongs = (reader.deployments.get(here),) if here else views.deployments_of(reader, click.who)
    author = str(message.get("user") or "")
    name = reader.people.names().get(author, author)
    return AddToRecord(name, str(message.get("text") or ""), click.message_ts, belongs, author)
