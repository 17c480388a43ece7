"""A real headless Chromium on a real `gonogo demo`, used as a person uses it: by what is written on things."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, TimeoutError, WebSocketRoute, expect, sync_playwright

OUTPUT = Path(__file__).parents[3] / "test-output"
PATIENCE = 180_000  # milliseconds; several test runs may share two cores
WIDE = (1600, 1000)
expect.set_options(timeout=30_000)  # where nothing else is said: what the page itself does, on the same two cores


@dataclass
class Demo:
    """A running `gonogo demo` with a temp folder of its own, where it leaves what it leaves."""

    process: subprocess.Popen[str]
    address: str
    temp: Path

    def leftovers(self) -> list[str]:
        return sorted(path.name for path in self.temp.iterdir() if path.name.startswith("gonogo-"))

    def interrupt(self, seconds: float = 10.0) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(seconds)


def start_demo(temp: Path, port: int = 0) -> Demo:
    """Starts it (port 0: a free one) and waits for its address."""
    script = Path(sys.executable).with_name("gonogo")
    variables = {**os.environ, "TMPDIR": str(temp)}
    process = subprocess.Popen(
        [str(script), "demo", "--port", str(port)],
        env=variables,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:\d+", first)
    assert found, f"no address in {first!r}"
    return Demo(process, found[0], temp)


@contextmanager
def temp_folder() -> Iterator[Path]:
    """A temp folder that PostgreSQL's own user can enter, unlike pytest's."""
    with tempfile.TemporaryDirectory(prefix="demo-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@contextmanager
def running_demo(temp: Path, port: int = 0) -> Iterator[Demo]:
    demo = start_demo(temp, port)
    try:
        yield demo
    finally:
        if demo.process.poll() is None:
            demo.interrupt(60.0)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium. Skips with a sentence where there is none; in CI that is a failure."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        sentence = "no Chromium found: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(sentence)
        pytest.skip(sentence)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


class Lag:
    """A line to the page that can be slow: what the server tells waits while `is_slow`; what a person does goes on."""

    def __init__(self, page: Page) -> None:
        self.waiting: list[str | bytes] = []
        self.is_slow = False
        page.route_web_socket(re.compile("socket.io"), self._relay)
        page.reload()

    def _relay(self, route: WebSocketRoute) -> None:
        self._route = route
        route.connect_to_server().on_message(self._told)

    def _told(self, message: str | bytes) -> None:
        if self.is_slow:
            self.waiting.append(message)
        else:
            self._route.send(message)

    def ends(self) -> None:
        self.is_slow = False
        for message in self.waiting:
            self._route.send(message)


AGAIN = re.compile("press again|then press|Try again", re.IGNORECASE)
READING = 1_000  # milliseconds
TRIES = 6


class Eyes:
    """What a person sees and does on the page."""

    def __init__(self, page: Page, folder: Path | None = None) -> None:
        self.page, self._folder, self._shots = page, folder, 0

    @property
    def channel(self) -> Locator:
        return self.page.get_by_label("Conversation", exact=True)

    @property
    def thread(self) -> Locator:
        return self.page.get_by_label("Thread", exact=True).first

    @property
    def panel(self) -> Locator:
        return self.page.get_by_label("Try-out panel, not part of Slack")

    @property
    def dialog(self) -> Locator:
        return self.page.locator("dialog[open]")

    def open(self, address: str) -> Eyes:
        self.page.goto(address)
        expect(self.page.get_by_role("button", name="Ann", exact=False).first).to_be_visible(timeout=PATIENCE)
        return self

    def is_ready(self) -> Eyes:
        """Waits until nothing is being prepared any more."""
        expect(self.panel.get_by_role("button", name="Take a backup")).to_be_visible(timeout=PATIENCE)
        expect(self.page.get_by_label("Message #deploys")).to_be_enabled(timeout=PATIENCE)
        return self

    def shoot(self, name: str) -> None:
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._shots += 1
            self.page.screenshot(path=self._folder / f"{self._shots:02d}-{name}.png")

    def becomes(self, first_name: str) -> Eyes:
        me = self.page.get_by_label("Whose eyes").locator(f'.person[title^="{first_name} "]')
        me.click()
        expect(me).to_have_attribute("aria-pressed", "true")
        return self

    def goes_to(self, place: str) -> Eyes:
        entry = self.page.get_by_label("Channels and direct messages").get_by_role("button", name=place)
        entry.click()
        expect(entry).to_have_attribute("aria-current", "page")
        return self

    def types(self, text: str, where: str = "Message #deploys") -> Eyes:
        box = self.page.get_by_label(where)
        box.click()
        box.press_sequentially(text)
        box.press("Enter")
        return self

    def message(self, containing: str) -> Locator:
        """The last message of the channel that reads so."""
        return self.channel.locator("article").filter(has_text=containing).last

    def reply(self, containing: str) -> Locator:
        """The last message of the thread that reads so."""
        return self.thread.locator("article").filter(has_text=containing).last

    def opens_form(self, press: Callable[[], object]) -> Locator:
        """Presses what opens a form, and again where the person is told to: a busy machine is slower than Slack allows.

        AssertionError with what the person was told instead.
        """
        told = self.page.locator(".toast, article.ephemeral")
        ends, heard = time.monotonic() + PATIENCE / 1000, told.filter(has_text=AGAIN).count()
        press()
        while not self.dialog.count():
            assert time.monotonic() < ends, (
                f"no form opened; the person was told: {told.all_inner_texts() or 'nothing'}"
            )
            if told.filter(has_text=AGAIN).count() > heard:
                self.page.wait_for_timeout(READING)
                heard = told.filter(has_text=AGAIN).count()
                if not self.dialog.count():
                    press()
            self.page.wait_for_timeout(50)
        return self.dialog

    def chooses_more(self, message: Locator, words: str) -> None:
        """Opens the message's menu, and chooses in it."""
        message.get_by_role("button", name="More actions").click()
        message.get_by_role("menuitem", name=words).click()

    def opens_thread_of(self, containing: str) -> Eyes:
        self.message(containing).locator(".thread-link").click()
        expect(self.thread.locator("article").first).to_be_visible()
        expect(self.page).to_have_url(re.compile(r"[?&]thread="))  # a reload goes by it, and it is written last
        return self

    def item(self, label: str) -> Locator:
        """The line of a checklist item that somebody has to settle, in the open thread."""
        unsettled = re.compile(rf"(failed|open|waiting)\s+{re.escape(label)}")
        return self.thread.locator(".section").filter(has_text=unsettled).last

    def settles(self, label: str) -> Eyes:
        """Presses Done at an item unless it is settled, and sees it in the list no more.

        Again where nothing came of it for a while: a busy machine is slower than Slack allows, and the person is told.
        """
        line = self.item(label)
        for _ in range(TRIES):
            with suppress(TimeoutError, AssertionError):
                if line.get_by_role("button", name="Done").count():
                    line.get_by_role("button", name="Done").click(timeout=PATIENCE / TRIES)
                expect(line).to_have_count(0, timeout=PATIENCE / TRIES)
                return self
        told = self.page.locator(".toast, article.ephemeral").all_inner_texts()
        raise AssertionError(f"“{label}” is still open; the person was told: {told or 'nothing'}")

    def screens(self) -> float:
        """How high the messages of the open thread are together, in screens of 1440 by 900."""
        self.page.set_viewport_size({"width": 1440, "height": 900})
        heights = self.thread.locator("article").evaluate_all(
            "(messages) => messages.map((each) => each.getBoundingClientRect().height)"
        )
        self.page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
        return float(sum(heights)) / 900
