"""Open a troubleshooting list: eight lines, their checks already running."""

from __future__ import annotations

from bot.core.checklist.items import Phase
from bot.core.decision import Purpose
from bot.core.policy import Project
from bot.core.refusal import Refused
from bot.usecases.act import Act, Answer
from bot.usecases.chronicle import chronicle
from bot.usecases.permit import require_on_call_or_deployer
from bot.usecases.ports import Unit
from bot.usecases.run_checks import ENDED, checks_to_run
from bot.usecases.say import want_section
from bot.usecases.situation.judging import load


def troubleshoot(unit: Unit, project: Project, act: Act, deployment_id: str, list_name: str) -> Answer:
    """Post one of the checklist's troubleshooting sections in the thread and run its checks.

    `list_name` is a section's id or title. Raises Refused naming the lists there are.
    """
    situation = load(unit, project, deployment_id, act.at)
    if situation.deployment.state in ENDED:
        raise Refused(f"Deployment {situation.deployment.label} is {situation.deployment.state}.")
    require_on_call_or_deployer(unit, situation, act)
    lists = situation.sections(Phase.TROUBLESHOOT)
    for section, items in lists:
        if list_name.casefold() in {section.id.casefold(), section.title.casefold()}:
            checks = checks_to_run(situation, items)
            unit.results.queue(deployment_id, checks, Purpose.ASKED, unit.new_id(), act.who, act.at)
            want_section(unit, project, situation.deployment, section.id, act.at, urgent=True)
            chronicle(unit, situation.deployment, act, "troubleshooting", {"list": section.id})
            return Answer(f"“{section.title}” is in the thread; its checks are running.", deployment_id)
    raise Refused("Say which list: " + ", ".join(section.title for section, _ in lists) + ".")
