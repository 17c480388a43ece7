"""Every click gets a visible answer: done, refused with the reason, or a fault with a reference."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from bot_under_test import BotUnderTest, behind, deployment_of, eventually, started

from bot.core.team import Project
from bot.demo.standin import Person, StandIn
from bot.slack.inbound.click import Click
from bot.slack.inbound.verbs import VERBS
from bot.usecases.act import Act, Answer
from bot.usecases.books.units import Unit
from bot.usecases.verb import Verb

MakeBot = Callable[..., BotUnderTest]
MIGRATED = "Run all migrations on test database"


def decided(bot: BotUnderTest) -> list[tuple[str, str, str]]:
    deployment = deployment_of(bot)
    rows = bot.store.read(lambda reader: reader.decisions.of(deployment.id))
    return [(row.item, str(row.kind), row.who) for row in rows]


def test_done_and_undo_show_on_the_item(bot: BotUnderTest, ann: Person) -> None:
    section = started(bot, ann).sees("Testing")
    assert ann.presses("Done", in_=section, beside=MIGRATED) is None
    section.becomes("✓ 1 done")
    assert ann.presses("Show", in_=section) is None
    shown = ann.modal("List").becomes(f"✓ done {MIGRATED} [Undo] ann")
    assert shown.presses("Undo", beside=MIGRATED) is None
    shown.becomes(f"○ open {MIGRATED} · needed for go [Done]")
    section.becomes(f"○ open {MIGRATED} · needed for go [Done]")


def test_two_people_who_press_at_once_lose_nothing_and_settle_once(bot: BotUnderTest, ann: Person, bo: Person) -> None:
    section = started(bot, ann).sees("Testing")
    screens = [(person, section.as_seen_by(person.user).old_copy()) for person in (ann, bo) for _ in range(3)]
    with ThreadPoolExecutor(6) as pool:
        warnings = list(pool.map(lambda each: each[0].presses("Done", in_=each[1], beside=MIGRATED), screens))
    assert warnings == [None] * 6
    assert len(decided(bot)) == 1
    other = bo if decided(bot)[0][2] == ann.user.id else ann
    other.hears("was done already by")


def test_a_button_nobody_knows_any_more_gets_an_answer(bot: BotUnderTest, slack: StandIn, ann: Person) -> None:
    dashboard = started(bot, ann).messages()[0]
    assert slack.click("ann", dashboard, "button_of_2024") is None
    ann.hears("older version of gonogo")
    assert slack.click("ann", dashboard, Verb.JOIN, value="d=unknown") is None
    ann.hears("/deploy status lists the open ones")


def test_a_copied_message_decides_nothing(bot: BotUnderTest, slack: StandIn, ann: Person) -> None:
    section = started(bot, ann).sees("Testing")
    elsewhere = slack.add_channel("elsewhere")
    copy = slack.workspace.add_message(_copied(slack, section, elsewhere.id))
    message = ann.sees("#elsewhere", "Testing")
    assert message.ts == copy.ts
    ann.presses("Done", in_=message, beside=MIGRATED)
    ann.hears("on a copy of a message")
    ann.chooses("More about an item …", MIGRATED, in_=message)
    assert eventually(lambda: sum("on a copy" in told for told in ann.told()) == 2)
    assert decided(bot) == []
    assert not ann.has_modal()


def _copied(slack: StandIn, section, channel: str):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    return replace(section.posted, channel=channel, ts=slack.workspace.new_ts(), thread_ts=None)


def test_guests_and_people_of_other_workspaces_are_refused(bot: BotUnderTest, slack: StandIn, ann: Person) -> None:
    guest = slack.add_person("gus", is_restricted=True, channels=["#deploys"])
    stranger = slack.add_person("sam", team_id="T0OTHER", channels=["#deploys"])
    section = started(bot, ann).sees("Testing")
    guest.presses("Done", in_=section, beside=MIGRATED)
    guest.hears("Guests can read")
    stranger.presses("Done", in_=section, beside=MIGRATED)
    stranger.hears("another workspace")
    assert decided(bot) == []


def broken(unit: Unit, project: Project, act: Act, click: Click) -> Answer:
    raise RuntimeError("password=hunter2 in a trace")


BROKEN = {verb: replace(row, act=broken) for verb, row in VERBS.items() if row.act and verb != Verb.START}


@pytest.fixture
def broken_bot(make_bot: MakeBot) -> BotUnderTest:
    return make_bot(verbs={**VERBS, **BROKEN}).connected()


def test_a_fault_is_a_sentence_with_a_reference_and_the_trace_is_in_the_log(
    broken_bot: BotUnderTest, ann: Person, caplog: pytest.LogCaptureFixture
) -> None:
    section = started(broken_bot, ann).sees("Testing")
    assert ann.presses("Done", in_=section, beside=MIGRATED) is None
    told = ann.hears("fault of its own").text()
    _reference_leads_to_the_trace(told, caplog)


def test_a_fault_in_a_form_keeps_what_was_typed(
    broken_bot: BotUnderTest, ann: Person, caplog: pytest.LogCaptureFixture
) -> None:
    dashboard = started(broken_bot, ann).messages()[0]
    ann.chooses("More …", "Abort …", in_=dashboard)
    form = ann.modal("Abort").fill("Why?", "wrong range")
    _reference_leads_to_the_trace(str(form.submit()), caplog)
    assert form.is_open


def test_a_fault_in_a_command_is_answered_at_once(
    broken_bot: BotUnderTest, ann: Person, caplog: pytest.LogCaptureFixture
) -> None:
    started(broken_bot, ann)
    _reference_leads_to_the_trace(ann.types("/deploy checks") or "", caplog)


def _reference_leads_to_the_trace(told: str, caplog: pytest.LogCaptureFixture) -> None:
    reference = re.search(r"[Rr]eference ([0-9a-f]{6})", told)
    assert reference, told
    assert "hunter2" not in told
    assert "Traceback" not in told
    traces = [record for record in caplog.records if record.exc_info and reference[1] in record.getMessage()]
    assert [record.levelno for record in traces] == [logging.ERROR]


def test_a_form_that_slack_does_not_open_is_told(bot: BotUnderTest, slack: StandIn, ann: Person) -> None:
    dashboard = started(bot, ann).messages()[0]
    slack.faults.late("views.open", 2.5)
    assert ann.presses("Go …", in_=dashboard) is None
    ann.hears("did not open the form in time")


def test_an_items_form_shows_it_acts_and_follows(bot: BotUnderTest, ann: Person) -> None:
    section = started(bot, ann).sees("Testing")
    ann.chooses("More about an item …", MIGRATED, in_=section)
    item = ann.modal("Item")
    ann.presses("Note …", in_=item)
    note = ann.modal("Note").fill("Note", "looked at by two")
    assert note.submit() is None
    item.becomes("looked at by two")
    ann.presses("Done", in_=item)
    item.becomes("✓ done")
    assert eventually(lambda: not behind(bot))


def test_a_refusal_stays_on_the_form(bot: BotUnderTest, ann: Person) -> None:
    dashboard = started(bot, ann).messages()[0]
    ann.chooses("More …", "Abort …", in_=dashboard)
    form = ann.modal("Abort").fill("Why?", "   ")
    assert "Give a reason" in str(form.submit())
    form.fill("Why?", "wrong range")
    assert form.submit() is None
    dashboard.becomes("aborted")


def test_tick_many_settles_what_was_ticked(bot: BotUnderTest, ann: Person) -> None:
    section = started(bot, ann).sees("Testing")
    ann.presses("Tick many …", in_=section)
    form = ann.modal("Tick many")
    form.choose("Testing 11–12", "Run performance tests on sample data")
    form.choose("Testing 1–10", "Test soft delete functionality", MIGRATED)
    assert form.submit() is None
    section.becomes("✓ 3 done")


def test_what_is_missing_is_told_privately_from_the_dashboard(
    bot: BotUnderTest, slack: StandIn, ann: Person, bo: Person
) -> None:
    dashboard = started(bot, ann).messages()[0]
    assert slack.click("bo", dashboard, Verb.BLOCKERS, value=f"d={deployment_of(bot).id}") is None
    bo.hears("Peer review of all migration files")
    assert not any("Peer review" in told for told in ann.told())


LISTED = "Pre-Deployment Checks   1 of"


def test_a_line_is_added_from_the_menu_of_its_section_and_ticked(bot: BotUnderTest, ann: Person) -> None:
    thread = started(bot, ann)
    ann.chooses("More about an item …", "Add a line …", in_=thread.sees(LISTED))
    form = ann.modal("Add a line")
    assert form.value("Section") == "Pre-Deployment Checks"
    form.fill("Line", "Rollback  plan prepared")
    assert "has that line already" in str(form.submit())
    form.fill("Line", "Warm the cache").choose("Who waits for it", "Needed for go")
    assert form.submit() is None
    shown = thread.sees("open  Warm the cache · needed for go · added by ann today").text()
    assert shown.startswith("Pre-Deployment Checks   1 of 8 settled")
    assert eventually(lambda: "of 16 needed for go" in ann.sees("#deploys", "migrations 00008–00010").text())
    ann.presses("Done", in_=thread.sees("Warm the cache"), beside="Warm the cache")
    thread.sees("Pre-Deployment Checks   2 of 8 settled")


def test_it_is_added_from_everything_and_taken_out_where_it_is_looked_at(bot: BotUnderTest, ann: Person) -> None:
    thread = started(bot, ann)
    ann.presses("See everything", in_=ann.sees("#deploys", "migrations 00008–00010"))
    ann.chooses("More about …", "Add a line …", in_=ann.modal("Everything"), beside="Testing")
    form = ann.modal("Add a line")
    form.fill("Line", "Try it with the old client").choose("Who waits for it", "Needed for go")
    assert form.submit() is None
    ann.modal("List").cancel()
    shown = thread.sees("Try it with the old client · needed for go · added by ann")
    ann.chooses("More about an item …", "Try it with the old client", in_=shown)
    ann.modal("Item").presses("Take the line out")
    assert eventually(lambda: "Try it" not in thread.sees("Testing   0 of 12 settled").text())
