"""DESIGN, *Sign-offs*, as people meet it: one rule decides, whoever presses what, before go and after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.calendar import ReminderKind
from bot.core.checklist.items import Kind, Requirement
from bot.core.deployment import State
from bot.core.item import ItemWord
from bot.core.refusal import NotYetKnown, Refused
from bot.core.signoff import RoleWord
from bot.core.team import Environment, Person
from bot.usecases import tick, views
from bot.usecases.facts import AskedWord
from bot.usecases.lifecycle import break_glass, complete, custody, go, hold, start
from bot.usecases.signoffs import asking, decide, delegate
from bot.usecases.telling import remind
from bot.usecases.verb import Verb
from checks.result import Status
from tests.usecases.team import ANN, BO, DANA, DEVI, MO, TEAM, Team, files

FRIDAY = datetime(2026, 11, 27, 23, 59, tzinfo=UTC)
REASON = "checkout is down and this index brings it back"


def signs(team: Team, who: str, deployment: str, role: str) -> None:
    team.does(decide.sign, who, deployment, role, team.situation(deployment).subject)


def waives(team: Team, who: str, deployment: str, role: str) -> None:
    team.does(decide.not_required, who, deployment, role, team.situation(deployment).subject, "not this time")


def buttons(team: Team, deployment: str, role: str) -> tuple[Verb, ...]:
    return team.store.read(lambda reader: views.sign_off(reader, team.project, deployment, role, team.now)).acts


def asked(team: Team, deployment: str, role: str) -> set[str]:
    return {who for who, facts in team.asked(deployment, role) if facts.word is AskedWord.OPEN}


def needs(team: Team, who: str) -> list[str]:
    """The roles that App Home and `/deploy mine` show to this person."""
    home = team.store.read(lambda reader: views.home(reader, {"default": team.project}, who, team.now))
    return [facts.role.name for _, _, facts in home.needs_me if facts is not None]


# --- one rule for the message, the asking and the click ---------------------------------------------------------------


def test_the_delegate_of_a_deployer_is_neither_asked_nor_offered_nor_heard(team: Team) -> None:
    deployment = team.starts()
    team.does(delegate.delegate, DANA, "dba", DEVI, FRIDAY)
    team.does(start.join, DANA, deployment)
    team.does(asking.ask_now, ANN, deployment)
    assert Verb.SECOND in buttons(team, deployment, "dba")
    assert asked(team, deployment, "dba") == {BO, DEVI, MO}, "all DBAs deploy, so the other approvers can second"
    with pytest.raises(Refused, match="You do not hold it"):
        signs(team, DEVI, deployment, "dba")
    assert team.role(deployment, "dba").word is RoleWord.WAITING


def test_home_shows_a_role_to_whom_the_direct_message_asks(team: Team) -> None:
    deployment = team.starts(who=DANA)
    team.does(asking.ask_now, DANA, deployment)
    assert asked(team, deployment, "dba") == {BO, DEVI, MO}
    assert "dba" in needs(team, BO)
    assert "dba" not in needs(team, DANA)


def test_home_shows_a_delegated_role_to_whom_it_was_given(team: Team) -> None:
    deployment = team.starts()
    team.does(delegate.delegate, DANA, "dba", DEVI, FRIDAY)
    team.does(asking.ask_now, ANN, deployment)
    assert "dba" in needs(team, DEVI)
    assert "dba" not in needs(team, DANA)


# --- seconds and quorums ----------------------------------------------------------------------------------------------


def with_role(team: Team, **changes: object) -> None:
    dba = replace(team.project.roles["dba"], **changes)  # type: ignore[arg-type]
    team.project = replace(team.project, roles={**team.project.roles, "dba": dba})


def test_nobody_seconds_a_role_whose_group_is_mistyped(team: Team) -> None:
    with_role(team, members=("@dba-taem",))
    team.store.write(lambda unit: unit.people.keep_group("@dba-taem", "", [], team.now))
    deployment = team.starts()
    with pytest.raises(Refused, match="Nobody is known in @dba-taem"):
        team.does(decide.second, BO, deployment, "dba", team.situation(deployment).subject)
    obstacles = [obstacle.message for obstacle in team.row(deployment).obstacles]
    assert "DBA: no member was found" in obstacles


def test_one_second_meets_one_seat(team: Team) -> None:
    with_role(team, quorum=2)
    deployment = team.starts(who=DANA)
    subject = team.situation(deployment).subject
    team.does(decide.second, BO, deployment, "dba", subject)
    assert not team.role(deployment, "dba").met
    assert "DBA: 1 of 2 approvals are missing" in team.blockers(deployment)
    team.does(decide.second, MO, deployment, "dba", subject)
    assert team.role(deployment, "dba").word is RoleWord.SECONDED


# --- delegations ------------------------------------------------------------------------------------------------------


def test_a_delegation_is_taken_back_and_both_hear_of_it(team: Team) -> None:
    deployment = team.starts()
    given = team.does(delegate.delegate, DANA, "dba", DEVI, FRIDAY)
    assert [offer["verb"] for offer in given.offers] == [Verb.TAKE_BACK]
    answer = team.does(delegate.take_back, DANA, "dba")
    assert answer.text == "DBA is yours alone again; Devi no longer signs for you."
    assert team.said("private")[-1]["user"] == DEVI
    with pytest.raises(Refused, match="You do not hold it"):
        signs(team, DEVI, deployment, "dba")
    signs(team, DANA, deployment, "dba")


def test_what_was_decided_before_it_was_taken_back_stands(team: Team) -> None:
    deployment = team.starts()
    team.does(delegate.delegate, DANA, "dba", DEVI, FRIDAY)
    signs(team, DEVI, deployment, "dba")
    team.does(delegate.take_back, DANA, "dba")
    assert team.role(deployment, "dba").word is RoleWord.APPROVED


def test_nothing_is_taken_back_that_was_not_given(team: Team) -> None:
    with pytest.raises(Refused, match="You have not delegated DBA"):
        team.does(delegate.take_back, DANA, "dba")


# --- becoming a deployer ----------------------------------------------------------------------------------------------


def test_joining_before_go_ends_what_was_decided_on_one_s_behalf(team: Team) -> None:
    deployment = team.starts()
    team.does(delegate.delegate, DANA, "dba", DEVI, FRIDAY)
    signs(team, DEVI, deployment, "dba")
    answer = team.does(start.join, DANA, deployment)
    assert "(1) no longer counts" in answer.text
    assert not team.role(deployment, "dba").met


def test_joining_before_go_ends_a_waived_item(team: Team) -> None:
    deployment = team.starts()
    team.does(tick.not_applicable, DANA, deployment, "rollback-plan", "nothing to roll back")
    assert team.situation(deployment).states["rollback-plan"].word is ItemWord.NOT_APPLICABLE
    answer = team.does(start.join, DANA, deployment)
    assert "(1) no longer counts" in answer.text
    assert team.situation(deployment).states["rollback-plan"].word is ItemWord.OPEN


def test_joining_before_go_ends_an_override(team: Team) -> None:
    team.has_probe("rollback-plan", "plan-there")
    deployment = team.starts()
    team.answers(deployment, "plan-there", Status.FAILED)
    team.does(tick.tick, DANA, deployment, "rollback-plan", "it lies elsewhere")
    assert team.situation(deployment).states["rollback-plan"].settled
    team.does(start.join, DANA, deployment)
    assert team.situation(deployment).states["rollback-plan"].word is ItemWord.FAILED


def test_joining_leaves_an_optional_item_as_it_was_said(team: Team) -> None:
    deployment = team.starts()
    team.does(tick.not_applicable, DANA, deployment, "monitoring-alerts", "no alerts here")
    team.does(start.join, DANA, deployment)
    assert team.situation(deployment).states["monitoring-alerts"].word is ItemWord.NOT_APPLICABLE


def test_after_go_joining_ends_nothing(team: Team) -> None:
    deployment = team.starts()
    team.goes(deployment)
    team.does(start.join, DANA, deployment)
    assert team.role(deployment, "dba").word is RoleWord.APPROVED
    team.later(days=10)
    assert team.role(deployment, "dba").word is RoleWord.APPROVED, "what was approved at go stays approved"


@pytest.mark.parametrize("ending", ["closed", "aborted"])
def test_nobody_joins_what_has_ended(team: Team, ending: str) -> None:
    deployment = team.starts()
    if ending == "closed":
        team.goes(deployment)
        team.completes(deployment)
        team.does(complete.close, ANN, deployment, "all looked at")
    else:
        team.does(custody.abort, ANN, deployment, "not today")
    entries = team.events(deployment)
    with pytest.raises(Refused, match=f"is {ending}: nobody joins"):
        team.does(start.join, DANA, deployment)
    assert team.events(deployment) == entries


def test_who_approved_changed_files_and_joins_has_approved_nothing(team: Team) -> None:
    """Going on with changed files is decided anew, so that it is like before go."""
    deployment = team.starts()
    team.goes(deployment)
    team.does(hold.hold, ANN, deployment, "the index build failed")
    team.reads(deployment, files("00008", "00009", body="select 2;"))
    moved = team.row(deployment).moved_fingerprint or ""
    team.does(hold.use_new_files, ANN, deployment, moved)
    signs(team, DANA, deployment, "dba")
    team.does(start.join, DANA, deployment)
    with pytest.raises(Refused, match="approval of the changed files is missing"):
        team.does(hold.retry, ANN, deployment)


# --- broken glass -----------------------------------------------------------------------------------------------------


def broken(team: Team) -> str:
    deployment = team.starts()
    subject = team.situation(deployment).subject
    team.does(break_glass.break_glass, DANA, deployment, subject, REASON, "production")
    return deployment


def test_a_deployer_who_reviews_code_reviews_no_broken_glass(team: Team) -> None:
    deployment = broken(team)
    team.does(start.join, BO, deployment)
    with pytest.raises(Refused, match="approver who is no deployer"):
        team.does(break_glass.review_glass, BO, deployment)
    team.does(break_glass.review_glass, MO, deployment)


def test_the_breaker_s_delegate_reviews_no_broken_glass(team: Team) -> None:
    team.store.write(lambda unit: unit.people.keep(Person(TEAM, "U0EVE", "Eve", "UTC", TEAM, False, True, team.now)))
    team.does(delegate.delegate, DANA, "dba", "U0EVE", FRIDAY)
    deployment = broken(team)
    with pytest.raises(Refused, match="holder of an approve or review role"):
        team.does(break_glass.review_glass, "U0EVE", deployment)


# --- items that stand and carry ---------------------------------------------------------------------------------------


def aborts(team: Team, deployment: str) -> None:
    team.does(custody.abort, ANN, deployment, "again tomorrow")


def test_an_override_of_a_standing_item_is_open_again_in_the_next_deployment(team: Team) -> None:
    team.has_probe("backup-restorable", "restored")
    first = team.starts()
    team.answers(first, "restored", Status.FAILED)
    team.does(tick.tick, DANA, first, "backup-restorable", "restored by hand")
    assert team.situation(first).states["backup-restorable"].word is ItemWord.DONE
    aborts(team, first)
    second = team.starts()
    assert team.situation(second).states["backup-restorable"].word is ItemWord.OPEN


def test_a_check_that_says_worse_than_when_it_was_settled_asks_a_person(team: Team) -> None:
    team.has_probe("backup-restorable", "restored")
    first = team.starts()
    team.answers(first, "restored", Status.PASSED, "restored 3 h ago")
    aborts(team, first)
    second = team.starts()
    assert team.situation(second).states["backup-restorable"].word is ItemWord.DONE
    team.answers(second, "restored", Status.COULD_NOT_RUN, "the archive is not reached")
    state = team.situation(second).states["backup-restorable"]
    assert state.word is ItemWord.WAITING
    section = team.store.read(
        lambda reader: views.section(
            reader, team.project, second, team.situation(second).item("backup-restorable").section_id, team.now
        )
    )
    line = next(item for item in section.items if item.id == "backup-restorable")
    assert line.evidence == "the archive is not reached · settled before: restored 3 h ago"


def test_a_check_that_says_the_same_as_when_it_was_settled_leaves_it_settled(team: Team) -> None:
    team.has_probe("backup-restorable", "restored")
    first = team.starts()
    team.answers(first, "restored", Status.WARNING, "took 3 h")
    team.does(tick.tick, ANN, first, "backup-restorable", "3 h are fine")
    aborts(team, first)
    second = team.starts()
    team.answers(second, "restored", Status.WARNING, "took 4 h")
    assert team.situation(second).states["backup-restorable"].word is ItemWord.DONE


def test_a_deployer_ticks_no_peer_review(team: Team) -> None:
    deployment = team.starts("staging")
    with pytest.raises(Refused, match="somebody who does not deploy this"):
        team.does(tick.tick, ANN, deployment, "peer-review")
    team.does(tick.tick, BO, deployment, "peer-review")
    assert team.situation(deployment).states["peer-review"].word is ItemWord.DONE
    team.does(start.join, BO, deployment)
    assert team.situation(deployment).states["peer-review"].word is ItemWord.OPEN


def test_a_peer_review_carries_to_production_unless_the_peer_deploys_there(team: Team) -> None:
    staging = team.starts("staging")
    team.goes(staging)
    team.completes(staging)
    reviewer = team.situation(staging).states["peer-review"].decision
    assert reviewer is not None
    production = team.starts()
    assert team.situation(production).states["peer-review"].word is ItemWord.DONE
    team.does(start.join, reviewer.who, production)
    assert team.situation(production).states["peer-review"].word is ItemWord.OPEN


def test_a_team_of_one_reviews_itself_where_that_is_switched_off(team: Team) -> None:
    alone = Environment("staging", Kind.STAGING, two_person=False)
    team.project = replace(team.project, environments={**team.project.environments, "staging": alone})
    deployment = team.starts("staging")
    team.does(tick.tick, ANN, deployment, "peer-review")
    assert team.situation(deployment).states["peer-review"].word is ItemWord.DONE


# --- range, bots, take-over -------------------------------------------------------------------------------------------


def test_the_range_is_for_deployers_and_asks_approvals_again(team: Team) -> None:
    team.project = replace(team.project, has_migrations=False)
    deployment = team.does(start.start, ANN, "production", "00008-00009").deployment_id or ""
    subject = team.situation(deployment).subject
    signs(team, DANA, deployment, "dba")
    with pytest.raises(Refused, match="Only a deployer"):
        team.does(start.give_range, BO, deployment, "00008-00012")
    team.does(start.give_range, ANN, deployment, "00008-00012")
    assert not team.role(deployment, "dba").met
    team.does(start.give_range, ANN, deployment, "00008-00009")
    assert team.situation(deployment).subject == subject
    assert not team.role(deployment, "dba").met, "a subject that returns is asked again"


def test_a_waiver_is_about_the_files_it_was_said_of(team: Team) -> None:
    deployment = team.starts()
    waives(team, BO, deployment, "dba")
    assert team.role(deployment, "dba").word is RoleWord.NOT_REQUIRED
    team.reads(deployment, files("00008", "00009", body="select 2;"))
    team.does(hold.use_new_files, ANN, deployment, team.row(deployment).moved_fingerprint)
    assert not team.role(deployment, "dba").met


def test_a_bot_s_account_decides_nothing(team: Team) -> None:
    deployment = team.starts()
    robot = Person(TEAM, "U0ROBOT", "Robot", "UTC", TEAM, False, True, team.now, is_bot=True)
    team.store.write(lambda unit: unit.people.keep(robot))
    with pytest.raises(Refused, match="a bot's account"):
        team.does(tick.tick, "U0ROBOT", deployment, "rollback-plan")


def rings(team: Team) -> None:
    """The alarm clock finds every reminder that is due."""
    for reminder in team.store.read(lambda reader: reader.reminders.pending()):
        if reminder.kind == ReminderKind.TAKE_OVER and reminder.due <= team.now:
            team.store.write(lambda unit, found=reminder: remind(unit, team.project, team.act("gonogo"), found.id))


def test_a_take_over_is_told_and_comes_after_ten_minutes(team: Team) -> None:
    deployment = team.starts()
    team.does(custody.take_over, BO, deployment, "Ann is at the dentist")
    assert [facts["user"] for facts in team.said("take-over")] == [ANN]
    team.later(minutes=9, seconds=59)
    rings(team)
    assert team.row(deployment).owner == ANN
    team.later(seconds=1)
    rings(team)
    assert team.row(deployment).owner == BO


def test_who_may_not_any_more_when_the_ten_minutes_are_over_takes_nothing_over(team: Team) -> None:
    deployment = team.starts()
    team.does(custody.take_over, BO, deployment, "Ann is at the dentist")
    team.later(minutes=10)
    gone = Person(TEAM, BO, "Bo", "UTC", TEAM, False, False, team.now)
    team.store.write(lambda unit: unit.people.keep(gone))
    rings(team)
    assert team.row(deployment).owner == ANN
    assert "deactivated" in str(team.said("private")[-1]["text"])


def test_a_take_over_waits_for_who_is_not_known_of_late_and_expires(team: Team) -> None:
    deployment = team.starts()
    team.does(custody.take_over, BO, deployment, "Ann is at the dentist")
    team.now += timedelta(minutes=12)
    team.store.write(
        lambda unit: unit.people.keep(Person(TEAM, BO, "Bo", "UTC", TEAM, False, True, team.now - timedelta(hours=2)))
    )
    with pytest.raises(NotYetKnown):
        rings(team)
    team.now += timedelta(minutes=4)
    rings(team)
    assert team.row(deployment).owner == ANN
    assert "Slack did not say who you are in time" in str(team.said("private")[-1]["text"])


def test_an_idle_deployment_is_taken_over_at_once(team: Team) -> None:
    deployment = team.starts()
    team.later(hours=3, minutes=59)
    team.does(custody.take_over, BO, deployment, "Ann is away")
    assert team.row(deployment).owner == ANN
    team.later(minutes=1)
    team.does(custody.take_over, DEVI, deployment, "Ann is away")
    assert team.row(deployment).owner == DEVI


def test_an_admin_takes_over_at_once(team: Team) -> None:
    team.project = replace(team.project, admins=(MO,))
    deployment = team.starts()
    team.does(custody.take_over, BO, deployment, "Ann is away")
    assert team.row(deployment).owner == ANN
    team.does(custody.take_over, MO, deployment, "Ann is away")
    assert team.row(deployment).owner == MO


# --- age --------------------------------------------------------------------------------------------------------------


def test_an_approval_older_than_seven_days_stops_go(team: Team) -> None:
    deployment = team.starts()
    team.settles(deployment, Requirement.GO)
    team.signs(deployment)
    team.later(days=7)
    assert team.role(deployment, "dba").met
    team.later(seconds=1)
    with pytest.raises(Refused, match="out of date, ask again"):
        team.does(go.ask_go, ANN, deployment, team.situation(deployment).subject)
    assert team.row(deployment).state is State.PREPARING
