"""Whose work it is: give an item or a section to somebody, say that one is on it, give it back. It blocks nobody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.core.assignment import Assignment, EndedWhy
from bot.core.checklist.items import Item, Phase
from bot.core.refusal import Refused
from bot.core.team import Project
from bot.usecases.act import (
    Act,
    Answer,
    chronicle,
    direct,
    morning_for,
    unit_name,
    want_dashboard,
    want_given,
    want_items,
)
from bot.usecases.books.rows import GIVEN
from bot.usecases.books.units import Unit
from bot.usecases.permit import require_worker, workers_of
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation
from bot.usecases.tick import open_item, require_peer
from bot.usecases.verb import Verb
from checks.measures import duration

GIVEN_BACK = "given-back"


@dataclass(frozen=True)
class Work:
    """One item, or one section with its lines: the other of both is empty. `held` is whose it is today.

    A line may be somebody's because its section is: then `held` is the section's.
    """

    situation: Situation
    item: str
    section: str
    title: str
    items: tuple[Item, ...]
    held: Assignment | None

    @property
    def own(self) -> Assignment | None:
        """What was given as just this."""
        return self.held if self.held and self.held.item == self.item else None


def work_of(situation: Situation, item_id: str, section_id: str) -> Work:
    """An item where one is named, else the section. Raises Refused for what is not part of the deployment."""
    if item_id:
        item = situation.item(item_id)
        return Work(situation, item.id, "", item.label, (item,), situation.assignment_of(item))
    for section, _ in situation.sections(*Phase):
        if section.id == section_id:
            held = situation.assignment_of_section(section_id)
            return Work(situation, "", section_id, section.title, situation.lines_of(section_id), held)
    raise Refused("That list is not part of this deployment's checklist.")


def give(
    unit: Unit,
    project: Project,
    act: Act,
    deployment_id: str,
    item_id: str,
    section_id: str,
    person: str,
    role: str,
) -> Answer:
    """Give it to a person, or to whoever holds a role; they are told once, out of their quiet hours.

    Raises Refused where the receiver cannot work on it, NotYetKnown where that is not known.
    """
    if bool(person) == bool(role):
        raise Refused("Choose a person or a role, one of the two.")
    if person == act.who:
        return take(unit, project, act, deployment_id, item_id, section_id)
    work = _open_work(unit, project, act, deployment_id, item_id, section_id)
    to = unit_name(unit, person) if person else work.situation.role(role).role.title
    own = work.own
    if own is not None and (own.person, own.role) == (person, role) and own.id not in work.situation.old_claims:
        return Answer(f"“{work.title}” is with {to} already.", deployment_id)
    receivers = _receivers(unit, work, act, person, role)
    made = _hand(unit, work, act, person, role)
    asleep = [unit_name(unit, user) for user in sorted(receivers - {act.who}) if _tell(unit, work, act, made, user)]
    told = f"In quiet hours, so told in the morning: {', '.join(asleep)}." if asleep else ""
    return Answer(told, deployment_id)


def claim(unit: Unit, project: Project, act: Act, deployment_id: str, item_id: str, section_id: str) -> Answer:
    """Say *I'm on it*. What another person has is not taken by that: the answer says whose it is, and offers it."""
    work = _open_work(unit, project, act, deployment_id, item_id, section_id)
    held = work.held
    if held is not None and held.person not in {"", act.who} and held.id not in work.situation.old_claims:
        offer = {"verb": Verb.TAKE, "deployment": deployment_id, "item": work.item, "section": work.section}
        return Answer(_whose(work, held), deployment_id, (offer,))
    return _take(unit, work, act)


def take(unit: Unit, project: Project, act: Act, deployment_id: str, item_id: str, section_id: str) -> Answer:
    """Take it, whoever has it; they are told."""
    return _take(unit, _open_work(unit, project, act, deployment_id, item_id, section_id), act)


def give_back(unit: Unit, project: Project, act: Act, deployment_id: str, item_id: str, section_id: str) -> Answer:
    """Say *Not me*: it is nobody's again, and whoever gave it is told. Raises Refused where it is not this person's."""
    work = _open_work(unit, project, act, deployment_id, item_id, section_id)
    held = work.held
    if held is None or held.person != act.who:
        raise Refused(f"“{work.title}” is not yours, so there is nothing to give back.")
    if held is not work.own:
        raise Refused(f"“{work.title}” came to you with its list: give the list back, or this line to somebody.")
    _end(unit, held, act, EndedWhy.GIVEN_BACK)
    _chronicle(unit, work, act, "work-given-back", held)
    _repaint(unit, work, act)
    for giver in _givers(work, act):
        text = f"{unit_name(unit, act.who)} gave “{work.title}” back: it is nobody's now."
        _tell_of(unit, work, act, giver, GIVEN_BACK, text)
    return Answer(deployment_id=deployment_id)


def _open_work(unit: Unit, project: Project, act: Act, deployment_id: str, item_id: str, section_id: str) -> Work:
    """What is still to do, for somebody who may. Raises Refused, NotYetKnown."""
    if item_id:
        situation, _ = open_item(unit, project, act, deployment_id, item_id)
    else:
        require_worker(unit, project, act)
        situation = load(unit, project, deployment_id, act.at)
        situation.require_open(": its record is final")
    work = work_of(situation, item_id, section_id)
    if all(situation.states[item.id].settled for item in work.items):
        raise Refused(f"“{work.title}” is settled: there is nothing left to do.")
    return work


def _receivers(unit: Unit, work: Work, act: Act, person: str, role: str) -> frozenset[str]:
    if person:
        _require_receiver(unit, work, replace(act, who=person, home_team=""))
        return frozenset({person})
    holders = workers_of(unit, work.situation, role)
    if not holders:
        raise Refused("Nobody is known who holds this role: give it to a person, or mend its members in the settings.")
    return holders


def _require_receiver(unit: Unit, work: Work, receiver: Act) -> None:
    try:
        require_worker(unit, work.situation.project, receiver)
        if work.item:
            require_peer(work.situation, receiver, work.items[0])
    except Refused as refusal:
        name = unit_name(unit, receiver.who)
        raise Refused(f"{name} cannot do this, so it was not given. They would be told: {refusal.sentence}") from None


def _take(unit: Unit, work: Work, act: Act) -> Answer:
    if work.item:
        require_peer(work.situation, act, work.items[0])
    own = work.own
    if own is not None and own.is_claim and own.person == act.who and own.id not in work.situation.old_claims:
        return Answer(f"You are on “{work.title}” already.", work.situation.deployment.id)
    _hand(unit, work, act, act.who, "")
    return Answer(deployment_id=work.situation.deployment.id)


def _hand(unit: Unit, work: Work, act: Act, person: str, role: str) -> Assignment:
    """It is theirs from now on; whoever had it hears so, unless they did this themselves."""
    before, place = work.own, (work.situation.deployment.id, work.item, work.section)
    made = Assignment(unit.new_id(), *place, person, role, act.who, act.at, act.entered)
    if before is not None:
        _end(unit, before, act, EndedWhy.TAKEN if made.is_claim else EndedWhy.GIVEN_ON)
    unit.assignments.keep(made)
    _chronicle(unit, work, act, "work-claimed" if made.is_claim else "work-given", made)
    _repaint(unit, work, act)
    if work.held is not None and work.held.person not in {"", act.who, person}:
        name = unit_name(unit, act.who)
        to = work.situation.role(role).role.title if role else unit_name(unit, person)
        how = f"{name} is on “{work.title}” now" if made.is_claim else f"{name} gave “{work.title}” on to {to}"
        _tell_of(unit, work, act, work.held.person, "private", f"{how}: you need not do it.")
    return made


def _end(unit: Unit, one: Assignment, act: Act, why: EndedWhy) -> None:
    unit.assignments.keep(replace(one, ended_at=act.at, ended_by=act.who, ended_why=why))


def _chronicle(unit: Unit, work: Work, act: Act, event: str, one: Assignment) -> None:
    facts = {"item": work.item, "section": work.section, "to": one.person, "role": one.role}
    chronicle(unit, work.situation.deployment, act, event, facts)


def _tell(unit: Unit, work: Work, act: Act, made: Assignment, user: str) -> bool:
    """One message in their DM, that goes along with the work; whether it waits for their morning."""
    later = morning_for(unit, work.situation, user, act.at)
    unit.outbox.want(made.deployment_id, GIVEN, f"{made.id}:{user}", user, act.at, not_before=later)
    return later is not None


def _tell_of(unit: Unit, work: Work, act: Act, user: str, template: str, text: str) -> None:
    """What is nobody's now comes with what can be done about it."""
    deployment, later = work.situation.deployment, morning_for(unit, work.situation, user, act.at)
    place = {"deployment": deployment.id, "item": work.item, "section": work.section}
    offers = [{"verb": verb, **place} for verb in (Verb.CLAIM, Verb.ASSIGN)] if template == GIVEN_BACK else []
    words = f"{text}\nDeployment {deployment.label}, {deployment.environment}."
    told = {"text": words, "offers": offers, "item": work.item, "section": work.section}
    direct(unit, deployment, user, template, f"work:{unit.new_id()}", act.at, later, **told)


def _givers(work: Work, act: Act) -> Iterable[str]:
    """Who gave it last, if that was somebody else."""
    same = (one for one in work.situation.assignments if (one.item, one.section) == (work.item, work.section))
    given = [one.who for one in same if not one.is_claim and one.who != act.who]
    return given[-1:]


def _whose(work: Work, held: Assignment) -> str:
    """`Bo is on “Rollback plan prepared” since 20 min.`"""
    name = work.situation.name(held.person)
    since = duration((work.situation.now - held.at).total_seconds())
    if held.is_claim:
        return f"{name} is on “{work.title}” since {since}."
    return f"“{work.title}” was given to {name} by {work.situation.name(held.who)} {since} ago."


def _repaint(unit: Unit, work: Work, act: Act) -> None:
    """What shows it; a phase or a list that is not in the thread yet does not come because of this."""
    deployment, kind = work.situation.deployment, work.situation.kind
    shown = {(live.kind, live.subject) for live in unit.outbox.wanted(deployment.id)}
    there = [
        item
        for item in work.items
        if ("phase", str(item.phase(kind))) in shown or ("section", item.section_id) in shown
    ]
    want_given(unit, work.situation, set(work.items) - set(there), act.at, urgent=True)
    want_items(unit, work.situation, there, act.at, urgent=True)
    want_dashboard(unit, work.situation.project, deployment, act.at)
