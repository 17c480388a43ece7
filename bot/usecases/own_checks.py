"""What the bot itself knows: checks `own-…`, computed from its own books and never stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.core.decision import CheckResult, Decision, DecisionKind, Verdict
from bot.core.deployment import Deployment
from bot.core.policy import Environment, Project
from bot.usecases.ports import Notice


@dataclass(frozen=True)
class OwnFacts:
    """What own checks look at. `decisions` are of the item that the check answers."""

    deployment: Deployment
    project: Project
    environment: Environment
    notices: tuple[Notice, ...]
    decisions: tuple[Decision, ...]
    now: datetime


def is_own(check_id: str) -> bool:
    """Whether the bot answers this check itself, without a run."""
    return check_id.startswith("own-")


def own_result(check_id: str, facts: OwnFacts) -> CheckResult | None:
    """The answer of one own check, or None while there is nothing to say (the item stays open)."""
    answer = OWN_CHECKS[check_id](facts) if check_id in OWN_CHECKS else None
    if answer is None:
        return None
    at, summary = answer
    deployment = facts.deployment.id
    return CheckResult(
        f"{deployment}:{check_id}", "", deployment, check_id, Verdict.PASSED, summary, at, inputs_hash=summary
    )


Answered = tuple[datetime, str] | None


def _window(facts: OwnFacts) -> Answered:
    start, end = facts.deployment.window_start, facts.deployment.window_end
    if start is None or end is None:
        return None
    return facts.deployment.started_at, f"window {start:%a %d %b %H:%M}–{end:%H:%M} UTC"


def _contacts(facts: OwnFacts) -> Answered:
    contacts = facts.project.contacts or facts.environment.on_call
    if not contacts:
        return None
    return facts.deployment.started_at, f"{len(contacts)} contacts in the settings: {', '.join(contacts)}"


def _notice(state: str) -> Callable[[OwnFacts], Answered]:
    def delivered(facts: OwnFacts) -> Answered:
        mine = [notice for notice in facts.notices if notice.state == state]
        arrived = [notice.delivered_at for notice in mine if notice.delivered_at]
        if not mine or len(arrived) < len(mine):
            return None
        return max(arrived), f"{state} notice delivered to {len(arrived)} of {len(mine)} audiences"

    return delivered


def _lessons(facts: OwnFacts) -> Answered:
    notes = [decision for decision in facts.decisions if decision.kind is DecisionKind.NOTE]
    if notes:
        return notes[-1].at, f"{len(notes)} lessons noted"
    text = (facts.deployment.completion or {}).get("lessons", "")
    done = facts.deployment.completed_at
    return (done, "lessons noted in the completion form") if text and done else None


OWN_CHECKS: Mapping[str, Callable[[OwnFacts], Answered]] = {
    "own-window": _window,
    "own-contacts": _contacts,
    "own-notice-start": _notice("start"),
    "own-notice-completion": _notice("completion"),
    "own-lessons": _lessons,
}
OWN_TITLES: Mapping[str, str] = {
    "own-window": "A window is set",
    "own-contacts": "Emergency contacts are given",
    "own-notice-start": "The start notice was delivered",
    "own-notice-completion": "The completion notice was delivered",
    "own-lessons": "Lessons are noted",
}


def available_own_checks(project: Project, environment: Environment) -> frozenset[str]:
    """Own checks that can answer with these settings; where the settings are silent, the item is a plain *Done*."""
    found = {"own-lessons", "own-window"}
    if project.contacts or environment.on_call:
        found.add("own-contacts")
    if environment.stakeholders:
        found |= {"own-notice-start", "own-notice-completion"}
    return frozenset(found)
