"""Start a deployment, join one, take it over, park it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.core.checklist import Phase
from bot.core.checklist_parser import parse
from bot.core.decision import PREFLIGHT_JOB, Purpose
from bot.core.deployment import Deployer, Deployment, State
from bot.core.policy import Environment, Project
from bot.core.refusal import Refused
from bot.core.signoff import SignOff, SignOffDecision
from bot.core.windows import DEFAULT_ESTIMATE_MINUTES, next_fitting
from bot.usecases.act import Act, Answer
from bot.usecases.chronicle import chronicle
from bot.usecases.earlier import lesson_of_last
from bot.usecases.judging import load
from bot.usecases.membership import require_worker
from bot.usecases.permit import require_state
from bot.usecases.ports import HeldByAnother, Unit
from bot.usecases.range_words import typed_files, typed_range
from bot.usecases.say import notify, repaint_all, want_dashboard, want_section

GATING_YES = frozenset({SignOffDecision.APPROVE, SignOffDecision.REVIEW, SignOffDecision.SECOND})


def start(unit: Unit, project: Project, act: Act, environment: str, range_text: str = "") -> Answer:
    """Start a deployment: commit, want the dashboard, queue preflight.

    Raises Refused when the environment is unknown or held, the range is no range, or the person may not.
    """
    require_worker(unit, project, act)
    place = _environment(project, environment)
    _refuse_held(unit, project, act, place)
    deployment = _new(unit, project, act, place, range_text)
    _keep(unit, project, act, deployment)
    _open(unit, project, act, place, deployment)
    lesson = lesson_of_last(unit, deployment)
    told = f"\nA lesson of {lesson}" if lesson else ""
    return Answer(f"Deployment {deployment.label} to {place.name} has started.{told}", deployment.id)


def _environment(project: Project, name: str) -> Environment:
    found = project.environment(name)
    if found is None:
        known = ", ".join(project.environments) or "development, staging, production"
        raise Refused(f"There is no environment “{name}”. Known: {known}.")
    return found


def _refuse_held(unit: Unit, project: Project, act: Act, place: Environment) -> None:
    holder = unit.deployments.holder(act.team, project.name, place.name)
    if holder is None:
        return
    person = unit.people.person(holder.owner)
    owner = person.name if person else holder.owner
    raise Refused(
        f"{place.name} is held by deployment {holder.label} ({holder.state}), {owner}'s since "
        f"{holder.started_at:%d %b %H:%M} UTC. Join it, take it over, or park it from its dashboard."
    )


def _new(unit: Unit, project: Project, act: Act, place: Environment, range_text: str) -> Deployment:
    checklist = parse(project.checklist_text, project.checklist_file)
    unit.checklists.keep(checklist.revision, project.checklist_file, project.checklist_text)
    first, last = typed_range(range_text)
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
    facts = {"environment": deployment.environment, "kind": str(deployment.kind), "revision": deployment.revision}
    chronicle(unit, deployment, act, "started", facts)
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
    want_dashboard(unit, project, deployment, act.at, urgent=True)
    if project.has_migrations or place.has_database:
        unit.results.queue(deployment.id, [PREFLIGHT_JOB], Purpose.PREFLIGHT, unit.new_id(), act.who, act.at)
    situation = load(unit, project, deployment.id, act.at)
    for section, _ in situation.sections(Phase.PREPARE):
        want_section(unit, project, deployment, section.id, act.at)
    notify(unit, project, place, deployment, act, "start")


def give_range(unit: Unit, project: Project, act: Act, deployment_id: str, range_text: str) -> Answer:
    """Say which migrations a deployment is about, where none were given or found. Raises Refused."""
    require_worker(unit, project, act)
    situation = load(unit, project, deployment_id, act.at)
    require_state(situation, State.PREPARING, State.PARKED)
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
    repaint_all(unit, project, changed, act.at)
    return Answer(deployment_id=changed.id)


def join(unit: Unit, project: Project, act: Act, deployment_id: str) -> Answer:
    """Become a deployer; one's own sign-offs stop counting from here on. Raises Refused."""
    require_worker(unit, project, act)
    situation = load(unit, project, deployment_id, act.at)
    if act.who in situation.deployer_ids:
        return Answer("You are a deployer of this deployment already.", deployment_id)
    unit.deployments.add_deployer(deployment_id, Deployer(act.who, "joined", act.at))
    voided = void_sign_offs(unit, situation.sign_offs, act)
    chronicle(unit, situation.deployment, act, "joined", {"voided": voided})
    repaint_all(unit, project, situation.deployment, act.at)
    note = f" Your {voided} sign-off no longer counts." if voided else ""
    return Answer(f"You are a deployer of deployment {situation.deployment.label} now.{note}", deployment_id)


def void_sign_offs(unit: Unit, sign_offs: Sequence[SignOff], act: Act) -> int:
    """Becoming a deployer voids one's approvals and reviews; returns how many."""
    mine = [one for one in sign_offs if one.who == act.who and one.stands and one.decision in GATING_YES]
    for sign_off in mine:
        unit.sign_offs.save(replace(sign_off, stale_at=act.at, ended_why="became a deployer"))
    return len(mine)
