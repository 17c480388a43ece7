"""What the page does: the story of a newcomer; what is whose, keyboard, forms, reload, a narrow screen, the panel."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from tests.demo.page.browser import OUTPUT, PATIENCE, Demo, Eyes, Lag
from tests.demo.page.newcomer import PRODUCTION, deploys_to_production

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

STAGING = "Staging · migrations 00008–00010"


def test_nothing_can_be_typed_before_the_past_is_made_and_then_the_first_command_is_answered(
    window: BrowserContext, demo: Demo
) -> None:
    """The first of this file: the workspace of all of them is only being prepared."""
    eyes = Eyes(window.new_page(), OUTPUT / "opening").open(demo.address)
    opened = time.monotonic()
    box = eyes.page.get_by_label("Message #deploys")
    expect(box).to_be_disabled()
    expect(eyes.channel.get_by_role("status")).to_contain_text("Preparing the try-out")
    expect(eyes.channel.locator("article")).to_have_count(0)
    eyes.shoot("preparing")
    expect(box).to_be_enabled(timeout=PATIENCE)
    print(f"ready to type {time.monotonic() - opened:.1f} s after the page opened")
    expect(eyes.message("migrations 00008–00010")).to_contain_text("completed yesterday")
    eyes.becomes("Devi").types("/deploy help")
    expect(eyes.message("/deploy start")).to_be_visible(timeout=PATIENCE)
    expect(eyes.channel).not_to_contain_text("Checking who you are")
    eyes.page.close()


def test_a_newcomer_deploys_to_production(eyes: Eyes) -> None:
    deploys_to_production(eyes)


def test_staging_was_deployed_yesterday(eyes: Eyes) -> None:
    dashboard = eyes.message(STAGING)
    expect(dashboard).to_contain_text(re.compile("(verifying|closed), Success · Bo Larsen · completed yesterday"))
    expect(eyes.panel.get_by_role("row", name=re.compile("^staging"))).to_contain_text("10 of 10")
    expect(eyes.panel.get_by_role("row", name=re.compile("^production"))).to_contain_text("of 10")


def test_what_one_person_is_told_nobody_else_sees(eyes: Eyes) -> None:
    eyes.types("/deploy hlep")
    told = eyes.message("Only visible to you")
    expect(told).to_contain_text("help", timeout=PATIENCE)
    eyes.becomes("Bo")
    expect(eyes.channel.locator("article").filter(has_text="hlep")).to_have_count(0)
    eyes.becomes("Ann")
    told.get_by_role("button", name="Dismiss message").click()
    expect(eyes.channel.locator("article").filter(has_text="hlep")).to_have_count(0)


def test_a_command_is_refused_in_a_thread(eyes: Eyes) -> None:
    eyes.opens_thread_of(STAGING)
    eyes.types("/deploy status", "Reply …")
    expect(eyes.reply("is not supported in threads")).to_be_visible(timeout=PATIENCE)


def test_the_composer_completes_commands_and_names(eyes: Eyes) -> None:
    box = eyes.page.get_by_label("Message #deploys")
    box.press_sequentially("/dep")
    offers = eyes.page.get_by_label("Suggestions").get_by_role("option")
    expect(offers.first).to_contain_text("/deploy start production")
    box.press("ArrowDown")
    box.press("Tab")
    expect(box).to_have_value("/deploy start staging ")
    box.fill("")
    box.press_sequentially("see @dba")
    expect(offers).to_have_count(1)
    box.press("Tab")
    expect(box).to_have_value("see @dba-team ")
    box.press("Enter")
    mention = eyes.message("see @dba-team").locator(".mention")
    expect(mention).to_have_text("@dba-team")
    expect(mention).not_to_have_class(re.compile(r"\bme\b"))
    eyes.becomes("Dana")
    expect(mention).to_have_class(re.compile(r"\bme\b"))


def test_unread_marks_come_and_go(eyes: Eyes) -> None:
    eyes.goes_to("Pia Rossi").types("Lunch?", "Message Pia Rossi")
    pia = eyes.page.locator('.person[title^="Pia "]')
    expect(pia.get_by_label(re.compile(r"\d unread"))).to_be_visible()  # the bot may have told her something too
    eyes.goes_to("deploys").becomes("Pia")
    entry = eyes.page.get_by_role("button", name="Ann Keller")
    expect(entry.get_by_label("1 unread")).to_be_visible()
    eyes.goes_to("Ann Keller")
    expect(eyes.message("Lunch?")).to_be_visible()
    expect(entry.get_by_label("1 unread")).to_have_count(0)


def open_production(eyes: Eyes) -> Locator:
    """That of the newcomer, which is watched for weeks; where this runs alone, one that begins."""
    if not eyes.message(PRODUCTION).count():
        eyes.becomes("Ann").types("/deploy start production")
        expect(eyes.message(PRODUCTION)).to_contain_text("needed for go", timeout=PATIENCE)
        eyes.becomes("Bo")
    return eyes.message(PRODUCTION)


def test_a_form_shows_what_is_missing_and_keeps_what_was_typed(eyes: Eyes) -> None:
    open_production(eyes.becomes("Bo"))
    eyes.opens_form(lambda: eyes.types("/deploy takeover"))
    assert eyes.page.evaluate("() => document.activeElement.closest('dialog .field') !== null")
    eyes.dialog.locator("button[type=submit]").click()
    expect(eyes.dialog.get_by_role("alert").first).to_be_visible()
    field = eyes.dialog.locator("textarea").first
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("because")
    field.blur()
    expect(field).to_have_js_property("defaultValue", "because")  # it came back, so a reload finds it
    eyes.page.reload()
    expect(eyes.dialog.locator("textarea").first).to_have_value("because", timeout=PATIENCE)
    eyes.page.keyboard.press("Escape")
    expect(eyes.dialog).to_have_count(0)


def test_a_choice_in_a_menu_counts_though_its_message_was_repainted_meanwhile(eyes: Eyes) -> None:
    lag = Lag(eyes.page)
    dashboard = open_production(eyes.is_ready().becomes("Bo"))
    lag.is_slow = True
    dashboard.get_by_role("button", name="Run checks").click()
    while not any("checks run:" in str(each) for each in lag.waiting):  # the dashboard is another, and not here yet
        eyes.page.wait_for_timeout(20)
    eyes.chooses_more(dashboard, "Take over …")
    lag.ends()
    answer = eyes.page.locator("dialog, .toast").first
    expect(answer).to_be_visible(timeout=PATIENCE)
    expect(answer).to_contain_text("Take over")
    eyes.page.keyboard.press("Escape")


def test_a_reload_shows_the_same(eyes: Eyes) -> None:
    eyes.becomes("Devi").opens_thread_of(STAGING)
    before = eyes.thread.locator("article").count()
    eyes.page.reload()
    expect(eyes.page.locator(".person.me")).to_contain_text("Devi")
    expect(eyes.thread.locator("article")).to_have_count(before)
    eyes.page.keyboard.press("Escape")
    expect(eyes.thread).to_be_hidden()


def test_times_are_the_viewer_s(eyes: Eyes) -> None:
    stamp = eyes.message(STAGING).locator(".byline time")
    berlin = stamp.inner_text()
    eyes.becomes("Devi")
    expect(stamp).not_to_have_text(berlin)


def test_home_and_messages_of_the_app(eyes: Eyes) -> None:
    eyes.becomes("Bo").goes_to("gonogo")
    eyes.page.get_by_role("tab", name="Home").click()
    expect(eyes.channel.locator(".home")).to_contain_text("Staging", timeout=PATIENCE)
    eyes.channel.get_by_role("link", name="open its thread").first.click()
    expect(eyes.thread.locator("article").first).to_contain_text("migrations 00008–00010")


def test_a_message_can_be_added_to_the_record(eyes: Eyes) -> None:
    eyes.opens_thread_of(STAGING).types("The replica lagged 3 s.", "Reply …")
    said = eyes.reply("The replica lagged 3 s.")

    def adds() -> None:
        said.hover()
        said.get_by_role("button", name="Message menu").click()
        said.get_by_role("menuitem", name="Add to the record").click()

    expect(eyes.opens_form(adds)).to_contain_text("record")
    eyes.page.keyboard.press("Escape")
    expect(eyes.dialog).to_have_count(0)


def test_every_control_has_a_name(eyes: Eyes) -> None:
    eyes.opens_thread_of(STAGING)
    nameless = eyes.page.evaluate(
        """() => [...document.querySelectorAll("button, select, textarea, input, [role=log], dialog, summary")]
            .filter((e) => !e.textContent?.trim() && !e.ariaLabel && !e.ariaLabelledByElements && !e.labels?.length)
            .map((e) => e.outerHTML.slice(0, 120))"""
    )
    assert nameless == []


def test_the_keyboard_reaches_everything(eyes: Eyes) -> None:
    eyes.page.get_by_label("Message #deploys").focus()
    eyes.page.keyboard.press("Tab")  # Send is disabled, so the panel is next
    inside = "() => document.activeElement.closest('.panel') !== null"
    assert eyes.page.evaluate(inside)
    focused = "() => getComputedStyle(document.activeElement).outlineStyle"
    assert eyes.page.evaluate(focused) != "none"


def test_the_panel_breaks_and_mends(eyes: Eyes) -> None:
    panel = eyes.panel
    panel.get_by_role("heading", name="Break something").click()
    for doing, undoing in (
        ("Lock orders", "Release it"),
        ("Drop an index", "Bring it back"),
        ("Leave an invalid index", "Drop it"),
    ):
        panel.get_by_label("Break", exact=True).select_option("development")
        expect(panel.get_by_text("In development:")).to_be_visible(timeout=PATIENCE)
        panel.get_by_role("button", name=doing).click()
        panel.get_by_role("button", name=undoing).click(timeout=PATIENCE)
        expect(panel.get_by_role("button", name=doing)).to_be_visible(timeout=PATIENCE)
    row = panel.get_by_role("row", name=re.compile("^development"))
    row.get_by_role("button", name="Stop").click()
    expect(row).to_contain_text("stopped", timeout=PATIENCE)
    row.get_by_role("button", name="Start").click()
    expect(row).to_contain_text("10 of 10", timeout=PATIENCE)


def test_a_migration_file_is_edited_and_mended(eyes: Eyes) -> None:
    panel = eyes.panel
    panel.get_by_role("heading", name="Edit a migration file").click()
    panel.get_by_label("Migration file").select_option(label="00010_create_daily_revenue.up.sql")
    editor = panel.get_by_label("00010_create_daily_revenue.up.sql")
    original = editor.input_value()
    editor.fill(original + "-- edited\n")
    panel.get_by_role("button", name="Save").click()
    expect(panel.get_by_role("status")).to_contain_text("is saved")
    panel.get_by_role("button", name="Mend: as it was").click()
    expect(editor).to_have_value(original)
    panel.get_by_role("button", name="Put it in").nth(2).click()
    expect(panel.get_by_role("status")).to_contain_text("00010_create_daily_revenue.up.sql now has the fault")
    panel.get_by_role("button", name="Mend: as it was").click()
    expect(editor).to_have_value(original)


def test_the_bot_comes_back_and_the_page_stays(eyes: Eyes) -> None:
    eyes.panel.get_by_role("button", name="Restart it").click()
    expect(eyes.panel.get_by_role("status")).to_contain_text("was restarted", timeout=PATIENCE)
    expect(eyes.message(STAGING)).to_be_visible()
    eyes.types("/deploy help")
    expect(eyes.message("/deploy start")).to_be_visible(timeout=PATIENCE)


def test_a_bot_that_dies_is_started_again_and_that_is_news_until_the_next_act(eyes: Eyes) -> None:
    eyes.panel.get_by_role("button", name="Kill it (SIGKILL)").click()
    told = eyes.panel.get_by_text("gonogo run · ")
    expect(told).to_contain_text("died with exit code -9 and was started again", timeout=PATIENCE)
    eyes.becomes("Mo")
    expect(told).to_have_text("gonogo run · running")
    answer = eyes.message("/deploy start")
    while not answer.count():  # it takes a second or two until it is connected again
        eyes.types("/deploy help")
        expect(eyes.message("Only visible to you")).to_be_visible(timeout=PATIENCE)


def test_the_clock_moves_for_the_bot_too(eyes: Eyes) -> None:
    eyes.panel.get_by_role("button", name="+1 day").click()
    expect(eyes.panel.get_by_role("status")).to_contain_text("It is")
    expect(eyes.message(STAGING).locator("time").first).to_be_visible()
    eyes.types("A day later.")
    expect(eyes.message("A day later.")).to_be_visible()
    expect(eyes.channel.locator(".day").last).not_to_have_text(eyes.channel.locator(".day").first.inner_text())
    eyes.becomes("Devi").types("/deploy status")
    answer = re.compile("migrations 00008–00010|No deployment is open")
    expect(eyes.message("Only visible to you")).to_contain_text(answer, timeout=PATIENCE)
    expect(eyes.channel).not_to_contain_text("Checking who you are")


def test_a_phone_keeps_everything_in_reach_and_the_panel_folded(eyes: Eyes) -> None:
    eyes.page.set_viewport_size({"width": 390, "height": 844})
    expect(eyes.panel).to_be_hidden()
    assert covered(eyes) == []
    eyes.shoot("narrow channel")
    eyes.page.get_by_role("button", name="Try-out", exact=True).click()
    expect(eyes.panel.get_by_role("button", name="Take a backup")).to_be_visible()
    eyes.shoot("narrow panel")
    eyes.panel.get_by_role("button", name="Close the panel").click()
    expect(eyes.panel).to_be_hidden()
    eyes.opens_thread_of(STAGING)
    assert covered(eyes) == []
    eyes.shoot("narrow thread")
    eyes.thread.get_by_role("button", name="Close thread").click()
    eyes.page.get_by_role("button", name="Channels", exact=True).click()
    eyes.shoot("narrow channels")
    eyes.page.get_by_role("button", name="releases").click()
    expect(eyes.page.get_by_label("Message #releases")).to_be_visible()
    overflow = "() => document.documentElement.scrollWidth - window.innerWidth"
    assert eyes.page.evaluate(overflow) <= 0


COVERED = """() => {
    const within = (r, box) => r.left >= box.left && r.right <= box.right && r.top >= box.top && r.bottom <= box.bottom;
    const screen = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
    return [...document.querySelectorAll("button, textarea, summary, article .text")]
        .filter((e) => e.checkVisibility({ opacityProperty: true }) && !e.closest(".tools"))
        .filter((e) => {
            const r = e.getClientRects()[0];
            const column = e.closest(".people, .scroller")?.getBoundingClientRect() ?? screen;
            if (!r || !within(r, column) || !within(r, screen)) return false;
            const top = document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2);
            return top && !e.contains(top) && !top.contains(e) && !top.closest(".thread");
        })
        .map((e) => e.outerHTML.slice(0, 100));
}"""


def covered(eyes: Eyes) -> list[str]:
    """What a person could press or read, but for something that lies on it; a thread may lie on its channel."""
    return list(eyes.page.evaluate(COVERED))


def test_every_message_is_shown_by_name_as_slack_draws_it(eyes: Eyes, demo: Demo) -> None:
    expect(eyes.panel.get_by_role("link", name="See every message, by name")).to_have_attribute("href", "/messages")
    eyes.page.goto(f"{demo.address}/messages?name=notice")
    board = eyes.page.locator("figure", has_text="management, planned").first
    expect(board.get_by_text("Risk: low, no interruption is expected.")).to_be_visible(timeout=PATIENCE)
    expect(board.get_by_role("button", name="Acknowledge")).to_be_visible()
    expect(eyes.page.get_by_role("heading", name="notice")).to_have_count(1)
    eyes.shoot("messages")
