"""Each state of a deployment as people see it, in a real browser, wide and on a phone: kept in `test-output/states`.

The people act through the stand-in, by words; what is looked at is the page of the try-out on the same workspace.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.demo import acts
from bot.demo.local import LocalWorkspace
from bot.demo.page.app import page_app
from bot.demo.stage import own_folder
from bot.demo.standin import Message, Person
from bot.demo.standin.web import Server
from tests.demo.page.browser import OUTPUT, PATIENCE, temp_folder

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
SIZES = {"wide": (1440, 900), "phone": (390, 844)}
STATES = ("preparing", "sign-offs", "ready", "deploying", "held", "rolling-back", "verifying", "closed")


@pytest.fixture
def local(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalWorkspace]:
    """The whole try-out in this process, so that its people can act without a browser."""
    with temp_folder() as temp:
        monkeypatch.setattr("tempfile.tempdir", str(temp))
        listening = socket.create_server(("127.0.0.1", 0))
        with own_folder() as folder:
            running = LocalWorkspace(folder, f"http://127.0.0.1:{listening.getsockname()[1]}/slack")
            opening = threading.Thread(target=running.open, daemon=True)
            opening.start()
            server = Server(page_app(running), listening)
            server.start()
            opening.join(PATIENCE / 1000)
            yield running
            running.close(opening)
            server.stop()


class Album:
    """Photographs a deployment's thread, or its channel, in both sizes."""

    def __init__(self, browser: Browser, local: LocalWorkspace) -> None:
        self._address = local.slack.service.base_url.removesuffix("/slack")
        self._pages = {name: browser.new_page(viewport={"width": w, "height": h}) for name, (w, h) in SIZES.items()}

    def keep(self, state: str, dashboard: Message, *seen: str) -> None:
        """Every word of `seen` is read on the page, and nothing is wider than the screen."""
        query = f"as={dashboard.user.id}&at={dashboard.channel}&thread={dashboard.ts}&panel=0"
        for name, page in self._pages.items():
            if not page.url.endswith(query):  # once there, a person sees each state come
                page.goto(f"{self._address}/?{query}")
            first = page.get_by_label("Thread", exact=True).first.locator("article").first
            for words in seen:
                expect(first).to_contain_text(re.compile(re.escape(words), re.IGNORECASE), timeout=PATIENCE)
            assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, state
            self._shoot(page, f"{STATES.index(state) + 1}-{state}-{name}")

    @staticmethod
    def _shoot(page: Page, name: str) -> None:
        folder = OUTPUT / "states"
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name}.png")


def test_each_state_is_seen(local: LocalWorkspace, browser: Browser) -> None:
    ann, album, panel = local.slack.person("ann"), Album(browser, local), local.panel
    assert panel is not None
    panel.take_backup("production")
    dashboard = acts.start(ann, "production")
    album.keep("preparing", dashboard, "preparing", "Ann Keller")
    acts.wait_for_checks(dashboard)
    acts.settle(ann, dashboard, "Pre-Deployment Checks", acts.PREPARED)
    album.keep("sign-offs", dashboard, "@dba-team")
    for name, title in (
        ("dana", "Database administrator approval"),
        ("bo", "Backend engineer review"),
        ("devi", "DevOps engineer review"),
        ("mo", "Management approval"),
    ):
        acts.sign(local.slack.person(name), dashboard, title)
    album.keep("ready", dashboard, "Go …")
    acts.go(ann, dashboard)
    assert local.databases is not None
    local.databases.migrate("production")
    dashboard.becomes("3 of 3", timeout=acts.PATIENCE)
    album.keep("deploying", dashboard, "deploying")
    _submitted(ann, "/deploy hold 2", "the index build takes too long")
    album.keep("held", dashboard.becomes("eld"), "the index build takes too long")
    _submitted(ann, "/deploy rollback 2", "checkout is slow", "Down files")
    album.keep("rolling-back", dashboard.becomes("olling back"), "rolling back")
    _submitted(ann, "/deploy complete 2", "Nothing was lost.")
    album.keep("verifying", dashboard.becomes("verifying"), "verifying")
    ann.presses("Close …", in_=dashboard)
    form = ann.modal()
    form.fill(form.labels()[0], "The files come again next week.")
    assert not form.submit()
    album.keep("closed", dashboard.becomes("losed"), "closed")


def _submitted(person: Person, command: str, words: str, way: str = "") -> None:
    person.types(command)
    form = person.modal()
    if way:
        form.choose("Which way back?", way)
    typed = [label for label in form.labels() if label in ("What did you see?", "What happened?", "Notes")]
    form.fill(typed[0], words)
    refused = form.submit()
    assert not refused, refused
