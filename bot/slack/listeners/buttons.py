"""Buttons and menus, in messages, in forms and in App Home. Interactivity is never delivered twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, App

from bot.core.refusal import Refused
from bot.slack.click import Click, from_action
from bot.slack.dispatch import CHECKING, Declined, Settled, Verdict, Waiting, judge, judge_and_tell, project_of, say
from bot.slack.ids import decode
from bot.slack.live_drawing import HOME
from bot.slack.messages.blocks import Rendered
from bot.slack.offers import declined
from bot.slack.opening import Opener, View, opener_of, reason
from bot.slack.places import Told, require_own_message, sentence, shown
from bot.slack.sending_forms import notice_view, open_form, push_form, repaint_form
from bot.slack.services import Services
from bot.slack.summaries import blockers_of, status_of
from bot.usecases.post_ports import PostReader
from bot.usecases.verb import Verb

_ONLY_A_LINK = "open_link"


def register(app: App, services: Services) -> None:
    @app.action(re.compile(".*"))
    def pressed(ack: Ack, body: dict[str, Any]) -> None:
        press(services, body)
        ack()


def press(services: Services, body: Mapping[str, Any]) -> None:
    """One press: a form opens, or the act is judged and answered."""
    click = from_action(body, services.clock())
    if click.verb == _ONLY_A_LINK:
        return
    view = body.get("view") or {}
    if view.get("type") == "modal":
        _press_in_form(services, click, body, view)
    else:
        services.echoes.offer(click.channel, click.message_ts, str(body.get("response_url") or ""))
        _press(services, click, str(body.get("trigger_id") or ""))
    if view.get("type") == "home":
        services.store.write(lambda unit: unit.outbox.want(None, HOME, click.who, "", click.at, urgent=True))


def _press(services: Services, click: Click, trigger_id: str) -> None:
    opener = opener_of(click.verb)
    if opener is not None:
        _open(services, click, trigger_id, opener)
    elif click.verb in _SUMMARIES:
        say(services, click, _summary(services, click))
    else:
        _act(services, click, trigger_id)


def _summary(services: Services, click: Click) -> Told:
    try:
        return services.store.read(lambda reader: shown(_SUMMARIES[click.verb](reader, services, click)))
    except Refused as refusal:
        return sentence(refusal.sentence)


def _missing(reader: PostReader, services: Services, click: Click) -> Rendered:
    project_of(reader, services, click)
    return blockers_of(reader, services, click.target.deployment)


def _standing(reader: PostReader, services: Services, click: Click) -> Rendered:
    project_of(reader, services, click)
    one = reader.deployments.find(click.target.deployment)
    return status_of(reader, services, (one,) if one else reader.deployments.open())


_SUMMARIES: Mapping[str, Callable[[PostReader, Services, Click], Rendered]] = {
    Verb.BLOCKERS: _missing,
    Verb.STATUS: _standing,
}


def _act(services: Services, click: Click, trigger_id: str) -> None:
    verdict = judge_and_tell(services, click)
    if isinstance(verdict, Declined) and verdict.wants_reason:
        _open(services, click, trigger_id, reason)
    elif isinstance(verdict, Declined):
        say(services, click, declined(services, click, verdict))
    elif isinstance(verdict, Waiting):
        say(services, click, sentence(CHECKING))


def _open(services: Services, click: Click, trigger_id: str, opener: Opener) -> None:
    try:
        view = services.store.read(lambda reader: view_of(reader, services, click, opener))
        failure = open_form(services.clients.opening, trigger_id, view)
    except Refused as refusal:
        failure = refusal.sentence
    if failure:
        say(services, click, sentence(failure))


def view_of(reader: PostReader, services: Services, click: Click, opener: Opener) -> View:
    """The form from today's facts. Raises Refused for a copied message and for an unknown deployment."""
    require_own_message(reader, click)
    return opener(reader, project_of(reader, services, click), click, services.clock())


def _press_in_form(services: Services, click: Click, body: Mapping[str, Any], view: Mapping[str, Any]) -> None:
    """A button inside a form: another form above it, or the act, and then the form as it is now."""
    client, trigger_id = services.clients.opening, str(body.get("trigger_id") or "")
    opener = opener_of(click.verb)
    if opener is not None:
        push_form(client, trigger_id, _drawn(services, click, opener))
        return
    verdict = judge(services, click)
    if isinstance(verdict, Declined) and verdict.wants_reason:
        push_form(client, trigger_id, _drawn(services, click, reason))
        return
    text = _words(verdict)
    if text:
        push_form(client, trigger_id, notice_view(text))
    if isinstance(verdict, Settled):
        _repaint(services, click, view)


def _drawn(services: Services, click: Click, opener: Opener) -> View:
    try:
        return services.store.read(lambda reader: view_of(reader, services, click, opener))
    except Refused as refusal:
        return notice_view(refusal.sentence)


def _words(verdict: Verdict) -> str:
    if isinstance(verdict, Declined):
        return verdict.sentence
    return CHECKING if isinstance(verdict, Waiting) else verdict.answer.text


def _repaint(services: Services, click: Click, view: Mapping[str, Any]) -> None:
    opener = opener_of(str(view.get("callback_id", "")))
    target = decode(str(view.get("private_metadata", "")))
    if opener is not None and view.get("callback_id") in {Verb.MORE_ABOUT, Verb.SEE_EVERYTHING}:
        shown = Click(str(view["callback_id"]), target, click.who, click.home_team, click.at)
        repaint_form(services.clients.opening, str(view["id"]), _drawn(services, shown, opener))
