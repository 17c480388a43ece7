"""The channel's one message as facts, and what it offers: the first button is always the next act."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.core.checklist.items import Requirement
from bot.core.decision import RunState
from bot.core.deployment import Deployment, State
from bot.core.signoff import RoleWord
from bot.core.team import Project
from bot.usecases.books.rows import BreakGlass
from bot.usecases.books.units import Reader
from bot.usecases.facts import DashboardFacts, Named, Progress
from bot.usecases.lifecycle.earlier import lesson_of_last
from bot.usecases.situation import gate
from bot.usecases.situation.judging import load
from bot.usecases.situation.runner import run_command, way_back
from bot.usecases.situation.snapshot import Situation
from bot.usecases.telling import WHOLE
from bot.usecases.verb import Verb
from bot.usecases.views.sign_off import sign_off_facts

_BUTTONS: Mapping[State, tuple[Verb, ...]] = {
    State.PARKED: (Verb.UNPARK, Verb.SEE_EVERYTHING),
    State.DEPLOYING: (Verb.COMPLETE, Verb.RUN_CHECKS, Verb.HOLD, Verb.SEE_EVERYTHING),
    State.HELD: (Verb.RETRY, Verb.ROLL_BACK, Verb.COMPLETE, Verb.SEE_EVERYTHING),
    State.VERIFYING: (Verb.RUN_CHECKS, Verb.CLOSE, Verb.SEE_EVERYTHING),
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


def buttons_of(situation: Situation, glass: BreakGlass | None) -> tuple[Verb, ...]:
    """At most five; a review that is owed stands behind the next act."""
    found = _buttons(situation)
    owed = glass is not None and glass.reviewed_at is None and situation.step != ""
    return (found[0], Verb.REVIEW_GLASS, *found[1:]) if owed else found


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
    if deployment.state is State.DEPLOYING and deployment.facts.finding:
        return (Verb.HOLD, Verb.COMPLETE, Verb.RUN_CHECKS, Verb.SEE_EVERYTHING)
    return _BUTTONS[deployment.state]


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
    missing = situation.missing(Requirement.GO)
    waiting = [state for state in situation.roles if state.blocks]
    if not missing and not waiting:
        return (Verb.GO, Verb.RUN_CHECKS, Verb.SEE_EVERYTHING)
    if not missing and deployment.asked_at is None:
        return (Verb.ASK_NOW, Verb.RUN_CHECKS, Verb.GO, Verb.SEE_EVERYTHING)
    return (Verb.RUN_CHECKS, Verb.ASK_NOW, Verb.GO, Verb.SEE_EVERYTHING)


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


_REQUIRED = {"go": Requirement.GO, "complete": Requirement.COMPLETE}


def dashboard(reader: Reader, project: Project, deployment_id: str, now: datetime) -> DashboardFacts:
    """What the channel sees of one deployment."""
    return dashboard_facts(reader, load(reader, project, deployment_id, now))


def dashboard_facts(reader: Reader, situation: Situation) -> DashboardFacts:
    """The dashboard of a loaded situation."""
    deployment = situation.deployment
    done, total = _needed(situation)
    hold = reader.troubles.current_hold(deployment.id)
    glass = reader.troubles.broken_glass(deployment.id)
    head = reader.journal.head(deployment.chain) if situation.step == "" else None
    return DashboardFacts(
        deployment=deployment,
        started_by=Named(deployment.starter, situation.name(deployment.starter)),
        owner=Named(deployment.owner, situation.name(deployment.owner)),
        deployers=tuple(Named(one.user_id, situation.name(one.user_id)) for one in situation.deployers),
        step=situation.step,
        needed_done=done,
        needed_total=total,
        others_open=_others_open(situation, total - done),
        blockers=gate.blockers(situation) if situation.step != "close" else (),
        warnings=(*_trouble(deployment), *gate.warnings(situation), *_overrun(situation)),
        obstacles=deployment.obstacles if situation.step == "go" else (),
        sign_offs=tuple(sign_off_facts(reader, situation, state) for state in situation.roles if state.role.gates),
        buttons=buttons_of(situation, glass),
        menu=menu_of(situation),
        progress=_progress(situation),
        head=head.hash if head else "",
        runner_command=run_command(situation) if _is_to_run(situation) else "",
        applied=_applied(situation),
        of_range=len(_range(situation)) if deployment.history else 0,
        live=_live(deployment),
        amber=_amber(situation),
        broken_glass=_broken(situation, glass) if glass else "",
        hold_reason=hold.reason if hold else "",
        hold_finding=hold.finding if hold else "",
        next_statement=hold.next_statement if hold else "",
        subject=situation.subject,
        names=dict(situation.names),
        lesson=lesson_of_last(reader, deployment) if situation.step == "go" else "",
        has_changed_files=situation.has_changed_files,
        notes=len(situation.decisions.get(WHOLE, ())),
        way_back=way_back(situation) if deployment.state is State.ROLLING_BACK else None,
    )


def _broken(situation: Situation, glass: BreakGlass) -> str:
    """Who broke it and why, and what became of the review that is owed."""
    if glass.reviewed_by:
        owed = f"reviewed by {situation.name(glass.reviewed_by)}"
    else:
        owed = f"review by somebody else due {glass.review_due:%d %b %Y}"
    return f"{situation.name(glass.who)}: {glass.reason} · {owed}"


def _needed(situation: Situation) -> tuple[int, int]:
    """Settled and all of what the next step needs: required items, and for go the sign-offs that gate."""
    if situation.step == "close":
        states = [situation.states[item.id].settled for item in gate.closing(situation)]
        return sum(states), len(states)
    if situation.step not in _REQUIRED or situation.deployment.state is State.ROLLING_BACK:
        return 0, 0
    required = [situation.states[item.id].settled for item in situation.required(_REQUIRED[situation.step])]
    if situation.step == "go":
        required += [state.met for state in situation.roles if state.gating and state.role.gates and state.role.enabled]
    return sum(required), len(required)


def _others_open(situation: Situation, needed_open: int) -> int:
    """What is open of all, but what the next step needs."""
    settled, total = situation.settled_of_all
    return total - settled - needed_open


def _progress(situation: Situation) -> Progress | None:
    if not situation.runs:
        return None
    return Progress(sum(run.state is RunState.DONE for run in situation.runs), len(situation.runs))


def _is_to_run(situation: Situation) -> bool:
    """Deploying, and not all of it is applied as far as anybody knows."""
    history = situation.deployment.history
    return situation.deployment.state is State.DEPLOYING and (history is None or bool(history.pending))


def _live(deployment: Deployment) -> tuple[str, ...]:
    if deployment.state is not State.DEPLOYING:
        return ()
    return tuple(line for line in (deployment.facts.live or "").splitlines() if line)


def _trouble(deployment: Deployment) -> tuple[str, ...]:
    finding = deployment.facts.finding
    if deployment.state is not State.DEPLOYING or not finding:
        return ()
    statement = deployment.facts.next_statement
    return (f"{finding}: hold it?" + (f" Next to type: {statement}" if statement else ""),)


def _overrun(situation: Situation) -> tuple[str, ...]:
    """While it runs longer than was expected."""
    deployment = situation.deployment
    if deployment.state is not State.DEPLOYING or deployment.go_at is None:
        return ()
    estimate = gate.estimate(situation)
    if estimate is None or deployment.facts.ran_at is not None:
        return ()
    minutes = (situation.now - deployment.go_at - estimate) // timedelta(minutes=1)
    expected = estimate // timedelta(minutes=1)
    return (f"{minutes} min longer than the estimate of {expected} min",) if minutes > 0 else ()


def _range(situation: Situation) -> list[str]:
    return [file.version for file in situation.files if not file.is_down]


def _applied(situation: Situation) -> int:
    history = situation.deployment.history
    return len(set(_range(situation)) & set(history.applied)) if history else 0


def _amber(situation: Situation) -> tuple[str, ...]:
    seconded = [f"{one.role.title} was seconded" for one in situation.roles if one.word is RoleWord.SECONDED]
    overridden = [
        f"{situation.checklist.item(item).label} overridden by {situation.name(one.who)}"
        for item, one in situation.overrides.items()
    ]
    return (*seconded, *overridden, *([] if situation.environment.two_person else ["two-person rule switched off"]))
