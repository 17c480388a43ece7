"""What people were given to do, or are on: as each of them reads it, and the form that gives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.core.assignment import Assignment, EndedWhy, in_force
from bot.core.checklist.items import Item, Phase
from bot.core.deployment import ENDED
from bot.core.team import Project
from bot.usecases.books.rows import Live
from bot.usecases.books.units import Reader
from bot.usecases.facts import Named
from bot.usecases.form_facts import GiveForm
from bot.usecases.permit import workers_of
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation
from bot.usecases.standing_facts import WorkFacts, WorkWord
from bot.usecases.views.section import assigned_of, item_facts
from bot.usecases.work import work_of


def owed_work(reader: Reader, situation: Situation, who: str) -> tuple[WorkFacts, ...]:
    """What this person was given or is on, and what of it is still open; a role's work is owed by each of its holders.

    In the checklist's order. What is not due yet is told too, and says so (`can_wait`).
    """
    found: dict[str, tuple[Assignment, list[Item]]] = {}
    for item in situation.items_in(*Phase) if situation.assignments else ():
        one = situation.assignment_of(item)
        if one is not None and _is_of(reader, situation, one, who):
            found.setdefault(one.id, (one, []))[1].append(item)
    return tuple(_facts(situation, one, items) for one, items in found.values())


def _is_of(reader: Reader, situation: Situation, one: Assignment, who: str) -> bool:
    return who in workers_of(reader, situation, one.role) if one.role else one.person == who


def _facts(situation: Situation, one: Assignment, items: Sequence[Item]) -> WorkFacts:
    due = [at for at in map(situation.due_from, items) if at is not None and at > situation.now]
    return WorkFacts(
        deployment=situation.deployment,
        title=work_of(situation, one.item, one.section).title,
        item=one.item,
        section=one.section,
        items=tuple(item_facts(situation, item) for item in items),
        by=Named(one.who, situation.name(one.who)),
        assigned=assigned_of(situation, one),
        can_wait=not any(situation.is_due(item) for item in items),
        due=min(due, default=None),
    )


def given(reader: Reader, project: Project, live: Live, now: datetime) -> WorkFacts:
    """What one message told one person of work they were given, and how that stands today."""
    assignment_id, _, user = live.subject.partition(":")
    situation = load(reader, project, live.deployment_id or "", now)
    one = _goes_on(situation, next(one for one in situation.assignments if one.id == assignment_id), user)
    today = in_force(situation.assignments, one.item, one.section)
    items = [item for item in situation.items_in(*Phase) if one.covers(item.id, item.section_id)]
    mine = [item for item in items if in_force(situation.assignments, item.id, item.section_id) in {one, None}]
    facts = _facts(situation, one, mine or items)
    word = _word(reader, situation, one, facts, user)
    return replace(facts, word=word, assigned=assigned_of(situation, today or one))


def _goes_on(situation: Situation, one: Assignment, user: str) -> Assignment:
    """Who says *I'm on it* of what they were given goes on in the same message."""
    for later in situation.assignments:
        is_next = (later.item, later.section, later.at) == (one.item, one.section, one.ended_at)
        if is_next and one.ended_why is EndedWhy.TAKEN and later.person == user:
            one = later
    return one


def _word(reader: Reader, situation: Situation, one: Assignment, facts: WorkFacts, user: str) -> WorkWord:
    if situation.deployment.state in ENDED:
        return WorkWord.ENDED
    if not facts.left:
        return WorkWord.DONE
    if one.ended_why is EndedWhy.GIVEN_BACK:
        return WorkWord.GIVEN_BACK
    is_theirs = one.ended_at is None and _is_of(reader, situation, one, user)
    return WorkWord.OPEN if is_theirs else WorkWord.MOVED


def give_form(
    reader: Reader, project: Project, deployment_id: str, item_id: str, section_id: str, now: datetime
) -> GiveForm:
    """To whom it can be given: people, and the roles whose holders are known. Raises Refused."""
    situation = load(reader, project, deployment_id, now)
    work = work_of(situation, item_id, section_id)
    roles = [state.role for state in situation.roles if state.role.enabled and state.role.members]
    return GiveForm(
        deployment=situation.deployment,
        item=work.item,
        section=work.section,
        title=work.title,
        roles=tuple((role.name, role.title) for role in roles if workers_of(reader, situation, role.name)),
        assigned=assigned_of(situation, work.held),
    )
