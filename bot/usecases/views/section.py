"""Sections and their lines as facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.core.assignment import Assignment
from bot.core.checklist.items import Item, Phase, Section
from bot.core.decision import PREFLIGHT_JOB, CheckResult, CheckRun, DecisionKind, Purpose, RunState
from bot.core.deployment import ENDED
from bot.core.item import ItemState, ItemWord
from bot.core.refusal import Refused
from bot.core.team import Project, ShortAct
from bot.usecases.adding import requirements_of
from bot.usecases.books.units import Reader
from bot.usecases.checking.runs import PHASES_OF_STATE
from bot.usecases.facts import Assigned, ItemFacts, Named, PhaseFacts, Progress, SectionFacts, Watch
from bot.usecases.situation import gate, watch
from bot.usecases.situation.judging import load
from bot.usecases.situation.own_checks import counts_all, is_own
from bot.usecases.situation.snapshot import Situation
from bot.usecases.verb import Verb
from checks.result import Status, counted

BOT = Named("", "gonogo")


def item_facts(situation: Situation, item: Item) -> ItemFacts:
    """State, evidence line, who and when, and the likely act."""
    state = situation.states[item.id]
    checks = situation.checks_of(item)
    results = situation.results_of(item)
    decisions = situation.decisions.get(item.id, ())
    told = _telling(results)
    by, at = _said(situation, state, results)
    busy = situation.running_checks.intersection(situation.answers_wanted(item))
    return ItemFacts(
        id=item.id,
        label=item.label,
        word=state.word,
        required=item.required(situation.kind),
        evidence=_saying(situation, busy) or _evidence(state, told, len(results) - 1),
        hint=told.hint if told and state.word in {ItemWord.FAILED, ItemWord.WAITING} else "",
        by=by,
        at=at,
        act=None if busy else _likely_act(situation, item, state),
        checks=checks,
        running=bool(busy),
        carried=state.settled and state.carried is not None and state.carried.valid_until is None,
        standing_until=state.carried.valid_until if state.carried and state.settled else None,
        assigned=assigned_of(situation, situation.assignment_of(item)),
        notes=sum(one.kind is DecisionKind.NOTE for one in decisions),
        condition=state.why or item.condition,
        run_acts=tuple((one.id, one.title) for one in _acts(situation, item)) if not busy else (),
        overridden=state.settled and state.decision is not None and state.decision.kind is DecisionKind.OVERRIDE,
        verdict=told.status if told else None,
        added_by=Named(item.added.who, situation.name(item.added.who)) if item.added else None,
        added_at=item.added.at if item.added else None,
    )


def assigned_of(situation: Situation, one: Assignment | None) -> Assigned | None:
    """Whose it is, as shown."""
    if one is None:
        return None
    roles = {state.role.name: state.role.title for state in situation.roles}
    to = Named(one.person, situation.name(one.person) if one.person else roles.get(one.role, one.role))
    return Assigned(to, one.at, one.is_claim, one.id in situation.old_claims)


def _acts(situation: Situation, item: Item) -> tuple[ShortAct, ...]:
    """Its short acts, while its phase is open."""
    is_open = item.phase(situation.kind) in PHASES_OF_STATE.get(situation.deployment.state, ())
    return situation.acts_of(item) if is_open else ()


def _saying(situation: Situation, busy: frozenset[str]) -> str:
    """The last line that a running act printed."""
    says = situation.deployment.facts.says
    return next((says[act] for act in sorted(busy) if says.get(act)), "")


def _telling(results: tuple[CheckResult, ...]) -> CheckResult | None:
    """The result that says most: one that failed, one that needs a person, else the newest."""
    order = [Status.FAILED, Status.COULD_NOT_RUN, Status.WARNING, Status.EVIDENCE, Status.PASSED]
    ranked = sorted(results, key=lambda one: order.index(one.status) if one.status in order else len(order))
    return ranked[0] if ranked else None


def _evidence(state: ItemState, told: CheckResult | None, more: int) -> str:
    if state.decision is not None and state.word in {ItemWord.DONE, ItemWord.NOT_APPLICABLE}:
        words = state.decision.reason
        summary = told.summary if told else ""
        return " · ".join(part for part in (words, summary) if part)
    if told is not None:
        before = f" · settled before: {state.carried.words}" if state.carried and not state.settled else ""
        return _all_told(state, told, more) + before
    if state.carried is not None:
        return state.carried.words
    return state.why


def _all_told(state: ItemState, told: CheckResult, more: int) -> str:
    """Every answer that keeps the line from being done; where it is done, one and how many more there are."""
    if state.settled:
        return told.summary + (f" · {counted(more, 'more answer')}" if more else "")
    calm = {Status.PASSED, Status.NOT_APPLICABLE}
    others = (one.summary for one in state.results if one is not told and one.status not in calm)
    return "; ".join(dict.fromkeys((told.summary, *others)))


def _said(
    situation: Situation, state: ItemState, results: tuple[CheckResult, ...]
) -> tuple[Named | None, datetime | None]:
    """By whom, and when."""
    decided = state.decision if state.word is not ItemWord.FAILED else None
    if results and decided is None:
        return BOT, max(result.at for result in results)
    said = decided or state.carried
    return (Named(said.who, situation.name(said.who)), said.at) if said else (None, None)


def _likely_act(situation: Situation, item: Item, state: ItemState) -> Verb | None:
    if situation.deployment.state in ENDED or counts_all(item):
        return None
    if state.word in {ItemWord.OPEN, ItemWord.FAILED} and _acts(situation, item):
        return Verb.RUN_ACT
    return _by_word(state, [check for check in situation.checks_of(item) if not is_own(check)])


def _by_word(state: ItemState, runnable: list[str]) -> Verb | None:
    if state.word in {ItemWord.FAILED, ItemWord.OPEN}:
        return Verb.RUN_CHECK if runnable else Verb.TICK
    if state.word is ItemWord.WAITING:
        failed_to_run = any(one.status is Status.COULD_NOT_RUN for one in state.results)
        return Verb.RUN_CHECK if failed_to_run and runnable else Verb.TICK
    if state.decision is not None:
        return Verb.UNDO
    return Verb.RUN_CHECK if runnable else None


def section(reader: Reader, project: Project, deployment_id: str, section_id: str, now: datetime) -> SectionFacts:
    """One section of a deployment. Raises Refused where it has none of that id."""
    situation = load(reader, project, deployment_id, now)
    for found, items in situation.sections(*Phase):
        if found.id == section_id:
            return _facts(situation, found, items)
    raise Refused("That section is not part of this deployment's checklist.")


def sections(reader: Reader, project: Project, deployment_id: str, now: datetime) -> tuple[SectionFacts, ...]:
    """Every counted section, in the checklist's order, and those on demand that were opened."""
    situation = load(reader, project, deployment_id, now)
    opened = opened_lists(reader, deployment_id)
    return tuple(
        _facts(situation, found, items)
        for found, items in situation.sections(*Phase)
        if not _phase(situation, items).on_demand or found.id in opened
    )


def opened_lists(reader: Reader, deployment_id: str) -> frozenset[str]:
    """The sections that are in the thread: a list on demand stands there once it was opened."""
    return frozenset(live.subject for live in reader.outbox.wanted(deployment_id) if live.kind == "section")


def phase(reader: Reader, project: Project, deployment_id: str, named: Phase, now: datetime) -> PhaseFacts:
    """Every section of a phase, of one on demand too, opened or not."""
    situation = load(reader, project, deployment_id, now)
    found = tuple(_facts(situation, each, items) for each, items in situation.sections(named))
    runs = _runs_of(situation, situation.items_in(named))
    done = sum(run.state is RunState.DONE for run in runs)
    progress = Progress(done, len(runs)) if done < len(runs) else None
    is_open = named in PHASES_OF_STATE.get(situation.deployment.state, ())
    watched = watch_facts(situation) if named is Phase.VERIFY else None
    return PhaseFacts(situation.deployment, named, found, progress, is_open, watched)


def watch_facts(situation: Situation) -> Watch | None:
    """How it stands with the watching; None before completion, and at the end where no other one continues it."""
    later = situation.deployment.facts.continued_in or ""
    if situation.step != "close" and not later:
        return None
    states = (situation.states[item.id] for item in watch.closing(situation))
    by_machines = sum(one.word is ItemWord.DONE and one.decision is None and bool(one.results) for one in states)
    coming = next((one.due for one in watch.planned(situation) if one.due > situation.now), None)
    waits = any(one.kind != "watch" for one in gate.before_close(situation))
    return Watch(by_machines, coming, None if waits else watch.ends_at(situation), later)


def _runs_of(situation: Situation, items: Sequence[Item]) -> list[CheckRun]:
    """The runs of their checks, and the reading that goes before any check; a look at what runs is neither."""
    checks = {check for item in items for check in situation.checks_of(item) if not is_own(check)}
    wanted = checks | {PREFLIGHT_JOB} if checks else checks
    counted = {RunState.QUEUED, RunState.RUNNING, RunState.DONE}
    runs = (run for run in situation.runs if run.purpose is not Purpose.WATCH and run.state in counted)
    return [run for run in runs if run.check_id in wanted]


def _facts(situation: Situation, found: Section, items: Sequence[Item]) -> SectionFacts:
    whose = assigned_of(situation, situation.assignment_of_section(found.id))
    shown = tuple(_of_list(item_facts(situation, item), whose) for item in items)
    phase = _phase(situation, items)
    running = [run.check_id for run in _runs_of(situation, items) if run.state is not RunState.DONE]
    due = min((at for at in map(situation.due_from, items) if at is not None), default=None)
    if phase is Phase.TROUBLESHOOT:
        # Such a list is read from what was found, not from its top.
        shown = tuple(sorted(shown, key=lambda item: _FIRST.index(item.word)))
    return SectionFacts(
        deployment=situation.deployment,
        id=found.id,
        title=found.title,
        group=found.group,
        phase=phase,
        items=shown,
        running=len(set(running) - {PREFLIGHT_JOB}),
        due=due,
        may_add=bool(requirements_of(situation, found)),
        can_wait=not phase.on_demand and (bool(running) or (due is not None and due > situation.now)),
        assigned=whose,
    )


def _of_list(item: ItemFacts, whose: Assigned | None) -> ItemFacts:
    """Whose the whole list is stands once, above it."""
    return replace(item, assigned=None) if whose is not None and item.assigned == whose else item


_FIRST = (ItemWord.FAILED, ItemWord.WAITING, ItemWord.OPEN, ItemWord.DONE, ItemWord.NOT_APPLICABLE)


def _phase(situation: Situation, items: Sequence[Item]) -> Phase:
    return items[0].phase(situation.kind) or Phase.PREPARE
