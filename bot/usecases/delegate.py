"""Hand a role to somebody else for a while; both names are kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.checklist import Kind
from bot.core.checklist_parser import parse
from bot.core.policy import Project, Role
from bot.core.refusal import Refused
from bot.core.roles import roles_for
from bot.usecases.act import Act, Answer
from bot.usecases.membership import holds, require_full_member
from bot.usecases.ports import Delegation, Unit

LONGEST = timedelta(days=30)


def delegate(unit: Unit, project: Project, act: Act, role: str, to_user: str, until: datetime) -> Answer:
    """Delegate a role that one holds oneself, for at most 30 days.

    Raises Refused for chains, for who does not hold the role, for times past or too far.
    """
    require_full_member(unit, act)
    found = _role(project, role)
    if not found.members or not holds(unit, act, found.members):
        raise Refused(f"You do not hold {found.title} yourself, so you cannot delegate it.")
    if to_user == act.who:
        raise Refused("That is you.")
    if until <= act.at or until - act.at > LONGEST:
        raise Refused("Delegate for at most 30 days, to a day that is still to come.")
    unit.sign_offs.delegate(
        act.team, Delegation(unit.new_id(), project.name, found.name, act.who, to_user, until, act.at)
    )
    facts = {"who": act.who, "role": found.name, "to": to_user}
    unit.journal.append(f"{act.team}/{project.name}", "delegated", act.at, facts, {})
    return Answer(f"<@{to_user}> signs as {found.title} for you until {until:%d %b %Y}. Both names will be kept.")


def _role(project: Project, name: str) -> Role:
    checklist = parse(project.checklist_text, project.checklist_file)
    roles = {role.name: role for role in roles_for(checklist, project, Kind.PRODUCTION)}
    if name not in roles:
        raise Refused(f"There is no role “{name}”. Roles: {', '.join(roles)}.")
    return roles[name]
