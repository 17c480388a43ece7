"""Submitted forms. A refusal stays on the form, so that nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App

from bot.core.refusal import NotYetKnown, Refused
from bot.slack.dispatch import CHECKING, judge, say
from bot.slack.inbound.click import Click, from_submission
from bot.slack.listeners.buttons import view_of
from bot.slack.messages.blocks import section
from bot.slack.messages.direct import private
from bot.slack.messages.mrkdwn import cut, user
from bot.slack.sending_forms import notice_view, repaint_form
from bot.slack.services import Opener, Services, View
from bot.usecases.act import Answer
from bot.usecases.verb import Verb

ERROR_LENGTH = 2000
_PREFERRED = ("result", "reason", "note", "notes", "range", "environment", "choice")


def register(app: App, services: Services) -> None:
    @app.view(re.compile(".*"))
    def submitted(ack: Ack, body: dict[str, Any]) -> None:
        ack(**submit(services, body))

    @app.view_closed(re.compile(".*"))
    def closed(ack: Ack) -> None:
        ack()


def submit(services: Services, body: Mapping[str, Any]) -> dict[str, Any]:
    """Judges one submission; gives Slack's `response_action`, nothing where the form may close."""
    click = from_submission(body, services.clock())
    verdict = judge(services, click)
    if isinstance(verdict, Refused):
        return _refused(services, click, verdict, body["view"])
    if isinstance(verdict, NotYetKnown):
        say(services, click, private.say(CHECKING))
    if isinstance(verdict, Answer):
        _repaint_below(services, click, body["view"])
    return {}


def _refused(services: Services, click: Click, refusal: Refused, view: Mapping[str, Any]) -> dict[str, Any]:
    form = services.row(click.verb).form
    if refusal.offer_again and form is not None:
        return {"response_action": "update", "view": _anew(services, click, form, refusal.sentence)}
    field = field_for(refusal.sentence, view)
    if field:
        return {"response_action": "errors", "errors": {field: cut(refusal.sentence, ERROR_LENGTH)}}
    return {"response_action": "update", "view": notice_view(refusal.sentence)}


def _anew(services: Services, click: Click, form: Opener, text: str) -> View:
    """The form from today's facts, with what changed on top."""
    view = services.store.read(lambda reader: view_of(reader, services, click, form))
    return {**view, "blocks": [section(f"⚠ {user(text, 1000)}"), *view["blocks"]][:100]}


def field_for(text: str, view: Mapping[str, Any]) -> str:
    """The input a refusal is about: one whose name it mentions, else the likeliest; empty for a form without inputs."""
    fields = [str(block["block_id"]) for block in view.get("blocks") or () if block.get("type") == "input"]
    words = re.findall(r"\w+", text.lower())
    named = [field for field in fields if field.lower() in words]
    likely = [field for field in _PREFERRED if field in fields]
    return next(iter([*named, *likely, *fields]), "")


def _repaint_below(services: Services, click: Click, view: Mapping[str, Any]) -> None:
    """The form of the item, from which this one was opened, shows what was just recorded."""
    below, form = view.get("previous_view_id"), services.row(Verb.MORE_ABOUT).form
    if not below or not click.target.item or form is None:
        return
    shown = Click(Verb.MORE_ABOUT, click.target, click.who, click.home_team, click.at)
    drawn = services.store.read(lambda reader: view_of(reader, services, shown, form))
    repaint_form(services.clients.opening, str(below), drawn)
