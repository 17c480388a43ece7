"""A note on the deployment as a whole, such as a message of its thread."""

from __future__ import annotations

from bot.core.decision import Decision, DecisionKind
from bot.core.policy import Project
from bot.core.refusal import Refused
from bot.usecases.act import Act, Answer
from bot.usecases.chronicle import chronicle
from bot.usecases.membership import require_worker
from bot.usecases.ports import Unit
from bot.usecases.run_checks import ENDED
from bot.usecases.say import unit_name, want_dashboard
from bot.usecases.situation.judging import load

WHOLE = ""
"""The item of a decision that is about the deployment as a whole."""
LONGEST = 3000


def add_to_record(
    unit: Unit, project: Project, act: Act, deployment_id: str, text: str, message: str = "", author: str = ""
) -> Answer:
    """Keep a note; `message` (a ts) makes it once, `author` is who wrote it where that is somebody else.

    Raises Refused for an empty note and for a record that is final.
    """
    require_worker(unit, project, act)
    situation = load(unit, project, deployment_id, act.at)
    deployment = situation.deployment
    if deployment.state in ENDED:
        raise Refused(f"Deployment {deployment.label} is {deployment.state}: its record is final.")
    if not text.strip():
        raise Refused("There is nothing in the note.")
    seen = frozenset({message} if message else ())
    if any(seen & one.seen for one in situation.decisions.get(WHOLE, ())):
        return Answer("This message is in the record already.", deployment_id)
    unit.decisions.add(_note(unit, deployment_id, act, text.strip()[:LONGEST], seen, author))
    chronicle(unit, deployment, act, "noted", {"message": message, "author": author}, reason=text.strip()[:LONGEST])
    want_dashboard(unit, project, deployment, act.at)
    whose = f" of {unit_name(unit, author)}" if author and author != act.who else ""
    return Answer(f"The note{whose} is in the record of deployment {deployment.label}.", deployment_id)


def _note(unit: Unit, deployment_id: str, act: Act, text: str, seen: frozenset[str], author: str) -> Decision:
    return Decision(
        id=unit.new_id(),
        deployment_id=deployment_id,
        item=WHOLE,
        kind=DecisionKind.NOTE,
        who=act.who,
        at=act.at,
        entered_at=act.entered,
        reason=text,
        for_whom=author if author and author != act.who else None,
        seen=seen,
    )
