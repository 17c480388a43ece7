"""Which click opens which form, and the form from today's facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.checklist import Phase
from bot.core.decision import Verdict
from bot.core.policy import Project
from bot.slack.click import Click
from bot.slack.messages import (
    break_glass_form,
    completion_form,
    delegate_form,
    everything,
    go_form,
    item_modal,
    reason_form,
    roll_back_form,
    see_everything,
    start_form,
    tick_many,
    troubleshoot_form,
)
from bot.slack.messages.words import plain_titled
from bot.usecases import views
from bot.usecases.facts import Verb
from bot.usecases.judging import load
from bot.usecases.membership import expand
from bot.usecases.post_ports import PostReader

View = dict[str, Any]
Opener = Callable[[PostReader, Project, Click, datetime], View]
_DELEGATED = timedelta(days=7)
_TELLING = frozenset({Verdict.FAILED, Verdict.WARNING, Verdict.COULD_NOT_RUN})


def opener_of(verb: str) -> Opener | None:
    """The form that a click on this verb's button opens; None for verbs that act at once."""
    if verb in OPENERS:
        return OPENERS[Verb(verb)]
    is_asking = verb in set(Verb) and verb != Verb.TICK and reason_form.has_form(Verb(verb))
    return reason if is_asking else None


def reason(reader: PostReader, project: Project, click: Click, now: datetime) -> View:
    """The form that asks why."""
    about, notes = _about(reader, project, click, now)
    return reason_form.view(reason_form.ReasonForm(Verb(click.verb), click.target, about, notes))


def _about(reader: PostReader, project: Project, click: Click, now: datetime) -> tuple[str, tuple[str, ...]]:
    target = click.target
    if target.item:
        facts = views.item_detail(reader, project, target.deployment, target.item, click.who, now)
        return facts.item.label, tuple(result.summary for result in facts.results if result.status in _TELLING)
    if target.role in project.roles:
        return project.roles[target.role].title, ()
    return plain_titled(reader.deployments.get(target.deployment)), ()


def _start(_reader: PostReader, project: Project, click: Click, _now: datetime) -> View:
    return start_form.view(views.start_form(project, click.text("environment"), click.text("range")))


def _go(reader: PostReader, project: Project, click: Click, now: datetime) -> View:
    return go_form.view(views.go_form(reader, project, click.target.deployment, now))


def _break_glass(reader: PostReader, project: Project, click: Click, now: datetime) -> View:
    return break_glass_form.view(views.go_form(reader, project, click.target.deployment, now))


def _complete(reader: PostReader, project: Project, click: Click, now: datetime) -> View:
    return completion_form.view(views.completion_form(reader, project, click.target.deployment, now))


def _roll_back(reader: PostReader, _project: Project, click: Click, _now: datetime) -> View:
    deployment = reader.deployments.get(click.target.deployment)
    files = reader.files.of(deployment.id)
    ups, downs = sum(not file.is_down for file in files), sum(file.is_down for file in files)
    words = f"{downs} of {ups} files have a down file." if files else ""
    return roll_back_form.view(roll_back_form.RollBackForm(deployment, down_files=words))


def _troubleshoot(reader: PostReader, project: Project, click: Click, now: datetime) -> View:
    deployment = reader.deployments.get(click.target.deployment)
    sections = load(reader, project, deployment.id, now).sections(Phase.TROUBLESHOOT)
    lists = tuple((each.id, each.title) for each, _ in sections)
    return troubleshoot_form.view(troubleshoot_form.TroubleshootForm(deployment, lists))


def _tick_many(reader: PostReader, project: Project, click: Click, now: datetime) -> View:
    return tick_many.view(views.section(reader, project, click.target.deployment, click.target.section, now))


def _more_about(reader: PostReader, project: Project, click: Click, now: datetime) -> View:
    return item_modal.view(
        views.item_detail(reader, project, click.target.deployment, click.target.item, click.who, now)
    )


def _everything(reader: PostReader, project: Project, click: Click, now: datetime) -> View:
    deployment = reader.deployments.get(click.target.deployment)
    return everything.view(everything.Everything(deployment, views.sections(reader, project, deployment.id, now)))


def _subject(reader: PostReader, project: Project, click: Click, now: datetime) -> View:
    return see_everything.view(views.subject_detail(reader, project, click.target.deployment, now))


def _delegate(reader: PostReader, project: Project, click: Click, now: datetime) -> View:
    held = [role for role in project.roles.values() if click.who in expand(reader, role.members)]
    roles = tuple((role.name, role.title) for role in held)
    last_day = (now + _DELEGATED).astimezone(ZoneInfo(project.timezone)).date()
    return delegate_form.view(delegate_form.DelegateForm(roles, last_day, project.name))


OPENERS: Mapping[Verb, Opener] = {
    Verb.START: _start,
    Verb.GO: _go,
    Verb.BREAK_GLASS: _break_glass,
    Verb.COMPLETE: _complete,
    Verb.ROLL_BACK: _roll_back,
    Verb.TROUBLESHOOT: _troubleshoot,
    Verb.DELEGATE: _delegate,
    Verb.TICK_MANY: _tick_many,
    Verb.MORE_ABOUT: _more_about,
    Verb.SEE_EVERYTHING: _everything,
    Verb.SEE_SUBJECT: _subject,
}
