"""The channel's one message as facts: where a deployment stands, what it waits for, what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.core.checklist.items import Requirement
from bot.core.decision import PREFLIGHT_JOB, RunState
from bot.core.deployment import Deployment, State
from bot.core.team import Project
from bot.usecases.books.rows import BreakGlass
from bot.usecases.books.units import Reader
from bot.usecases.facts import Blocker, ItemFacts, Named, Progress
from bot.usecases.lifecycle.earlier import lesson_of_last
from bot.usecases.situation import gate, warning, watch
from bot.usecases.situation.judging import load
from bot.usecases.situation.runner import run_command, way_back
from bot.usecases.situation.snapshot import Situation
from bot.usecases.standing_facts import DashboardFacts
from bot.usecases.telling import WHOLE
from bot.usecases.views.course import last_told, named
from bot.usecases.views.offered import buttons_of, is_next_act, menu_of
from bot.usecases.views.section import item_facts, watch_facts
from bot.usecases.views.sign_off import sign_off_facts

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
    left = gate.blockers(situation)
    found = to_answer(situation) if situation.step == "close" else left
    items, buttons = items_of(situation, found), buttons_of(situation, glass)
    last_by, last_reason = _last_word(reader, situation)
    held_by = _holder(reader, situation)
    return DashboardFacts(
        deployment=deployment,
        started_by=Named(deployment.starter, situation.name(deployment.starter)),
        owner=Named(deployment.owner, situation.name(deployment.owner)),
        deployers=tuple(Named(one.user_id, situation.name(one.user_id)) for one in situation.deployers),
        step=situation.step,
        needed_done=done,
        needed_total=total,
        blockers=found,
        warnings=(*_trouble(deployment), *_advice(situation), *warning.risks(situation), *_overrun(situation)),
        obstacles=deployment.obstacles if situation.step == "go" else (),
        sign_offs=tuple(sign_off_facts(reader, situation, state) for state in situation.roles if state.role.gates),
        buttons=buttons,
        menu=tuple(verb for verb in menu_of(situation) if verb not in buttons),
        progress=_progress(situation),
        head=head.hash if head else "",
        runner_command=run_command(situation) if _is_to_run(situation) else "",
        applied=_applied(situation),
        of_range=len(_range(situation)) if deployment.history else 0,
        live=_live(deployment),
        amber=warning.amber(situation),
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
        items=items,
        next_act=buttons[0] if is_next_act(situation, buttons[0], left, items) and not held_by else None,
        running=_running(situation),
        watch=watch_facts(situation),
        last_by=last_by or (situation.name(hold.who) if hold else ""),
        last_reason=last_reason,
        held_by=held_by,
    )


def items_of(situation: Situation, found: Sequence[Blocker]) -> Mapping[str, ItemFacts]:
    subjects = (one.subject for one in found if one.kind == "item")
    return {subject: item_facts(situation, situation.item(subject)) for subject in subjects}


def to_answer(situation: Situation) -> tuple[Blocker, ...]:
    """After completion: what closing waits for but time, and every other line that wants a person now."""
    left = [one for one in gate.before_close(situation) if one.kind != "watch"]
    named = {one.subject for one in left}
    lines = (item for item in gate.wants_people(situation) if item.id not in named)
    return (*left, *(gate.item_blocker(situation, item) for item in lines))


def _running(situation: Situation) -> tuple[str, ...]:
    """What runs now, by title; reading files and history is called that."""
    titles = {PREFLIGHT_JOB: "migration files and history", **situation.project.check_titles}
    return tuple(titles.get(check, check) for check in sorted(situation.running_checks))


_LAST = {State.PARKED: "parked", State.ABORTED: "aborted", State.CLOSED: "closed"}


def _last_word(reader: Reader, situation: Situation) -> tuple[str, str]:
    """Who parked, aborted or closed it, and why, from the journal."""
    event, chain = _LAST.get(situation.deployment.state), situation.deployment.chain
    if event is None:
        return "", ""
    body, reason = last_told(reader, chain, event)
    followed = f"deployment {body['for']} is rolled back" if body.get("for") else ""
    return named(situation, body), reason or followed


def _holder(reader: Reader, situation: Situation) -> str:
    """What a parked deployment waits for."""
    one = situation.deployment
    found = reader.deployments.holder(one.team, one.project, one.environment) if one.state is State.PARKED else None
    return f"deployment {found.label} of {situation.name(found.owner)}" if found else ""


def _broken(situation: Situation, glass: BreakGlass) -> str:
    """Who broke it and why, and what became of the review that is owed."""
    if glass.reviewed_by:
        owed = f"reviewed by {situation.name(glass.reviewed_by)}"
    else:
        owed = f"review by somebody else due {glass.review_due:%d %b %Y}"
    return f"{situation.name(glass.who)}: {glass.reason} · {owed}"


def _needed(situation: Situation) -> tuple[int, int]:
    """Settled and all of what the next step needs: required items, for go the gating sign-offs; for closing, looks."""
    if situation.step == "close":
        looks, left = watch.planned(situation), [one for one in gate.before_close(situation) if one.kind != "watch"]
        return watch.looks_over(situation), len(looks) + len(left)
    if situation.step not in _REQUIRED or situation.deployment.state is State.ROLLING_BACK:
        return 0, 0
    required = [situation.states[item.id].settled for item in situation.required(_REQUIRED[situation.step])]
    if situation.step == "go":
        required += [state.met for state in situation.roles if state.gating and state.role.gates and state.role.enabled]
    return sum(required), len(required)


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


def _advice(situation: Situation) -> tuple[str, ...]:
    found = warning.recommends_rollback(situation)
    return (f"Consider rolling back: {'; '.join(found)}",) if found else ()


def _overrun(situation: Situation) -> tuple[str, ...]:
    """While it runs longer than was expected."""
    deployment = situation.deployment
    if deployment.state is not State.DEPLOYING or deployment.go_at is None:
        return ()
    estimate = warning.estimate(situation)
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
