"""DESIGN's table of acts: who may, who may not, and what waits until somebody was looked up."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.decision import Delegation
from bot.core.deployment import State
from bot.core.refusal import NotYetKnown, Refused
from bot.core.signoff import Behind, Deciding
from bot.core.team import Person
from bot.usecases import permit
from bot.usecases.act import Act
from bot.usecases.lifecycle import start
from bot.usecases.signoffs import decide, delegate
from tests.usecases.team import ANN, BO, DANA, DEVI, GUEST, MO, TEAM, Team

HOUR = timedelta(hours=1)
STRANGER = "U0STRANGER"
MAY, SIGN, SECOND, WAIVE = permit.require_may, Deciding.SIGN, Deciding.SECOND, Deciding.WAIVE_ROLE


def asks(team: Team, require: Callable[..., Any], deployment: str, act: Act, *more: Any) -> Any:
    situation = team.situation(deployment)
    roles = tuple(
        situation.role(one).role if isinstance(one, str) and one in team.project.roles else one for one in more
    )
    return team.store.read(lambda reader: require(reader, situation, act, *roles))


def later(team: Team, who: str, span: timedelta = HOUR + timedelta(seconds=1), **more: Any) -> Act:
    """An act when the directory is that old."""
    return replace(team.act(who), at=team.now + span, **more)


def with_on_call(team: Team, *who: str) -> None:
    place = replace(team.project.environments["production"], on_call=who)
    team.project = replace(team.project, environments={**team.project.environments, "production": place})


# --- a full member --------------------------------------------------------------------------------------------------


def member(team: Team, act: Act, **named: Any) -> Person:
    return team.store.read(lambda reader: permit.require_full_member(reader, team.project, act, **named))


def learns(team: Team, **changes: Any) -> None:
    def work(unit: Any) -> None:
        unit.people.keep(replace(unit.people.person(ANN), **changes))

    team.store.write(work)


NO_MEMBERS: dict[str, tuple[dict[str, Any], str]] = {
    "a guest": ({"is_guest": True}, "Guests can read"),
    "a deactivated account": ({"is_active": False}, "deactivated"),
    "a bot": ({"is_bot": True}, "bot's account"),
    "somebody of another workspace": ({"home_team": "T0OTHER"}, "Guests can read"),
}


@pytest.mark.parametrize(("changes", "sentence"), NO_MEMBERS.values(), ids=NO_MEMBERS)
def test_no_full_member_is(team: Team, changes: dict[str, Any], sentence: str) -> None:
    learns(team, **changes)
    with pytest.raises(Refused, match=sentence):
        member(team, team.act(ANN))


def test_whom_the_request_names_of_another_workspace_only_reads(team: Team) -> None:
    with pytest.raises(Refused, match="another workspace"):
        member(team, replace(team.act(ANN), home_team="T0OTHER"))
    assert member(team, replace(team.act(ANN), home_team="")).user_id == ANN
    assert member(team, replace(team.act(ANN), home_team=TEAM)).user_id == ANN


def test_a_directory_of_an_hour_is_believed_and_an_older_one_is_not(team: Team) -> None:
    assert member(team, later(team, ANN, HOUR)).user_id == ANN
    with pytest.raises(NotYetKnown) as waits:
        member(team, later(team, ANN))
    assert waits.value.people == (ANN,)
    assert member(team, later(team, ANN), any_age=True).user_id == ANN
    assert member(team, later(team, ANN, console=True)).user_id == ANN


def test_a_notice_too_is_acknowledged_by_who_is_known_since_an_hour(team: Team) -> None:
    assert team.store.read(lambda reader: permit.require_colleague(reader, later(team, ANN, HOUR))).user_id == ANN
    with pytest.raises(NotYetKnown):
        team.store.read(lambda reader: permit.require_colleague(reader, later(team, ANN)))


@pytest.mark.parametrize(("typed", "may"), [("production", True), (" production ", True), ("prod", False), ("", False)])
def test_what_is_confirmed_by_typing_is_the_environment_as_it_is_called(team: Team, typed: str, may: bool) -> None:
    situation = team.situation(team.starts())
    with nullcontext() if may else pytest.raises(Refused, match="name, production, to confirm"):
        permit.require_named(situation, typed)


def test_a_directory_from_after_now_is_not_believed(team: Team) -> None:
    """Only as far as a click stands in line while a row is fetched."""
    assert member(team, later(team, ANN, -timedelta(seconds=10))).user_id == ANN
    with pytest.raises(NotYetKnown):
        member(team, later(team, ANN, -timedelta(seconds=11)))
    with pytest.raises(NotYetKnown):
        holds(team, later(team, DANA, -timedelta(seconds=11)), "@dba-team")


def test_who_was_never_seen_is_asked_for_whatever_the_age(team: Team) -> None:
    for act in (team.act(STRANGER), later(team, STRANGER, console=True)):
        with pytest.raises(NotYetKnown) as waits:
            member(team, act, any_age=True)
        assert waits.value.people == (STRANGER,)


def test_a_private_channel_is_for_its_members_and_an_old_list_is_asked_for(team: Team) -> None:
    team.store.write(lambda unit: unit.people.keep_channel("C0DEPLOYS", [BO], team.now - HOUR))
    assert member(team, team.act(BO)).user_id == BO
    with pytest.raises(Refused, match="private"):
        member(team, team.act(ANN))
    soon = later(team, BO, timedelta(seconds=1))
    with pytest.raises(NotYetKnown) as waits:
        member(team, soon)
    assert waits.value.channels == ("C0DEPLOYS",)
    assert member(team, soon, any_age=True).user_id == BO
    assert member(team, replace(soon, console=True)).user_id == BO


def test_a_channel_that_was_never_looked_at(team: Team) -> None:
    team.project = replace(team.project, channel="C0OTHER")
    with pytest.raises(NotYetKnown) as waits:
        member(team, team.act(ANN), any_age=True)
    assert waits.value.channels == ("C0OTHER",)
    assert member(team, replace(team.act(ANN), console=True)).user_id == ANN


# --- in groups ------------------------------------------------------------------------------------------------------


def holds(team: Team, act: Act, *members: str, **named: Any) -> bool:
    return team.store.read(lambda reader: permit.holds(reader, act, members, **named))


def sees(team: Team, who: str, channel: str, old: timedelta = timedelta()) -> bool:
    return team.store.read(lambda reader: permit.may_see(reader, channel, who, team.now + old))


def test_a_private_channels_deployments_are_shown_to_its_members_while_that_is_known(team: Team) -> None:
    team.store.write(lambda unit: unit.people.keep_channel("C0VAULT", [ANN, GUEST], team.now))
    assert [sees(team, who, "C0VAULT", HOUR) for who in (ANN, GUEST, BO, "")] == [True, True, False, False]
    for who in (ANN, BO):
        with pytest.raises(NotYetKnown) as missing:
            sees(team, who, "C0VAULT", HOUR + timedelta(seconds=1))
        assert missing.value.channels == ("C0VAULT",)
    with pytest.raises(NotYetKnown):
        sees(team, ANN, "C0NEVER")


def test_a_public_channels_deployments_are_shown_to_everybody_whatever_the_age(team: Team) -> None:
    assert [sees(team, who, "C0DEPLOYS", 48 * HOUR) for who in (ANN, GUEST, STRANGER)] == [True] * 3


def test_who_is_named_needs_no_group(team: Team) -> None:
    assert holds(team, later(team, ANN), "@dba-team", ANN)
    assert holds(team, team.act(DANA), "@dba-team")
    assert not holds(team, team.act(ANN), "@dba-team")


def test_a_group_that_was_not_looked_at_decides_nothing(team: Team) -> None:
    for who in (ANN, DANA):
        with pytest.raises(NotYetKnown) as waits:
            holds(team, later(team, who), "@dba-team")
        assert waits.value.groups == ("@dba-team",)
        assert holds(team, later(team, who), "@dba-team", any_age=True) is (who == DANA)
        assert holds(team, later(team, who, console=True), "@dba-team") is (who == DANA)
    with pytest.raises(NotYetKnown) as waits:
        holds(team, team.act(ANN), "@dba-team", "@mistyped")
    assert waits.value.groups == ("@mistyped",)
    assert holds(team, later(team, DANA, HOUR), "@dba-team")


def test_names_in_sentences_mention_nobody(team: Team) -> None:
    assert (
        team.store.read(lambda reader: permit.words(reader, ("@dba-team", BO, "U0GONE"))) == "@dba-team or Bo or U0GONE"
    )


# --- acts -----------------------------------------------------------------------------------------------------------


def test_only_those_who_are_set_work_on_deployments(team: Team) -> None:
    team.project = replace(team.project, deployers=(BO, "@dba-team"))

    def worker(who: str) -> Person:
        return team.store.read(lambda reader: permit.require_worker(reader, team.project, team.act(who)))

    assert [worker(who).user_id for who in (BO, DANA)] == [BO, DANA]
    with pytest.raises(Refused, match=r"Only Bo or @dba-team may work"):
        worker(ANN)
    team.project = replace(team.project, deployers=())
    assert worker(ANN).user_id == ANN
    with pytest.raises(Refused, match="Guests"):
        worker(GUEST)


def test_only_a_deployer_goes_completes_aborts_and_parks(team: Team) -> None:
    deployment = team.starts()
    asks(team, permit.require_deployer, deployment, team.act(ANN))
    with pytest.raises(Refused, match=r"\(Ann\)\. Press Join"):
        asks(team, permit.require_deployer, deployment, team.act(BO))
    with pytest.raises(NotYetKnown):
        asks(team, permit.require_deployer, deployment, later(team, ANN))
    team.does(start.join, DEVI, deployment)
    with pytest.raises(Refused, match=r"\(Ann, Devi\)\. Press Join"):
        asks(team, permit.require_deployer, deployment, team.act(BO))


@pytest.mark.parametrize("span", [timedelta(0), 9 * HOUR], ids=["now", "with an old directory"])
def test_deployers_signers_and_on_call_hold(team: Team, span: timedelta) -> None:
    with_on_call(team, "@dba-team")
    deployment = team.starts()
    team.does(decide.sign, BO, deployment, "backend", team.situation(deployment).subject)
    for who in (ANN, BO, DANA):
        asks(team, permit.require_holder, deployment, later(team, who, span))
    with pytest.raises(Refused, match="Hold is for deployers, signers"):
        asks(team, permit.require_holder, deployment, later(team, MO, span))
    with pytest.raises(Refused, match="Guests"):
        asks(team, permit.require_holder, deployment, later(team, GUEST, span))


@pytest.mark.parametrize("span", [timedelta(0), 9 * HOUR], ids=["now", "with an old directory"])
def test_deployers_and_on_call_roll_back(team: Team, span: timedelta) -> None:
    deployment = team.starts()
    with pytest.raises(Refused, match="no on-call is configured"):
        asks(team, permit.require_on_call_or_deployer, deployment, later(team, DANA, span))
    with_on_call(team, "@dba-team")
    for who in (ANN, DANA):
        asks(team, permit.require_on_call_or_deployer, deployment, later(team, who, span))
    with pytest.raises(Refused, match=r"on-call \(@dba-team\)"):
        asks(team, permit.require_on_call_or_deployer, deployment, later(team, MO, span))
    with pytest.raises(Refused, match="Guests"):
        asks(team, permit.require_on_call_or_deployer, deployment, later(team, GUEST, span))


def test_todays_state_decides(team: Team) -> None:
    situation = team.situation(team.starts())
    permit.require_state(situation, State.PREPARING)
    permit.require_state(situation, State.HELD, State.PREPARING)
    with pytest.raises(Refused, match="Deployment 1 is preparing now; this needs it to be held or parked"):
        permit.require_state(situation, State.HELD, State.PARKED)


# --- decisions ------------------------------------------------------------------------------------------------------


def test_whoever_a_role_was_handed_to_signs_on_behalf(team: Team) -> None:
    """In this team and project; a role of the same name elsewhere was handed over there."""
    deployment, until = team.starts(), team.now + timedelta(days=1)
    elsewhere = Delegation("d1", "billing", "dba", DANA, DEVI, until, team.now)
    team.store.write(lambda unit: unit.sign_offs.delegate(TEAM, elsewhere))
    team.store.write(lambda unit: unit.sign_offs.delegate("T0OTHER", replace(elsewhere, id="d2", project="default")))
    with pytest.raises(Refused, match="is for"):
        asks(team, MAY, deployment, team.act(DEVI), SIGN, "dba")
    team.does(delegate.delegate, DANA, "dba", DEVI, until)
    assert asks(team, MAY, deployment, team.act(DEVI), SIGN, "dba") == Behind(DEVI, DANA)


def test_one_person_waives_one_role(team: Team) -> None:
    deployment = team.starts()
    subject = team.situation(deployment).subject
    team.does(decide.not_required, MO, deployment, "devops", subject, "nothing of theirs changes")
    with pytest.raises(Refused, match="waives one at most"):
        asks(team, MAY, deployment, team.act(MO), WAIVE, "backend")


def test_who_stands_behind_a_decision_is_told(team: Team) -> None:
    deployment = team.starts()
    assert asks(team, MAY, deployment, team.act(DANA), SIGN, "dba") == Behind(DANA)
    assert asks(team, MAY, deployment, team.act(BO), WAIVE, "dba") == Behind(BO)
    assert asks(team, MAY, deployment, team.act(DEVI), Deciding.WAIVE_ITEM) == Behind(DEVI)


BARRED: dict[str, tuple[str, Deciding, str | None, str]] = {
    "a deployer signs": (ANN, SIGN, "dba", "so you cannot sign as DBA: nobody approves their own"),
    "a deployer seconds": (ANN, SECOND, "dba", "A deployer cannot second"),
    "a deployer waives": (ANN, WAIVE, "dba", "A deployer cannot waive a sign-off"),
    "a deployer waives a line": (ANN, Deciding.WAIVE_ITEM, None, "A deployer cannot waive a required item"),
    "a deployer reviews": (ANN, Deciding.REVIEW_GLASS, None, "for an approver who is no deployer"),
    "who does not hold it signs": (MO, SIGN, "dba", "DBA is for @dba-team. You do not hold it"),
    "somebody seconds who could ask": (BO, SECOND, "management", "Management has members who are no deployers: ask Mo"),
    "a holder waives": (MO, WAIVE, "management", "You hold Management, so you decide it"),
}


@pytest.mark.parametrize(("who", "what", "role", "sentence"), BARRED.values(), ids=BARRED)
def test_the_sentence_when(team: Team, who: str, what: Deciding, role: str | None, sentence: str) -> None:
    deployment = team.starts()
    with pytest.raises(Refused, match=sentence):
        asks(team, MAY, deployment, team.act(who), what, *([role] if role else []))


def test_a_click_waits_for_a_group_that_could_change_its_answer(team: Team) -> None:
    """Who holds a role by name signs at once; the group of that very role is waited for by a second and a waiver."""
    deployment = team.starts()
    assert asks(team, MAY, deployment, later(team, BO), SIGN, "backend") == Behind(BO)
    assert asks(team, MAY, deployment, later(team, BO), WAIVE, "devops") == Behind(BO)
    for who, what, role in ((DANA, SIGN, "dba"), (BO, SECOND, "dba"), (BO, WAIVE, "dba"), (DANA, WAIVE, "devops")):
        with pytest.raises(NotYetKnown) as waits:
            asks(team, MAY, deployment, later(team, who), what, role)
        assert waits.value.groups == ("@dba-team",)
    with pytest.raises(NotYetKnown):
        asks(team, MAY, deployment, later(team, DANA), Deciding.WAIVE_ITEM)
    with pytest.raises(Refused, match="has members who are no deployers"):
        asks(team, MAY, deployment, later(team, BO), SECOND, "devops")
    assert asks(team, MAY, deployment, later(team, DANA, console=True), SIGN, "dba") == Behind(DANA)
