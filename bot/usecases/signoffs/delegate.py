"""Hand a role to somebody else for a while; both names are kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.checklist.items import Kind
from bot.core.checklist.reader import parse
from bot.core.decision import Delegation
from bot.core.refusal import NotYetKnown, Refused
from bot.core.team import Person, Project, Role, roles_for
from bot.usecases.act import Act, Answer, tell_privately, unit_name
from bot.usecases.books.units import Reader, Unit
from bot.usecases.permit import holds, require_full_member
from bot.usecases.situation.snapshot import PREPARATION
from bot.usecases.verb import Verb

LONGEST = timedelta(days=30)


def delegate(unit: Unit, project: Project, act: Act, role: str, to_user: str, until: datetime) -> Answer:
    """Delegate a role that one holds oneself, for at most 30 days.

    Raises Refused for chains, for who does not hold the role, for times past or too far.
    """
    require_full_member(unit, project, act)
    found = _role(project, role)
    if not found.members or not holds(unit, act, found.holders):
        raise Refused(f"You do not hold {found.title} yourself, so you cannot delegate it.")
    if to_user == act.who:
        raise Refused("That is you.")
    if until <= act.at or until - act.at > LONGEST:
        raise Refused("Delegate for at most 30 days, to a day that is still to come.")
    person = _fitting(unit, project, to_user)
    made = Delegation(unit.new_id(), project.name, found.name, act.who, to_user, until, act.at)
    unit.sign_offs.delegate(act.team, made)
    facts = {"who": act.who, "role": found.name, "to": to_user}
    unit.journal.append(f"{act.team}/{project.name}", "delegated", act.at, facts, {})
    _tell(unit, act, made, found)
    told = f"{person.name} signs as {found.title} for you until {until:%d %b %Y}. Both names will be kept."
    return Answer(told, offers=({"verb": Verb.TAKE_BACK, "role": found.name, "extra": project.name},))


def take_back(unit: Unit, project: Project, act: Act, role: str) -> Answer:
    """End what one delegated of this role; what was decided meanwhile stands. Raises Refused where nothing was."""
    require_full_member(unit, project, act)
    found = _role(project, role)
    given = [one for one in given_by(unit, project, act) if one.role == found.name]
    if not given:
        raise Refused(f"You have not delegated {found.title}.")
    for one in given:
        unit.sign_offs.end_delegation(one.id, act.at)
        facts = {"who": act.who, "role": found.name, "from": one.to_user}
        unit.journal.append(f"{act.team}/{project.name}", "delegation-taken-back", act.at, facts, {})
        words = f"{unit_name(unit, act.who)} signs as {found.title} again: you no longer do it for them."
        tell_privately(unit, one.to_user, f"taken-back:{one.id}", words, act.at)
    names = " and ".join(unit_name(unit, one.to_user) for one in given)
    return Answer(f"{found.title} is yours alone again; {names} no longer signs for you.")


def given_by(reader: Reader, project: Project, act: Act) -> tuple[Delegation, ...]:
    """What this person has delegated and not taken back."""
    in_force = reader.sign_offs.delegations(act.team, project.name, act.at)
    return tuple(one for one in in_force if one.from_user == act.who)


def _fitting(unit: Unit, project: Project, to_user: str) -> Person:
    """A full member who deploys nothing that is still to be decided."""
    person = unit.people.person(to_user)
    if person is None:
        raise NotYetKnown(people=(to_user,))
    if not person.is_full_member:
        raise Refused(f"{person.name} is no full member of this workspace, so cannot sign.")
    for one in unit.deployments.open():
        deployers = {deployer.user_id for deployer in unit.deployments.deployers(one.id)}
        if one.project == project.name and one.state in PREPARATION and to_user in deployers:
            raise Refused(f"{person.name} is a deployer of deployment {one.label}, so cannot sign for it.")
    return person


def _tell(unit: Unit, act: Act, made: Delegation, role: Role) -> None:
    """Whoever signs for somebody hears of it before the first question comes."""
    words = f"You sign as {role.title} for {unit_name(unit, act.who)} until {made.until:%d %b %Y}."
    tell_privately(unit, made.to_user, f"delegated:{made.id}", words, act.at)


def _role(project: Project, name: str) -> Role:
    checklist = parse(project.checklist_text, project.checklist_file)
    roles = {role.name: role for role in roles_for(checklist, project, Kind.PRODUCTION)}
    if name not in roles:
        raise Refused(f"There is no role “{name}”. Roles: {', '.join(roles)}.")
    return roles[name]
