"""Sign-offs: who may decide what, what counts, when a role is met, and when two persons stand behind a go.

Pure: groups are given resolved, as sets of user ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.decision import Delegation, SignOff, SignOffDecision, people_behind
from bot.core.team import Role

DEFAULT_APPROVAL_DAYS = 7
GATING_YES = frozenset({SignOffDecision.APPROVE, SignOffDecision.REVIEW, SignOffDecision.SECOND})
YES = GATING_YES | {SignOffDecision.ACKNOWLEDGE}


class Deciding(StrEnum):
    """What a person may decide, or may not."""

    SIGN = "sign"
    SECOND = "second"
    WAIVE_ROLE = "waive a role"
    WAIVE_ITEM = "waive a required item"
    REVIEW_GLASS = "review a broken glass"


class Bar(StrEnum):
    """Why somebody may not decide."""

    SWITCHED_OFF = "the role is switched off"
    DEPLOYS = "a deployer decides nothing about their own deployment"
    NOT_HELD = "the role is not theirs"
    OPEN_ROLE = "the role is open to everybody: it is signed, not seconded"
    NOBODY_KNOWN = "nobody is known to hold the role"
    HAS_OTHERS = "the role has members who do not deploy"
    NO_APPROVER = "they hold no other approve or review role"
    OWN_ROLE = "nobody waives a role they hold"
    WAIVED_ANOTHER = "one person waives one role a deployment at most"


@dataclass(frozen=True)
class Behind:
    """The people behind a decision that is allowed: who clicks, and on whose behalf."""

    who: str
    on_behalf_of: str | None = None

    @property
    def people(self) -> frozenset[str]:
        return people_behind(self.who, self.on_behalf_of)


@dataclass(frozen=True)
class Holders:
    """Who holds the roles of one deployment, and who deploys it.

    `members` are user ids by role, groups resolved; `delegations` those in force; `backups` those of the members who
    are asked only when nobody else answers.
    """

    roles: tuple[Role, ...]
    members: Mapping[str, frozenset[str]]
    deployers: frozenset[str]
    delegations: tuple[Delegation, ...] = ()
    backups: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def everybody(self) -> frozenset[str]:
        """All who are named by a role, a group or a delegation."""
        return frozenset().union(*self.members.values(), (one.to_user for one in self.delegations))

    def held_by_deployers(self, role: Role) -> bool:
        """Whether the role's members are known, not empty, and all deployers: then another approver seconds it."""
        members = self.members[role.name]
        return bool(members) and members <= self.deployers


def may_decide(
    what: Deciding, who: str, holders: Holders, role: Role | None = None, sign_offs: Sequence[SignOff] = ()
) -> Behind | Bar:
    """Whether this person may decide that, and who stands behind it; else what bars them.

    The one rule that the message (which button), the asking (whom) and the click (whether) stand on. `role` is the
    role that is signed, seconded or waived; `sign_offs` are those of the deployment.
    """
    if role is not None and not role.enabled:
        return Bar.SWITCHED_OFF
    acknowledges = what is Deciding.SIGN and role is not None and not role.gates
    if who in holders.deployers and not acknowledges:
        return Bar.DEPLOYS
    if role is None:
        return next(_as_approver(who, holders), Bar.NO_APPROVER)
    if what is Deciding.SECOND:
        return _may_second(who, holders, role)
    if what is Deciding.WAIVE_ROLE:
        return _may_waive(who, holders, role, sign_offs)
    return next(_as_holder(who, holders, role), Bar.NOT_HELD)


def _may_second(who: str, holders: Holders, role: Role) -> Behind | Bar:
    if not role.members:
        return Bar.OPEN_ROLE
    if not holders.members[role.name]:
        return Bar.NOBODY_KNOWN
    if not holders.held_by_deployers(role):
        return Bar.HAS_OTHERS
    return next(_as_approver(who, holders), Bar.NO_APPROVER)


def _may_waive(who: str, holders: Holders, role: Role, sign_offs: Sequence[SignOff]) -> Behind | Bar:
    """By another approver who holds another gating role; nobody behind it holds this one or has waived another."""
    ways = list(_as_approver(who, holders))
    free = [way for way in ways if not any(_holds(person, holders, role) for person in way.people)]
    waived = {
        person
        for one in sign_offs
        if one.decision is SignOffDecision.NOT_REQUIRED and one.stands and one.role != role.name
        for person in one.people
    }
    if not free:
        return Bar.OWN_ROLE if ways else Bar.NO_APPROVER
    return next((way for way in free if not way.people & waived), Bar.WAIVED_ANOTHER)


def _holds(who: str, holders: Holders, role: Role) -> bool:
    return any(_as_holder(who, holders, role))


def _as_holder(who: str, holders: Holders, role: Role) -> Iterator[Behind]:
    """Oneself first, then for each holder who delegated the role and does not deploy.

    A role without members is open to any full member but a deployer.
    """
    members = holders.members[role.name]
    if who in members or (not role.members and who not in holders.deployers):
        yield Behind(who)
    for one in holders.delegations:
        given = one.role == role.name and one.to_user == who and one.from_user in members
        if given and one.from_user not in holders.deployers:
            yield Behind(who, one.from_user)


def _as_approver(who: str, holders: Holders) -> Iterator[Behind]:
    """Through any approve or review role; roles of one's own first.

    A role that is open to everybody makes approvers only where the team has named none.
    """
    gating = [role for role in holders.roles if role.gates and role.enabled]
    named = [role for role in gating if role.members]
    ways = [way for role in named or gating for way in _as_holder(who, holders, role)]
    yield from sorted(dict.fromkeys(ways), key=lambda way: way.on_behalf_of is not None)


def who_is_asked(holders: Holders, role: Role) -> frozenset[str]:
    """Whom to ask: holders who may sign, whoever signs instead of them, or who may second.

    A role that is open to everybody asks nobody in particular. Who stands behind it is asked where nobody else is.
    """
    able = _who_could(holders, role)
    return (able - holders.backups.get(role.name, frozenset())) or able


def who_stands_behind(holders: Holders, role: Role) -> frozenset[str]:
    """Whom to ask besides when those who were asked do not answer."""
    return _who_could(holders, role) & holders.backups.get(role.name, frozenset())


def _who_could(holders: Holders, role: Role) -> frozenset[str]:
    what = Deciding.SECOND if holders.held_by_deployers(role) else Deciding.SIGN
    named = holders.everybody() if role.members else frozenset()
    asked = frozenset(who for who in named if isinstance(may_decide(what, who, holders, role), Behind))
    away = {one.from_user for one in holders.delegations if one.role == role.name and one.to_user in asked}
    return asked - away


class RoleWord(StrEnum):
    """Where a role stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    REVIEWED = "reviewed"
    ACKNOWLEDGED = "acknowledged"
    NOTIFIED = "notified"
    """A notice was delivered; nobody acknowledged it."""
    SECONDED = "seconded"
    REJECTED = "rejected"
    STALE = "stale"
    NOT_REQUIRED = "not required"
    TURNED_OFF = "turned off"


MET = frozenset(RoleWord) - {RoleWord.WAITING, RoleWord.STALE, RoleWord.REJECTED}


@dataclass(frozen=True)
class RoleState:
    """A role judged: its word, the decisions that count today, and how many seats of its quorum they fill.

    `notified_at` is when the first notice reached whom an *acknowledge* role is about.
    """

    role: Role
    word: RoleWord
    counting: tuple[SignOff, ...] = ()
    reason: str = ""
    gating: bool = True
    seats: int = 0
    notified_at: datetime | None = None

    @property
    def met(self) -> bool:
        return self.word in MET

    @property
    def blocks(self) -> bool:
        return self.gating and self.role.gates and not self.met


def judge(
    role: Role,
    sign_offs: Sequence[SignOff],
    subject: str,
    deployers: frozenset[str],
    now: datetime,
    approval_days: int = DEFAULT_APPROVAL_DAYS,
) -> RoleState:
    """The state of one role for today's subject.

    A decision counts while it stands, is about this very subject, has no deployer behind it, and is not older than
    `approval_days`. One standing rejection blocks whatever else was said.
    """
    if not role.enabled:
        return RoleState(role, RoleWord.TURNED_OFF)
    mine = [one for one in sign_offs if one.role == role.name and one.stands]
    rejections = tuple(one for one in mine if one.decision is SignOffDecision.REJECT)
    if rejections:
        return RoleState(role, RoleWord.REJECTED, rejections, rejections[-1].reason)
    oldest = now - timedelta(days=approval_days)
    counting = [one for one in mine if _counts(role, one, subject, deployers, oldest)]
    waived = tuple(one for one in counting if one.decision is SignOffDecision.NOT_REQUIRED)
    if waived:
        return RoleState(role, RoleWord.NOT_REQUIRED, waived, waived[-1].reason)
    return _judge_yes(role, tuple(counting), was_asked=bool(mine))


def _counts(role: Role, one: SignOff, subject: str, deployers: frozenset[str], oldest: datetime) -> bool:
    return one.subject == subject and (not role.gates or (not one.people & deployers and one.at >= oldest))


def _judge_yes(role: Role, counting: tuple[SignOff, ...], *, was_asked: bool) -> RoleState:
    seats = seats_filled(counting)
    if seats < role.quorum:
        word = RoleWord.STALE if was_asked and not counting else RoleWord.WAITING
    elif any(one.decision is SignOffDecision.SECOND for one in counting):
        word = RoleWord.SECONDED
    else:
        word = _YES_WORDS.get(role.kind, RoleWord.ACKNOWLEDGED)
    return RoleState(role, word, counting, seats=seats)


_YES_WORDS = {"approve": RoleWord.APPROVED, "review": RoleWord.REVIEWED}


def seats_filled(decisions: Sequence[SignOff]) -> int:
    """How many seats of a quorum these fill: each person behind a decision counts once, whoever clicked.

    The largest set of decisions that share nobody; who decided for themselves alone always fits in one.
    """
    alone = {one.who for one in decisions if len(one.people) == 1}
    pairs = list(dict.fromkeys(one.people for one in decisions if not one.people & alone))
    return len(alone) + _most_apart(pairs)


def _most_apart(pairs: Sequence[frozenset[str]]) -> int:
    if not pairs:
        return 0
    first, rest = pairs[0], pairs[1:]
    with_first = 1 + _most_apart([pair for pair in rest if not pair & first])
    return max(with_first, _most_apart(rest))


def two_persons(states: Sequence[RoleState], deployers: frozenset[str], goer: str) -> bool:
    """A production go needs two distinct people who said yes or said go, one yes of somebody who is no deployer.

    A waiver is no yes.
    """
    said = (one for state in states if state.role.gates for one in state.counting if one.decision in GATING_YES)
    yes = {one.who for one in said}
    return bool(yes - deployers) and len(yes | {goer}) >= 2
