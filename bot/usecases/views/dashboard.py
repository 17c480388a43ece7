"""The channel's one message as facts."""

from __future__ import annotations

from datetime import datetime

from bot.core.checklist import Item, Phase, Requirement
from bot.core.decision import RunState
from bot.core.deployment import Deployment, Outcome, State
from bot.core.item import SETTLED
from bot.core.policy import Project
from bot.core.signoff_rules import RoleWord
from bot.usecases import gate
from bot.usecases.facts import DashboardFacts, Named, Progress, Verb
from bot.usecases.judging import load
from bot.usecases.ports import Reader
from bot.usecases.record_reading import FINDING, LIVE, NEXT_STATEMENT
from bot.usecases.situation import Situation
from bot.usecases.views.sign_off import sign_off_facts

_REQUIRED = {"go": Requirement.GO, "complete": Requirement.COMPLETE}
_BUTTONS: dict[State, tuple[Verb, ...]] = {
    State.PARKED: (Verb.UNPARK, Verb.SEE_EVERYTHING),
    State.DEPLOYING: (Verb.COMPLETE, Verb.RUN_CHECKS, Verb.HOLD, Verb.SEE_EVERYTHING),
    State.HELD: (Verb.RETRY, Verb.ROLL_BACK, Verb.COMPLETE, Verb.SEE_EVERYTHING),
    State.ROLLING_BACK: (Verb.COMPLETE, Verb.RUN_CHECKS, Verb.SEE_EVERYTHING),
    State.VERIFYING: (Verb.RUN_CHECKS, Verb.CLOSE, Verb.SEE_EVERYTHING),
    State.CLOSED: (Verb.SEE_EVERYTHING,),
    State.ABORTED: (Verb.SEE_EVERYTHING,),
}
_MENUS: dict[State, tuple[Verb, ...]] = {
    State.PREPARING: (Verb.JOIN, Verb.TAKE_OVER, Verb.PARK, Verb.BREAK_GLASS, Verb.TROUBLESHOOT, Verb.ABORT),
    State.PARKED: (Verb.JOIN, Verb.TAKE_OVER, Verb.ABORT),
    State.DEPLOYING: (Verb.ROLL_BACK, Verb.TROUBLESHOOT, Verb.JOIN, Verb.TAKE_OVER),
    State.HELD: (Verb.TROUBLESHOOT, Verb.JOIN, Verb.TAKE_OVER),
    State.ROLLING_BACK: (Verb.TROUBLESHOOT, Verb.JOIN, Verb.TAKE_OVER),
    State.VERIFYING: (Verb.ROLL_BACK, Verb.TROUBLESHOOT, Verb.JOIN, Verb.TAKE_OVER),
}


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
        others_open=_others_open(situation),
        blockers=gate.blockers(situation) if situation.step != "close" else (),
        warnings=(*_trouble(deployment), *gate.warnings(situation)),
        obstacles=deployment.obstacles if situation.step == "go" else (),
        sign_offs=tuple(sign_off_facts(reader, situation, state) for state in situation.roles if state.role.gates),
        buttons=_buttons(situation),
        menu=_MENUS.get(deployment.state, ()) + _lift(deployment),
        progress=_progress(situation),
        head=head.hash if head else "",
        applied=_applied(situation),
        of_range=len(_range(situation)) if deployment.history else 0,
        live=_live(deployment),
        amber=_amber(situation),
        broken_glass=glass.reason if glass else "",
        hold_reason=hold.reason if hold else "",
        hold_finding=hold.finding if hold else "",
        next_statement=hold.next_statement if hold else "",
        subject=situation.subject,
        names=dict(situation.names),
    )


def _needed(situation: Situation) -> tuple[int, int]:
    """Settled and all of what the next step needs: required items, and for go the sign-offs that gate."""
    if situation.step == "close":
        states = [situation.states[item.id].settled for item in _verify_and_close(situation)]
        return sum(states), len(states)
    if situation.step not in _REQUIRED:
        return 0, 0
    required = [situation.states[item.id].settled for item in situation.required(_REQUIRED[situation.step])]
    if situation.step == "go":
        required += [state.met for state in situation.roles if state.gating and state.role.gates and state.role.enabled]
    return sum(required), len(required)


def _verify_and_close(situation: Situation) -> list[Item]:
    return [item for _, items in situation.sections(Phase.VERIFY, Phase.CLOSE) for item in items]


def _others_open(situation: Situation) -> int:
    requirement = _REQUIRED.get(situation.step)
    return sum(
        item.counts(situation.kind)
        and situation.states[item.id].word not in SETTLED
        and (requirement is None or item.required(situation.kind) is not requirement)
        for item in situation.checklist.items
        if item.id in situation.states
    )


def _buttons(situation: Situation) -> tuple[Verb, ...]:
    """The first is always the next act."""
    deployment = situation.deployment
    if deployment.state is not State.PREPARING:
        return _BUTTONS[deployment.state]
    if deployment.moved_fingerprint is not None:
        return (Verb.USE_NEW_FILES, Verb.STAY, Verb.SEE_EVERYTHING)
    rest = (Verb.RUN_CHECKS, Verb.GO, Verb.SEE_EVERYTHING)
    missing = situation.missing(Requirement.GO)
    waiting = [state for state in situation.roles if state.blocks]
    if not missing and not waiting:
        return (Verb.GO, Verb.RUN_CHECKS, Verb.SEE_EVERYTHING)
    if not missing or deployment.asked_at is None:
        return (Verb.RUN_CHECKS, Verb.ASK_NOW, *rest[1:]) if missing else (Verb.ASK_NOW, *rest)
    return (Verb.RUN_CHECKS, Verb.ASK_NOW, *rest[1:])


def _lift(deployment: Deployment) -> tuple[Verb, ...]:
    rolled_back = deployment.result is Outcome.ROLLED_BACK and not deployment.lifted
    return (Verb.LIFT,) if rolled_back and deployment.state is State.VERIFYING else ()


def _progress(situation: Situation) -> Progress | None:
    if not situation.runs:
        return None
    return Progress(sum(run.state is RunState.DONE for run in situation.runs), len(situation.runs))


def _live(deployment: Deployment) -> tuple[str, ...]:
    if deployment.state is not State.DEPLOYING:
        return ()
    return tuple(line for line in deployment.facts.get(LIVE, "").splitlines() if line)


def _trouble(deployment: Deployment) -> tuple[str, ...]:
    finding = deployment.facts.get(FINDING, "")
    if deployment.state is not State.DEPLOYING or not finding:
        return ()
    statement = deployment.facts.get(NEXT_STATEMENT, "")
    return (f"{finding}: hold it?" + (f" Next to type: {statement}" if statement else ""),)


def _range(situation: Situation) -> list[str]:
    return [file.version for file in situation.files if not file.is_down]


def _applied(situation: Situation) -> int:
    history = situation.deployment.history
    return len(set(_range(situation)) & set(history.applied)) if history else 0


def _amber(situation: Situation) -> tuple[str, ...]:
    seconded = [f"{one.role.title} was seconded" for one in situation.roles if one.word is RoleWord.SECONDED]
    return (*seconded, *([] if situation.environment.two_person else ["two-person rule switched off"]))
