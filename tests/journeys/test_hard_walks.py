"""A migration that fails half way, a rollback at night, a hotfix, and the commands of such days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.demo import acts
from bot.settings.clock import clock
from tests.journeys.migration_files import FILES, three_files, write_files
from tests.journeys.routine import PATIENCE, completed, deploying, menu, started
from tests.journeys.troupe import TEAM, Troupe, troupe


def night() -> str:
    """The team's settings, with quiet hours around now."""
    now = clock()
    around = f"{now - timedelta(hours=1):%H:%M}-{now + timedelta(hours=2):%H:%M}"
    return TEAM.replace('quiet_hours = "none"', f'quiet_hours = "{around}"')


def test_held_then_continued_with_changed_files(tmp_path: Path) -> None:
    three_files(tmp_path)
    with troupe(tmp_path, TEAM + FILES) as play:
        ann, dana = play.person("ann"), play.person("dana")
        dashboard = deploying(play)
        ann.presses("Hold …", in_=dashboard)
        ann.modal("Hold", timeout=PATIENCE).fill("What did you see?", "the index build failed").submit()
        dashboard.becomes("✋ Held by ann: the index build failed", timeout=PATIENCE)
        write_files(tmp_path, m00009="COMMENT ON COLUMN orders.id IS 'its number';\n")
        menu(ann, dashboard, "Run checks")
        dashboard.becomes("The files in range changed since go", timeout=PATIENCE)
        ann.presses("Use new files …", in_=dashboard)
        form = ann.modal("Use new files", timeout=PATIENCE)
        assert "It goes on once the DBA approved them" in form.text()
        assert form.submit() is None
        dashboard.becomes("waiting for DBA", timeout=PATIENCE)
        ann.presses("Continue with changed files", in_=dashboard)
        ann.hears("approval of the changed files is missing", timeout=PATIENCE)
        message = dashboard.thread.sees("Database administrator approval", timeout=PATIENCE)
        message.becomes("[Approve as DBA]", timeout=PATIENCE)
        dana.presses("Approve as DBA", in_=message)
        message.becomes("✓ approved by dana", timeout=PATIENCE)
        ann.presses("Continue with changed files", in_=dashboard)
        dashboard.becomes("deploying", timeout=PATIENCE)
        dashboard.thread.sees("Going on with changed files", timeout=PATIENCE)


def test_a_rollback_at_night(tmp_path: Path) -> None:
    with troupe(tmp_path, night()) as play:
        otto, bo = play.person("otto"), play.person("bo")
        ann = play.person("ann")
        dashboard = started(play)
        menu(play.person("dana"), dashboard, "Break the glass …")
        form = play.person("dana").modal("Break the glass", timeout=PATIENCE)
        form.fill("Why can it not wait?", "payments are down for everyone since 03:00").fill("Type", "production")
        assert form.submit() is None
        dashboard.becomes("deploying", timeout=PATIENCE)
        menu(otto, dashboard, "Roll back …")
        form = otto.modal("Roll back", timeout=PATIENCE)
        assert "Nothing here knows of a backup" in form.text()
        form.choose("Which way back?", "Down files").fill("What happened?", "checkout is slow")
        assert form.submit() is None
        ann.sees("#deploys", "Rollback opened", timeout=PATIENCE)
        play.person("dana").hears("Rollback opened", timeout=PATIENCE)
        assert not [text for text in [*ann.told(), *bo.told()] if "Rollback opened" in text], "they sleep"
        section = dashboard.thread.sees("If Rollback Needed", timeout=PATIENCE)
        section.becomes("✓ 2 done", timeout=PATIENCE)
        ann.presses("Show", in_=section)
        shown = ann.modal("List", timeout=PATIENCE)
        assert "reason given when the rollback was opened" in shown.text()
        shown.cancel()
        completed(play, dashboard, "Rolled Back", who="ann")
        dashboard.becomes("stays held until a corrective start", timeout=PATIENCE)
        menu(ann, dashboard, "Free the environment")
        assert "has started" in (ann.types("/deploy start production 00011-00011") or "")


def test_a_hotfix_while_another_prepares(play: Troupe) -> None:
    ann, bo = play.person("ann"), play.person("bo")
    first = started(play)
    ann.presses("Ask now", in_=first)
    dana = play.person("dana")
    dana.presses("Approve as DBA", in_=dana.hears("asked of you", timeout=PATIENCE))
    told = bo.types("/deploy start production 00011-00011") or ""
    assert "held by deployment 1 (preparing), ann's since" in told
    assert "[Park it]" in told
    ann.types("/deploy park 1")
    first.becomes("parked", timeout=PATIENCE)
    assert "has started" in (bo.types("/deploy start production 00011-00011") or "")
    hotfix = bo.sees("#deploys", "Production · migrations 00011", timeout=PATIENCE)
    bo.types("/deploy abort 2")
    bo.modal("Abort", timeout=PATIENCE).fill("Why?", "it was the cache").submit()
    hotfix.becomes("aborted", timeout=PATIENCE)
    first.becomes("preparing", timeout=PATIENCE)
    first.thread.sees("Back from parking", timeout=PATIENCE)
    first.thread.sees("Database administrator approval", timeout=PATIENCE).becomes(
        "✓ approved by dana", timeout=PATIENCE
    )


def test_troubleshooting_opens_a_list_from_the_dashboard(play: Troupe) -> None:
    ann = play.person("ann")
    dashboard = started(play)
    menu(ann, dashboard, "Troubleshoot …")
    form = ann.modal("Troubleshoot", timeout=PATIENCE)
    form.choose("What is wrong?", "Data Integrity Issues")
    assert form.submit() is None
    dashboard.thread.sees("Verify foreign key constraints", timeout=PATIENCE)


def test_a_range_is_given_by_a_button_where_none_is_known(tmp_path: Path) -> None:
    three_files(tmp_path)
    with troupe(tmp_path, TEAM + FILES) as play:
        ann = play.person("ann")
        ann.types("/deploy start production")
        dashboard = ann.sees("#deploys", "Nobody said which migrations", timeout=PATIENCE)
        ann.presses("Give the range …", in_=dashboard)
        form = ann.modal("Give the range", timeout=PATIENCE)
        assert form.fill("Migrations", "8, 9 and 10").submit() is not None
        assert form.fill("Migrations", "00008-00010").submit() is None
        dashboard.becomes("migrations 00008–00010", timeout=PATIENCE)


def test_the_deployer_sets_the_window(play: Troupe) -> None:
    ann = play.person("ann")
    dashboard = started(play)
    menu(ann, dashboard, "Set the window …")
    form = ann.modal("Set the window", timeout=PATIENCE)
    form.fill("From", "quarter past")
    assert form.submit() is not None
    day = datetime.now(UTC).date() + timedelta(days=30)
    form.choose("Date", day.isoformat()).fill("From", "16:00").fill("To", "17:30").fill("Estimate in minutes", "40")
    assert form.submit() is None
    dashboard.becomes("window", timeout=PATIENCE)
    shown = acts.opens_list(ann, dashboard, "Pre-Deployment Checks")
    assert f"window {day:%a %d %b} 16:00" in shown.text()


def test_a_plan_says_what_would_block_and_changes_nothing(tmp_path: Path) -> None:
    three_files(tmp_path)
    with troupe(tmp_path, TEAM + FILES) as play:
        ann, bo = play.person("ann"), play.person("bo")
        dashboard = started(play)
        assert "Nothing is changed by it" in (bo.types("/deploy plan production 00008-00009") or "")
        answer = bo.hears("Plan · Production · migrations 00008–00009", timeout=PATIENCE)
        assert "production is held by deployment 1, ann's, preparing" in answer.text()
        assert "Rollback plan prepared" in answer.text()
        assert "Database administrator" in answer.text()
        assert "staging has not completed 00008, 00009" in answer.text()
        assert "preparing" in dashboard.text()
        assert "There is no deployment 2" in (ann.types("/deploy status 2") or "")


def test_a_message_of_the_thread_goes_into_the_record(play: Troupe) -> None:
    ann, bo = play.person("ann"), play.person("bo")
    dashboard = started(play)
    message = bo.says("replica lag went to 4 s", in_thread=dashboard)
    assert ann.uses_shortcut("Add to the record", on=message) is None
    form = ann.modal("Add to the record", timeout=PATIENCE)
    assert form.value("Note") == "replica lag went to 4 s"
    assert form.submit() is None
    ann.hears("The note of bo is in the record of deployment 1", timeout=PATIENCE)
    dashboard.becomes("1 note in the record", timeout=PATIENCE)


def test_history_says_how_long_it_took_and_who_was_waited_for(play: Troupe) -> None:
    dashboard = deploying(play)
    completed(play, dashboard)
    told = play.person("ann").types("/deploy history") or ""
    assert "go to completion" in told
    assert "for DBA" in told
