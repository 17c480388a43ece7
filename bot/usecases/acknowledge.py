"""A stakeholder says that a notice was read."""

from __future__ import annotations

from bot.core.policy import Project
from bot.core.refusal import Refused
from bot.usecases.act import Act, Answer
from bot.usecases.chronicle import chronicle
from bot.usecases.membership import require_full_member
from bot.usecases.ports import Unit
from bot.usecases.say import want_dashboard


def acknowledge(unit: Unit, project: Project, act: Act, notice_id: str) -> Answer:
    """Add the person's name to a notice; a second click changes nothing and says so."""
    require_full_member(unit, project, act)
    notice = unit.notices.get(notice_id)
    if notice is None:
        raise Refused("This notice is from another gonogo.")
    if not unit.notices.acknowledge(notice_id, act.who, act.at):
        return Answer("You acknowledged this already.", notice.deployment_id)
    deployment = unit.deployments.get(notice.deployment_id)
    chronicle(unit, deployment, act, "acknowledged", {"notice": notice.state, "audience": notice.audience})
    want_dashboard(unit, project, deployment, act.at)
    return Answer("Thank you: your name stands in the record.", notice.deployment_id)
