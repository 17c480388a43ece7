"""Start a deployment, join one, take it over, park it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from bot.core.calendar import DEFAULT_ESTIMATE_MINUTES, next_fitting
from bot.core.checklist.items import Phase, Requirement
from bot.core.checklist.reader import parse
from bot.core.decision import PREFLIGHT_JOB, WAIVING, Decision, Purpose, SignOffDecision
from bot.core.deployment import Deployer, Deployment, State
from bot.core.refusal import Refused
from bot.core.signoff import GATING_YES
from bot.core.team import Environment, Project
from bot.usecases.act import (
    Act,
    Answer,
    chronicle,
    pin_dashboard,
    post_in_thread,
    repaint_all,
    terms_of,
    unit_name,
    want_items,
)
from bot.usecases.books.units import HeldByAnother, Unit
from bot.usecases.lifecycle.earlier import lesson_of_last
from bot.usecases.lifecycle.plan import known_environment, typed_files, typed_range, typed_title
from bot.usecases.locks import refuse_locked
from bot.usecases.notices import notify
from bot.usecases.permit import require_deployer, require_state, require_worker
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import PREPARATION, Situation
from bot.usecases.who_waits import plan_window

ENDING = GATING_YES | {SignOffDecision.NOT_REQUIRED}
"""What ends when somebody behind it becomes a deployer before go."""


def start(unit: Unit, project: Project, act: Act, environment: str, range_text: str = "", title: str = "") -> Answer:
    """Start a deployment: commit, want the dashboard, queue preflight.

    Raises Refused when the environment is unknown or held, the range is no range, the title too long, or the person may
    not.
    """
    require_worker(unit, project, act)
    place = known_environment(project, environment)
    first, last = typed_range(range_text)
    about = typed_title(title)
    refuse_locked(unit, project, act, place)
    corrected = _make_room(unit, project, act, place)
    deployment = replace(_new(unit, project, act, place, first, last), title=about)
    if corrected is not None:
        deployment = replace(deployment, facts=replace(deployment.facts, corrects=corrected.id))
    _keep(unit, project, act, deployment)
    _open(unit, project, act, place, deployment)
    lesson = lesson_of_last(unit, deployment)
    told = f"\nA lesson of {lesson}" if lesson else ""
    asks = " What is pending is being read; then the channel hears of it." if _asks_history(project, place) else ""
    return Answer(f"Deployment {deployment.label} to {place.name} has started.{asks}{told}", deployment.id)


def start_corrective(unit: Unit, project: Project, act: Act, deployment_id: str) -> Answer:
    """Start the deployment that mends a rolled back one, in its environment. Raises Refused where that is free."""
    rolled_back = load(unit, project, deployment_id, act.at).deployment
    if not rolled_back.is_held_after_rollback:
        raise Refused(f"Deployment {rolled_back.label} holds {rolled_back.environment} no longer: start as ever.")
    return start(unit, project, act, rolled_back.environment)


def _make_room(unit: Unit, project: Project, act: Act, place: Environment) -> Deployment | None:
    """Take the environment from a rolled back deployment, which is given. Raises Refused where another one holds it."""
    holder = unit.deployments.holder(act.team, project.name, place.name)
    if holder is None:
        return None
    if holder.is_held_after_rollback:
        lifted = unit.deployments.save(replace(holder, lifted=True))
        chronicle(unit, lifted, act, "lifted", {"for": unit.deployments.next_number(act.team, project.name)})
        post_in_thread(unit, project, lifted, act, "corrected", by=unit_name(unit, act.who))
        repaint_all(unit, project, lifted, act.at)
        return lifted
    raise Refused(
        f"{place.name} is held by deployment {holder.label} ({holder.state}), {unit_name(unit, holder.owner)}'s since "
        f"{holder.started_at:%d %b %H:%M} UTC. Join it, take it over, or park it from its dashboard."
    )


def _new(unit: Unit, project: Project, act: Act, place: Environment, first: str | None, last: str | None) -> Deployment:
    checklist = parse(project.checklist_text, project.checklist_file)
    unit.checklists.keep(checklist.revision, project.checklist_file, project.checklist_text)
    return _with_window(
        Deployment(
            id=unit.new_id(),
            team=act.team,
            project=project.name,
            number=unit.deployments.next_number(act.team, project.name),
            environment=place.name,
            kind=place.kind,
            revision=checklist.revision,
            state=State.PREPARING,
            starter=act.who,
            owner=act.who,
            started_at=act.at,
            last_act_at=act.at,
            first_version=first,
            last_version=last,
        ),
        place,
    )


def _with_window(deployment: Deployment, place: Environment) -> Deployment:
    """The next configured window that fits is the default; none configured means always."""
    length = timedelta(minutes=DEFAULT_ESTIMATE_MINUTES)
    slot = next_fitting(place, deployment.started_at, length) if place.windows else None
    return replace(deployment, window_start=slot.start, window_end=slot.end) if slot else deployment


def _keep(unit: Unit, project: Project, act: Act, deployment: Deployment) -> None:
    try:
        unit.deployments.add(deployment)
    except HeldByAnother:
        raise Refused(f"{deployment.environment} was taken a moment ago by another deployment.") from None
    unit.deployments.add_deployer(deployment.id, Deployer(act.who, "started", act.at))
    facts: dict[str, object] = {"environment": deployment.environment, "kind": str(deployment.kind)}
    facts["revision"] = deployment.revision
    place = known_environment(project, deployment.environment)
    facts |= {"file": project.checklist_file, "terms": terms_of(place)}
    chronicle(unit, deployment, act, "started", facts, title=deployment.title)
    plan_window(unit, deployment, act.at)
    if not project.has_migrations:
        pin_typed_range(unit, deployment)


def pin_typed_range(unit: Unit, deployment: Deployment) -> Deployment:
    """Where no files are configured the range as typed is what people decide about."""
    if deployment.first_version is None or deployment.last_version is None:
        return deployment
    files, digest = typed_files(deployment.first_version, deployment.last_version)
    unit.files.keep({file.sha: b"" for file in files})
    unit.files.pin(deployment.id, files)
    return unit.deployments.save(replace(deployment, fingerprint=digest))


def _open(unit: Unit, project: Project, act: Act, place: Environment, deployment: Deployment) -> None:
    if project.has_migrations or place.has_database:
        unit.results.queue(deployment.id, [PREFLIGHT_JOB], Purpose.PREFLIGHT, unit.new_id(), act.who, act.at)
    if not _asks_history(project, place):
        announce(unit, project, act, deployment)


def _asks_history(project: Project, place: Environment) -> bool:
    """Whether only the target's history tells that there is something to deploy at all."""
    return project.has_migrations and place.has_database


def announce(unit: Unit, project: Project, act: Act, deployment: Deployment) -> None:
    """Tell the channel and the stakeholders, once it is known that there is something to deploy, or nobody can say."""
    unit.outbox.want(deployment.id, "dashboard", "", project.channel, act.at, urgent=True)
    pin_dashboard(unit, project, deployment, act.at)
    situation = load(unit, project, deployment.id, act.at)
    want_items(unit, situation, situation.items_in(Phase.PREPARE), act.at)
    notify(unit, situation, deployment, replace(act, who=deployment.starter), "start")


def give_range(unit: Unit, project: Project, act: Act, deployment_id: str, range_text: str) -> Answer:
    """Say which migrations a deployment is about. Approvals of another range no longer count. Raises Refused."""
    situation = load(unit, project, deployment_id, act.at)
    require_state(situation, State.PREPARING, State.PARKED)
    require_deployer(unit, situation, act)
    first, last = typed_range(range_text)
    if first is None:
        raise Refused("Give a range like 00008-00010.")
    changed = unit.deployments.save(
        replace(situation.deployment, first_version=first, last_version=last, last_act_at=act.at)
    )
    chronicle(unit, changed, act, "range-given", {"first": first, "last": last or first})
    if project.has_migrations:
        unit.results.queue(changed.id, [PREFLIGHT_JOB], Purpose.PREFLIGHT, unit.new_id(), act.who, act.at)
    else:
        changed = pin_typed_range(unit, changed)
        end_decisions(unit, situation, act, "range changed")
    repaint_all(unit, project, changed, act.at)
    return Answer(deployment_id=changed.id)


def end_decisions(unit: Unit, situation: Situation, act: Act, why: str) -> None:
    """A new subject is decided anew: what was said about the old one is over, a rejection too, also when it returns."""
    for one in situation.sign_offs:
        if one.stands and situation.role(one.role).role.gates:
            unit.sign_offs.save(replace(one, stale_at=act.at, ended_why=why))


def join(unit: Unit, project: Project, act: Act, deployment_id: str) -> Answer:
    """Become a deployer, while the deployment is open; before go one's own decisions on it end. Raises Refused."""
    require_worker(unit, project, act)
    situation = load(unit, project, deployment_id, act.at)
    deployment = situation.deployment
    if act.who in situation.deployer_ids:
        return Answer("You are a deployer of this deployment already.", deployment_id)
    situation.require_open(": nobody joins it any more")
    ended = become_deployer(unit, situation, act, "joined")
    chronicle(unit, deployment, act, "joined", {"voided": ended})
    repaint_all(unit, project, deployment, act.at)
    note = f" What you decided on it before ({ended}) no longer counts." if ended else ""
    return Answer(f"You are a deployer of deployment {deployment.label} now.{note}", deployment_id)


def become_deployer(unit: Unit, situation: Situation, act: Act, how: str) -> int:
    """Enter the person who acts as a deployer; returns how many of their decisions that ends.

    Before go, and while changed files are decided anew, everything ends that they are behind: approvals, reviews,
    seconds and waivers here, what they said on items when it is judged (`judging`). After go nothing is ended.
    """
    unit.deployments.add_deployer(situation.deployment.id, Deployer(act.who, how, act.at))
    if not (situation.deployment.state in PREPARATION or situation.has_changed_files):
        return 0
    mine = [one for one in situation.sign_offs if act.who in one.people and one.stands and one.decision in ENDING]
    open_ones = [one for one in mine if one.subject == situation.subject or situation.deployment.go_at is None]
    for one in open_ones:
        unit.sign_offs.save(replace(one, stale_at=act.at, ended_why="became a deployer"))
    return len(open_ones) + sum(act.who in one.people for one in _waivers(situation))


def _waivers(situation: Situation) -> Iterator[Decision]:
    for item, decisions in situation.decisions.items():
        if item in situation.states and situation.item(item).required(situation.kind) is not Requirement.NO:
            yield from (one for one in decisions if one.kind in WAIVING)
