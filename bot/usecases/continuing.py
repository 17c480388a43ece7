"""Going on with changed files after a hold: who has to decide again, and what is still missing."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.checklist.items import RoleKind
from bot.core.signoff_rules import RoleState
from bot.usecases.facts import Blocker
from bot.usecases.situation.snapshot import Situation

DBA = "dba"


def decides_again(situation: Situation, state: RoleState) -> bool:
    """The DBA; where no role is called so, whoever approves."""
    if not (situation.has_changed_files and state.gating and state.role.enabled and state.role.gates):
        return False
    named = any(one.role.name == DBA and one.gating and one.role.enabled for one in situation.roles)
    return state.role.name == DBA if named else state.role.kind is RoleKind.APPROVE


def before_continuing(situation: Situation) -> Iterator[Blocker]:
    """What stands before going on with changed files: the DBA and the two-person rule again."""
    again = [state for state in situation.roles if decides_again(situation, state)]
    for state in again:
        if not state.met:
            words = f"{state.role.title}: approval of the changed files is missing"
            yield Blocker("sign-off", state.role.name, words, state.role.members)
    met = all(state.met for state in again)
    if situation.has_changed_files and met and not situation.has_two_persons(situation.deployment.owner):
        yield Blocker("sign-off", "", "Going on with changed files in production needs a second person's approval")
