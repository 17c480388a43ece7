"""Ways to talk the gate round, each as small as it gets: the first ones were found by the machine beside this file."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.deployment import State
from bot.core.item import ItemWord
from bot.core.signoff import RoleWord
from tests.usecases.gate_team import DORA, FRED, HOLDERS, SUE, GateTeam
from tests.usecases.team import ANN, BO, DANA, DEVI, MO

ASKED = ("dba", "backend", "devops", "management")


@pytest.fixture
def gate(tmp_path: Path) -> GateTeam:
    return GateTeam(tmp_path / "gonogo.db", quorum=1, dbas={DANA}, security=SUE)


def all_sign(gate: GateTeam, deployment: str, *besides: str) -> None:
    for role in ASKED:
        if role not in besides:
            gate.says(deployment, HOLDERS[role], role, "sign")


def goes(gate: GateTeam, deployment: str) -> bool:
    gate.says_go(deployment, gate.team.row(deployment).owner)
    return gate.team.row(deployment).state is State.DEPLOYING


def test_everybody_signs_and_it_goes(gate: GateTeam) -> None:
    deployment = gate.begins(ANN)
    assert not goes(gate, deployment)
    all_sign(gate, deployment)
    assert goes(gate, deployment)


# --- a waiver is no yes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [DANA, SUE])
def test_one_approver_waives_all_four_roles(gate: GateTeam, who: str) -> None:
    deployment = gate.begins(ANN)
    for role in ASKED:
        gate.says(deployment, who, role, "waive")
    assert not goes(gate, deployment)


@pytest.mark.parametrize("body", [1, 3], ids=["security is not needed", "nobody could tell whether security is needed"])
def test_four_approvers_waive_each_other_and_nobody_says_yes(gate: GateTeam, body: int) -> None:
    deployment = gate.begins(ANN)
    gate.reads(deployment, body)
    gate.tidies(deployment, ANN)
    for who, role in ((DANA, "backend"), (BO, "dba"), (DEVI, "management"), (MO, "devops")):
        gate.says(deployment, who, role, "waive")
    assert not goes(gate, deployment)


def test_two_approvers_waive_each_other_while_nobody_can_tell_whether_security_is_needed(tmp_path: Path) -> None:
    gate = GateTeam(tmp_path / "gonogo.db", quorum=1, dbas={DANA}, security=SUE, body=3)
    deployment = gate.begins(ANN)
    for who, role in ((DANA, "backend"), (DANA, "devops"), (BO, "dba"), (BO, "management")):
        gate.says(deployment, who, role, "waive")
    assert not goes(gate, deployment)


def test_nobody_waives_a_role_they_hold(gate: GateTeam) -> None:
    deployment = gate.begins(ANN)
    all_sign(gate, deployment, "dba")
    gate.says(deployment, DANA, "dba", "waive")
    assert not goes(gate, deployment)


def test_nobody_waives_a_role_that_was_delegated_to_them(gate: GateTeam) -> None:
    deployment = gate.begins(ANN)
    all_sign(gate, deployment, "dba")
    gate.delegates(DANA, "dba", BO, 3)
    gate.says(deployment, BO, "dba", "waive")
    assert not goes(gate, deployment)


def test_one_person_waives_one_role(gate: GateTeam) -> None:
    deployment = gate.begins(ANN)
    all_sign(gate, deployment, "devops", "management")
    gate.says(deployment, BO, "devops", "waive")
    gate.says(deployment, BO, "management", "waive")
    assert not goes(gate, deployment)
    gate.says(deployment, DANA, "management", "waive")
    assert goes(gate, deployment)


# --- the people behind a decision -----------------------------------------------------------------------------------


def test_a_deployer_s_delegate_approves(gate: GateTeam) -> None:
    deployment = gate.begins(DANA)
    all_sign(gate, deployment, "dba")
    gate.delegates(DANA, "dba", FRED, 3)
    gate.says(deployment, FRED, "dba", "sign")
    assert not goes(gate, deployment)


@pytest.mark.parametrize("what", ["waive", "second"])
def test_a_deployer_s_delegate_is_no_approver(gate: GateTeam, what: str) -> None:
    gate.delegates(DANA, "dba", FRED, 3)
    deployment = gate.begins(DANA)
    gate.moves(deployment, BO, "join")
    all_sign(gate, deployment, "dba", "backend")
    gate.says(deployment, SUE, "dba", "second")
    gate.says(deployment, FRED, "backend", what)
    assert not goes(gate, deployment)


def test_one_joins_after_their_delegate_approved(gate: GateTeam) -> None:
    deployment = gate.begins(ANN)
    all_sign(gate, deployment, "dba")
    gate.delegates(DANA, "dba", FRED, 3)
    gate.says(deployment, FRED, "dba", "sign")
    gate.moves(deployment, DANA, "join")
    assert not goes(gate, deployment)


def test_a_quorum_of_two_is_not_met_by_one_and_their_own_delegate(tmp_path: Path) -> None:
    gate = GateTeam(tmp_path / "gonogo.db", quorum=2, dbas={DANA, DORA}, security=SUE)
    deployment = gate.begins(ANN)
    all_sign(gate, deployment)
    gate.delegates(DANA, "dba", FRED, 3)
    gate.says(deployment, FRED, "dba", "sign")
    assert not goes(gate, deployment)
    gate.says(deployment, DORA, "dba", "sign")
    assert goes(gate, deployment)


@pytest.mark.parametrize("role", ["backend", "devops", "management"])
def test_a_waiver_ends_when_its_author_joins(gate: GateTeam, role: str) -> None:
    deployment = gate.begins(ANN)
    all_sign(gate, deployment, role)
    gate.says(deployment, SUE, role, "waive")
    gate.moves(deployment, SUE, "join")
    assert not goes(gate, deployment)


@pytest.mark.parametrize("what", ["n/a", "override"])
def test_what_was_settled_over_a_required_line_ends_when_its_author_joins(gate: GateTeam, what: str) -> None:
    deployment = gate.begins(ANN)
    all_sign(gate, deployment)
    gate.ticks(deployment, FRED, "rollback-plan", "undo")
    gate.ticks(deployment, SUE, "rollback-plan", what)
    gate.moves(deployment, SUE, "join")
    assert gate.team.situation(deployment).states["rollback-plan"].word is ItemWord.OPEN
    assert not goes(gate, deployment)


def test_what_a_delegate_settled_over_a_required_line_ends_when_the_delegator_joins(gate: GateTeam) -> None:
    deployment = gate.begins(ANN)
    all_sign(gate, deployment, "management")
    gate.delegates(MO, "management", FRED, 3)
    gate.says(deployment, FRED, "management", "sign")
    gate.ticks(deployment, FRED, "rollback-plan", "undo")
    gate.ticks(deployment, FRED, "rollback-plan", "n/a")
    gate.moves(deployment, MO, "join")
    assert gate.team.situation(deployment).states["rollback-plan"].word is ItemWord.OPEN


def test_an_owner_who_took_over_ends_what_they_said(gate: GateTeam) -> None:
    deployment = gate.begins(ANN)
    all_sign(gate, deployment)
    gate.moves(deployment, MO, "take over")
    gate.waits(minutes=10)
    assert gate.team.row(deployment).owner == MO
    assert not goes(gate, deployment)


# --- seconds --------------------------------------------------------------------------------------------------------


def test_a_role_of_deployers_only_is_seconded(gate: GateTeam) -> None:
    deployment = gate.begins(BO)
    all_sign(gate, deployment, "backend")
    gate.says(deployment, DANA, "backend", "second")
    assert goes(gate, deployment)


def test_a_group_that_nobody_found_is_nobody_s_free_pass(tmp_path: Path) -> None:
    gate = GateTeam(tmp_path / "gonogo.db", quorum=1, dbas={DANA}, security=SUE, devops="@mistyped")
    deployment = gate.begins(ANN)
    all_sign(gate, deployment, "devops")
    gate.says(deployment, BO, "devops", "second")
    assert not goes(gate, deployment)


def test_a_group_that_everybody_left_is_nobody_s_free_pass(gate: GateTeam) -> None:
    deployment = gate.begins(ANN)
    all_sign(gate, deployment, "dba")
    gate.is_dba(DANA, now=False)
    gate.says(deployment, BO, "dba", "second")
    assert not goes(gate, deployment)


def test_a_second_fills_one_seat_of_two(tmp_path: Path) -> None:
    gate = GateTeam(tmp_path / "gonogo.db", quorum=2, dbas={DANA, DORA}, security=SUE)
    deployment = gate.begins(DANA)
    gate.moves(deployment, DORA, "join")
    all_sign(gate, deployment, "dba")
    gate.says(deployment, BO, "dba", "second")
    assert not goes(gate, deployment)
    gate.says(deployment, MO, "dba", "second")
    assert goes(gate, deployment)


# --- files, time, and a no ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "still"), [(6.99, True), (7.01, False)], ids=["for 7 days", "no longer"])
def test_an_approval_counts(gate: GateTeam, days: float, still: bool) -> None:
    deployment = gate.begins(ANN)
    all_sign(gate, deployment)
    gate.waits(days=days)
    assert goes(gate, deployment) is still


def test_files_that_return_are_decided_anew(gate: GateTeam) -> None:
    deployment = gate.begins(ANN)
    all_sign(gate, deployment)
    for body in (3, 1):
        gate.reads(deployment, body)
        gate.chooses(deployment, ANN, uses=True)
    assert not goes(gate, deployment)


def test_files_that_are_not_used_do_not_tell_security_that_it_is_not_needed(tmp_path: Path) -> None:
    gate = GateTeam(tmp_path / "gonogo.db", quorum=1, dbas={DANA}, security=SUE, body=2)
    deployment = gate.begins(ANN)
    all_sign(gate, deployment)
    gate.reads(deployment, 1)
    gate.chooses(deployment, ANN, uses=False)
    assert not goes(gate, deployment)


def test_a_no_of_security_blocks_also_where_nobody_could_tell_whether_it_is_needed(tmp_path: Path) -> None:
    gate = GateTeam(tmp_path / "gonogo.db", quorum=1, dbas={DANA}, security=SUE, body=3)
    deployment = gate.begins(ANN)
    all_sign(gate, deployment)
    gate.says(deployment, SUE, "security", "reject")
    assert not goes(gate, deployment)


def test_a_review_that_carries_keeps_the_people_behind_it(gate: GateTeam) -> None:
    gate.delegates(BO, "backend", FRED, 3)
    gate.staging_was_done(ANN, backend=FRED)
    deployment = gate.begins(BO)
    all_sign(gate, deployment, "backend")
    assert not goes(gate, deployment)


def test_a_carried_review_that_was_withdrawn_stays_withdrawn(gate: GateTeam) -> None:
    gate.staging_was_done(ANN)
    deployment = gate.begins(ANN)
    all_sign(gate, deployment, "backend")
    assert gate.team.role(deployment, "backend").word is RoleWord.REVIEWED
    gate.takes_back(deployment, BO, "backend", "withdraw")
    gate.reads(deployment)
    assert not goes(gate, deployment)
