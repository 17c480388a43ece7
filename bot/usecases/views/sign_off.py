"""Sign-offs as facts: what is decided, by whom it may be, what was said so far."""

from __future__ import annotations

from datetime import datetime

from bot.core.checklist.items import Requirement
from bot.core.decision import SignOff
from bot.core.deployment import State
from bot.core.signoff import RoleState, RoleWord
from bot.core.team import Project
from bot.usecases.books.units import Reader
from bot.usecases.facts import GivenSignOff, Named, SignOffFacts
from bot.usecases.form_facts import SubjectDetail
from bot.usecases.permit import holders_of
from bot.usecases.situation import gate
from bot.usecases.situation.gate import decides_again
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import PREPARATION, Situation
from bot.usecases.verb import Verb
from bot.usecases.views.section import item_facts


def sign_off(reader: Reader, project: Project, deployment_id: str, role: str, now: datetime) -> SignOffFacts:
    """The message of one role. Raises Refused where the deployment asks no such role."""
    situation = load(reader, project, deployment_id, now)
    return sign_off_facts(reader, situation, situation.role(role))


def sign_off_facts(reader: Reader, situation: Situation, state: RoleState) -> SignOffFacts:
    """One judged role with the names of all involved."""
    role = state.role
    results = situation.results.values()
    return SignOffFacts(
        deployment=situation.deployment,
        role=role,
        word=state.word,
        subject=situation.subject,
        files=sum(not file.is_down for file in situation.files),
        may_sign=role.members,
        may_not=tuple(Named(user, situation.name(user)) for user in sorted(situation.deployer_ids)),
        given=tuple(_given(situation, one) for one in situation.given(role.name)),
        asked=situation.deployment.asked_at is not None,
        checks_passed=situation.checks_passed[0],
        checks_total=situation.checks_passed[1],
        checks_at=max((result.at for result in results), default=None),
        open_items=len(situation.missing(Requirement.GO)),
        warnings=gate.warnings(situation),
        reason=state.reason,
        have=state.seats,
        notified_at=state.notified_at,
        acts=_acts(reader, situation, state),
        names=dict(situation.names),
    )


def _given(situation: Situation, one: SignOff) -> GivenSignOff:
    behalf = Named(one.on_behalf_of, situation.name(one.on_behalf_of)) if one.on_behalf_of else None
    return GivenSignOff(one, Named(one.who, situation.name(one.who)), behalf)


def _acts(reader: Reader, situation: Situation, state: RoleState) -> tuple[Verb, ...]:
    """What the message offers; who may press is judged at the click."""
    if state.word is RoleWord.TURNED_OFF:
        return ()
    if state.role.gates and situation.deployment.state not in PREPARATION and not decides_again(situation, state):
        return (Verb.HOLD,) if situation.deployment.state is State.DEPLOYING else ()
    if not state.role.gates:
        return () if state.word is RoleWord.ACKNOWLEDGED and state.counting else (Verb.SIGN,)
    if state.word is RoleWord.REJECTED:
        return (Verb.CLEAR_REJECTION, Verb.SEE_SUBJECT)
    if state.word in {RoleWord.WAITING, RoleWord.STALE}:
        yes = Verb.SECOND if holders_of(reader, situation).held_by_deployers(state.role) else Verb.SIGN
        return (yes, Verb.REJECT, Verb.NOT_REQUIRED, Verb.SEE_SUBJECT)
    return (Verb.WITHDRAW, Verb.SEE_SUBJECT) if state.counting else (Verb.SEE_SUBJECT,)


def subject_detail(reader: Reader, project: Project, deployment_id: str, now: datetime) -> SubjectDetail:
    """See everything of what a role decides: files with size and text, checks, open items."""
    situation = load(reader, project, deployment_id, now)
    contents = [(file, reader.files.content(file.sha)) for file in situation.files]
    return SubjectDetail(
        deployment=situation.deployment,
        subject=situation.subject,
        files=tuple((file, len(body), body.decode("utf-8", errors="replace")) for file, body in contents),
        results=tuple(situation.results.values()),
        titles=dict(project.check_titles),
        open_items=tuple(item_facts(situation, item) for item in situation.missing(Requirement.GO)),
    )
