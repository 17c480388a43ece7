"""What does not block and ought to be read: whom statements make wait before go, what speaks for a rollback after."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bot.core.calendar import slot_now
from bot.core.signoff import RoleWord
from bot.usecases.situation.snapshot import Situation
from checks.result import NOTE, Finding, Status

STATEMENT_RISK = "statement-risk"
"""The check whose findings say which statement makes whom wait."""


def estimate(situation: Situation) -> timedelta | None:
    """How long the run is expected to take: as the deployer said, else as runs before say; None where nobody knows."""
    deployment = situation.deployment
    minutes = deployment.estimate_minutes or int(deployment.facts.expected or 0)
    return timedelta(minutes=minutes) if minutes else None


def warnings(situation: Situation) -> tuple[str, ...]:
    """What does not block and ought to be read before go."""
    return (*risks(situation), *amber(situation)) if situation.step == "go" else ()


def amber(situation: Situation) -> tuple[str, ...]:
    """What is allowed and stands out in the record: a second, an override, one person enough."""
    seconded = (state.role.title for state in situation.roles if state.word is RoleWord.SECONDED)
    off = () if situation.environment.two_person else ("The two-person rule is switched off (setting `two_person`)",)
    overridden = (
        f"{situation.item(item).label} overridden by {situation.name(one.who)}"
        for item, one in situation.overrides.items()
    )
    return (*(f"{title} was seconded by another approver" for title in seconded), *overridden, *off)


def risks(situation: Situation) -> Iterator[str]:
    """Whom statements make wait, and what does not fit the window; nothing after go."""
    if situation.step != "go":
        return
    risk = situation.results.get(STATEMENT_RISK)
    if risk is not None and risk.status in {Status.WARNING, Status.FAILED}:
        yield from (finding.message for finding in risk.findings[:3] if finding.severity != NOTE)
    slot, expected = slot_now(situation.environment, situation.now), estimate(situation)
    reserve = timedelta(minutes=situation.environment.rollback_reserve_minutes)
    if slot and expected and not slot.fits(situation.now, expected + reserve):
        yield f"The estimate and the rollback reserve do not fit: the window ends {slot.end:%H:%M}"
    planned = situation.deployment.window_start
    if planned is not None and planned > situation.now:
        yield "The planned window has not begun yet"


def recommends_rollback(situation: Situation) -> tuple[str, ...]:
    """What was fine before go and is not since, with the numbers of both: a reason each, never an act."""
    return tuple(_worse(situation, check) for check in situation.turned_bad if _was_fine(situation, check))


_FINE = frozenset({Status.PASSED, Status.EVIDENCE})
COMPARING = "error-signs"
"""It compares with the baseline of before go by itself."""


def _was_fine(situation: Situation, check: str) -> bool:
    before = situation.before_go.get(check)
    return check == COMPARING if before is None else before.status in _FINE


def _worse(situation: Situation, check: str) -> str:
    """`Run smoke tests: 9 passed, 3 failed (before: 12 passed, 0 failed)`."""
    items = situation.items_answered_by(check)
    title = situation.project.check_titles.get(check, items[0].label if items else check)
    before = situation.before_go.get(check)
    then = f" (before: {before.summary})" if before else ""
    return f"{title}: {situation.results[check].summary}{then}"


def role_obstacles(situation: Situation, eligible: dict[str, frozenset[str]]) -> Iterator[Finding]:
    """Roles that nobody but deployers can fill. `eligible` maps a role to all its members, groups resolved."""
    for state in situation.roles:
        role = state.role
        if not state.blocks or not role.members:
            continue
        if not eligible[role.name]:
            yield Finding(f"{role.title}: no member was found", hint=f"add members to [roles.{role.name}]")
        elif not eligible[role.name] - situation.deployer_ids:
            yield Finding(
                f"{role.title}: every member is a deployer of this deployment",
                hint="another approver can second it, amber in the record",
            )
