"""What forms are prefilled with."""

from __future__ import annotations

from datetime import datetime

from bot.core.deployment import Outcome, State
from bot.core.policy import Project
from bot.usecases import gate
from bot.usecases.applied import applied_and_not
from bot.usecases.complete import words_of
from bot.usecases.form_facts import ActForm, CompletionForm, GoForm, StartForm
from bot.usecases.ports import Reader
from bot.usecases.run_act import named_act
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation
from bot.usecases.window import longest_of_last


def start_form(project: Project, environment: str = "", range_text: str = "") -> StartForm:
    """What a start asks when it cannot know."""
    names = tuple(project.environments) or ("development", "staging", "production")
    return StartForm(
        environments=names,
        environment=environment if environment in names else "",
        range_needed=not project.has_migrations,
        range_text=range_text,
        project=project.name,
    )


def go_form(reader: Reader, project: Project, deployment_id: str, now: datetime) -> GoForm:
    """The confirmation before go."""
    situation = load(reader, project, deployment_id, now)
    return GoForm(
        situation.deployment,
        situation.subject,
        gate.blockers(situation),
        gate.warnings(situation),
        situation.files,
        int(gate.estimate(situation).total_seconds() // 60),
        longest_of_last(reader, situation.deployment),
    )


def act_form(reader: Reader, project: Project, deployment_id: str, item_id: str, act_id: str, now: datetime) -> ActForm:
    """The confirmation of a short act. Raises Refused where the settings name none."""
    situation = load(reader, project, deployment_id, now)
    found = named_act(situation, item_id, act_id)
    command = found.command.replace("{environment}", situation.environment.name)
    command = command.replace("{range}", situation.deployment.range_words)
    label = situation.item(item_id).label
    return ActForm(situation.deployment, item_id, label, found.id, found.title, command)


def completion_form(reader: Reader, project: Project, deployment_id: str, now: datetime) -> CompletionForm:
    """The six fields, prefilled; what was and was not applied is computed from history."""
    situation = load(reader, project, deployment_id, now)
    applied, missing = applied_and_not(situation)
    open_required = tuple(blocker.sentence for blocker in gate.before_success(situation))
    choices = _choices(situation)
    return CompletionForm(
        deployment=situation.deployment,
        date=now,
        deployed_by=", ".join(situation.name(one.user_id) for one in situation.deployers),
        environment=situation.deployment.environment,
        versions=situation.deployment.range_words,
        proposed=choices[-1] if missing and applied and len(choices) > 1 else choices[0],
        choices=choices,
        open_required=open_required,
        applied=applied,
        not_applied=missing,
        notes="",
    )


def _choices(situation: Situation) -> tuple[str, ...]:
    if situation.deployment.state is State.ROLLING_BACK:
        return (str(Outcome.ROLLED_BACK),)
    return (str(Outcome.SUCCESS), str(Outcome.PARTIAL))


def result_words(situation: Situation) -> str:
    """The word of the result, or of the state while there is none."""
    result = situation.deployment.result
    return words_of(result) if result else str(situation.deployment.state)
