"""Break-glass: go without sign-offs, windows, freezes and open items, in the open, with a review owed."""

from __future__ import annotations

from bot.core.attention import working_days_after
from bot.core.decision import PREFLIGHT_JOB, Purpose
from bot.core.deployment import State
from bot.core.refusal import Refused, refuse_missing
from bot.core.signoff import Deciding
from bot.core.team import Environment, Project
from bot.usecases.act import Act, Answer, chronicle, direct, post_in_thread, repaint_all, team_hours
from bot.usecases.books.rows import BreakGlass
from bot.usecases.books.units import HeldByAnother, Reader, Unit
from bot.usecases.checking.runs import can_read
from bot.usecases.facts import Blocker
from bot.usecases.lifecycle.go import open_deploying, tampering
from bot.usecases.lifecycle.start import become_deployer
from bot.usecases.lifecycle.watching import go_on
from bot.usecases.permit import expand, holds, require_full_member, require_may, require_named, require_state, words
from bot.usecases.situation.gate import blockers
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation
from bot.usecases.who_waits import later_for, tell_owner

REASON_LENGTH = 20
REVIEW_WORKING_DAYS = 5
NEVER_SKIPPED = frozenset({"history", "reading", "files", "phase"})


def break_glass(
    unit: Unit, project: Project, act: Act, deployment_id: str, subject: str, reason: str, typed_environment: str
) -> Answer:
    """Go now. Never past another deployment's hold of the database, unread or moved files, or a dirty history.

    Raises Refused with what is missing in the form, or who may.
    """
    require_full_member(unit, project, act)
    situation = load(unit, project, deployment_id, act.at)
    require_state(situation, State.PREPARING)
    _require_allowed(unit, situation, act, subject, reason, typed_environment)
    skipped = tuple(one for one in blockers(situation) if one.kind not in NEVER_SKIPPED)
    _keep(unit, situation, act, reason.strip(), skipped)
    after = load(unit, project, deployment_id, act.at)
    try:
        open_deploying(unit, after, act, broken_glass=reason.strip())
    except HeldByAnother:
        raise Refused("Another deployment holds the same database: broken glass does not pass that.") from None
    if can_read(situation):
        # Go takes a baseline before it opens; here it is taken as soon as possible after.
        unit.results.queue(deployment_id, [PREFLIGHT_JOB], Purpose.GO, unit.new_id(), act.who, act.at)
    _tell_skipped(unit, situation, act, reason.strip())
    return Answer("The glass is broken. Everybody skipped was told; a review by somebody else is due.", deployment_id)


def require_breaker(reader: Reader, environment: Environment, act: Act) -> None:
    """Who may break the glass here. Raises Refused, NotYetKnown."""
    allowed = environment.break_glass
    if not allowed or not holds(reader, act, allowed):
        nobody = "Nobody is named in `break_glass` of this environment."
        who = f"It is for {words(reader, allowed)}." if allowed else nobody
        raise Refused(f"You cannot break the glass here. {who}")


def _require_allowed(
    unit: Unit, situation: Situation, act: Act, subject: str, reason: str, typed_environment: str
) -> None:
    require_breaker(unit, situation.environment, act)
    if subject != situation.subject:
        raise Refused("The files or the checklist changed since this was shown. Look again.", offer_again=True)
    if len(reason.strip()) < REASON_LENGTH:
        raise Refused(f"Give a reason of at least {REASON_LENGTH} characters: it stands in red in the record.")
    require_named(situation, typed_environment)
    stopping = (one for one in blockers(situation) if one.kind in NEVER_SKIPPED)
    refuse_missing(
        "Even broken glass does not pass this", (one.sentence for one in (*tampering(unit, situation), *stopping))
    )


def _keep(unit: Unit, situation: Situation, act: Act, reason: str, skipped: tuple[Blocker, ...]) -> None:
    deployment = situation.deployment
    sentences = tuple(one.sentence for one in skipped)
    due = working_days_after(team_hours(situation), act.at, REVIEW_WORKING_DAYS)
    unit.troubles.break_glass(BreakGlass(deployment.id, act.who, reason, sentences, act.at, due))
    become_deployer(unit, situation, act, "broke-glass")
    chronicle(unit, deployment, act, "glass-broken", reason=reason)


def _tell_skipped(unit: Unit, situation: Situation, act: Act, reason: str) -> None:
    """The owner; and everyone whose sign-off or lock was skipped, each once."""
    skipped = {user for state in situation.roles if state.blocks for user in expand(unit, state.role.members)}
    facts = {"by": situation.name(act.who), "reason": reason, "environment": situation.deployment.environment}
    tell_owner(unit, situation, act, "glass-broken-here", "", **facts)
    if situation.lock is not None and situation.lock.holds_at(act.at):
        skipped.add(situation.lock.who)
    for user in sorted(skipped - {act.who, situation.deployment.owner}):
        key = f"{situation.deployment.id}:glass:{user}"
        later = later_for(unit, situation, user, "glass-broken", act.at)
        direct(unit, situation.deployment, user, "glass-broken", key, act.at, later, **facts)


def review_glass(unit: Unit, project: Project, act: Act, deployment_id: str, comment: str = "") -> Answer:
    """An approver who is no deployer, nor signs for one, reviews the broken glass afterwards."""
    require_full_member(unit, project, act)
    situation = load(unit, project, deployment_id, act.at)
    glass = unit.troubles.broken_glass(deployment_id)
    if glass is None:
        raise Refused("No glass was broken in this deployment.")
    if glass.reviewed_at is not None:
        return Answer("It was reviewed already.", deployment_id)
    require_may(unit, situation, act, Deciding.REVIEW_GLASS)
    unit.troubles.review_glass(deployment_id, act.who, act.at)
    chronicle(unit, situation.deployment, act, "glass-reviewed", reason=comment.strip())
    by = situation.name(act.who)
    post_in_thread(unit, project, situation.deployment, act, "glass-reviewed", by=by, reason=comment.strip())
    repaint_all(unit, project, situation.deployment, act.at)
    go_on(unit, project, act, situation.deployment)
    return Answer(deployment_id=deployment_id)
