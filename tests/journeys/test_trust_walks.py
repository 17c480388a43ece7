"""Approvals that mean this exact change and cannot deadlock: who is asked, what they decide, what they read."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.demo import acts
from bot.demo.standin import Message
from tests.journeys.migration_files import FILES, INDEX, ORDERS, three_files, write_files
from tests.journeys.routine import PATIENCE, gone, menu, prepared, signed, started, yes_button
from tests.journeys.troupe import TEAM, Troupe, troupe

THREE = TEAM.replace('members = ["@dba-team"]', 'members = ["U0DANA"]').replace('["U0MO"]', '["U0BO"]')


def test_a_team_of_three_where_the_deployer_is_the_only_dba(tmp_path: Path) -> None:
    with troupe(tmp_path, THREE) as play:
        dana, bo, devi = play.person("dana"), play.person("bo"), play.person("devi")
        dana.types("/deploy start production 00008-00010")
        dashboard = dana.sees("#deploys", "Production · migrations 00008–00010", timeout=PATIENCE)
        prepared(play, dashboard)
        bo.presses("Second for DBA", in_=bo.hears("Second for DBA", timeout=PATIENCE))
        bo.presses(label_of(bo.hears("Backend engineer review is asked", timeout=PATIENCE)), in_=last(bo, "Backend"))
        bo.presses(label_of(bo.hears("Management approval is asked", timeout=PATIENCE)), in_=last(bo, "Management"))
        devi.presses(
            label_of(devi.hears("DevOps engineer review is asked", timeout=PATIENCE)), in_=last(devi, "DevOps")
        )
        dashboard.becomes("was seconded", timeout=PATIENCE)
        dana.presses("Go …", in_=dashboard)
        form = dana.modal(timeout=PATIENCE)
        assert "was seconded by another approver" in form.text()
        assert form.submit() is None
        dashboard.becomes("deploying", timeout=PATIENCE)


def label_of(message: Message) -> str:
    return yes_button(message)


def last(person: object, words: str) -> Message:
    return person.hears(f"{words}")  # type: ignore[attr-defined,no-any-return]


def test_files_changed_after_approval_are_shown_as_a_difference_and_asked_about_again(tmp_path: Path) -> None:
    three_files(tmp_path)
    with troupe(tmp_path, TEAM + FILES) as play:
        ann = play.person("ann")
        dashboard = started(play)
        prepared(play, dashboard)
        signed(play)
        dashboard.becomes("nothing is missing", timeout=PATIENCE)
        write_files(tmp_path, m00009="-- no-transaction\n" + INDEX.replace("created_at", "created_at, id"))
        ann.presses("Go …", in_=dashboard)
        assert ann.modal(timeout=PATIENCE).submit() is None
        answer = dashboard.thread.sees("No go yet", timeout=PATIENCE)
        assert "Files in range changed since they were approved" in answer.text()
        dashboard.becomes("Use new files …", timeout=PATIENCE)
        ann.presses("Use new files …", in_=dashboard)
        form = ann.modal("Use new files", timeout=PATIENCE)
        assert "+CREATE INDEX CONCURRENTLY orders_open ON orders (created_at, id);" in form.text()
        assert "everyone who approved or reviewed the old ones is asked again" in form.text()
        assert form.submit() is None
        message = dashboard.thread.sees("Database administrator approval", timeout=PATIENCE)
        message.becomes("for an older state: files changed", timeout=PATIENCE)
        since = len(play.person("dana").told())
        assert since >= 1
        signed_again(play, dashboard)
        prepared(play, dashboard)
        gone(play, dashboard)


def signed_again(play: Troupe, dashboard: Message) -> None:
    """In the thread this time: the old buttons carry an old subject."""
    for name, title in (
        ("dana", "Database administrator approval"),
        ("bo", "Backend engineer review"),
        ("devi", "DevOps engineer review"),
        ("mo", "Management approval"),
    ):
        message = dashboard.thread.sees(title, timeout=PATIENCE)
        offers = message.buttons
        acts.wait_until(lambda of=offers: any("Approve" in one or "Reviewed" in one for one in of()), f"{title} anew")
        play.person(name).presses(yes_button(message), in_=message)


def test_an_approval_of_what_is_no_longer_there_records_nothing_and_offers_today_s(tmp_path: Path) -> None:
    three_files(tmp_path)
    with troupe(tmp_path, TEAM + FILES) as play:
        ann, dana = play.person("ann"), play.person("dana")
        dashboard = started(play)
        ann.presses("Ask now", in_=dashboard)
        asked = dana.hears("asked of you", timeout=PATIENCE)
        old = asked.old_copy()
        write_files(tmp_path, m00008=ORDERS + "-- nothing else\n")
        ann.presses("Run checks", in_=dashboard)
        dashboard.becomes("Use new files …", timeout=PATIENCE)
        ann.presses("Use new files …", in_=dashboard)
        assert ann.modal("Use new files", timeout=PATIENCE).submit() is None
        dashboard.thread.sees("Database administrator approval", timeout=PATIENCE)
        dana.presses(yes_button(old), in_=old)
        told = dana.hears("no longer what would run", timeout=PATIENCE)
        dana.presses("Sign as DBA", in_=told)
        dashboard.thread.sees("Database administrator approval", timeout=PATIENCE).becomes(
            "✓ approved", timeout=PATIENCE
        )


def test_delegation_typed_as_people_say_it(play: Troupe) -> None:
    dana, otto = play.person("dana"), play.person("otto")
    told = dana.types("/deploy delegate dba @otto until Friday")
    if "Checking" in (told or ""):
        told = dana.hears("signs as", timeout=PATIENCE).text()
    assert "otto signs as Database administrator for you until" in (told or "")
    otto.hears("You sign as", timeout=PATIENCE)
    dashboard = started(play)
    play.person("ann").presses("Ask now", in_=dashboard)
    asked = otto.hears("Database administrator approval is asked of you", timeout=PATIENCE)
    otto.presses(yes_button(asked), in_=asked)
    dashboard.thread.sees("Database administrator approval", timeout=PATIENCE).becomes("for dana", timeout=PATIENCE)


def test_a_rejection_blocks_until_the_owner_clears_it_with_a_reason(play: Troupe) -> None:
    ann, bo = play.person("ann"), play.person("bo")
    dashboard = started(play)
    ann.presses("Ask now", in_=dashboard)
    message = dashboard.thread.sees("Backend engineer review", timeout=PATIENCE)
    bo.presses("Reject …", in_=message)
    bo.modal("Reject", timeout=PATIENCE).fill("What has to change?", "00009 lacks an index").submit()
    ann.hears("00009 lacks an index", timeout=PATIENCE)
    dashboard.becomes("rejected: 00009 lacks an index", timeout=PATIENCE)
    ann.presses("Clear the rejection …", in_=message)
    ann.modal("Clear", timeout=PATIENCE).fill("Why is it settled?", "it is in 00010").submit()
    message.becomes("[Reviewed as backend]", timeout=PATIENCE)
    bo.presses(yes_button(message), in_=message)
    message.becomes("✓ reviewed by bo", timeout=PATIENCE)
    bo.presses("Withdraw …", in_=message)
    bo.modal("Withdraw", timeout=PATIENCE).submit()
    message.becomes("withdrawn", timeout=PATIENCE)


def test_break_glass_tells_who_was_skipped_and_owes_a_review(play: Troupe) -> None:
    dana, mo = play.person("dana"), play.person("mo")
    dashboard = started(play)
    menu(dana, dashboard, "Break the glass …")
    form = dana.modal("Break the glass", timeout=PATIENCE)
    form.fill("Why can it not wait?", "payments are down for everyone since 15:58").fill("Type", "production")
    assert form.submit() is None
    dashboard.becomes("🔴 break-glass · dana: payments are down", timeout=PATIENCE)
    told = mo.hears("it goes without your sign-off", timeout=PATIENCE)
    mo.presses("Review the break-glass …", in_=told)
    mo.modal("Review", timeout=PATIENCE).fill("What did you find?", "it was right").submit()
    dashboard.thread.sees("The broken glass was reviewed", timeout=PATIENCE)
    dashboard.becomes("reviewed by mo", timeout=PATIENCE)


@pytest.mark.parametrize("word", ["mine", "home"])
def test_who_owes_a_sign_off_finds_it(play: Troupe, word: str) -> None:
    mo = play.person("mo")
    dashboard = started(play)
    play.person("ann").presses("Ask now", in_=dashboard)
    mo.hears("Management approval is asked of you", timeout=PATIENCE)
    if word == "mine":
        assert "Approve as management" in (mo.types("/deploy mine") or "")
    else:
        home = mo.opens_home()
        assert "To look at: when, and what if it fails" in mo.home("What needs you", timeout=PATIENCE)
        mo.presses("Approve as management", in_=home)
        dashboard.thread.sees("Management approval", timeout=PATIENCE).becomes("✓ approved by mo", timeout=PATIENCE)


def test_a_private_channel_is_for_its_members(tmp_path: Path) -> None:
    with troupe(tmp_path, TEAM, private=("ann", "bo", "dana", "devi", "mo")) as play:
        dashboard = started(play)
        assert dashboard
        told = play.person("otto").types("/deploy start staging 00008-00010", in_="#releases")
        text = told or ""
        if "private, and you are not in it" not in text:
            play.person("otto").hears("private, and you are not in it", timeout=PATIENCE)
