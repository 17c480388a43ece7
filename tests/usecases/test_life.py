"""A deployment's life: start, decide, go, complete, close."""

from __future__ import annotations

import pytest

from bot.core.checklist.items import Phase, Requirement
from bot.core.deployment import Outcome, State
from bot.core.item import ItemWord
from bot.core.refusal import NotYetKnown, Refused
from bot.core.signoff import RoleWord
from bot.usecases import tick
from bot.usecases.lifecycle import complete, custody, go, hold, roll_back, start
from bot.usecases.signoffs import decide
from checks.result import Status
from tests.chains import first_broken
from tests.usecases.team import ANN, BO, DANA, DEVI, GUEST, MO, Team, files


def test_a_start_pins_the_range_and_says_what_is_missing(team: Team) -> None:
    deployment = team.starts()
    facts = team.dashboard(deployment)
    assert facts.deployment.range_words == "00008–00009"
    assert facts.needed_total == facts.needed_done + len(facts.blockers)
    assert "DBA: approval is missing" in team.blockers(deployment)


def test_a_second_start_is_refused_with_who_holds_the_environment(team: Team) -> None:
    team.starts()
    with pytest.raises(Refused, match=r"held by deployment 1 .* Ann's since"):
        team.does(start.start, BO, "production")


def test_guests_and_people_of_other_workspaces_only_read(team: Team) -> None:
    with pytest.raises(Refused, match="Guests"):
        team.does(start.start, GUEST, "production")


def test_an_unknown_person_is_asked_for_before_anything_is_recorded(team: Team) -> None:
    with pytest.raises(NotYetKnown) as missing:
        team.does(start.start, "U0STRANGER", "production")
    assert missing.value.people == ("U0STRANGER",)


def test_a_cache_older_than_an_hour_is_not_believed(team: Team) -> None:
    deployment = team.starts()
    team.now = team.now.replace(hour=12)
    with pytest.raises(NotYetKnown):
        team.does(tick.tick, ANN, deployment, "rollback-plan")


def test_the_whole_life(team: Team) -> None:
    deployment = team.starts()
    team.goes(deployment)
    assert team.row(deployment).state is State.DEPLOYING
    team.completes(deployment)
    assert (team.row(deployment).state, team.row(deployment).result) == (State.VERIFYING, Outcome.SUCCESS)
    with pytest.raises(Refused, match=r"watched until .* reason for closing early"):
        team.does(complete.close, ANN, deployment, "")
    team.does(complete.close, ANN, deployment, "covered by the dashboards")
    assert team.row(deployment).state is State.CLOSED
    entries = team.store.read(lambda reader: reader.journal.entries(team.row(deployment).chain))
    assert first_broken(entries) is None
    assert team.events(deployment)[-1] == "closed"


def test_notices_go_out_once_at_start_go_and_completion(team: Team) -> None:
    deployment = team.starts()
    team.goes(deployment)
    team.completes(deployment)
    events = [notice.state for notice in team.store.read(lambda reader: reader.notices.of(deployment))]
    assert sorted(events) == ["completion", "go", "start"]


def test_the_deployer_s_own_approval_is_refused_with_the_reason(team: Team) -> None:
    deployment = team.starts(who=DANA)
    with pytest.raises(Refused, match="nobody approves their own"):
        team.does(decide.sign, DANA, deployment, "dba", team.situation(deployment).subject)


def test_a_role_of_deployers_only_is_seconded_by_another_approver(team: Team) -> None:
    deployment = team.starts(who=DANA)
    team.does(decide.second, BO, deployment, "dba", team.situation(deployment).subject)
    assert team.role(deployment, "dba").word is RoleWord.SECONDED
    assert "DBA was seconded by another approver" in team.dashboard(deployment).amber


def test_a_role_with_others_in_it_cannot_be_seconded(team: Team) -> None:
    deployment = team.starts()
    with pytest.raises(Refused, match="has members who are no deployers"):
        team.does(decide.second, BO, deployment, "dba", team.situation(deployment).subject)


def test_an_approval_of_another_subject_records_nothing(team: Team) -> None:
    deployment = team.starts()
    with pytest.raises(Refused, match="no longer what would run") as refusal:
        team.does(decide.sign, DANA, deployment, "dba", "0" * 64)
    assert refusal.value.offer_again
    assert team.role(deployment, "dba").word is RoleWord.WAITING


def test_one_rejection_blocks_until_it_is_cleared(team: Team) -> None:
    deployment = team.starts()
    subject = team.situation(deployment).subject
    team.does(decide.reject, BO, deployment, "backend", subject, "00009 lacks an index")
    assert "Backend rejected: 00009 lacks an index" in team.blockers(deployment)
    with pytest.raises(Refused, match="cleared by its author"):
        team.does(decide.clear_rejection, MO, deployment, "backend", "fine")
    team.does(decide.clear_rejection, ANN, deployment, "backend", "index is in 00010")
    team.does(decide.sign, BO, deployment, "backend", subject)
    assert team.role(deployment, "backend").met


def test_a_sign_off_can_be_withdrawn_until_go(team: Team) -> None:
    deployment = team.starts()
    team.signs(deployment, "dba")
    team.does(decide.withdraw, DANA, deployment, "dba")
    assert team.role(deployment, "dba").word is RoleWord.WAITING
    team.goes(deployment)
    with pytest.raises(Refused, match="deploying now"):
        team.does(decide.withdraw, DANA, deployment, "dba")


def test_joining_voids_one_s_approval(team: Team) -> None:
    deployment = team.starts()
    team.signs(deployment, "dba")
    team.does(start.join, DANA, deployment)
    assert not team.role(deployment, "dba").met


def test_a_double_click_signs_once(team: Team) -> None:
    deployment = team.starts()
    team.signs(deployment, "dba")
    answer = team.does(decide.sign, DANA, deployment, "dba", team.situation(deployment).subject)
    assert "already" in answer.text
    assert len(team.role(deployment, "dba").counting) == 1


def test_approvers_are_asked_once_when_the_last_required_item_is_settled(team: Team) -> None:
    deployment = team.starts()
    team.settles(deployment, Requirement.GO)
    assert team.row(deployment).asked_at is not None
    assert team.events(deployment).count("asked") == 1
    assert [len(team.asked(deployment, role)) for role in ("dba", "backend", "devops", "management")] == [1, 1, 1, 1]


def test_go_says_exactly_what_is_missing(team: Team) -> None:
    deployment = team.starts()
    with pytest.raises(Refused) as refusal:
        team.says_go(deployment)
    assert "Rollback plan prepared" in refusal.value.sentence
    assert "Management: approval is missing" in refusal.value.sentence


def test_only_a_deployer_says_go(team: Team) -> None:
    deployment = team.starts()
    with pytest.raises(Refused, match="Only a deployer of this deployment can do that \\(Ann\\)"):
        team.says_go(deployment, BO)


def test_dirty_history_read_at_go_stops_it_and_is_said_in_the_thread(team: Team) -> None:
    deployment = team.starts()
    team.settles(deployment, Requirement.GO)
    team.signs(deployment)
    team.does(go.ask_go, ANN, deployment, team.situation(deployment).subject)
    team.reads(deployment, files("00008", "00009"), history=team.history("00007", dirty=("00007",)))
    team.finishes_runs(deployment)
    assert team.row(deployment).state is State.PREPARING
    said = [facts for facts in team.said("phase") if facts["event"] == "no-go"]
    assert said[0]["missing"][0]["sentence"] == "00007 is marked dirty in the history table"


def test_a_failed_check_takes_a_reason_and_on_a_required_item_an_approver(team: Team) -> None:
    deployment = team.starts()
    item = "rollback-plan"
    team.has_probe(item, "plan-there")
    team.answers(deployment, "plan-there", Status.FAILED, "no file plan.md")
    assert team.situation(deployment).states[item].word is ItemWord.FAILED
    with pytest.raises(Refused, match=r"no file plan\.md"):
        team.does(tick.tick, ANN, deployment, item)
    with pytest.raises(Refused, match="deployer cannot waive"):
        team.does(tick.tick, ANN, deployment, item, "it is in the wiki")
    team.does(tick.tick, DANA, deployment, item, "it is in the wiki")
    assert team.situation(deployment).states[item].word is ItemWord.DONE
    team.answers(deployment, "plan-there", Status.FAILED, "still no file", inputs="other")
    assert team.situation(deployment).states[item].word is ItemWord.FAILED


def test_a_required_item_is_not_waived_by_a_deployer(team: Team) -> None:
    deployment = team.starts()
    with pytest.raises(Refused, match="deployer cannot waive"):
        team.does(tick.not_applicable, ANN, deployment, "rollback-plan", "no need")
    team.does(tick.not_applicable, DEVI, deployment, "rollback-plan", "down files are tested")
    assert team.situation(deployment).states["rollback-plan"].word is ItemWord.NOT_APPLICABLE


def test_success_needs_what_it_needs_and_partial_needs_notes(team: Team) -> None:
    deployment = team.starts()
    team.goes(deployment)
    with pytest.raises(Refused, match="Not a Success yet"):
        team.does(complete.complete, ANN, deployment, Outcome.SUCCESS, "")
    with pytest.raises(Refused, match="needs notes"):
        team.does(complete.complete, ANN, deployment, Outcome.PARTIAL, " ")
    team.does(complete.complete, ANN, deployment, Outcome.PARTIAL, "00009 is left for tomorrow")
    assert team.row(deployment).result is Outcome.PARTIAL


def test_hold_and_retry(team: Team) -> None:
    deployment = team.starts()
    team.goes(deployment)
    team.does(hold.hold, DANA, deployment, "replication lags")
    assert team.dashboard(deployment).hold_reason == "replication lags"
    team.does(hold.retry, ANN, deployment)
    assert team.row(deployment).state is State.DEPLOYING


def test_abort_frees_the_environment_and_is_told(team: Team) -> None:
    deployment = team.starts()
    with pytest.raises(Refused, match="Give a reason"):
        team.does(custody.abort, ANN, deployment, "")
    team.does(custody.abort, ANN, deployment, "wrong branch")
    assert team.row(deployment).state is State.ABORTED
    assert team.starts() != deployment


def test_a_rollback_ends_as_rolled_back_and_holds_the_environment_until_lifted(team: Team) -> None:
    deployment = team.starts()
    team.goes(deployment)
    team.does(complete.complete, ANN, deployment, Outcome.PARTIAL, "00009 failed")
    parked = team.starts(who=BO)
    team.does(roll_back.roll_back, ANN, deployment, "restore", "errors after 00009")
    assert team.situation(deployment).sections(Phase.ROLLBACK)
    team.does(complete.complete, ANN, deployment, Outcome.ROLLED_BACK, "down files ran")
    assert team.row(deployment).holds_environment
    with pytest.raises(Refused, match="still held by another"):
        team.does(custody.unpark, BO, parked)
    team.does(complete.lift, ANN, deployment)
    assert team.row(parked).state is State.PREPARING


def test_parked_deployments_come_back_by_themselves(team: Team) -> None:
    first = team.starts()
    team.signs(first, "dba")
    team.does(custody.park, ANN, first, "hotfix")
    hotfix = team.starts(who=BO, versions=("00010",))
    with pytest.raises(Refused, match="still held"):
        team.does(custody.unpark, ANN, first)
    team.does(custody.abort, BO, hotfix, "not needed")
    assert team.row(first).state is State.PREPARING
    assert team.role(first, "dba").met, "approvals are kept"
