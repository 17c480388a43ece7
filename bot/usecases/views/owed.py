"""What waits for one person, computed from what is, never stored: the digest of a morning says it, and App Home."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.attention import working_mornings
from bot.core.checklist.items import RoleKind
from bot.core.decision import Purpose, RunState
from bot.core.deployment import IDLE, Deployment, State
from bot.core.item import ItemWord
from bot.core.signoff import Behind, Deciding, RoleState, RoleWord, may_decide, who_is_asked, who_stands_behind
from bot.usecases.act import team_hours
from bot.usecases.books.units import Reader
from bot.usecases.facts import ItemFacts
from bot.usecases.permit import expand, holders_of
from bot.usecases.situation import gate, watch
from bot.usecases.situation.snapshot import PREPARATION, Situation
from bot.usecases.verb import Verb
from bot.usecases.views.offered import buttons_of
from bot.usecases.views.section import item_facts
from bot.usecases.views.work import owed_work
from checks.result import counted


@dataclass(frozen=True)
class Owed:
    """One thing that waits for a person. `cause` makes it the same thing tomorrow, `why` says why it is theirs.

    `told` is what a check says of it. `role` is set where a card in their DM asks; `acts` stand beside the line.
    `since` is when it became theirs, where they heard of it then. `once`: nothing waits for it, so it is told once.
    """

    cause: str
    deployment: Deployment
    words: str
    why: str = ""
    told: str = ""
    acts: tuple[Verb, ...] = ()
    item: str = ""
    role: str = ""
    subject: str = ""
    since: datetime | None = None
    once: bool = False


def owed(reader: Reader, situation: Situation, who: str) -> list[Owed]:
    """All that this deployment waits for from that person, what is most urgent first."""
    return [one for source in SOURCES for one in source(reader, situation, who)]


def _cause(situation: Situation, *parts: object) -> str:
    return ":".join((situation.deployment.id, *map(str, parts)))


def is_looking(situation: Situation, who: str) -> bool:
    """Whether checks run unasked whose answers this person is to hear of."""
    running = (one for one in situation.runs if one.purpose is Purpose.PHASE)
    busy = any(one.state in {RunState.QUEUED, RunState.RUNNING} for one in running)
    return busy and who == situation.deployment.owner


def mornings_waited(situation: Situation) -> int:
    """How many working mornings the asked have had, by the wall of the environment."""
    asked_at = situation.deployment.asked_at
    return 0 if asked_at is None else working_mornings(team_hours(situation), asked_at, situation.now)


def waiting_roles(situation: Situation) -> Iterator[RoleState]:
    """Those that were asked, and whose people have the word."""
    deployment = situation.deployment
    for state in situation.roles:
        is_asked = deployment.state in PREPARATION or gate.decides_again(situation, state)
        if deployment.asked_at is not None and is_asked and state.blocks and state.word is not RoleWord.REJECTED:
            yield state


def is_asked(reader: Reader, situation: Situation, state: RoleState, who: str) -> bool:
    """Whether this person is asked by now, and has not decided."""
    if any(one.who == who for one in state.counting):
        return False
    holders = holders_of(reader, situation)
    return who in who_is_asked(holders, state.role) or (
        _backup_is_asked(situation) and who in who_stands_behind(holders, state.role)
    )


def _backup_is_asked(situation: Situation) -> bool:
    after = situation.project.escalation.backup
    return bool(after) and mornings_waited(situation) >= after


def _sign_offs(reader: Reader, situation: Situation, who: str) -> Iterator[Owed]:
    for state in waiting_roles(situation):
        if is_asked(reader, situation, state, who):
            cause = _cause(situation, "sign-off", state.role.name, situation.subject[:16])
            why = _why_asked(reader, situation, state, who)
            words = f"{state.role.title}: your {_NOUNS[state.role.kind]} is waited for"
            acts = (Verb.SEE_SUBJECT,)
            since = situation.deployment.asked_at
            yield Owed(cause, situation.deployment, words, why, acts=acts, role=state.role.name, since=since)


_NOUNS = {RoleKind.APPROVE: "approval", RoleKind.REVIEW: "review", RoleKind.ACKNOWLEDGE: "acknowledgement"}


def _why_asked(reader: Reader, situation: Situation, state: RoleState, who: str) -> str:
    """Why this person, where that is not because they hold the role."""
    behind = who in who_stands_behind(holders_of(reader, situation), state.role)
    waited = counted(mornings_waited(situation), "working day")
    return f"nobody answered for {waited}, and you stand behind the role" if behind else ""


def _unanswered(reader: Reader, situation: Situation, who: str) -> Iterator[Owed]:
    """After days without an answer the owner, and then management, hears who does not answer."""
    rule, waited = situation.project.escalation, mornings_waited(situation)
    told_owner = bool(rule.owner) and waited >= rule.owner
    told_management = bool(rule.management) and waited >= rule.management
    deployment = situation.deployment
    is_owner, is_manager = who == deployment.owner, who in expand(reader, rule.to)
    if not ((told_owner and is_owner) or (told_management and is_manager)):
        return
    after = counted(waited, "working day")
    why = "" if is_owner else f"it waits for {after}, and {situation.name(deployment.owner)} was told before you"
    for state in waiting_roles(situation):
        asked_of = ", ".join(situation.name(one) for one in state.role.holders)
        words = f"{state.role.title}: no answer for {after}"
        acts = (Verb.ASK_NOW,) if is_owner else ()
        cause = _cause(situation, "unanswered", state.role.name, situation.subject[:16])
        yield Owed(cause, deployment, words, why, f"asked of {asked_of}" if asked_of else "", acts)


def _glass(reader: Reader, situation: Situation, who: str) -> Iterator[Owed]:
    """A review is owed by whoever may give it; the owner hears of one that is overdue."""
    glass = reader.troubles.broken_glass(situation.deployment.id)
    if glass is None or glass.reviewed_at is not None:
        return
    may = isinstance(may_decide(Deciding.REVIEW_GLASS, who, holders_of(reader, situation)), Behind)
    is_late = situation.now > glass.review_due
    if may or (is_late and who == situation.deployment.owner):
        due = f"{'was' if is_late else 'is'} due {glass.review_due:%d %b}"
        words = f"{situation.name(glass.who)} broke the glass: a review by somebody else {due}"
        acts = (Verb.REVIEW_GLASS,) if may else ()
        cause = _cause(situation, "glass")
        yield Owed(cause, situation.deployment, words, told=glass.reason, acts=acts, since=glass.at)


def _lines(_reader: Reader, situation: Situation, who: str) -> Iterator[Owed]:
    """After completion: what deviates, and what only a person can say; what was given to somebody is theirs."""
    if who == situation.deployment.owner and situation.deployment.state is State.VERIFYING:
        left = (item for item in gate.wants_people(situation) if situation.assignment_of(item) is None)
        yield from (_line(situation, item_facts(situation, item)) for item in left)


def _work(reader: Reader, situation: Situation, who: str) -> Iterator[Owed]:
    """What this person was given, or is on, as far as its time has come."""
    for given in owed_work(reader, situation, who):
        mine = given.by.user_id == who
        why = "you said that you are on it" if mine else f"{given.by.name} gave it to you"
        for item in given.left if not given.can_wait else ():
            since = item.assigned.at if item.assigned else None
            yield replace(_line(situation, item), why=why, since=since, once=False)


def _line(situation: Situation, facts: ItemFacts) -> Owed:
    """One line of the checklist, with what its checks say and the likely act; what only a person can say, once."""
    told = facts.evidence if facts.word in {ItemWord.FAILED, ItemWord.WAITING} else ""
    acts = (facts.act,) if facts.act is not None else ()
    cause = _cause(situation, "item", facts.id, "failed" if facts.word is ItemWord.FAILED else "open")
    once = not watch.deviates(situation.states[facts.id])
    return Owed(cause, situation.deployment, facts.label, told=told, acts=acts, item=facts.id, once=once)


def _turn_of_owner(_reader: Reader, situation: Situation, who: str) -> Iterator[Owed]:
    """Rejected, lapsed, or simply forgotten: one line, with the act that comes next."""
    deployment = situation.deployment
    if who != deployment.owner or not is_idle(situation):
        return
    rejected = [state for state in situation.roles if state.blocks and state.word is RoleWord.REJECTED]
    lapsed = [state for state in situation.roles if state.blocks and state.word is RoleWord.STALE]
    for state in rejected:
        words = f"{state.role.title} rejected it: {state.reason or 'no reason kept'}"
        cause = _cause(situation, "rejected", state.role.name, situation.subject[:16])
        yield Owed(cause, deployment, words, acts=(Verb.CLEAR_REJECTION,), role=state.role.name)
    for state in lapsed:
        cause = _cause(situation, "lapsed", state.role.name, situation.subject[:16])
        yield Owed(cause, deployment, f"{state.role.title} is out of date: ask again", acts=(Verb.ASK_NOW,))
    if not (rejected or lapsed):
        yield from _idle(situation)


_ENDS: dict[State, tuple[Verb, ...]] = {State.PREPARING: (Verb.PARK,), State.PARKED: (Verb.ABORT,)}


def _idle(situation: Situation) -> Iterator[Owed]:
    """What holds the environment, or waits for it, and nobody touches."""
    deployment = situation.deployment
    if any(waiting_roles(situation)) or not (deployment.holds_environment or deployment.state is State.PARKED):
        return
    left = gate.blockers(situation)
    first = left[0].sentence if left else "everything is there"
    after = deployment.is_held_after_rollback
    words = "rolled back, and still held: free it, or correct it" if after else _idle_since(situation)
    acts = (buttons_of(situation, None)[0], *_ENDS.get(deployment.state, ()), *((Verb.LIFT,) if after else ()))
    cause = _cause(situation, "idle", deployment.state, f"{deployment.last_act_at:%Y%m%dT%H%M}")
    yield Owed(cause, deployment, words, told="" if after else first, acts=acts[:2], subject=situation.subject)


def _idle_since(situation: Situation) -> str:
    deployment = situation.deployment
    holds = f", and it holds {deployment.environment}" if deployment.holds_environment else ""
    return f"{'idle' if holds else 'parked'} since {deployment.last_act_at:%d %b}{holds}"


def is_idle(situation: Situation, mornings: int = 1) -> bool:
    """Whether nobody acted on it for hours, and for that many working mornings of its environment."""
    last = situation.deployment.last_act_at
    waited = working_mornings(team_hours(situation), last, situation.now)
    return situation.now - last >= IDLE and waited >= mornings


def _may_take_over(reader: Reader, situation: Situation, who: str) -> Iterator[Owed]:
    """The owner was told, and nothing happened: whoever else deploys it, or waits for the environment, may have it."""
    deployment = situation.deployment
    if who == deployment.owner or not deployment.holds_environment or not is_idle(situation, 2):
        return
    place = (deployment.team, deployment.project, deployment.environment)
    waits = any(one.state is State.PARKED and one.owner == who for one in reader.deployments.of_environment(*place))
    if who in situation.deployer_ids or waits:
        owner = situation.name(deployment.owner)
        why = f"yours waits for {deployment.environment}" if waits else "you deploy it too"
        words = f"{owner} left it idle for two working days"
        cause = _cause(situation, "take-over", f"{deployment.last_act_at:%Y%m%dT%H%M}")
        yield Owed(cause, deployment, words, why, acts=(Verb.TAKE_OVER,))


Source = Callable[[Reader, Situation, str], Iterator[Owed]]
SOURCES: tuple[Source, ...] = (_turn_of_owner, _lines, _work, _sign_offs, _unanswered, _glass, _may_take_over)
