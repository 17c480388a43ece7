from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.demo.page.browser import OUTPUT, WIDE, Demo, Eyes, chromium, running_demo, temp_folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def demo(browser: Browser) -> Iterator[Demo]:
    """One local workspace for all browser tests; started after Chromium was found."""
    with temp_folder() as temp, running_demo(temp) as running:
        yield running


@pytest.fixture(scope="session")
def window(browser: Browser) -> BrowserContext:
    """One window for all pages: what the page is made of is fetched and compiled once."""
    return browser.new_context(viewport={"width": WIDE[0], "height": WIDE[1]})


@pytest.fixture
def eyes(window: BrowserContext, demo: Demo, request: pytest.FixtureRequest) -> Iterator[Eyes]:
    """A fresh page; nothing but the demo may be asked for anything."""
    page = window.new_page()
    elsewhere: list[str] = []
    broken: list[str] = []
    page.on("request", lambda asked: elsewhere.append(asked.url) if _is_elsewhere(asked.url, demo) else None)
    page.on("pageerror", lambda error: broken.append(str(error)))
    folder: Path = OUTPUT / request.node.name
    yield Eyes(page, folder).open(demo.address).is_ready()
    page.close()
    assert not elsewhere, f"fetched from elsewhere: {elsewhere}"
    assert not broken, f"errors in the page: {broken}"


def _is_elsewhere(url: str, demo: Demo) -> bool:
    local = (demo.address, demo.address.replace("http", "ws", 1), "data:", "blob:")
    return not url.startswith(local)
