"""What earlier deployments say about this one: a lesson, and whether the environment before has seen these files."""

from __future__ import annotations

from bot.core.decision import DecisionKind
from bot.core.deployment import Deployment, Outcome
from bot.core.policy import Project
from bot.usecases.ports import Reader
from bot.usecases.situation.judging import checklist_of, environment_of
from checks.result import Finding

_LESSONS = "own-lessons"
LOOKED_AT = 5


def lesson_of_last(reader: Reader, deployment: Deployment) -> str:
    """What the last deployment of this environment noted as a lesson; empty where the last one noted nothing."""
    past = reader.deployments.of_environment(deployment.team, deployment.project, deployment.environment)
    ended = (one for one in past if one.number < deployment.number and one.completed_at is not None)
    last = next(ended, None)
    if last is None:
        return ""
    words = (last.completion or {}).get("lessons", "") or _noted(reader, last)
    return f"deployment {last.label}: {words}" if words else ""


def _noted(reader: Reader, deployment: Deployment) -> str:
    items = {item.id for item in checklist_of(reader, deployment).items if _LESSONS in item.checks}
    notes = [
        one.reason
        for one in reader.decisions.of(deployment.id)
        if one.item in items and one.kind is DecisionKind.NOTE and one.reason
    ]
    return "; ".join(notes)


def promotion_obstacles(reader: Reader, project: Project, deployment: Deployment) -> tuple[Finding, ...]:
    """A warning where the environment before has not completed these very files."""
    after = environment_of(project, deployment).after
    if after is None or deployment.fingerprint is None or not project.has_migrations:
        return ()
    done = _completed_files(reader, deployment, after)
    missing = [file.version for file in reader.files.of(deployment.id) if not file.is_down and file.sha not in done]
    if not missing:
        return ()
    shown = ", ".join(missing[:LOOKED_AT]) + (f" and {len(missing) - LOOKED_AT} more" if missing[LOOKED_AT:] else "")
    return (Finding(f"{after} has not completed {shown} as they are now", hint=f"deploy them to {after} first"),)


def _completed_files(reader: Reader, deployment: Deployment, environment: str) -> frozenset[str]:
    past = reader.deployments.of_environment(deployment.team, deployment.project, environment)
    ended = (one for one in past if one.result in {Outcome.SUCCESS, Outcome.PARTIAL})
    return frozenset(sha for one in ended for sha in _counting(reader, one))


def _counting(reader: Reader, deployment: Deployment) -> frozenset[str]:
    """All files of a full deployment; of a Partial one only those that history has."""
    files = reader.files.of(deployment.id)
    if deployment.result is not Outcome.PARTIAL:
        return frozenset(file.sha for file in files)
    applied = set(deployment.history.applied) if deployment.history else set()
    return frozenset(file.sha for file in files if file.version in applied)
