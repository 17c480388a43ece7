"""The three-minute story of issue 3, in a real browser: from the composer to the notice."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.demo.page.browser import PATIENCE, Eyes

PRODUCTION = "Production · migrations 00008–00010"
MOST_SCREENS = 5
SIGNATURES = (
    ("Dana", "Database administrator approval", "Approve as"),
    ("Bo", "Backend engineer review", "Reviewed as"),
    ("Devi", "DevOps engineer review", "Reviewed as"),
    ("Mo", "Management approval", "Approve as"),
)


def deploys_to_production(eyes: Eyes) -> None:
    eyes.shoot("ready")
    _starts(eyes)
    _mends_the_backup(eyes)
    _prepares(eyes)
    _signs(eyes)
    _deploys(eyes)
    _completes(eyes)
    _the_product_owner_reads(eyes)


def _starts(eyes: Eyes) -> None:
    eyes.types("/deploy start production")
    expect(eyes.message(PRODUCTION)).to_be_visible(timeout=PATIENCE)
    expect(eyes.message(PRODUCTION)).to_contain_text("✗ failed", timeout=PATIENCE)
    eyes.shoot("started, and a check fails")
    eyes.opens_thread_of(PRODUCTION)


def _mends_the_backup(eyes: Eyes) -> None:
    backup = eyes.item("Database backup completed")
    expect(backup).to_contain_text("older than 24 h; take another backup", timeout=PATIENCE)
    backup.scroll_into_view_if_needed()
    eyes.shoot("why it fails")
    eyes.panel.get_by_role("button", name="Take a backup").click()
    expect(eyes.panel.get_by_role("status")).to_contain_text("Backup of production taken", timeout=PATIENCE)
    backup.get_by_role("button", name="Run check").click()
    expect(backup).to_have_count(0, timeout=PATIENCE)
    eyes.shoot("mended")


def _prepares(eyes: Eyes) -> None:
    for label in ("Migration window scheduled", "Rollback plan prepared"):
        eyes.settles(label)
    dashboard = eyes.thread.locator("article").first
    expect(dashboard).to_contain_text(re.compile("only people are missing|a newer one was made"), timeout=PATIENCE)
    # A drill that ran before the backup was taken spoke of an older one.
    drill = dashboard.locator(".section").filter(has_text="a newer one was made")
    if drill.count():
        drill.get_by_role("button", name="Run check").click()
    expect(dashboard).to_contain_text("only people are missing", timeout=PATIENCE)


def _signs(eyes: Eyes) -> None:
    for name, role, button in SIGNATURES:
        eyes.becomes(name)
        press = eyes.reply(role).get_by_role("button", name=button)
        press.scroll_into_view_if_needed(timeout=PATIENCE)
        press.click()
        expect(press).to_have_count(0, timeout=PATIENCE)
        eyes.shoot(f"{name} signs")


def _deploys(eyes: Eyes) -> None:
    eyes.becomes("Ann")
    dashboard = eyes.thread.locator("article").first
    dashboard.scroll_into_view_if_needed()
    form = eyes.opens_form(dashboard.get_by_role("button", name="Go …").click)
    expect(form).to_contain_text("3 files will be applied")
    eyes.shoot("go")
    eyes.dialog.locator("button[type=submit]").click()
    expect(dashboard).to_contain_text("deploying", timeout=PATIENCE)
    eyes.panel.get_by_role("button", name="Run the migrations").click()
    expect(eyes.panel.get_by_label("Output of the migration runner")).to_contain_text("exit code 0", timeout=PATIENCE)
    expect(dashboard).to_contain_text("3 of 3 applied", timeout=PATIENCE)
    eyes.shoot("migrations ran")


def _completes(eyes: Eyes) -> None:
    dashboard = eyes.thread.locator("article").first
    expect(dashboard).to_contain_text("To complete: nothing is missing", timeout=PATIENCE)
    eyes.shoot("deployed")
    form = eyes.opens_form(dashboard.get_by_role("button", name="Complete …").click)
    form.get_by_label("Notes").fill("No errors, p95 unchanged.")
    eyes.shoot("completion form")
    eyes.dialog.locator("button[type=submit]").click()
    expect(eyes.dialog).to_have_count(0, timeout=PATIENCE)
    expect(dashboard).to_contain_text("verifying", timeout=PATIENCE)
    eyes.shoot("completed")
    screens = eyes.screens()
    print(f"\nthe thread, in screens of 1440 by 900: {screens:.1f}")
    assert screens <= MOST_SCREENS


def _the_product_owner_reads(eyes: Eyes) -> None:
    eyes.becomes("Pia").goes_to("releases")
    notice = eyes.message("00008–00010")
    expect(notice).to_be_visible(timeout=PATIENCE)
    eyes.shoot("the notice")
    expect(notice).to_contain_text("Success")
    notice.get_by_role("button", name="Acknowledge").click()
    _reads_the_record(eyes.becomes("Ann").goes_to("deploys"))


def _reads_the_record(eyes: Eyes) -> None:
    eyes.opens_thread_of(PRODUCTION)
    view = eyes.thread.get_by_role("button", name="View")
    view.last.click(timeout=PATIENCE)
    expect(eyes.dialog).to_contain_text("☑ Run smoke tests")
    expect(eyes.dialog).to_contain_text("No errors, p95 unchanged.")
    eyes.shoot("the record")
