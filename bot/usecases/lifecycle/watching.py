"""From completion to the end: lists are looked at when due, the hour is told once, another takes over, it closes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from bot.core.calendar import AFTER_COMPLETION, HOUR, HOUR_AFTER, ReminderKind, look_name
from bot.core.checklist.items import Item, Phase
from bot.core.deployment import ENDED, Deployment, Outcome, State
from bot.core.team import Project
from bot.usecases.act import (
    Act,
    chronicle,
    pin_dashboard,
    post_in_thread,
    printed_head,
    repaint_all,
    want_hour,
    want_items,
)
from bot.usecases.books.rows import Reminder, Said
from bot.usecases.books.units import Unit
from bot.usecases.checking.runs import queue_items
from bot.usecases.situation import gate, watch
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation
from checks.result import Status, counted

BY_ITSELF = "gonogo"
"""Who closes where nobody did."""
_HOUR_LIVES = timedelta(hours=3)
"""How late the hour may be told: after that the morning tells what still matters."""
_TOLD = 3
_LENGTH = 100


def look(unit: Unit, situation: Situation, act: Act, reminder: Reminder) -> None:
    """Run the checks of a list that is due, those that passed before too, and of what failed and nobody answered.

    What is written after completion settles its line too: closing's open lines are asked again.

    A look that a later one of its list makes up for is not made.
    """
    if any(_is_newer(one, reminder) and one.due <= act.at for one in unit.reminders.pending()):
        return
    name = look_name(reminder.kind, reminder.subject)
    lines = watch.lines_of(situation, name)
    want_items(unit, situation, lines, act.at)
    unsettled = (item for item in situation.items_in(Phase.CLOSE) if not situation.states[item.id].settled)
    queue_items(unit, situation, act, (*lines, *watch.unanswered(situation), *unsettled))
    deployment = situation.deployment
    names = dict.fromkeys((*_looking(deployment), name))
    looking = replace(deployment.facts, looking="\n".join(names))
    go_on(unit, situation.project, act, unit.deployments.save(replace(deployment, facts=looking)))


def _is_newer(one: Reminder, than: Reminder) -> bool:
    return (one.deployment_id, one.kind) == (than.deployment_id, than.kind) and one.due > than.due


def _looking(deployment: Deployment) -> list[str]:
    return (deployment.facts.looking or "").splitlines()


def go_on(unit: Unit, project: Project, act: Act, deployment: Deployment) -> None:
    """After whatever may have been the last thing: looks whose checks have all answered are over; then it may close."""
    if deployment.state is not State.VERIFYING:
        return
    situation = load(unit, project, deployment.id, act.at)
    over = [name for name in _looking(situation.deployment) if not _runs(situation, watch.lines_of(situation, name))]
    if over:
        _end_looks(unit, situation, act, over)
        situation = load(unit, project, deployment.id, act.at)
        if HOUR in over:
            tell_hour(unit, situation, act)
    if not any(gate.before_close(situation)):
        _close_by_itself(unit, situation, act)


def _runs(situation: Situation, lines: Iterable[Item]) -> bool:
    return any(situation.running_checks.intersection(situation.checks_of(item)) for item in lines)


def _end_looks(unit: Unit, situation: Situation, act: Act, over: list[str]) -> None:
    deployment = situation.deployment
    left = [name for name in _looking(deployment) if name not in over]
    last = max((deployment.facts.looked or "", *over), key=lambda name: watch.place_of(situation, name))
    facts = replace(deployment.facts, looking="\n".join(left) or None, looked=last)
    saved = unit.deployments.save(replace(deployment, facts=facts))
    for name in over:
        chronicle(unit, saved, _itself(act), "looked", {"list": name, "found": _found(situation, name)})
    repaint_all(unit, situation.project, saved, act.at)


def _found(situation: Situation, name: str) -> str:
    """`9 checks passed; orders +2.1 GB a day`: what passed is counted, what did not is told."""
    lines = watch.lines_of(situation, name)
    answers = {one.check_id: one for item in lines for one in situation.results_of(item)}.values()
    passed = sum(one.status is Status.PASSED for one in answers)
    others = [one.summary for one in answers if one.status not in {Status.PASSED, Status.NOT_APPLICABLE}]
    more = [f"and {len(others) - _TOLD} more"] if len(others) > _TOLD else []
    return "; ".join([f"{counted(passed, 'check')} passed", *(one[:_LENGTH] for one in others[:_TOLD]), *more])


def _itself(act: Act) -> Act:
    """What follows by itself is nobody's, whoever set it off, and wherever."""
    return Act(BY_ITSELF, act.entered, act.team)


def tell_hour(unit: Unit, situation: Situation, act: Act) -> None:
    """An hour after completion, once its list was looked at: one message to the owner, where a person is needed.

    Where it closes at that moment, what only a person could say is left; what deviates is told all the same.
    """
    deployment = situation.deployment
    due = deployment.completed_at + HOUR_AFTER if deployment.completed_at else None
    if due is None or not due <= act.at <= due + _HOUR_LIVES or HOUR in _looking(deployment):
        return
    lines = gate.of_the_hour(situation)
    if not any(gate.before_close(situation)):
        lines = tuple(item for item in lines if watch.deviates(situation.states[item.id]))
    if lines:
        want_hour(unit, deployment, act.at)


def close_at_last(unit: Unit, situation: Situation, act: Act) -> None:
    """35 days after completion: what is open is recorded as not done; a broken glass still waits for its review."""
    if not any(gate.before_close(situation)):
        end_of_life(unit, situation, _itself(act), "35 days after completion")


def _close_by_itself(unit: Unit, situation: Situation, act: Act) -> None:
    if watch.is_past_last_day(situation):
        close_at_last(unit, situation, act)
        return
    settled, total = situation.settled_of_all
    later = situation.deployment.facts.continued_in
    words = f"continued in {later}; " if later else ""
    words += f"everything that closing needs is settled, {total - settled} left open as not done"
    end_of_life(unit, situation, _itself(act), words)


def end_of_life(unit: Unit, situation: Situation, act: Act, reason: str) -> None:
    """Close: nothing more is asked, the record is final. Who closes accepts what is open; by itself nobody does."""
    closer = act.who if act.who in situation.deployer_ids else ""
    ended = {**(situation.deployment.completion or {}), "closed_by": closer}
    closed = replace(situation.deployment, state=State.CLOSED, closed_at=act.at, last_act_at=act.at, completion=ended)
    deployment = unit.deployments.save(closed)
    settled, total = situation.settled_of_all
    unit.reminders.cancel(deployment.id, AFTER_COMPLETION, act.at)
    unit.results.cancel(deployment.id, act.at)
    chronicle(unit, deployment, act, "closed", {"settled": settled, "of": total}, reason=reason)
    by = "itself" if act.who == BY_ITSELF else situation.name(act.who)
    said = {"by": by, "reason": reason, "not_done": total - settled}
    said["head"] = printed_head(unit, situation.project, deployment)
    post_in_thread(unit, situation.project, deployment, act, "closed", **said)
    post_record(unit, situation.project, deployment, act)
    pin_dashboard(unit, situation.project, deployment, act.at)
    repaint_all(unit, situation.project, deployment, act.at)


def post_record(unit: Unit, project: Project, deployment: Deployment, act: Act) -> None:
    """Put the filled-in checklist into the thread as a file; it is rendered when it is sent."""
    of_project = "" if deployment.project == "default" else f"{deployment.project}-"
    name = f"record-{of_project}{deployment.environment}-{deployment.number}.md"
    which = "Final record" if deployment.state in ENDED else "Record at completion"
    title = f"{which}: {deployment.environment} {deployment.range_words}, deployment {deployment.label}"
    facts = {"channel": project.channel, "filename": name, "title": title}
    key = f"{deployment.id}:record:{deployment.state}"
    unit.outbox.say(Said(key, "file", f"thread:{deployment.id}", "record", facts, deployment.id), act.at)


def take_over_watching(unit: Unit, project: Project, act: Act, later: Deployment) -> None:
    """What was deployed here before is watched by this one from now on; after a rollback nothing new is watched."""
    if later.result is Outcome.ROLLED_BACK:
        return
    for one in unit.deployments.of_environment(later.team, later.project, later.environment):
        if one.state is State.VERIFYING and one.number < later.number and not one.facts.continued_in:
            _hand_on(unit, project, act, one, later)


def _hand_on(unit: Unit, project: Project, act: Act, before: Deployment, later: Deployment) -> None:
    facts = replace(before.facts, continued_in=later.label, looking=None)
    deployment = unit.deployments.save(replace(before, facts=facts))
    unit.reminders.cancel(before.id, AFTER_COMPLETION - {ReminderKind.LAST_DAY}, act.at)
    unit.results.cancel(before.id, act.at)
    chronicle(unit, deployment, _itself(act), "watch-continued", {"in": later.label})
    post_in_thread(unit, project, deployment, act, "watch-continued", label=later.label, leads_to=later.id)
    repaint_all(unit, project, deployment, act.at)
    go_on(unit, project, act, deployment)
