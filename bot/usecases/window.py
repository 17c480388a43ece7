"""When a deployment is planned to go, and how long it is expected to take."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.deployment import Deployment, State
from bot.core.policy import Project
from bot.core.refusal import Refused
from bot.core.windows import DEFAULT_ESTIMATE_MINUTES, freeze_on, next_fitting
from bot.usecases.act import Act, Answer
from bot.usecases.chronicle import chronicle
from bot.usecases.permit import require_deployer, require_state
from bot.usecases.ports import Reader, Unit
from bot.usecases.say import repaint_all
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation

LONGEST_WINDOW = timedelta(hours=24)
LONGEST_ESTIMATE = 24 * 60
LOOKED_AT = 3


def set_window(
    unit: Unit, project: Project, act: Act, deployment_id: str, start: datetime, end: datetime, minutes: int | None
) -> Answer:
    """Plan the go for a window, with an estimate in minutes. Raises Refused for one that nothing can go in."""
    situation = load(unit, project, deployment_id, act.at)
    require_state(situation, State.PREPARING, State.PARKED)
    require_deployer(unit, situation, act)
    if end <= start or end - start > LONGEST_WINDOW:
        raise Refused("The window ends after it starts, at most 24 hours later.")
    if end <= act.at:
        raise Refused("That window is over already.")
    if minutes is not None and not 0 < minutes <= LONGEST_ESTIMATE:
        raise Refused("The estimate is a number of minutes, at most a day.")
    _refuse_unfit(situation, start, minutes)
    changed = replace(
        situation.deployment, window_start=start, window_end=end, estimate_minutes=minutes, last_act_at=act.at
    )
    deployment = unit.deployments.save(changed)
    chronicle(unit, deployment, act, "window-set", {"start": f"{start:%FT%H:%MZ}", "end": f"{end:%FT%H:%MZ}"})
    repaint_all(unit, project, deployment, act.at)
    return Answer(deployment_id=deployment_id)


def _refuse_unfit(situation: Situation, start: datetime, minutes: int | None) -> None:
    """A planned window lies in one of the settings, where there are any, and in no freeze."""
    environment = situation.environment
    freeze = freeze_on(environment, start)
    if freeze is not None:
        raise Refused(f"Frozen until {freeze.last:%d %b %Y}: {freeze.reason}")
    if not environment.windows:
        return
    length = timedelta(minutes=minutes or DEFAULT_ESTIMATE_MINUTES)
    slot = next_fitting(environment, start, length)
    if slot is None or not slot.fits(start, length):
        words = ", ".join(window.words for window in environment.windows)
        raise Refused(f"The windows of {environment.name} are {words}; that start fits in none of them.")


def longest_of_last(reader: Reader, deployment: Deployment) -> int | None:
    """Minutes from go to completion of the slowest of the last three that ended well; None where none has."""
    past = reader.deployments.of_environment(deployment.team, deployment.project, deployment.environment)
    took = [
        (one.completed_at - one.go_at).total_seconds() / 60
        for one in past
        if one.id != deployment.id and one.go_at and one.completed_at and one.result
    ]
    return max(1, round(max(took[:LOOKED_AT]))) if took else None
