"""The gate says exactly what is missing, in the order in which a person would mend it, and who can mend it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest

from bot.core.checklist.items import Kind, Phase, Requirement
from bot.core.deployment import History, Outcome, State
from bot.core.item import ItemWord
from bot.core.team import Freeze, Window
from bot.usecases import tick
from bot.usecases.facts import Blocker
from bot.usecases.lifecycle import complete, hold, start
from bot.usecases.signoffs import decide
from bot.usecases.situation import gate, warning, watch
from bot.usecases.situation.snapshot import Situation
from checks.result import NOTE, Finding, Status
from tests.usecases.team import ANN, BO, DANA, DEVI, MO, Team, files

TUESDAY_MORNING = Window(frozenset({1}), time(9), time(12), "Tue 09:00-12:00")


def missing(team: Team, deployment: str, *kinds: str) -> list[Blocker]:
    found = gate.blockers(team.situation(deployment))
    return [one for one in found if one.kind in kinds or not kinds]


def with_production(team: Team, **changes: Any) -> None:
    place = replace(team.project.environments["production"], **changes)
    team.project = replace(team.project, environments={**team.project.environments, "production": place})


def settled(team: Team) -> str:
    """All but the sign-offs."""
    deployment = team.starts()
    team.settles(deployment, Requirement.GO)
    return deployment


# --- before go ----------------------------------------------------------------------------------------------------


def test_files_that_are_not_read_come_first(team: Team) -> None:
    deployment = team.does(start.start, ANN, "production").deployment_id or ""
    assert missing(team, deployment)[0] == Blocker("reading", "", "The migration files are not read yet")


def test_a_range_that_is_not_given_comes_first(team: Team) -> None:
    team.project = replace(team.project, has_migrations=False)
    deployment = team.does(start.start, ANN, "production").deployment_id or ""
    assert missing(team, deployment)[0] == Blocker("reading", "", "The range is not given")


def test_files_that_moved(team: Team) -> None:
    deployment = settled(team)
    team.signs(deployment)
    team.reads(deployment, files("00008", "00009", body="select 2;"))
    sentence = "Files in range changed since they were approved: use the new files, or stay"
    assert missing(team, deployment) == [Blocker("files", "", sentence)]


def test_each_fault_of_history(team: Team) -> None:
    deployment = settled(team)
    team.signs(deployment)
    many = tuple(f"0000{number}" for number in range(1, 7))
    team.reads(deployment, files("00008", "00009"), history=History(dirty=("00007",), failed=many, changed=("00003",)))
    assert missing(team, deployment) == [
        Blocker("history", version, sentence, mend="mend the history, then run the checks")
        for version, sentence in (
            ("00007", "00007 is marked dirty in the history table"),
            ("00001", "00001, 00002, 00003, 00004, 00005 failed before and is still in the history table"),
            ("00003", "00003 was changed after it was applied"),
        )
    ]


@pytest.mark.parametrize(
    ("status", "tail"),
    [
        (None, "open"),
        (Status.FAILED, "failed, no file plan.md"),
        (Status.EVIDENCE, "waiting for a person's yes, no file plan.md"),
    ],
)
def test_a_required_line(team: Team, status: Status | None, tail: str) -> None:
    team.has_probe("rollback-plan", "plan-there")
    deployment = settled(team)
    team.signs(deployment)
    team.does(tick.undo, ANN, deployment, "rollback-plan")
    if status:
        team.later(seconds=1)
        team.answers(deployment, "plan-there", status, "no file plan.md")
    told = "no file plan.md" if status else ""
    assert missing(team, deployment) == [Blocker("item", "rollback-plan", f"Rollback plan prepared: {tail}", told=told)]


def test_a_line_that_failed_names_what_failed(team: Team) -> None:
    """A situation whose state has no result says the word alone."""
    deployment = settled(team)
    situation = team.situation(deployment)
    for word, said in ((ItemWord.FAILED, "failed"), (ItemWord.WAITING, "waiting for a person's yes")):
        states = {**situation.states, "backup": replace(situation.states["backup"], word=word, results=())}
        bare = gate.blockers(replace(situation, states=states))
        assert [one.sentence for one in bare if one.subject == "backup"] == [f"Database backup completed: {said}"]


def test_each_role_with_whom_to_ask(team: Team) -> None:
    deployment = settled(team)
    assert missing(team, deployment) == [
        Blocker("sign-off", "dba", "DBA: approval is missing", ("@dba-team",)),
        Blocker("sign-off", "backend", "Backend: review is missing", (BO,)),
        Blocker("sign-off", "devops", "DevOps: review is missing", (DEVI,)),
        Blocker("sign-off", "management", "Management: approval is missing", (MO,)),
    ]


@pytest.mark.parametrize(("quorum", "left"), [(2, "1 of 2"), (3, "2 of 3")])
def test_a_quorum_counts_what_is_left(team: Team, quorum: int, left: str) -> None:
    asked = {**team.project.roles, "dba": replace(team.project.roles["dba"], quorum=quorum)}
    team.project = replace(team.project, roles=asked)
    deployment = settled(team)
    team.signs(deployment)
    assert missing(team, deployment) == [
        Blocker("sign-off", "dba", f"DBA: {left} approvals are missing", ("@dba-team",))
    ]


def test_a_rejection_comes_before_what_is_open(team: Team) -> None:
    deployment = team.starts()
    subject = team.situation(deployment).subject
    team.does(decide.reject, MO, deployment, "management", subject, "not in the sale")
    found = missing(team, deployment)
    words, mend = "Management rejected: not in the sale", "change it, or have it cleared in the thread"
    assert found[0] == Blocker("rejection", "management", words, (MO,), mend=mend)
    assert [one.subject for one in found].count("management") == 1
    assert found[1].kind == "item"


def test_a_rejection_whose_reason_was_removed(team: Team) -> None:
    deployment = settled(team)
    team.does(decide.reject, MO, deployment, "management", team.situation(deployment).subject, "not in the sale")
    situation = team.situation(deployment)
    silent = tuple(replace(state, reason="") for state in situation.roles)
    [first, *_] = gate.blockers(replace(situation, roles=silent))
    assert first.sentence == "Management rejected: no reason kept"


def test_an_approval_that_grew_old(team: Team) -> None:
    deployment = settled(team)
    team.signs(deployment, "management")
    team.later(days=8)
    team.signs(deployment, "dba", "backend", "devops")
    sentence = "Management: the sign-off is out of date, ask again"
    assert missing(team, deployment, "sign-off") == [Blocker("sign-off", "management", sentence, (MO,))]


def test_two_persons_are_asked_for_once_no_role_says_more(team: Team) -> None:
    off = {name: replace(role, enabled=False) for name, role in team.project.roles.items()}
    team.project = replace(team.project, roles=off)
    deployment = settled(team)
    sentence = "A production go needs a second person: one yes (approve, review, second) of somebody who is no deployer"
    assert missing(team, deployment) == [Blocker("sign-off", "", sentence)]
    with_production(team, two_person=False)
    assert missing(team, deployment) == []


def test_outside_of_a_window_and_inside_a_freeze(team: Team) -> None:
    with_production(team, windows=(TUESDAY_MORNING,), timezone="Europe/Berlin")
    deployment = settled(team)
    team.signs(deployment)
    words = "Outside of the deployment windows; the next one starts Tue 24 Nov 09:00 (Europe/Berlin)"
    assert missing(team, deployment) == [Blocker("window", "", words)]
    with_production(team, freezes=(Freeze(date(2026, 11, 20), date(2026, 12, 31), "sale"),))
    assert missing(team, deployment) == [
        Blocker("freeze", "", "Frozen until 31 Dec 2026: sale"),
        Blocker("window", "", "Outside of the deployment windows"),
    ]


# --- the next steps -----------------------------------------------------------------------------------------------


def test_what_success_needs(team: Team) -> None:
    deployment = team.starts()
    team.goes(deployment)
    sentence = "Run smoke tests: open"
    assert Blocker("item", "smoke-tests", sentence) in missing(team, deployment)
    team.settles(deployment, Requirement.COMPLETE)
    assert missing(team, deployment) == []


WATCHED = Blocker("watch", "", "It is watched until Mon 21 Dec 09:00 UTC, then it closes by itself")


def test_what_closing_needs_is_what_failed_and_the_last_look(team: Team) -> None:
    team.has_probe("services-operational", "health")
    deployment = team.starts()
    team.goes(deployment)
    team.completes(deployment)
    assert missing(team, deployment) == [WATCHED]
    team.answers(deployment, "health", Status.FAILED, "1 of 3 is down")
    told = "Verify all services operational: failed, 1 of 3 is down"
    assert missing(team, deployment) == [Blocker("item", "services-operational", told, told="1 of 3 is down"), WATCHED]
    team.does(complete.close, ANN, deployment, "enough")
    assert missing(team, deployment) == []


def held_with_changed_files(team: Team) -> str:
    deployment = team.starts()
    team.goes(deployment)
    team.does(hold.hold, ANN, deployment, "the index build failed")
    team.reads(deployment, files("00008", "00009", body="select 2;"))
    team.does(hold.use_new_files, ANN, deployment, team.row(deployment).moved_fingerprint)
    return deployment


def test_going_on_with_changed_files_asks_the_dba_first(team: Team) -> None:
    deployment = held_with_changed_files(team)
    words = "DBA: approval of the changed files is missing"
    assert missing(team, deployment)[0] == Blocker("sign-off", "dba", words, ("@dba-team",))
    assert not missing(team, deployment, "")
    team.signs(deployment, "dba")
    assert not missing(team, deployment, "sign-off")


def test_going_on_with_changed_files_asks_whoever_approves_where_no_role_is_called_dba(team: Team) -> None:
    asked = {**team.project.roles, "dba": replace(team.project.roles["dba"], name="data")}
    team.project = replace(team.project, roles=asked)
    deployment = team.starts()
    team.settles(deployment, Requirement.GO)
    for role, who in (("data", DANA), ("backend", BO), ("devops", DEVI), ("management", MO)):
        team.does(decide.sign, who, deployment, role, team.situation(deployment).subject)
    team.says_go(deployment)
    team.does(hold.hold, ANN, deployment, "the index build failed")
    team.reads(deployment, files("00008", "00009", body="select 2;"))
    team.does(hold.use_new_files, ANN, deployment, team.row(deployment).moved_fingerprint)
    assert [one.subject for one in missing(team, deployment, "sign-off")] == ["data", "management"]


def test_going_on_with_changed_files_takes_a_second_person(team: Team) -> None:
    deployment = held_with_changed_files(team)
    approvers = {name: replace(team.project.roles[name], enabled=False) for name in ("dba", "management")}
    team.project = replace(team.project, roles={**team.project.roles, **approvers})
    words = "Going on with changed files in production needs a second person's approval"
    assert missing(team, deployment, "sign-off") == [Blocker("sign-off", "", words)]


# --- what does not block ------------------------------------------------------------------------------------------


def risk(team: Team, deployment: str, status: Status, *findings: Finding) -> Situation:
    team.answers(deployment, warning.STATEMENT_RISK, status)
    situation = team.situation(deployment)
    found = replace(situation.results[warning.STATEMENT_RISK], findings=findings)
    return replace(situation, results={**situation.results, warning.STATEMENT_RISK: found})


@pytest.mark.parametrize(("status", "warns"), [(Status.WARNING, 2), (Status.FAILED, 2), (Status.PASSED, 0)])
def test_statements_that_make_others_wait(team: Team, status: Status, warns: int) -> None:
    given = [
        Finding(f"statement {number} locks", severity=NOTE if number == 2 else "warning") for number in range(1, 5)
    ]
    situation = risk(team, team.starts(), status, *given)
    assert warning.warnings(situation) == ("statement 1 locks", "statement 3 locks")[:warns]


@pytest.mark.parametrize(("clock", "fits"), [("11:00", True), ("11:15", True), ("11:16", False)])
def test_an_estimate_with_its_reserve_that_does_not_fit_the_window(team: Team, clock: str, fits: bool) -> None:
    with_production(team, windows=(TUESDAY_MORNING,), rollback_reserve_minutes=15)
    team.later(days=1)
    deployment = team.starts()
    hour, minute = map(int, clock.split(":"))
    situation = team.situation(deployment)
    row = replace(situation.deployment, estimate_minutes=30)
    situation = replace(situation, deployment=row, now=situation.now.replace(hour=hour, minute=minute))
    words = "The estimate and the rollback reserve do not fit: the window ends 12:00"
    assert warning.warnings(situation) == (() if fits else (words,))


def test_an_estimate_of_one_s_own(team: Team) -> None:
    situation = team.situation(team.starts())
    assert warning.estimate(situation) is None
    longer = replace(situation, deployment=replace(situation.deployment, estimate_minutes=45))
    assert warning.estimate(longer) == timedelta(minutes=45)


def test_the_next_window_has_room_for_the_estimate(team: Team) -> None:
    with_production(team, windows=(TUESDAY_MORNING, Window(frozenset({3}), time(9), time(16), "Thu 09:00-16:00")))
    deployment = settled(team)
    situation = team.situation(deployment)
    longer = replace(situation, deployment=replace(situation.deployment, estimate_minutes=200))
    assert "the next one starts Thu 26 Nov 09:00 (UTC)" in gate.blockers(longer)[-1].sentence


def test_a_planned_window_that_has_not_begun(team: Team) -> None:
    situation = team.situation(team.starts())
    for minutes, warned in ((1, True), (0, False)):
        row = replace(situation.deployment, window_start=situation.now + timedelta(minutes=minutes))
        warnings = warning.warnings(replace(situation, deployment=row))
        assert warnings == (("The planned window has not begun yet",) if warned else ())


def test_a_role_that_was_seconded_and_a_rule_that_is_off(team: Team) -> None:
    with_production(team, two_person=False)
    deployment = team.starts(who=BO)
    team.does(decide.second, DANA, deployment, "backend", team.situation(deployment).subject)
    assert warning.warnings(team.situation(deployment)) == (
        "Backend was seconded by another approver",
        "The two-person rule is switched off (setting `two_person`)",
    )


def test_after_go_nothing_is_warned_of(team: Team) -> None:
    with_production(team, two_person=False)
    deployment = team.starts()
    team.goes(deployment)
    assert warning.warnings(team.situation(deployment)) == ()


def test_roles_that_nobody_can_fill(team: Team) -> None:
    deployment = team.starts(who=BO)
    who = {
        "dba": {DANA},
        "backend": {BO},
        "devops": set(),
        "management": {BO, MO},
        "security": set(),
        "product-owner": set(),
    }
    eligible = {
        state.role.name: frozenset(who.get(state.role.name, set())) for state in team.situation(deployment).roles
    }
    assert list(warning.role_obstacles(team.situation(deployment), eligible)) == [
        Finding(
            "Backend: every member is a deployer of this deployment",
            hint="another approver can second it, amber in the record",
        ),
        Finding("DevOps: no member was found", hint="add members to [roles.devops]"),
    ]
    team.does(decide.sign, DANA, deployment, "dba", team.situation(deployment).subject)
    assert len(list(warning.role_obstacles(team.situation(deployment), {**eligible, "dba": frozenset()}))) == 2


def test_a_partial_completion_needs_nothing_but_notes(team: Team) -> None:
    deployment = team.starts()
    team.goes(deployment)
    team.does(complete.complete, ANN, deployment, Outcome.PARTIAL, "00009 is left")
    assert missing(team, deployment) == [WATCHED]


# --- what a line of the checklist says ------------------------------------------------------------------------------


def line(team: Team, deployment: str, item: str) -> Blocker:
    return next(one for one in missing(team, deployment, "item") if one.subject == item)


def test_every_wrong_answer_is_told_with_the_first_mend(team: Team) -> None:
    team.has_probe("backup", "age")
    team.has_probe("window", "size")
    team.project = replace(team.project, probes={**team.project.probes, "backup": ("age", "size")})
    deployment = team.starts()
    team.answers(deployment, "age", Status.FAILED, "50 h old")
    assert line(team, deployment, "backup").mend == ""
    team.answers(deployment, "size", Status.FAILED, "0 bytes", hint="take one")
    told = line(team, deployment, "backup")
    assert (told.told, told.mend) == ("50 h old; 0 bytes", "take one")
    assert told.sentence == "Database backup completed: failed, 50 h old; 0 bytes"


def test_an_open_line_tells_no_answer_that_a_person_took_back(team: Team) -> None:
    team.has_probe("backup", "age")
    deployment = team.starts()
    team.answers(deployment, "age", Status.EVIDENCE, "50 h old")
    team.does(tick.tick, ANN, deployment, "backup")
    team.does(tick.undo, ANN, deployment, "backup")
    assert line(team, deployment, "backup") == Blocker("item", "backup", "Database backup completed: open")


def test_whose_turn_a_peer_s_line_is_while_no_check_failed(team: Team) -> None:
    team.has_probe("peer-review", "reviewed")
    deployment = team.starts()
    assert line(team, deployment, "peer-review").mend == gate.PEERS_TURN
    team.answers(deployment, "reviewed", Status.FAILED, "nobody looked")
    assert line(team, deployment, "peer-review").mend == ""


def test_two_lines_of_one_label_are_told_with_their_sections(team: Team) -> None:
    text = "## One\n- [ ] Same <!-- id: a; required: go -->\n- [ ] Other <!-- id: c; required: go -->\n"
    text += "## Two\n- [ ] Same <!-- id: b; required: go -->\n"
    team.project = replace(team.project, checklist_text=text, roles={})
    deployment = team.starts()
    told = [one.sentence for one in missing(team, deployment, "item")]
    assert told == ["Same (One): open", "Other: open", "Same (Two): open"]


def test_what_is_overridden_stands_out_with_who_did_it(team: Team) -> None:
    team.has_probe("backup", "age")
    deployment = team.starts()
    team.answers(deployment, "age", Status.FAILED, "50 h old")
    seen = frozenset(one.digest for one in team.situation(deployment).results.values())
    team.does(tick.override, DANA, deployment, "backup", "taken by hand", seen)
    assert warning.amber(team.situation(deployment)) == ("Database backup completed overridden by Dana",)


# --- on the way back ------------------------------------------------------------------------------------------------

SEVEN = " ".join(f"0000{number}" for number in range(1, 8))
LEFT: dict[str, tuple[str | None, tuple[str, ...], str, list[Blocker]]] = {
    "nothing to undo": (None, ("00001",), "down", []),
    "one is left": ("00008 00009", ("00008",), "down", [Blocker("undo", "00008", "00008 is still in the history")]),
    "all are left": ("8 9", ("8", "9"), "restore", [Blocker("undo", "8", "8, 9 are still in the history")]),
    "five are named": (
        SEVEN,
        tuple(SEVEN.split()),
        "down",
        [Blocker("undo", "00001", "00001, 00002, 00003, 00004, 00005 are still in the history")],
    ),
    "a fix forward undoes nothing": ("8 9", ("8", "9"), "forward", []),
    "all is undone": ("8 9", (), "down", []),
}


@pytest.mark.parametrize(("undoing", "applied", "choice", "told"), LEFT.values(), ids=LEFT)
def test_what_history_still_has_of_what_is_undone(
    team: Team, undoing: str | None, applied: tuple[str, ...], choice: str, told: list[Blocker]
) -> None:
    situation = team.situation(team.starts())
    facts = replace(situation.deployment.facts, undoing=undoing, rollback_choice=choice)
    back = replace(situation.deployment, state=State.ROLLING_BACK, facts=facts, history=History(applied=applied))
    assert list(gate.blockers(replace(situation, deployment=back))) == told


def test_closing_looks_at_verify_and_close(team: Team) -> None:
    deployment = team.starts()
    phases = {item.phase(Kind.PRODUCTION) for item in watch.closing(team.situation(deployment))}
    assert phases == {Phase.VERIFY, Phase.CLOSE}
