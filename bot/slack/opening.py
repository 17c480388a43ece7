"""Which click opens which form, and the form from today's facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.checklist import Phase
from bot.core.policy import Project
from bot.core.windows import DEFAULT_ESTIMATE_MINUTES
from bot.slack.click import Click
from bot.slack.messages import (
    act_form,
    break_glass_form,
    completion_form,
    delegate_form,
    everything,
    go_form,
    item_modal,
    moved_form,
    planning_forms,
    reason_form,
    roll_back_form,
    see_everything,
    start_form,
    tick_many,
    troubleshoot_form,
)
from bot.slack.messages.words import plain_titled
from bot.usecases import delegate, views
from bot.usecases.judging import environment_of
from bot.usecases.membership import expand
from bot.usecases.post_ports import PostReader
from bot.usecases.verb import Verb
from bot.usecases.window import longest_of_last
from checks.result import Status

View = dict[str, Any]
Opener = Callable[[PostReader, Project, Click, datetime], View]
_DELEGATED = timedelta(days=7)
_WHEN_NEEDED = frozenset({Verb.TICK, Verb.CLOSE})
"""Acts that ask for a reason only where one is missing."""
_TELLING = frozenset({Status.FAILED, Status.WARNING, Status.COULD_NOT_RUN})


def opener_of(verb: str) -> Opener | None:
    """The form that a click on this verb's button opens; None for verbs that act at once."""
    if verb in OPENERS:
        return OPENERS[Verb(verb)]
    is_asking = verb in set(Verb) and verb not in _WHEN_NEEDED and reason_form.has_form(Verb(verb))
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
    if click.verb == Verb.HOLD:
        return _about_hold(reader, click)
    if target.role in project.roles:
        return project.roles[target.role].title, ()
    return plain_titled(reader.deployments.get(target.deployment)), ()


def _about_hold(reader: PostReader, click: Click) -> tuple[str, tuple[str, ...]]:
    """What the bot saw by itself stands in the form, and goes into the hold."""
    deployment = reader.deployments.get(click.target.deployment)
    seen = (deployment.facts.finding, deployment.facts.next_statement)
    words = ("Seen: {}", "Next to type: {}")
    return plain_titled(deployment), tuple(word.format(text) for word, text in zip(words, seen, strict=True) if text)


def _start(_reader: PostReader, project: Project, click: Click, _now: datetime) -> View:
    return start_form.view(views.start_form(project, click.text("environment"), click.text("range")))


def _go(reader: PostReader, project: Project, click: Click, now: datetime) -> View:
    return go_form.view(views.go_form(reader, project, click.target.deployment, now))


def _break_glass(reader: PostReader, project: Project, click: Click, now: datetime) -> View:
    return break_glass_form.view(views.go_form(reader, project, click.target.deployment, now))


def _complete(reader: PostReader, project: Project, click: Click, now: datetime) -> View:
    return completion_form.view(views.completion_form(reader, project, click.target.deployment, now))


def _roll_back(reader: PostReader, project: Project, click: Click, now: datetime) -> View:
    return roll_back_form.view(views.roll_back_form(reader, project, click.target.deployment, now))


def _troubleshoot(reader: PostReader, project: Project, click: Click, now: datetime) -> View:
    deployment = reader.deployments.get(click.target.deployment)
    sections = views.on_demand(reader, project, deployment.id, Phase.TROUBLESHOOT, now)
    lists = tuple((each.id, each.title) for each in sections)
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
    zone, identity = ZoneInfo(project.timezone), reader.people.identity()
    names, titles = reader.people.names(), dict(roles)
    given = tuple(
        delegate_form.Given(
            one.role,
            titles.get(one.role, one.role),
            names.get(one.to_user, one.to_user),
            one.until.astimezone(zone).date(),
        )
        for one in delegate.given_by(reader, project, click.act(identity.team if identity else ""))
    )
    last_day = (now + _DELEGATED).astimezone(zone).date()
    return delegate_form.view(delegate_form.DelegateForm(roles, last_day, project.name, given))


def _moved(verb: Verb) -> Opener:
    def opener(reader: PostReader, _project: Project, click: Click, _now: datetime) -> View:
        return moved_form.view(moved_form.MovedForm(verb, views.moved_files(reader, click.target.deployment)))

    return opener


def _range(reader: PostReader, _project: Project, click: Click, _now: datetime) -> View:
    return planning_forms.range_view(reader.deployments.get(click.target.deployment))


def _run_act(reader: PostReader, project: Project, click: Click, now: datetime) -> View:
    target = click.target
    return act_form.view(views.act_form(reader, project, target.deployment, target.item, target.extra, now))


def _window(reader: PostReader, project: Project, click: Click, now: datetime) -> View:
    deployment = reader.deployments.get(click.target.deployment)
    place = environment_of(project, deployment)
    configured = tuple(each.words for each in place.windows)
    minutes = deployment.estimate_minutes or DEFAULT_ESTIMATE_MINUTES
    longest = longest_of_last(reader, deployment)
    return planning_forms.window_view(
        planning_forms.WindowForm(deployment, now, place.timezone, configured, minutes, longest)
    )


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
    Verb.USE_NEW_FILES: _moved(Verb.USE_NEW_FILES),
    Verb.STAY: _moved(Verb.STAY),
    Verb.GIVE_RANGE: _range,
    Verb.SET_WINDOW: _window,
    Verb.RUN_ACT: _run_act,
}
