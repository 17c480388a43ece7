"""The forms that verbs open, each from today's facts; `bot/slack/inbound/verbs.py` says which verb opens which."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from bot.core.checklist.items import Phase
from bot.core.refusal import NotYetKnown
from bot.core.team import Project
from bot.slack.inbound.click import Click
from bot.slack.inbound.verb_row import Opener, VerbRow
from bot.slack.messages.direct import hours
from bot.slack.messages.forms import everything, going, hard_day, planning
from bot.slack.messages.forms import item as item_forms
from bot.slack.messages.forms.reason import Why
from bot.slack.messages.forms.reason import view as reason_view
from bot.slack.messages.words import plain_titled
from bot.slack.outbound.calling import View
from bot.usecases import views
from bot.usecases.books.units import PostReader
from bot.usecases.lifecycle.break_glass import require_breaker
from bot.usecases.lifecycle.plan import longest_of_last
from bot.usecases.permit import expand
from bot.usecases.quiet import hours_facts
from bot.usecases.signoffs.delegate import given_by
from bot.usecases.situation.judging import environment_of
from bot.usecases.verb import Verb
from checks.result import Status

_DELEGATED = timedelta(days=7)
_TELLING = frozenset({Status.FAILED, Status.WARNING, Status.COULD_NOT_RUN})


def opener_of(row: VerbRow) -> Opener | None:
    """What a press of the verb's button opens; None for verbs that act at once."""
    asks = row.why is not None and not row.why.when_needed
    return row.form or (reason(row) if asks else None)


def reason(row: VerbRow) -> Opener | None:
    """The form that asks why; the verb's own where it has one."""
    return row.form if row.why is None else partial(_reason, row.why)


def _reason(why: Why, reader: PostReader, project: Project, click: Click, now: datetime) -> View:
    about, notes = _about(reader, project, click, now)
    return reason_view(Verb(click.verb), why, click.target, about, notes)


def _about(reader: PostReader, project: Project, click: Click, now: datetime) -> tuple[str, tuple[str, ...]]:
    target = click.target
    if target.environment:
        return target.environment, ()
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


def start(_reader: PostReader, project: Project, click: Click, _now: datetime) -> View:
    return planning.start_view(
        views.start_form(project, click.text("environment"), click.text("range"), click.text("title"))
    )


def lock(_reader: PostReader, project: Project, click: Click, _now: datetime) -> View:
    environment = click.target.environment or click.text("environment")
    return planning.lock_view(
        planning.LockForm(project.name, project.environment_names, environment, click.text("reason"))
    )


def troubleshoot(reader: PostReader, project: Project, click: Click, now: datetime) -> View:
    deployment = reader.deployments.get(click.target.deployment)
    found = views.phase(reader, project, deployment.id, Phase.TROUBLESHOOT, now)
    lists = tuple((each.id, each.title) for each in found.sections)
    return hard_day.troubleshoot_view(deployment, lists)


def break_glass(reader: PostReader, project: Project, click: Click, now: datetime) -> View:
    """Whoever may not is told at once, where it is known who they are. Raises Refused."""
    deployment, identity = reader.deployments.get(click.target.deployment), reader.people.identity()
    with suppress(NotYetKnown):
        require_breaker(reader, environment_of(project, deployment), click.act(identity.team if identity else ""))
    return hard_day.break_glass_view(views.go_form(reader, project, deployment.id, now))


def hand_over(reader: PostReader, _project: Project, click: Click, _now: datetime) -> View:
    return planning.hand_over_view(reader.deployments.get(click.target.deployment))


def every_section(reader: PostReader, project: Project, click: Click, now: datetime) -> View:
    deployment = reader.deployments.get(click.target.deployment)
    return everything.view(deployment, views.sections(reader, project, deployment.id, now))


def add_line(reader: PostReader, project: Project, click: Click, now: datetime) -> View:
    """With the sections that are still to come. Raises Refused where none is."""
    return item_forms.add_view(views.add_form(reader, project, click.target.deployment, click.target.section, now))


def tick_many(reader: PostReader, project: Project, click: Click, now: datetime) -> View:
    """Of one section, or of the phase that the target's extra names."""
    target = click.target
    if target.section:
        return item_forms.many_view(views.section(reader, project, target.deployment, target.section, now))
    return item_forms.many_of_phase_view(views.phase(reader, project, target.deployment, Phase(target.extra), now))


def delegate(reader: PostReader, project: Project, click: Click, now: datetime) -> View:
    held = [role for role in project.roles.values() if click.who in expand(reader, role.holders)]
    roles = tuple((role.name, role.title) for role in held)
    zone, identity = ZoneInfo(project.timezone), reader.people.identity()
    names, titles = reader.people.names(), dict(roles)
    given = tuple(
        planning.Given(
            one.role,
            titles.get(one.role, one.role),
            names.get(one.to_user, one.to_user),
            one.until.astimezone(zone).date(),
        )
        for one in given_by(reader, project, click.act(identity.team if identity else ""))
    )
    last_day = (now + _DELEGATED).astimezone(zone).date()
    return planning.delegate_view(planning.DelegateForm(roles, last_day, project.name, given))


def moved_files(reader: PostReader, _project: Project, click: Click, _now: datetime) -> View:
    """The difference, for using the new files and for staying."""
    return going.moved_view(Verb(click.verb), views.moved_files(reader, click.target.deployment))


def give_range(reader: PostReader, _project: Project, click: Click, _now: datetime) -> View:
    return planning.range_view(reader.deployments.get(click.target.deployment))


def title(reader: PostReader, _project: Project, click: Click, _now: datetime) -> View:
    return planning.title_view(reader.deployments.get(click.target.deployment))


def quiet_hours(reader: PostReader, project: Project, click: Click, now: datetime) -> View:
    return hours.view(hours_facts(reader, project, click.who, now))


def window(reader: PostReader, project: Project, click: Click, now: datetime) -> View:
    deployment = reader.deployments.get(click.target.deployment)
    place = environment_of(project, deployment)
    configured = tuple(each.words for each in place.windows)
    minutes = deployment.estimate_minutes or int(deployment.facts.expected or 0)
    longest = longest_of_last(reader, deployment)
    return planning.window_view(planning.WindowForm(deployment, now, place.timezone, configured, minutes, longest))
