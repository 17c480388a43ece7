"""Whose work an item or a section is: given to a person or to the holders of a role, or claimed. It blocks nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.attention import Hours, working_mornings

CLAIM_RUNNING = timedelta(hours=4)
CLAIM_DAY = timedelta(hours=8)
"""How long a claim is fresh: while something runs, and else a working day, until the next morning after it."""


class EndedWhy(StrEnum):
    """How an assignment ended before its work did; that its work is settled is computed, never stored."""

    GIVEN_BACK = "given-back"
    GIVEN_ON = "given-on"
    TAKEN = "taken"


@dataclass(frozen=True)
class Assignment:
    """One item or one section (the other is empty), of one person or of one role's holders (the other is empty).

    `who` gave it; whoever gives to themselves claims. `at` is the time of the act, `entered_at` of its entry.
    """

    id: str
    deployment_id: str
    item: str
    section: str
    person: str
    role: str
    who: str
    at: datetime
    entered_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None
    ended_why: EndedWhy | None = None

    @property
    def is_claim(self) -> bool:
        return self.who == self.person

    def covers(self, item: str, section: str) -> bool:
        """Whether it is about this item, or about the section in which the item stands."""
        return self.item == item if self.item else self.section == section


def in_force(assignments: Sequence[Assignment], item: str, section: str) -> Assignment | None:
    """The newest of this very item; where there is none, of its section. `item` is empty for the section itself."""
    standing = [one for one in assignments if one.ended_at is None and one.covers(item, section)]
    return max(standing, key=lambda one: (bool(one.item), one.at, one.id), default=None)


def is_old(claim: Assignment, hours: Hours, now: datetime, *, running: bool) -> bool:
    """Whether a claim says only that somebody was on it; what was given by another never grows old.

    `running` is whether the deployment runs: then nobody waits for a morning.
    """
    if not claim.is_claim:
        return False
    if running:
        return now - claim.at >= CLAIM_RUNNING
    return working_mornings(hours, claim.at + CLAIM_DAY, now) > 0
