"""An environment whose migration history moved with no deployment open is noticed and told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from bot.core.deployment import OPEN_STATES, Deployment, State
from bot.core.policy import Environment, Project
from bot.core.times import from_text, to_text
from bot.usecases.act import Act
from bot.usecases.books.rows import Said
from bot.usecases.post_ports import PostUnit

_MAY_MOVE_HISTORY = frozenset({State.DEPLOYING, State.HELD, State.ROLLING_BACK, State.VERIFYING})


def notice_history(
    unit: PostUnit, project: Project, act: Act, environment: Environment, applied: Sequence[str]
) -> tuple[str, ...]:
    """Compare with what was there at the last look; returns the versions that came or went unannounced.

    The first look only remembers. What moved while a deployment was under way is that deployment's.
    """
    name = f"history:{project.name}/{environment.name}"
    before = unit.heartbeats.all().get(name)
    unit.heartbeats.beat(name, act.at, json.dumps({"applied": list(applied), "at": to_text(act.at)}))
    if before is None:
        return ()
    known = json.loads(before.detail)
    moved = tuple(sorted(set(applied) ^ set(known["applied"])))
    if not moved or _under_way(unit, project, act, environment, from_text(known["at"])):
        return ()
    _tell(unit, project, act, environment, moved)
    return moved


def _under_way(unit: PostUnit, project: Project, act: Act, environment: Environment, since: datetime) -> bool:
    found = unit.deployments.of_environment(act.team, project.name, environment.name)
    return any(_moves(one, since) for one in found)


def _moves(deployment: Deployment, since: datetime) -> bool:
    if deployment.state in _MAY_MOVE_HISTORY & OPEN_STATES:
        return deployment.state is not State.VERIFYING or (deployment.completed_at or since) >= since
    ended = deployment.closed_at
    return deployment.go_at is not None and ended is not None and ended >= since


def _tell(unit: PostUnit, project: Project, act: Act, environment: Environment, moved: tuple[str, ...]) -> None:
    facts = {
        "channel": project.channel,
        "environment": environment.name,
        "versions": list(moved),
        "at": to_text(act.at),
    }
    chain = f"{act.team}/{project.name}"
    unit.journal.append(
        chain, "history-moved-unannounced", act.at, {"environment": environment.name, "versions": list(moved)}, {}
    )
    key = f"history:{project.name}/{environment.name}:{to_text(act.at)}"
    unit.outbox.say(Said(key, "post", f"channel:{project.channel}", "history-moved", facts), act.at)
