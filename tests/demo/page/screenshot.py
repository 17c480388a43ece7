"""The pictures of the README, taken from the real page: `make screenshot`.

`workspace.png` is a deployment in its thread, `approval.png` what an approver and a product owner read, and
`story.png` moves: the way from the command to the sign-off.
"""

from __future__ import annotations

import base64
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from tests.demo.page.browser import PATIENCE, Eyes, chromium, running_demo, temp_folder

WIDE, STORY = (1440, 900), (1080, 675)
PRODUCTION = "Production"
APPROVER = "Approve as DBA"


def take(folder: Path) -> None:
    """Starts a production deployment, shows what is found, and what others are asked and told."""
    with chromium() as browser, temp_folder() as temp, running_demo(temp) as demo:
        folder.mkdir(parents=True, exist_ok=True)
        page = browser.new_page(viewport={"width": STORY[0], "height": STORY[1]})
        eyes, film = Eyes(page).open(f"{demo.address}/?panel=0"), Film(page)
        box = page.get_by_label("Message #deploys")
        expect(box).to_be_enabled(timeout=PATIENCE)
        box.press_sequentially("/deploy start production")
        film.shoot(1.5)
        box.press("Enter")
        threads = eyes.channel.locator(".thread-link")
        expect(threads).to_have_count(2, timeout=PATIENCE)
        film.shoot(1.5)
        threads.last.click()
        for _ in range(4):
            page.wait_for_timeout(1500)
            film.shoot(0.7)
        _tidies(page, eyes.thread)
        page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
        page.get_by_role("button", name="Try-out panel").click()
        _at_the_top(eyes.thread)
        page.screenshot(path=folder / "workspace.png")
        page.get_by_role("button", name="Hide the panel").click()
        page.set_viewport_size({"width": STORY[0], "height": STORY[1]})
        _asked_and_told(browser, eyes, film, folder / "approval.png")
        (folder / "story.png").write_bytes(film.developed())


def _tidies(page: Page, thread: Locator) -> None:
    """Checks come to an end, and what was told in passing goes."""
    before = ""
    while before != (before := thread.inner_text()):
        page.wait_for_timeout(5000)
    told = page.get_by_role("button", name="Dismiss message")
    for left in range(told.count() - 1, -1, -1):
        told.first.click()
        expect(told).to_have_count(left)
    page.mouse.move(0, 0)


def _at_the_top(column: Locator) -> None:
    column.locator("article").first.evaluate("(message) => message.scrollIntoView({ block: 'start' })")


def _asked_and_told(browser: Browser, eyes: Eyes, film: Film, path: Path) -> None:
    """Ann asks; Dana approves in her direct messages; Pia acknowledges the notice."""
    if (ask := eyes.thread.get_by_role("button", name="Ask now")).count():
        ask.first.click()
    eyes.becomes("Dana").goes_to("gonogo")
    card = eyes.channel.locator("article").filter(has=eyes.page.get_by_role("button", name=APPROVER)).last
    expect(card).to_be_visible(timeout=PATIENCE)
    card.evaluate("(message) => message.scrollIntoView({ block: 'center' })")
    film.shoot(2.0)
    asked = card.screenshot()
    card.get_by_role("button", name=APPROVER).click()
    eyes.page.wait_for_timeout(1500)
    film.shoot(2.0)
    eyes.becomes("Pia").goes_to("releases")
    notice = eyes.channel.locator("article").filter(has_text=PRODUCTION).last
    expect(notice).to_be_visible(timeout=PATIENCE)
    film.shoot(2.0)
    _side_by_side(
        browser,
        path,
        {"What Dana, who approves, reads": asked, "What Pia, product owner, reads": notice.screenshot()},
    )


def _side_by_side(browser: Browser, path: Path, pictures: dict[str, bytes]) -> None:
    figures = "".join(
        f'<figure style="margin:0;flex:1"><figcaption style="font:600 15px sans-serif;padding:0 0 8px">{words}'
        f'</figcaption><img style="width:100%;border:1px solid #dfe3e8;border-radius:8px" '
        f'src="data:image/png;base64,{base64.b64encode(picture).decode()}"></figure>'
        for words, picture in pictures.items()
    )
    sheet = browser.new_page(viewport={"width": WIDE[0], "height": 200})
    sheet.set_content(
        f'<div style="display:flex;gap:24px;padding:16px;background:#f5f7f9;align-items:start">{figures}</div>'
    )
    sheet.locator("div").screenshot(path=path)


class Film:
    """A moving PNG (www.w3.org/TR/png-3, "Animation information"): a page's pictures, each with its seconds."""

    def __init__(self, page: Page) -> None:
        self._page, self._frames = page, list[tuple[bytes, float]]()

    def shoot(self, seconds: float) -> None:
        self._page.mouse.move(0, 0)
        self._frames.append((self._page.screenshot(), seconds))

    def developed(self) -> bytes:
        """All pictures have one size, since the page had."""
        (head, *_), counter = _chunks(self._frames[0][0]), iter(range(10_000))
        out = b"\x89PNG\r\n\x1a\n" + _chunk(*head) + _chunk(b"acTL", struct.pack(">II", len(self._frames), 0))
        width_and_height = head[1][:8]
        for place, (picture, seconds) in enumerate(self._frames):
            timing = struct.pack(">IIHHBB", 0, 0, round(seconds * 1000), 1000, 0, 0)
            out += _chunk(b"fcTL", struct.pack(">I", next(counter)) + width_and_height + timing)
            for kind, data in _chunks(picture):
                if kind == b"IDAT":
                    out += _chunk(b"fdAT", struct.pack(">I", next(counter)) + data) if place else _chunk(kind, data)
        return out + _chunk(b"IEND", b"")


def _chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 8
    while place < len(picture):
        (length,), kind = struct.unpack_from(">I", picture, place), picture[place + 4 : place + 8]
        yield kind, picture[place + 8 : place + 8 + length]
        place += length + 12


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


if __name__ == "__main__":
    take(Path(sys.argv[1]))
