"""Approvals by delegation, questions at night, private channels, changed files while held, and what is noted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.core.checklist.items import Phase, Requirement
from bot.core.decision import SignOffDecision
from bot.core.deployment import Outcome, State
from bot.core.item import ItemWord
from bot.core.refusal import NotYetKnown, Refused
from bot.core.team import ShortAct, Window
from bot.slack.messages.thread import section
from bot.usecases import telling, tick, views
from bot.usecases.checking import runs
from bot.usecases.checking.runs import note_progress
from bot.usecases.facts import AskedWord
from bot.usecases.lifecycle import complete, custody, hold, plan, roll_back, start
from bot.usecases.signoffs import asking, decide, delegate
from bot.usecases.verb import Verb
from checks.result import Status
from tests.usecases.team import ANN, BO, DANA, DEVI, GUEST, MO, Team, files

NIGHT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 27, 23, 59, tzinfo=UTC)


def is_asked(team: Team, deployment: str, role: str, who: str) -> bool:
    return any(one == who and facts.word is AskedWord.OPEN for one, facts in team.asked(deployment, role))


def test_a_delegate_signs_with_both_names_and_is_asked_instead(team: Team) -> None:
    deployment = team.starts()
    answer = team.does(delegate.delegate, DANA, "dba", DEVI, FRIDAY)
    assert answer.text.startswith("Devi signs as DBA for you until 27 Nov 2026")
    team.does(asking.ask_now, ANN, deployment)
    assert not is_asked(team, deployment, "dba", DANA)
    assert is_asked(team, deployment, "dba", DEVI)
    team.does(decide.sign, DEVI, deployment, "dba", team.situation(deployment).subject)
    [given] = team.role(deployment, "dba").counting
    assert (given.who, given.on_behalf_of) == (DEVI, DANA)


@pytest.mark.parametrize(
    ("who", "to", "until", "sentence"),
    [
        (BO, DEVI, FRIDAY, "do not hold"),
        (DANA, ANN, FRIDAY, "is a deployer of deployment 1"),
        (DANA, GUEST, FRIDAY, "no full member"),
        (DANA, BO, FRIDAY + timedelta(days=60), "at most 30 days"),
    ],
)
def test_a_delegation_that_would_break_a_rule_is_refused(
    team: Team, who: str, to: str, until: datetime, sentence: str
) -> None:
    team.starts()
    with pytest.raises(Refused, match=sentence):
        team.does(delegate.delegate, who, "dba", to, until)


def test_nobody_passes_a_delegation_on(team: Team) -> None:
    team.does(delegate.delegate, DANA, "dba", BO, FRIDAY)
    with pytest.raises(Refused, match="do not hold"):
        team.does(delegate.delegate, BO, "dba", DEVI, FRIDAY)


def test_a_rejection_over_ones_own_approval_is_told_never_lost(team: Team) -> None:
    deployment = team.starts()
    team.signs(deployment, "dba")
    subject = team.situation(deployment).subject
    with pytest.raises(Refused, match="your approve as dba stands: withdraw it first, then reject"):
        team.does(decide.reject, DANA, deployment, "dba", subject, "locks the table")
    assert [one.decision for one in team.role(deployment, "dba").counting] == [SignOffDecision.APPROVE]
    assert "already" in team.does(decide.sign, DANA, deployment, "dba", subject).text


def test_at_night_who_sleeps_is_named_and_woken_only_on_demand(team: Team) -> None:
    team.project = replace(team.project, quiet_hours=(time(20), time(8)))
    team.later(hours=(NIGHT - team.now).total_seconds() / 3600)
    deployment = team.starts()
    answer = team.does(asking.ask_now, ANN, deployment)
    assert "Dana" in answer.text
    assert [offer["extra"] for offer in answer.offers] == ["anyway"]
    assert not _sent_now(team)
    team.does(decide.sign, BO, deployment, "backend", team.situation(deployment).subject)
    assert not _sent_now(team), "what is drawn anew still waits for the morning"
    team.does(asking.ask_now, ANN, deployment, anyway=True)
    assert _sent_now(team) >= {DANA, DEVI}


def _sent_now(team: Team) -> set[str]:
    ready = team.store.read(lambda reader: reader.live.behind(team.now))
    return {live.channel for live in ready if live.kind == "asked"}


def test_a_deployer_who_is_the_only_dba_is_seconded_by_who_was_asked(team: Team) -> None:
    deployment = team.starts(who=DANA)
    team.does(asking.ask_now, DANA, deployment)
    asked = dict(team.asked(deployment, "dba"))
    assert {who for who, facts in asked.items() if Verb.SECOND in facts.sign_off.acts} == {BO, DEVI, MO}


def test_a_private_channel_is_for_its_members(team: Team) -> None:
    team.store.write(lambda unit: unit.people.keep_channel("C0DEPLOYS", [ANN], team.now))
    deployment = team.starts()
    with pytest.raises(Refused, match="private, and you are not in it"):
        team.does(tick.tick, BO, deployment, "rollback-plan")


def test_a_channel_nobody_looked_at_is_asked_for_first(team: Team) -> None:
    team.project = replace(team.project, channel="C0OTHER")
    with pytest.raises(NotYetKnown) as missing:
        team.does(start.start, ANN, "production")
    assert missing.value.channels == ("C0OTHER",)


def held_with_mended_files(team: Team) -> str:
    deployment = team.starts()
    team.goes(deployment)
    team.does(hold.hold, ANN, deployment, "the index build failed")
    team.reads(deployment, files("00008", "00009", body="select 2;"))
    return deployment


def test_continuing_with_changed_files_needs_the_dba_and_a_second_person_again(team: Team) -> None:
    deployment = held_with_mended_files(team)
    assert team.dashboard(deployment).buttons[0] is Verb.USE_NEW_FILES
    with pytest.raises(Refused, match="look at the difference"):
        team.does(hold.retry, ANN, deployment)
    difference = team.store.read(lambda reader: views.moved_files(reader, deployment))
    assert "-select 1;" in difference.changes[0].diff
    assert "+select 2;" in difference.changes[0].diff
    team.does(hold.use_new_files, ANN, deployment, difference.fingerprint)
    assert "DBA: approval of the changed files is missing" in team.blockers(deployment)
    with pytest.raises(Refused, match="approval of the changed files"):
        team.does(hold.retry, ANN, deployment)
    with pytest.raises(Refused, match="is held now"):
        team.does(decide.sign, MO, deployment, "management", team.situation(deployment).subject)
    team.signs(deployment, "dba")
    assert team.dashboard(deployment).has_changed_files
    team.does(hold.retry, ANN, deployment)
    assert team.row(deployment).state is State.DEPLOYING
    assert "continued" in team.events(deployment)


def test_staying_while_held_is_an_unchanged_retry(team: Team) -> None:
    deployment = held_with_mended_files(team)
    team.does(hold.stay, ANN, deployment, team.row(deployment).moved_fingerprint)
    team.does(hold.retry, ANN, deployment)
    assert team.events(deployment)[-1] == "retried"


def test_a_partial_completion_keeps_what_was_applied_and_what_was_not(team: Team) -> None:
    deployment = team.starts()
    team.goes(deployment)
    seen = team.history("00007", "00008", pending=("00009",))
    team.reads(deployment, files("00008", "00009"), history=seen)
    team.does(complete.complete, ANN, deployment, Outcome.PARTIAL, "00009 waits for space")
    completion = team.row(deployment).completion or {}
    assert (completion["applied"], completion["not_applied"]) == ("00008_change.sql", "00009_change.sql")
    record = team.store.read(lambda reader: views.record_text(reader, team.project, deployment, team.now))
    assert "Not applied: 00009\\_change.sql" in record or "Not applied: 00009_change.sql" in record


def test_a_message_becomes_a_note_of_the_record_once(team: Team) -> None:
    deployment = team.starts()
    team.does(telling.add_to_record, ANN, deployment, "lag went to 4 s", "17.1", BO)
    again = team.does(telling.add_to_record, DEVI, deployment, "lag went to 4 s", "17.1", BO)
    assert "already" in again.text
    record = team.store.read(lambda reader: views.record_text(reader, team.project, deployment, team.now))
    assert "Note by Ann" in record
    assert "written by Bo: lag went to 4 s" in record


def test_a_lesson_is_shown_at_the_next_start(team: Team) -> None:
    first = team.starts()
    team.goes(first)
    team.settles(first, Requirement.COMPLETE)
    fields = {"lessons": "refresh the views first"}
    team.does(complete.complete, ANN, first, Outcome.SUCCESS, "fine", fields)
    answer = team.does(start.start, ANN, "production")
    assert "deployment 1: refresh the views first" in answer.text
    assert team.dashboard(answer.deployment_id or "").lesson == "deployment 1: refresh the views first"


def test_production_of_what_staging_has_not_completed_is_named(team: Team) -> None:
    deployment = team.starts()
    assert any("staging has not completed 00008, 00009" in one.message for one in team.dashboard(deployment).obstacles)


def test_production_of_what_staging_completed_is_quiet(team: Team) -> None:
    staging = team.starts("staging")
    team.goes(staging)
    team.completes(staging)
    deployment = team.starts()
    assert team.dashboard(deployment).obstacles == ()


def test_a_run_beyond_its_estimate_is_said_on_the_dashboard(team: Team) -> None:
    deployment = team.starts()
    start_at = team.now + timedelta(minutes=1)
    team.does(plan.set_window, ANN, deployment, start_at, start_at + timedelta(hours=2), 30)
    team.goes(deployment)
    team.later(minutes=29)
    assert team.dashboard(deployment).warnings == ()
    team.later(minutes=13)
    assert team.dashboard(deployment).warnings == ("12 min longer than the estimate of 30 min",)


def test_the_longest_of_the_last_three_is_shown_before_go(team: Team) -> None:
    first = team.store.read(lambda reader: views.go_form(reader, team.project, team.starts(), team.now))
    assert first.estimate_minutes is None, "nobody knows, and no number is made up"
    team.does(custody.abort, ANN, first.deployment.id, "another day")
    for minutes in (50, 10, 20, 15):
        one = team.starts()
        team.goes(one)
        team.later(minutes=minutes)
        team.completes(one)
    now = team.starts()
    form = team.store.read(lambda reader: views.go_form(reader, team.project, now, team.now))
    assert (form.estimate_minutes, form.estimate_of) == (20, "the longest of the last three took")


def test_the_deployer_plans_a_window_within_those_of_the_settings(team: Team) -> None:
    configured = Window(frozenset({1, 2, 3}), time(9), time(16), "Tue-Thu 09:00-16:00")
    place = replace(team.project.environments["production"], windows=(configured,))
    team.project = replace(team.project, environments={**team.project.environments, "production": place})
    deployment = team.starts()
    tuesday = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
    team.does(plan.set_window, ANN, deployment, tuesday, tuesday + timedelta(hours=2), 45)
    assert team.row(deployment).window_start == tuesday
    assert team.situation(deployment).states["window"].word is ItemWord.DONE
    with pytest.raises(Refused, match="Tue-Thu 09:00-16:00"):
        monday = tuesday + timedelta(days=6)
        team.does(plan.set_window, ANN, deployment, monday, monday + timedelta(hours=2), 45)
    with pytest.raises(Refused, match="Only a deployer"):
        team.does(plan.set_window, BO, deployment, tuesday, tuesday + timedelta(hours=1), 30)


def with_act(team: Team, item: str) -> None:
    place = replace(team.project.environments["production"], acts=frozenset({"fresh-views"}))
    acts = {item: (ShortAct("fresh-views", "fresh views", "./refresh.sh {environment}"),)}
    team.project = replace(team.project, acts=acts, environments={**team.project.environments, "production": place})


def test_a_short_act_runs_in_its_phase_by_a_deployer_and_settles_its_item(team: Team) -> None:
    item = "materialized-views-refreshed"
    with_act(team, item)
    deployment = team.starts()
    with pytest.raises(Refused, match="runs in its phase"):
        team.does(runs.run_act, ANN, deployment, item, "")
    team.goes(deployment)
    form = team.store.read(lambda reader: views.act_form(reader, team.project, deployment, item, "", team.now))
    assert form.command == "./refresh.sh production"
    with pytest.raises(Refused, match="Only a deployer"):
        team.does(runs.run_act, BO, deployment, item, "fresh-views")
    team.does(runs.run_act, ANN, deployment, item, "fresh-views")
    with pytest.raises(Refused, match="running already"):
        team.does(runs.run_act, ANN, deployment, item, "fresh-views")
    team.answers(deployment, "fresh-views", Status.PASSED, "3 views refreshed")
    assert team.situation(deployment).states[item].word is ItemWord.DONE


def test_what_a_running_act_prints_is_shown(team: Team) -> None:
    item = "materialized-views-refreshed"
    with_act(team, item)
    deployment = team.starts()
    team.goes(deployment)
    team.does(runs.run_act, ANN, deployment, item, "fresh-views")
    [run] = team.store.write(lambda unit: unit.results.claim(team.now, team.now + timedelta(minutes=5), 10))
    team.store.write(lambda unit: note_progress(unit, team.project, team.act("gonogo"), run, "view 2 of 3"))
    assert team.row(deployment).facts.says["fresh-views"] == "view 2 of 3"
    section = team.situation(deployment).item(item).section_id
    shown = team.store.read(lambda reader: views.section(reader, team.project, deployment, section, team.now))
    [line] = [one for one in shown.items if one.id == item]
    assert (line.evidence, line.running) == ("view 2 of 3", True)


def test_an_act_is_never_run_as_a_check(team: Team) -> None:
    with_act(team, "refresh-views")
    deployment = team.starts()
    team.goes(deployment)
    runs = team.store.read(lambda reader: reader.results.runs(deployment))
    assert "fresh-views" not in {run.check_id for run in runs}


def test_what_a_restore_would_lose_is_said_before_the_way_back_is_chosen(team: Team) -> None:
    deployment = team.starts()
    team.goes(deployment)
    team.does(tick.tick, ANN, deployment, "final-backup")
    team.later(hours=2)
    form = team.store.read(lambda reader: views.roll_back_form(reader, team.project, deployment, team.now))
    assert "ticked by Ann" in form.loses
    assert "at least the last 2 h" in form.loses
    assert form.lost == "2 h 0 min"
    assert form.down_files == "2 migrations, and no down file: no file undoes them."
    assert form.choices == ("forward", "restore")
    with pytest.raises(Refused, match="No file of 00008–00009 has a down file"):
        team.does(roll_back.roll_back, ANN, deployment, "down", "checkout is slow")


def test_a_rollback_tells_on_call_at_once_and_the_others_in_the_morning(team: Team) -> None:
    place = replace(team.project.environments["production"], on_call=(DEVI,))
    team.project = replace(team.project, environments={**team.project.environments, "production": place})
    deployment = team.starts()
    team.goes(deployment)
    team.project = replace(team.project, quiet_hours=(time(20), time(8)))
    team.later(hours=(NIGHT - team.now).total_seconds() / 3600)
    team.does(roll_back.roll_back, ANN, deployment, "restore", "checkout is slow")
    key = f"{deployment}:rollback-told:{team.row(deployment).version}"
    at_once, later = team.told_once(f"{key}:{DEVI}"), team.told_once(f"{key}:{BO}")
    assert at_once is not None
    assert later is not None
    assert at_once.said.not_before is None
    assert later.said.not_before == NIGHT.replace(hour=8)
    assert team.told_once(key) is not None, "the channel hears of it too"


def test_troubleshooting_lists_are_offered_before_they_are_opened(team: Team) -> None:
    deployment = team.starts()
    lists = team.store.read(
        lambda reader: views.phase(reader, team.project, deployment, Phase.TROUBLESHOOT, team.now).sections
    )
    assert [one.title for one in lists] == ["Migration Fails", "Performance Issues", "Data Integrity Issues"]
    team.does(hold.troubleshoot, ANN, deployment, lists[0].id)
    opened = team.store.read(lambda reader: views.sections(reader, team.project, deployment, team.now))
    assert "Migration Fails" in {one.title for one in opened}


def test_history_tells_the_lead_time_and_who_was_waited_for(team: Team) -> None:
    deployment = team.starts()
    team.does(asking.ask_now, ANN, deployment)
    team.later(minutes=30)
    team.signs(deployment, "dba")
    team.goes(deployment)
    team.later(minutes=12)
    team.completes(deployment)
    [one] = team.store.read(lambda reader: views.past(reader, 5))
    assert (one.to_go, one.ran) == (timedelta(minutes=30), timedelta(minutes=12))
    assert one.waits["dba"] == timedelta(minutes=30)


def test_no_private_text_holds_a_raw_mention(team: Team) -> None:
    deployment = team.starts()
    with pytest.raises(Refused) as refusal:
        team.does(decide.sign, DEVI, deployment, "management", team.situation(deployment).subject)
    assert "Mo" in refusal.value.sentence
    assert "<@" not in refusal.value.sentence


def test_a_troubleshooting_list_shows_findings_first(team: Team) -> None:
    deployment = team.starts()
    lists = team.store.read(
        lambda reader: views.phase(reader, team.project, deployment, Phase.TROUBLESHOOT, team.now).sections
    )
    last = lists[0].items[-1].id
    team.has_probe(last, "look-there")
    team.answers(deployment, "look-there", Status.FAILED, "00009 needs 00007")
    shown = team.store.read(lambda reader: views.section(reader, team.project, deployment, lists[0].id, team.now))
    assert (shown.items[0].id, shown.items[0].word) == (last, ItemWord.FAILED)
    assert "Look at this first:* " + shown.items[0].label in section.render(shown).blocks[0]["text"]["text"]


def test_what_a_check_only_shows_is_no_finding(team: Team) -> None:
    """C15: "Look at this first: … none wants VACUUM"."""
    deployment = team.starts()
    item = next(
        one for one in team.situation(deployment).items_in(Phase.TROUBLESHOOT) if one.id == "slow-vacuum-analyze"
    )
    team.has_probe(item.id, "vacuum")
    team.answers(deployment, "vacuum", Status.EVIDENCE, "none wants VACUUM")
    shown = team.store.read(lambda reader: views.section(reader, team.project, deployment, item.section_id, team.now))
    assert "Nothing found so far" in section.render(shown).blocks[0]["text"]["text"]


def test_a_title_heads_a_deployment_and_its_words_can_be_erased(team: Team) -> None:
    deployment = team.does(start.start, ANN, "production", "00008-00009", "loyalty  tiers").deployment_id or ""
    assert team.row(deployment).title_words == "loyalty tiers"
    team.does(plan.set_title, ANN, deployment, "loyalty, twice")
    assert team.row(deployment).title == "loyalty, twice"
    with pytest.raises(Refused, match="has 81 characters, and at most 80"):
        team.does(plan.set_title, ANN, deployment, "x" * 81)
    with pytest.raises(Refused, match="deployer of this deployment"):
        team.does(plan.set_title, DEVI, deployment, "mine")
    assert "loyalty" not in str(
        team.store.read(lambda reader: [one.body for one in reader.journal.entries("T0/default/1")])
    )
    team.does(plan.set_title, ANN, deployment, "")
    assert team.row(deployment).title == ""
