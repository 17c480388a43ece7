"""Who may sign, what counts, and when a role is met. Pure: memberships are given as sets of user ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.policy import Role
from bot.core.signoff import SignOff, SignOffDecision

DEFAULT_APPROVAL_DAYS = 7
YES = frozenset({SignOffDecision.APPROVE, SignOffDecision.REVIEW, SignOffDecision.ACKNOWLEDGE, SignOffDecision.SECOND})


class RoleWord(StrEnum):
    """Where a role stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    REVIEWED = "reviewed"
    ACKNOWLEDGED = "acknowledged"
    SECONDED = "seconded"
    REJECTED = "rejected"
    STALE = "stale"
    NOT_REQUIRED = "not required"
    TURNED_OFF = "turned off"


MET = frozenset(
    {
        RoleWord.APPROVED,
        RoleWord.REVIEWED,
        RoleWord.ACKNOWLEDGED,
        RoleWord.SECONDED,
        RoleWord.NOT_REQUIRED,
        RoleWord.TURNED_OFF,
    }
)


@dataclass(frozen=True)
class RoleState:
    """A role judged: its word, and the decisions that count today."""

    role: Role
    word: RoleWord
    counting: tuple[SignOff, ...] = ()
    reason: str = ""
    gating: bool = True

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

    A decision counts while it stands, is about this very subject, is not of a deployer, and is not older than
    `approval_days`. One standing rejection blocks whatever else was said.
    """
    mine = [sign_off for sign_off in sign_offs if sign_off.role == role.name and sign_off.stands]
    if not role.enabled:
        return RoleState(role, RoleWord.TURNED_OFF)
    rejections = tuple(sign_off for sign_off in mine if sign_off.decision is SignOffDecision.REJECT)
    if rejections:
        return RoleState(role, RoleWord.REJECTED, rejections, rejections[-1].reason)
    waived = tuple(sign_off for sign_off in mine if sign_off.decision is SignOffDecision.NOT_REQUIRED)
    if waived:
        return RoleState(role, RoleWord.NOT_REQUIRED, waived, waived[-1].reason)
    return _judge_yes(role, mine, subject, deployers, now - timedelta(days=approval_days))


def _judge_yes(
    role: Role, mine: Sequence[SignOff], subject: str, deployers: frozenset[str], oldest: datetime
) -> RoleState:
    said = [sign_off for sign_off in mine if sign_off.decision in YES]
    counting = tuple(
        sign_off
        for sign_off in said
        if sign_off.subject == subject and (not role.gates or (sign_off.who not in deployers and sign_off.at >= oldest))
    )
    if any(sign_off.decision is SignOffDecision.SECOND for sign_off in counting):
        return RoleState(role, RoleWord.SECONDED, counting)
    if len({sign_off.who for sign_off in counting}) >= role.quorum:
        return RoleState(role, _word_of(role), counting)
    return RoleState(role, RoleWord.STALE if said and not counting else RoleWord.WAITING, counting)


def _word_of(role: Role) -> RoleWord:
    return {"approve": RoleWord.APPROVED, "review": RoleWord.REVIEWED}.get(role.kind, RoleWord.ACKNOWLEDGED)


def two_persons(states: Sequence[RoleState], deployers: frozenset[str], goer: str) -> bool:
    """A production go needs at least two distinct people, one of them no deployer."""
    signers = {sign_off.who for state in states if state.role.gates for sign_off in state.counting}
    return bool(signers - deployers) and len(signers | {goer}) >= 2


def only_deployers(role: Role, members: frozenset[str], deployers: frozenset[str]) -> bool:
    """Whether nobody of a configured role is left who is no deployer: then another approver may second it."""
    return bool(role.members) and not members - deployers
