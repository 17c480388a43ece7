"""Before a deployment: its range as typed, its window, and what would block it, worked out without one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.calendar import DEFAULT_ESTIMATE_MINUTES, freeze_on, next_fitting
from bot.core.deployment import Deployment, PinnedFile, State, fingerprint
from bot.core.refusal import Refused
from bot.core.team import Environment, Project
from bot.core.typed import did_you_mean
from bot.usecases.act import Act, Answer, chronicle, repaint_all
from bot.usecases.books.rows import PendingClick, Said
from bot.usecases.books.units import PostUnit, Reader, Unit
from bot.usecases.permit import require_deployer, require_state, require_worker
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation
from bot.usecases.who_waits import plan_window

_RANGE = re.compile(r"^\s*(?P<first>[\w.]+)\s*(?:(?:-|–|\.\.|to|through)\s*(?P<last>[\w.]+))?\s*$")


def known_environment(project: Project, name: str) -> Environment:
    """The environment of that name. Raises Refused with those there are."""
    found = project.environment(name)
    if found is None:
        near = did_you_mean(name, project.environment_names)
        meant = f" {near}" if near else ""
        raise Refused(f"There is no environment “{name}”.{meant} Known: {', '.join(project.environment_names)}.")
    return found


def typed_range(text: str) -> tuple[str | None, str | None]:
    """`00008-00010`, `00008..00010`, `00008 to 00010` or one version; empty text gives (None, None).

    Raises Refused for anything else.
    """
    if not text.strip():
        return None, None
    found = _RANGE.match(text)
    if not found:
        raise Refused(f"“{text.strip()}” is no migration range. Write it like 00008-00010.")
    first = found["first"]
    return first, found["last"] or first


LONGEST_TITLE = 80


def typed_title(text: str) -> str:
    """What a deployment is about, on one line. Raises Refused for more than 80 characters."""
    title = " ".join(text.split())
    if len(title) > LONGEST_TITLE:
        raise Refused(f"The title has {len(title)} characters, and at most {LONGEST_TITLE} are shown: shorten it.")
    return title


def set_title(unit: Unit, project: Project, act: Act, deployment_id: str, text: str) -> Answer:
    """Say what a deployment is about; an empty title leaves that to the files. Raises Refused."""
    situation = load(unit, project, deployment_id, act.at)
    situation.require_open()
    require_deployer(unit, situation, act)
    titled = replace(situation.deployment, title=typed_title(text), last_act_at=act.at)
    deployment = unit.deployments.save(titled)
    chronicle(unit, deployment, act, "titled", title=deployment.title)
    repaint_all(unit, project, deployment, act.at)
    return Answer(deployment_id=deployment_id)


def typed_files(first: str, last: str) -> tuple[tuple[PinnedFile, ...], str]:
    """Stand-ins for files that nobody reads: the ends of the range as typed, and their fingerprint."""
    empty = hashlib.sha256(b"").hexdigest()
    versions = dict.fromkeys((first, last))
    files = tuple(PinnedFile(version, f"{version} (as typed)", empty, is_down=False) for version in versions)
    return files, fingerprint(files)


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
    plan_window(unit, deployment, act.at)
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


PLAN_JOB = "plan-job"
"""The verb of a kept click that is a job: it stays until it was worked out, also across a restart."""


def ask_plan(unit: Unit, project: Project, act: Act, environment: str, range_text: str) -> Answer:
    """Keep the wish for the job. Raises Refused for an unknown environment and for what is no range."""
    require_worker(unit, project, act)
    known_environment(project, environment)
    typed_range(range_text)
    payload = {"project": project.name, "environment": environment, "range": range_text, "team": act.team}
    unit.clicks.keep(PendingClick(unit.new_id(), PLAN_JOB, payload, act.who, {}, act.at))
    return Answer(f"Everything that a start of {environment} would check is being checked. Nothing is changed by it.")


def tell_plan(unit: PostUnit, job: PendingClick, facts: Mapping[str, object], act: Act) -> bool:
    """Say what came of it, and end the job; False where another process did."""
    if not unit.clicks.settle(job.id, "planned", act.at):
        return False
    said = {"user": job.who, **job.payload, **facts}
    return unit.outbox.say(Said(f"plan:{job.id}", "direct", f"dm:{job.who}", "plan", said), act.at)
