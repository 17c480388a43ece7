"""What a dashboard offers: buttons, the first of which may be the next act, and a menu of what is rarer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.core.checklist.items import Requirement
from bot.core.deployment import Deployment, State
from bot.usecases.books.rows import BreakGlass
from bot.usecases.facts import Blocker, ItemFacts
from bot.usecases.situation import gate, warning
from bot.usecases.situation.runner import way_back
from bot.usecases.situation.snapshot import Situation
from bot.usecases.verb import Verb

_BUTTONS: Mapping[State, tuple[Verb, ...]] = {
    State.PARKED: (Verb.UNPARK, Verb.SEE_EVERYTHING),
    State.DEPLOYING: (Verb.COMPLETE, Verb.RUN_CHECKS, Verb.HOLD, Verb.SEE_EVERYTHING),
    State.HELD: (Verb.RETRY, Verb.ROLL_BACK, Verb.COMPLETE, Verb.SEE_EVERYTHING),
    State.VERIFYING: (Verb.CLOSE, Verb.RUN_CHECKS, Verb.SEE_EVERYTHING),
    State.CLOSED: (Verb.SEE_EVERYTHING,),
    State.ABORTED: (Verb.SEE_EVERYTHING,),
}
_MENUS: Mapping[State, tuple[Verb, ...]] = {
    State.PREPARING: (
        *(Verb.BLOCKERS, Verb.SET_WINDOW, Verb.SET_TITLE, Verb.TROUBLESHOOT, Verb.JOIN, Verb.TAKE_OVER, Verb.PARK),
        *(Verb.BREAK_GLASS, Verb.ABORT),
    ),
    State.PARKED: (Verb.JOIN, Verb.TAKE_OVER, Verb.SET_WINDOW, Verb.ABORT),
    State.DEPLOYING: (Verb.BLOCKERS, Verb.ROLL_BACK, Verb.TROUBLESHOOT, Verb.JOIN, Verb.TAKE_OVER),
    State.HELD: (Verb.RUN_CHECKS, Verb.TROUBLESHOOT, Verb.JOIN, Verb.TAKE_OVER),
    State.ROLLING_BACK: (Verb.TROUBLESHOOT, Verb.JOIN, Verb.TAKE_OVER),
    State.VERIFYING: (Verb.BLOCKERS, Verb.ROLL_BACK, Verb.TROUBLESHOOT, Verb.JOIN, Verb.TAKE_OVER),
}


_IN_TROUBLE = (Verb.HOLD, Verb.COMPLETE, Verb.RUN_CHECKS, Verb.SEE_EVERYTHING)
_WORSE: Mapping[State, tuple[Verb, ...]] = {
    State.DEPLOYING: (Verb.HOLD, Verb.ROLL_BACK, *_IN_TROUBLE[1:]),
    State.VERIFYING: (Verb.RUN_CHECKS, Verb.ROLL_BACK, Verb.CLOSE, Verb.SEE_EVERYTHING),
}
"""Where what was fine before go is not after it."""


def buttons_of(situation: Situation, glass: BreakGlass | None) -> tuple[Verb, ...]:
    """At most five; a review that is owed stands behind the first."""
    found = _buttons(situation)
    return (found[0], Verb.REVIEW_GLASS, *found[1:]) if _is_owed(situation, glass) else found


def _is_owed(situation: Situation, glass: BreakGlass | None) -> bool:
    return glass is not None and glass.reviewed_at is None and situation.step != ""


def _buttons(situation: Situation) -> tuple[Verb, ...]:
    deployment = situation.deployment
    if deployment.state is State.PREPARING:
        return _before_go(situation)
    if deployment.state is State.HELD:
        return _while_held(situation)
    if deployment.state is State.ROLLING_BACK:
        undone = way_back(situation).is_over
        first = (Verb.COMPLETE, Verb.RUN_CHECKS) if undone else (Verb.RUN_CHECKS, Verb.COMPLETE)
        return (*first, Verb.SEE_EVERYTHING)
    if deployment.is_held_after_rollback:
        return (Verb.START_CORRECTIVE, *_BUTTONS[State.VERIFYING])
    if warning.recommends_rollback(situation):
        return _WORSE[deployment.state]
    is_in_trouble = deployment.state is State.DEPLOYING and bool(deployment.facts.finding)
    return _IN_TROUBLE if is_in_trouble else _BUTTONS[deployment.state]


def _while_held(situation: Situation) -> tuple[Verb, ...]:
    """Files that were mended are a choice first; what the DBA has to approve again is no next act of the deployer."""
    if situation.deployment.moved_fingerprint is not None:
        return (Verb.USE_NEW_FILES, Verb.STAY, Verb.ROLL_BACK, Verb.COMPLETE, Verb.SEE_EVERYTHING)
    found = _BUTTONS[State.HELD]
    return (*found[1:], Verb.RETRY) if any(gate.before_continuing(situation)) else found


def _before_go(situation: Situation) -> tuple[Verb, ...]:
    deployment = situation.deployment
    if deployment.moved_fingerprint is not None:
        return (Verb.USE_NEW_FILES, Verb.STAY, Verb.SEE_EVERYTHING)
    if _lacks_range(situation):
        return (Verb.GIVE_RANGE, Verb.RUN_CHECKS, Verb.SEE_EVERYTHING)
    if deployment.go_asked_at is not None or deployment.fingerprint is None:
        return (Verb.SEE_EVERYTHING,)
    missing = situation.missing(Requirement.GO)
    if not missing and not any(state.blocks for state in situation.roles):
        return (Verb.GO, Verb.RUN_CHECKS, Verb.SEE_EVERYTHING)
    if not missing:
        return (Verb.ASK_NOW, Verb.RUN_CHECKS, Verb.GO, Verb.SEE_EVERYTHING)
    return (Verb.RUN_CHECKS, Verb.ASK_NOW, Verb.GO, Verb.SEE_EVERYTHING)


_ITS_TURN = frozenset({Verb.USE_NEW_FILES, Verb.GIVE_RANGE, Verb.UNPARK, Verb.HOLD, Verb.RETRY, Verb.START_CORRECTIVE})
"""First buttons that are always the next act; the others are it where nothing else comes before."""


def is_next_act(situation: Situation, first: Verb, left: Sequence[Blocker], items: Mapping[str, ItemFacts]) -> bool:
    """Whether the first button is what a person has to do now; where others have the word, or a machine, none is."""
    if first is Verb.RUN_CHECKS and situation.step == "go":
        return any(item.act is Verb.RUN_CHECK for item in items.values())
    if first is Verb.ASK_NOW:
        return situation.deployment.asked_at is None
    if first in {Verb.GO, Verb.COMPLETE, Verb.CLOSE}:
        return not left or situation.deployment.state is State.ROLLING_BACK
    return first in _ITS_TURN


def _lacks_range(situation: Situation) -> bool:
    """Nobody gave one, and a look found none."""
    deployment = situation.deployment
    looked = (
        not situation.project.has_migrations or bool(deployment.obstacles) or deployment.history_read_at is not None
    )
    return deployment.fingerprint is None and looked


def menu_of(situation: Situation) -> tuple[Verb, ...]:
    """What is rarer; the glass only where somebody may break it."""
    deployment = situation.deployment
    found = _MENUS.get(deployment.state, ()) + _lift(deployment)
    return tuple(verb for verb in found if verb is not Verb.BREAK_GLASS or situation.environment.break_glass)


def _lift(deployment: Deployment) -> tuple[Verb, ...]:
    return (Verb.LIFT,) if deployment.is_held_after_rollback else ()
