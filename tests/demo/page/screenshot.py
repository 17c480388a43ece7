"""The picture of the README, taken from the real page: `make screenshot`."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import expect

from tests.demo.page.browser import PATIENCE, Eyes, chromium, running_demo, temp_folder

SIZE = (1600, 960)
PRODUCTION = "Production · migrations 00008–00010"


def take(path: Path) -> None:
    """Starts a production deployment and shows the checks that found something."""
    with chromium() as browser, temp_folder() as temp, running_demo(temp) as demo:
        page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
        eyes = Eyes(page).open(demo.address).is_ready()
        eyes.types("/deploy start production")
        expect(eyes.message(PRODUCTION)).to_contain_text("✗ failed", timeout=PATIENCE)
        eyes.opens_thread_of(PRODUCTION)
        expect(eyes.message(PRODUCTION)).not_to_contain_text("checks run:", timeout=PATIENCE)
        told = page.get_by_role("button", name="Dismiss message")
        for left in range(told.count() - 1, -1, -1):
            told.first.click()
            expect(told).to_have_count(left)
        eyes.reply("Pre-Deployment Checks").evaluate("(message) => message.scrollIntoView({ block: 'start' })")
        page.mouse.move(0, 0)
        path.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=path)


if __name__ == "__main__":
    take(Path(sys.argv[1]))
