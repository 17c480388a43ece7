"""DESIGN, *Sign-offs*: who may decide what, what counts, when a role is met, and when two persons stand behind a go.

Each row reads like a sentence of DESIGN. Ann deploys; Dana and Dick are DBAs, Bo is backend, Mo is management; Eve
holds nothing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.checklist.items import RoleKind
from bot.core.decision import Delegation, SignOff, SignOffDecision
from bot.core.signoff import (
    Bar,
    Behind,
    Deciding,
    Holders,
    RoleState,
    RoleWord,
    judge,
    may_decide,
    seats_filled,
    two_persons,
    who_is_asked,
    who_stands_behind,
)
from bot.core.team import Role

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
TODAY, OTHER = "subject of today", "subject of yesterday"
ANN, DANA, DICK, BO, MO, EVE = "ann", "dana", "dick", "bo", "mo", "eve"
DBA = Role("dba", "DBA", "sign-off-dba", RoleKind.APPROVE, ("@dba-team",))
BACKEND = Role("backend", "Backend", "sign-off-backend", RoleKind.REVIEW, (BO,))
MANAGEMENT = Role("management", "Management", "sign-off-management", RoleKind.APPROVE, (MO,))
OPEN = Role("devops", "DevOps", "sign-off-devops", RoleKind.REVIEW)
PRODUCT = Role("product", "Product owner", "sign-off-product", RoleKind.ACKNOWLEDGE, (ANN,))
TYPO = Role("security", "Security", "sign-off-security", RoleKind.REVIEW, ("@secruity",))
MEMBERS = {
    "dba": {DANA, DICK},
    "backend": {BO},
    "management": {MO},
    "devops": set(),
    "product": {ANN},
    "security": set(),
}


def holders(
    *roles: Role, deployers: tuple[str, ...] = (ANN,), given: tuple[tuple[str, str, str], ...] = (), **members: set[str]
) -> Holders:
    """`given` are (role, from, to)."""
    roles = roles or (DBA, BACKEND, MANAGEMENT, PRODUCT, TYPO)
    delegations = tuple(
        Delegation(str(number), "default", role, giver, to, NOW + timedelta(days=1), NOW)
        for number, (role, giver, to) in enumerate(given)
    )
    people = {role.name: frozenset((MEMBERS | members)[role.name]) for role in roles}
    return Holders(roles, people, frozenset(deployers), delegations)


def said(
    decision: str, who: str, role: str = "dba", behalf: str | None = None, subject: str = TODAY, days_ago: float = 0
) -> SignOff:
    at = NOW - timedelta(days=days_ago)
    return SignOff(f"{who}-{role}", "d", role, subject, SignOffDecision(decision), who, at, at, on_behalf_of=behalf)


BOTH_DBAS_DEPLOY = (ANN, DANA, DICK)
SIGN, SECOND, WAIVE = Deciding.SIGN, Deciding.SECOND, Deciding.WAIVE_ROLE

MAY = {
    "a holder signs for themselves": (SIGN, DANA, DBA, holders(), Behind(DANA)),
    "who does not hold the role does not sign": (SIGN, BO, DBA, holders(), Bar.NOT_HELD),
    "a deployer signs nothing that gates": (SIGN, DANA, DBA, holders(deployers=(DANA,)), Bar.DEPLOYS),
    "acknowledge never gates, so a deployer may": (SIGN, ANN, PRODUCT, holders(), Behind(ANN)),
    "a role switched off is not signed": (SIGN, DANA, replace(DBA, enabled=False), holders(), Bar.SWITCHED_OFF),
    "an unconfigured role is open to any full member": (SIGN, EVE, OPEN, holders(OPEN), Behind(EVE)),
    "but the deployer": (SIGN, ANN, OPEN, holders(OPEN), Bar.DEPLOYS),
    "nobody holds a mistyped group": (SIGN, EVE, TYPO, holders(), Bar.NOT_HELD),
    "a delegate signs on behalf": (SIGN, EVE, DBA, holders(given=(("dba", DANA, EVE),)), Behind(EVE, DANA)),
    "of that role only": (SIGN, EVE, BACKEND, holders(given=(("dba", DANA, EVE),)), Bar.NOT_HELD),
    "a delegation ends its effect while the delegator deploys": (
        *(SIGN, EVE, DBA, holders(deployers=(ANN, DANA), given=(("dba", DANA, EVE),))),
        Bar.NOT_HELD,
    ),
    "a delegation of who left the role has no effect": (
        *(SIGN, EVE, DBA, holders(given=(("dba", DANA, EVE),), dba={DICK})),
        Bar.NOT_HELD,
    ),
    "no chains: who was delegated delegates nothing on": (
        *(SIGN, MO, DBA, holders(given=(("dba", DANA, EVE), ("dba", EVE, MO)))),
        Bar.NOT_HELD,
    ),
    "a holder who is also a delegate signs for themselves": (
        *(SIGN, DICK, DBA, holders(given=(("dba", DANA, DICK),))),
        Behind(DICK),
    ),
    "another approver seconds where all members deploy": (
        *(SECOND, BO, DBA, holders(deployers=BOTH_DBAS_DEPLOY)),
        Behind(BO),
    ),
    "also where nobody else deploys": (SECOND, BO, DBA, holders(deployers=(DANA, DICK)), Behind(BO)),
    "not while one member does not deploy": (SECOND, BO, DBA, holders(deployers=(ANN, DANA)), Bar.HAS_OTHERS),
    "an empty or unknown group is nobody's free pass": (SECOND, BO, TYPO, holders(), Bar.NOBODY_KNOWN),
    "an open role is signed, not seconded": (SECOND, BO, OPEN, holders(OPEN, BACKEND), Bar.OPEN_ROLE),
    "who approves nothing seconds nothing": (
        *(SECOND, EVE, DBA, holders(deployers=BOTH_DBAS_DEPLOY)),
        Bar.NO_APPROVER,
    ),
    "a deployer seconds nothing": (SECOND, BO, DBA, holders(deployers=(*BOTH_DBAS_DEPLOY, BO)), Bar.DEPLOYS),
    "the delegate of a deployer seconds nothing by it": (
        *(SECOND, EVE, DBA, holders(deployers=BOTH_DBAS_DEPLOY, given=(("dba", DANA, EVE),))),
        Bar.NO_APPROVER,
    ),
    "another approver waives": (WAIVE, BO, DBA, holders(), Behind(BO)),
    "an acknowledging role makes no approver": (WAIVE, ANN, DBA, holders(deployers=()), Bar.NO_APPROVER),
    "nobody waives a role they hold": (WAIVE, BO, DBA, holders(dba={BO}), Bar.OWN_ROLE),
    "nor one they hold by delegation": (WAIVE, BO, DBA, holders(given=(("dba", DANA, BO),)), Bar.OWN_ROLE),
    "nor on behalf of who holds it": (
        *(WAIVE, EVE, DBA, holders(backend={DANA}, given=(("backend", DANA, EVE),))),
        Bar.OWN_ROLE,
    ),
    "who approves nothing waives nothing": (WAIVE, EVE, DBA, holders(), Bar.NO_APPROVER),
    "a deployer waives nothing": (WAIVE, BO, DBA, holders(deployers=(ANN, BO)), Bar.DEPLOYS),
    "a delegate waives another role, both names behind it": (
        *(WAIVE, EVE, MANAGEMENT, holders(given=(("dba", DANA, EVE),))),
        Behind(EVE, DANA),
    ),
    "an approver waives a required item": (Deciding.WAIVE_ITEM, DANA, None, holders(), Behind(DANA)),
    "through a role of one's own before another's": (
        *(Deciding.WAIVE_ITEM, BO, None, holders(given=(("dba", DANA, BO),))),
        Behind(BO),
    ),
    "on whose behalf is kept": (
        *(Deciding.WAIVE_ITEM, EVE, None, holders(given=(("dba", DANA, EVE),))),
        Behind(EVE, DANA),
    ),
    "a deployer waives no required item": (
        *(Deciding.WAIVE_ITEM, DANA, None, holders(deployers=(ANN, DANA))),
        Bar.DEPLOYS,
    ),
    "nobody else does": (Deciding.WAIVE_ITEM, EVE, None, holders(), Bar.NO_APPROVER),
    "a role switched off makes no approver": (
        *(Deciding.WAIVE_ITEM, BO, None, holders(DBA, replace(BACKEND, enabled=False))),
        Bar.NO_APPROVER,
    ),
    "an open role makes nobody an approver of what others were named for": (
        *(Deciding.WAIVE_ITEM, EVE, None, holders(DBA, OPEN)),
        Bar.NO_APPROVER,
    ),
    "where nobody is named, any full member is one": (Deciding.WAIVE_ITEM, EVE, None, holders(OPEN), Behind(EVE)),
    "a broken glass is reviewed by an approver": (Deciding.REVIEW_GLASS, BO, None, holders(), Behind(BO)),
    "who is no deployer": (Deciding.REVIEW_GLASS, BO, None, holders(deployers=(ANN, BO)), Bar.DEPLOYS),
    "nor the breaker's delegate": (
        *(Deciding.REVIEW_GLASS, EVE, None, holders(deployers=(DANA,), given=(("dba", DANA, EVE),))),
        Bar.NO_APPROVER,
    ),
}


@pytest.mark.parametrize(("what", "who", "role", "people", "answer"), MAY.values(), ids=MAY.keys())
def test_who_may_decide_what(
    what: Deciding, who: str, role: Role | None, people: Holders, answer: Behind | Bar
) -> None:
    assert may_decide(what, who, people, role) == answer


ONE_WAIVER = {
    "one person waives one role at most": ([said("not-required", BO, "management")], Bar.WAIVED_ANOTHER),
    "on behalf counts too": ([said("not-required", EVE, "management", behalf=BO)], Bar.WAIVED_ANOTHER),
    "a waiver taken back leaves one free": (
        [replace(said("not-required", BO, "management"), withdrawn_at=NOW)],
        Behind(BO),
    ),
    "an approval is no waiver": ([said("review", BO, "backend")], Behind(BO)),
    "somebody else's waiver is theirs": ([said("not-required", MO, "backend")], Behind(BO)),
}


@pytest.mark.parametrize(("before", "answer"), ONE_WAIVER.values(), ids=ONE_WAIVER.keys())
def test_one_person_waives_one_role(before: list[SignOff], answer: Behind | Bar) -> None:
    assert may_decide(WAIVE, BO, holders(), DBA, before) == answer


ASKED = {
    "its holders": (DBA, holders(), {DANA, DICK}),
    "but no deployer": (DBA, holders(deployers=(ANN, DANA)), {DICK}),
    "who signs instead of a holder": (DBA, holders(given=(("dba", DANA, EVE),)), {DICK, EVE}),
    "not instead of a holder who deploys": (
        *(DBA, holders(deployers=(ANN, DANA), given=(("dba", DANA, EVE),))),
        {DICK},
    ),
    "a holder who was handed it by another": (DBA, holders(given=(("dba", DANA, DICK),)), {DICK}),
    "who can second, where all holders deploy": (DBA, holders(deployers=BOTH_DBAS_DEPLOY), {BO, MO}),
    "a holder who handed on another role": (DBA, holders(given=(("backend", DICK, DANA),)), {DANA, DICK}),
    "nobody of an unknown group": (TYPO, holders(), set()),
    "nobody in particular, where it is open": (OPEN, holders(OPEN, DBA), set()),
}


@pytest.mark.parametrize(("role", "people", "asked"), ASKED.values(), ids=ASKED.keys())
def test_who_is_asked(role: Role, people: Holders, asked: set[str]) -> None:
    assert who_is_asked(people, role) == asked


LATER = {"dba": frozenset({DICK})}
BEHIND = {
    "asked after the others": (replace(holders(), backups=LATER), {DANA}, {DICK}),
    "asked at once where nobody else can": (replace(holders(deployers=(ANN, DANA)), backups=LATER), {DICK}, {DICK}),
    "nobody stands behind": (holders(), {DANA, DICK}, set()),
    "who deploys stands behind nobody": (replace(holders(deployers=(ANN, DICK)), backups=LATER), {DANA}, set()),
}


@pytest.mark.parametrize(("people", "asked", "later"), BEHIND.values(), ids=BEHIND)
def test_who_stands_behind_a_role_is_asked_when_nobody_answers(
    people: Holders, asked: set[str], later: set[str]
) -> None:
    assert who_is_asked(people, DBA) == asked
    assert who_stands_behind(people, DBA) == later


TWO = replace(DBA, quorum=2)
REJECTED = replace(said("reject", DICK), reason="locks orders")
WAIVED = replace(said("not-required", BO), reason="no table is touched")
JUDGED = {
    "nothing said": (DBA, [], RoleWord.WAITING),
    "approved": (DBA, [said("approve", DANA)], RoleWord.APPROVED),
    "reviewed": (BACKEND, [said("review", BO, "backend")], RoleWord.REVIEWED),
    "acknowledged, by a deployer and long ago": (
        PRODUCT,
        [said("acknowledge", ANN, "product", days_ago=30)],
        RoleWord.ACKNOWLEDGED,
    ),
    "about another subject it does not count": (DBA, [said("approve", DANA, subject=OTHER)], RoleWord.STALE),
    "exactly seven days old it counts": (DBA, [said("approve", DANA, days_ago=7)], RoleWord.APPROVED),
    "older it does not": (DBA, [said("approve", DANA, days_ago=7.001)], RoleWord.STALE),
    "a deployer's does not count": (DBA, [said("approve", ANN)], RoleWord.STALE),
    "nor one on a deployer's behalf": (DBA, [said("approve", EVE, behalf=ANN)], RoleWord.STALE),
    "withdrawn it is gone": (DBA, [replace(said("approve", DANA), withdrawn_at=NOW)], RoleWord.WAITING),
    "ended it is gone": (DBA, [replace(said("approve", DANA), stale_at=NOW)], RoleWord.WAITING),
    "one rejection blocks": (DBA, [said("approve", DANA), said("reject", DICK)], RoleWord.REJECTED),
    "whatever it was about": (DBA, [said("reject", DICK, subject=OTHER)], RoleWord.REJECTED),
    "until it is cleared": (
        DBA,
        [said("approve", DANA), replace(said("reject", DICK), cleared_at=NOW)],
        RoleWord.APPROVED,
    ),
    "waived": (DBA, [said("not-required", BO)], RoleWord.NOT_REQUIRED),
    "a waiver is about its subject": (DBA, [said("not-required", BO, subject=OTHER)], RoleWord.STALE),
    "a waiver by a deployer does not count": (DBA, [said("not-required", ANN)], RoleWord.STALE),
    "seconded": (DBA, [said("second", BO)], RoleWord.SECONDED),
    "switched off": (replace(DBA, enabled=False), [], RoleWord.TURNED_OFF),
    "two of two": (TWO, [said("approve", DANA), said("approve", DICK)], RoleWord.APPROVED),
    "one of two": (TWO, [said("approve", DANA)], RoleWord.WAITING),
    "one person twice is one": (TWO, [said("approve", DANA), said("approve", DANA, behalf=DICK)], RoleWord.WAITING),
    "a person and their delegate are one": (
        TWO,
        [said("approve", DANA), said("approve", EVE, behalf=DANA)],
        RoleWord.WAITING,
    ),
    "a second meets one seat": (TWO, [said("second", BO)], RoleWord.WAITING),
    "two seconds meet two": (TWO, [said("second", BO), said("second", MO)], RoleWord.SECONDED),
}


@pytest.mark.parametrize(("role", "decisions", "word"), JUDGED.values(), ids=JUDGED.keys())
def test_what_counts(role: Role, decisions: list[SignOff], word: RoleWord) -> None:
    assert judge(role, decisions, TODAY, frozenset({ANN}), NOW).word is word


NAMED = {
    "switched off": (replace(DBA, enabled=False), [], RoleWord.TURNED_OFF, [], "", 0),
    "rejected": (DBA, [said("approve", DANA), REJECTED], RoleWord.REJECTED, [REJECTED], "locks orders", 0),
    "waived": (DBA, [WAIVED], RoleWord.NOT_REQUIRED, [WAIVED], "no table is touched", 0),
    "approved": (DBA, [said("approve", DANA)], RoleWord.APPROVED, [said("approve", DANA)], "", 1),
    "one of two": (TWO, [said("approve", DANA)], RoleWord.WAITING, [said("approve", DANA)], "", 1),
}


@pytest.mark.parametrize(("role", "decisions", "word", "counting", "reason", "seats"), NAMED.values(), ids=NAMED.keys())
def test_a_state_names_what_made_it_so(
    role: Role, decisions: list[SignOff], word: RoleWord, counting: list[SignOff], reason: str, seats: int
) -> None:
    state = judge(role, decisions, TODAY, frozenset({ANN}), NOW)
    assert state == RoleState(role, word, tuple(counting), reason, seats=seats)


def test_the_setting_decides_how_old_an_approval_may_be() -> None:
    old = [said("approve", DANA, days_ago=3)]
    assert judge(DBA, old, TODAY, frozenset(), NOW, approval_days=2).word is RoleWord.STALE


MET = {word: word not in {RoleWord.WAITING, RoleWord.STALE, RoleWord.REJECTED} for word in RoleWord}


@pytest.mark.parametrize(("word", "met"), MET.items(), ids=MET.keys())
def test_what_is_not_met_blocks_where_the_role_gates(word: RoleWord, met: bool) -> None:
    assert RoleState(DBA, word).blocks is not met
    assert not RoleState(PRODUCT, word).blocks
    assert not RoleState(DBA, word, gating=False).blocks


pairs = st.lists(
    st.tuples(st.sampled_from("abcde"), st.none() | st.sampled_from("abcde")).map(
        lambda pair: said("approve", pair[0], behalf=pair[1])
    ),
    max_size=5,
)


@given(pairs)
def test_seats_are_the_most_decisions_that_share_nobody(decisions: list[SignOff]) -> None:
    """Against trying every order in which they could be seated."""

    def seated(order: tuple[SignOff, ...]) -> int:
        taken: set[str] = set()
        count = 0
        for one in order:
            if not one.people & taken:
                taken |= one.people
                count += 1
        return count

    assert seats_filled(decisions) == max(seated(order) for order in permutations(decisions))


def test_the_best_seating_is_found_though_the_first_decision_has_to_stand() -> None:
    pairs = [("a", "b"), ("a", "c"), ("b", "d")]
    assert seats_filled([said("approve", who, behalf=behalf) for who, behalf in pairs]) == 2


def state(*decisions: SignOff, role: Role = DBA) -> RoleState:
    return RoleState(role, RoleWord.APPROVED, decisions)


TWO_PERSONS = {
    "an approver and the deployer": ([state(said("approve", DANA))], ANN, True),
    "a reviewer will do": ([state(said("review", BO, "backend"), role=BACKEND)], ANN, True),
    "a second will do": ([state(said("second", BO))], ANN, True),
    "a waiver is no yes": ([state(said("not-required", BO))], ANN, False),
    "four waivers are none": ([state(said("not-required", who)) for who in (BO, MO, DANA, DICK)], ANN, False),
    "an acknowledgement is none": ([state(said("acknowledge", EVE, "product"), role=PRODUCT)], ANN, False),
    "nobody said yes": ([], ANN, False),
    "only a deployer said yes": ([state(said("approve", ANN))], ANN, False),
    "who said yes is who says go": ([state(said("approve", DANA))], DANA, False),
    "a rejection is no yes": ([state(said("reject", DANA))], ANN, False),
}


@pytest.mark.parametrize(("states", "goer", "enough"), TWO_PERSONS.values(), ids=TWO_PERSONS.keys())
def test_two_persons_stand_behind_a_production_go(states: list[RoleState], goer: str, enough: bool) -> None:
    assert two_persons(states, frozenset({ANN}), goer) is enough
