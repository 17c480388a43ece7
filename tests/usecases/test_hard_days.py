"""Files that move, broken glass, changing hands, windows, carry-over, reminders."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from bot.core.checklist.items import Phase, Requirement
from bot.core.deployment import State
from bot.core.item import ItemWord
from bot.core.refusal import Refused
from bot.core.signoff import RoleWord
from bot.core.team import Freeze, Window
from bot.usecases import tick
from bot.usecases.lifecycle import break_glass, complete, custody, hold
from bot.usecases.signoffs import decide
from bot.usecases.telling import remind
from checks.result import Status
from tests.usecases.team import ANN, BO, DANA, MO, Team, files

REASON = "checkout is down and this index brings it back"


def test_moved_files_block_go_and_old_approvals_count_for_nothing(team: Team) -> None:
    deployment = team.starts()
    old_subject = team.situation(deployment).subject
    team.signs(deployment, "dba")
    team.reads(deployment, files("00008", "00009", body="select 2;"))
    assert any("changed since they were approved" in sentence for sentence in team.blockers(deployment))
    assert team.role(deployment, "dba").met, "pinned files and approvals stand until somebody chooses"
    moved = team.row(deployment).moved_fingerprint
    team.does(hold.use_new_files, ANN, deployment, moved)
    assert team.role(deployment, "dba").word is RoleWord.WAITING
    with pytest.raises(Refused, match="no longer what would run"):
        team.does(decide.sign, DANA, deployment, "dba", old_subject)


def test_staying_is_not_asked_about_again(team: Team) -> None:
    deployment = team.starts()
    other = files("00008", "00009", body="select 2;")
    team.reads(deployment, other)
    team.does(hold.stay, ANN, deployment, team.row(deployment).moved_fingerprint)
    team.reads(deployment, other)
    assert team.row(deployment).moved_fingerprint is None


def test_a_choice_about_files_that_moved_on_is_refused(team: Team) -> None:
    deployment = team.starts()
    team.reads(deployment, files("00008", "00009", body="select 2;"))
    shown = team.row(deployment).moved_fingerprint
    team.reads(deployment, files("00008", "00009", body="select 3;"))
    with pytest.raises(Refused, match="changed again"):
        team.does(hold.use_new_files, ANN, deployment, shown)


def test_broken_glass_passes_sign_offs_and_owes_a_review(team: Team) -> None:
    deployment = team.starts()
    subject = team.situation(deployment).subject
    with pytest.raises(Refused, match="cannot break the glass"):
        team.does(break_glass.break_glass, ANN, deployment, subject, REASON, "production")
    with pytest.raises(Refused, match="at least 20 characters"):
        team.does(break_glass.break_glass, DANA, deployment, subject, "urgent", "production")
    with pytest.raises(Refused, match="Type the environment's name"):
        team.does(break_glass.break_glass, DANA, deployment, subject, REASON, "prod")
    team.does(break_glass.break_glass, DANA, deployment, subject, REASON, "production")
    assert team.row(deployment).state is State.DEPLOYING
    assert {facts["user"] for facts in team.said("glass-broken")} == {"U0BO", "U0DEVI", "U0MO"}
    team.completes(deployment)
    with pytest.raises(Refused, match="not reviewed"):
        team.does(complete.close, ANN, deployment, "done")
    with pytest.raises(Refused, match="approver who is no deployer"):
        team.does(break_glass.review_glass, DANA, deployment)
    team.does(break_glass.review_glass, MO, deployment, "was right")
    team.does(complete.close, ANN, deployment, "done")


def test_broken_glass_never_passes_a_dirty_history(team: Team) -> None:
    deployment = team.starts()
    team.reads(deployment, files("00008", "00009"), history=team.history("00007", failed=("00007",)))
    with pytest.raises(Refused, match="Even broken glass"):
        subject = team.situation(deployment).subject
        team.does(break_glass.break_glass, DANA, deployment, subject, REASON, "production")


def test_taking_over_waits_ten_minutes_unless_the_owner_acts(team: Team) -> None:
    deployment = team.starts()
    answer = team.does(custody.take_over, BO, deployment, "Ann is on a train")
    assert answer.text.startswith("Ann was told.")
    [reminder] = team.store.read(lambda reader: reader.reminders.pending())
    team.later(minutes=10)
    team.store.write(lambda unit: remind(unit, team.project, team.act("gonogo"), reminder.id))
    assert team.row(deployment).owner == BO


def test_taking_over_is_at_once_after_four_idle_hours(team: Team) -> None:
    deployment = team.starts()
    team.later(hours=4)
    team.does(custody.take_over, BO, deployment, "Ann is ill")
    assert team.row(deployment).owner == BO
    assert "taken-over" in team.events(deployment)


def test_an_owner_who_acts_keeps_it(team: Team) -> None:
    deployment = team.starts()
    team.does(custody.take_over, BO, deployment, "Ann is on a train")
    [reminder] = team.store.read(lambda reader: reader.reminders.pending())
    team.later(minutes=5)
    team.does(custody.park, ANN, deployment, "I am here")
    team.later(minutes=5)
    team.store.write(lambda unit: remind(unit, team.project, team.act("gonogo"), reminder.id))
    assert team.row(deployment).owner == ANN


def test_go_outside_of_the_window_is_refused_with_the_next_one(team: Team) -> None:
    _with_calendar(team, windows=(Window(frozenset({1, 2, 3}), time(9), time(16), "Tue-Thu 09:00-16:00"),))
    deployment = team.starts()
    assert any("the next one starts Tue 24 Nov 09:00" in sentence for sentence in team.blockers(deployment))
    team.later(days=1)
    assert not any("window" in sentence for sentence in team.blockers(deployment))
    assert team.situation(deployment).states["window"].word is ItemWord.DONE


def test_a_freeze_says_why(team: Team) -> None:
    _with_calendar(team, freezes=(Freeze(date(2026, 11, 23), date(2026, 11, 24), "sale"),))
    deployment = team.starts()
    assert "Frozen until 24 Nov 2026: sale" in team.blockers(deployment)


def _with_calendar(team: Team, **changes: object) -> None:
    place = replace(team.project.environments["production"], **changes)  # type: ignore[arg-type]
    team.project = replace(team.project, environments={**team.project.environments, "production": place})


def test_what_staging_settled_for_these_files_is_carried(team: Team) -> None:
    staging = team.starts("staging")
    team.goes(staging)
    team.completes(staging)
    production = team.starts("production")
    state = team.situation(production).states["peer-review"]
    assert state.word is ItemWord.DONE
    assert state.carried is not None
    assert state.carried.words == "settled in staging 1"
    assert team.situation(production).states["rollback-plan"].word is ItemWord.OPEN, "never carried"


def test_other_files_carry_nothing(team: Team) -> None:
    staging = team.starts("staging", versions=("00008",))
    team.goes(staging)
    team.completes(staging)
    production = team.starts("production", versions=("00008", "00009"))
    assert team.situation(production).states["peer-review"].word is ItemWord.OPEN


def test_a_standing_item_is_settled_for_the_environment_until_it_expires(team: Team) -> None:
    first = team.starts()
    team.does(tick.tick, ANN, first, "backup-restorable")
    team.goes(first)
    team.completes(first)
    team.later(days=29)
    second = team.starts(versions=("00010",))
    assert team.situation(second).states["backup-restorable"].word is ItemWord.DONE
    team.later(days=2)
    assert team.situation(second).states["backup-restorable"].word is ItemWord.OPEN


A_DUMP, A_NEWER = "2026-11-23T02:00:00Z/x", "2026-11-23T11:00:00Z/x"


def test_a_restore_drill_speaks_of_the_newest_backup_or_is_open_again(team: Team) -> None:
    for item, check in (("backup", "nightly"), ("backup-restorable", "drill")):
        team.has_probe(item, check)
    deployment = team.starts()
    team.answers(deployment, "nightly", Status.PASSED, "shop-0200.dump, 8 h old", A_DUMP)
    team.answers(deployment, "drill", Status.PASSED, "shop-0200.dump restored: 4 tables", A_DUMP)
    assert team.situation(deployment).states["backup-restorable"].word is ItemWord.DONE
    team.later(hours=2)
    team.answers(deployment, "nightly", Status.PASSED, "shop-1100.dump, 1 h old", A_NEWER)
    state = team.situation(deployment).states["backup-restorable"]
    assert (state.word, state.why) == (ItemWord.OPEN, "a newer one was made 2026-11-23 11:00 UTC")
    assert any("Backup verified and restorable" in sentence for sentence in team.blockers(deployment))
    team.answers(deployment, "drill", Status.PASSED, "shop-1100.dump restored: 4 tables", A_NEWER)
    assert team.situation(deployment).states["backup-restorable"].word is ItemWord.DONE


def test_a_tick_and_a_standing_one_speak_of_the_backup_of_their_day(team: Team) -> None:
    team.has_probe("backup", "nightly")
    first = team.starts()
    team.answers(first, "nightly", Status.PASSED, "shop-0200.dump, 8 h old", A_DUMP)
    team.does(tick.tick, ANN, first, "backup-restorable")
    assert team.situation(first).states["backup-restorable"].word is ItemWord.DONE
    team.goes(first)
    team.later(hours=2)
    team.answers(first, "nightly", Status.PASSED, "shop-1100.dump, 1 h old", A_NEWER)
    assert team.situation(first).states["backup-restorable"].word is ItemWord.DONE, "go looked at what there was"
    team.completes(first)
    second = team.starts(versions=("00010",))
    assert team.situation(second).states["backup-restorable"].word is ItemWord.DONE
    team.answers(second, "nightly", Status.PASSED, "shop-1100.dump, 1 h old", A_NEWER)
    assert team.situation(second).states["backup-restorable"].word is ItemWord.OPEN
    team.does(tick.tick, ANN, second, "backup-restorable")
    assert team.situation(second).states["backup-restorable"].word is ItemWord.DONE


def test_undoing_a_standing_item_takes_the_standing_back(team: Team) -> None:
    first = team.starts()
    team.does(tick.tick, ANN, first, "backup-restorable")
    team.does(tick.undo, ANN, first, "backup-restorable")
    assert team.situation(first).states["backup-restorable"].word is ItemWord.OPEN


def test_security_signs_when_a_file_touches_rights(team: Team) -> None:
    deployment = team.starts()
    assert team.role(deployment, "security").word is RoleWord.NOT_REQUIRED
    unchanged = files("00008", "00009")
    team.reads(deployment, unchanged, security="00008_change.sql changes grants")
    assert team.role(deployment, "security").word is RoleWord.WAITING
    assert "Security team: review is missing" in team.blockers(deployment)


def thread(team: Team, deployment: str) -> set[tuple[str, str]]:
    return {(live.kind, live.subject) for live in team.store.read(lambda reader: reader.outbox.wanted(deployment))}


def test_a_list_comes_into_the_thread_and_is_checked_when_it_is_due(team: Team) -> None:
    """C8: nothing of it is posted, and none of its checks runs, in the first seconds after completion."""
    deployment = team.starts()
    team.has_probe("services-operational", "health")
    team.goes(deployment)
    team.completes(deployment)
    section = next(one.section_id for one in team.situation(deployment).items_in(Phase.VERIFY))
    assert ("phase", "verify") in thread(team, deployment)
    assert ("section", section) not in thread(team, deployment)
    assert "health" not in team.situation(deployment).running_checks
    soon = next(one for one in team.store.read(lambda r: r.reminders.pending()) if one.kind == "immediate-soon")
    team.later(minutes=45)
    team.store.write(lambda unit: remind(unit, team.project, team.act("gonogo"), soon.id))
    assert ("section", section) in thread(team, deployment)
    assert "health" in team.situation(deployment).running_checks


def test_stale_answers_run_again_at_go(team: Team) -> None:
    deployment = team.starts()
    team.has_probe("backup", "nightly-backup")
    team.answers(deployment, "nightly-backup", Status.PASSED, "2 h old")
    team.settles(deployment, Requirement.GO)
    team.later(hours=25)
    team.signs(deployment)
    team.says_go(deployment)
    runs = team.store.read(lambda reader: reader.results.newest(deployment))
    assert "nightly-backup" in runs
    assert "go-asked" in team.events(deployment)


def test_a_checklist_edited_meanwhile_is_for_the_next_deployment(team: Team) -> None:
    deployment = team.starts()
    edited = team.project.checklist_text.replace(
        "- [ ] Peer review of all migration files", "- [ ] Second pair of eyes"
    )
    team.project = replace(team.project, checklist_text=edited)
    running = team.situation(deployment)
    assert running.checklist.item("peer-review").label == "Peer review of all migration files"
    team.does(custody.abort, ANN, deployment, "to start anew")
    assert team.situation(team.starts()).checklist.item("peer-review").label == "Second pair of eyes"


REASONS = {
    "20 characters": ("checkout is down now", True),
    "19 characters": ("checkout is down no", False),
    "blanks around it do not count": ("   checkout is down no   ", False),
}


@pytest.mark.parametrize(("reason", "enough"), REASONS.values(), ids=REASONS)
def test_breaking_the_glass_takes_a_reason_of(team: Team, reason: str, enough: bool) -> None:
    deployment = team.starts()
    subject = team.situation(deployment).subject
    if enough:
        team.does(break_glass.break_glass, DANA, deployment, subject, reason, "production ")
    else:
        with pytest.raises(Refused, match="at least 20 characters"):
            team.does(break_glass.break_glass, DANA, deployment, subject, reason, "production")
    assert (team.row(deployment).state is State.DEPLOYING) is enough


def test_breaking_the_glass_is_about_what_was_shown(team: Team) -> None:
    deployment = team.starts()
    with pytest.raises(Refused, match="Look again"):
        team.does(break_glass.break_glass, DANA, deployment, "f" * 64, REASON, "production")


def test_broken_glass_is_for_whoever_is_named(team: Team) -> None:
    place = replace(team.project.environments["production"], break_glass=())
    team.project = replace(team.project, environments={**team.project.environments, "production": place})
    deployment = team.starts()
    with pytest.raises(Refused, match="Nobody is named"):
        team.does(break_glass.break_glass, DANA, deployment, team.situation(deployment).subject, REASON, "production")


@pytest.mark.parametrize(
    ("broken", "due"),
    [("Mon 23", "Mon 30"), ("Fri 27", "Fri 04"), ("Sat 28", "Fri 04"), ("Sun 29", "Fri 04"), ("Wed 25", "Wed 02")],
)
def test_the_review_is_due_in_five_working_days(team: Team, broken: str, due: str) -> None:
    team.later(days=int(broken[-2:]) - 23)
    deployment = team.starts()
    team.does(break_glass.break_glass, DANA, deployment, team.situation(deployment).subject, REASON, "production")
    glass = team.store.read(lambda reader: reader.troubles.broken_glass(deployment))
    assert glass is not None
    assert f"{glass.at:%a %d} {glass.review_due:%a %d}" == f"{broken} {due}"


@pytest.mark.parametrize(("minutes", "owner"), [(9, ANN), (10, BO)], ids=["not after nine", "after ten"])
def test_a_deployment_is_taken_over_after_ten_minutes(team: Team, minutes: int, owner: str) -> None:
    deployment = team.starts()
    team.does(custody.take_over, BO, deployment, "Ann is on a train")
    team.later(minutes=minutes)
    for reminder in team.store.read(lambda reader: reader.reminders.pending()):
        if reminder.due <= team.now:
            team.store.write(lambda unit, of=reminder.id: remind(unit, team.project, team.act("gonogo"), of))
    assert team.row(deployment).owner == owner


@pytest.mark.parametrize(("minutes", "owner"), [(239, ANN), (240, BO)], ids=["not before four hours", "at four hours"])
def test_an_idle_deployment_is_taken_over_at_once(team: Team, minutes: int, owner: str) -> None:
    deployment = team.starts()
    team.later(minutes=minutes)
    team.does(custody.take_over, BO, deployment, "Ann is ill")
    assert team.row(deployment).owner == owner


@pytest.mark.parametrize("what", ["n/a", "override"])
def test_what_was_waived_in_staging_does_not_carry(team: Team, what: str) -> None:
    staging = team.starts("staging")
    if what == "n/a":
        team.does(tick.not_applicable, DANA, staging, "peer-review", "a hotfix")
    else:
        team.does(tick.override, DANA, staging, "peer-review", "a hotfix", frozenset())
    team.goes(staging)
    team.completes(staging)
    assert team.situation(team.starts()).states["peer-review"].word is ItemWord.OPEN
