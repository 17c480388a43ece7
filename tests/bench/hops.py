"""How much of the product a click runs through: files and functions, from its envelope until its message is repainted.

Code of every thread is counted, since the click's path crosses four of them; so what a loop looks at when a commit
wakes it counts too. Other messages that change by the click wait meanwhile, and the stand-in for Slack (`bot/demo`)
does not count. `python -m tests.bench.hops -v` names the files.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from bot.demo import acts
from bot.demo.standin import Message, Person
from tests.journeys.migration_files import FILES, write_files
from tests.journeys.routine import PATIENCE, is_quiet, started
from tests.journeys.troupe import TEAM, Troupe, troupe

ROOT = Path(__file__).parents[2]
PRODUCT = (f"{ROOT / 'bot'}/", f"{ROOT / 'checks'}/")
STAND_IN = f"{ROOT / 'bot' / 'demo'}/"
REST_SECONDS, HELD_SECONDS = 1.0, 120
SECTION = "Pre-Deployment Checks"
ITEMS = ("Database backup completed", "Backup verified and restorable", "Migration window scheduled")
ANOTHER = ("Production", "Compliance requirements met")
CHECKED, FAILED = "Development Environment", "Ensure migrations are numbered"


def run() -> list[tuple[str, float, str]]:
    """Product files and functions of a *Done* (the quietest of three), a *Run check* and an approval."""
    counts = []
    for act, codes in _clicks():
        counts.append((f"{act}: product files", float(len(files_of(codes))), ""))
        counts.append((f"{act}: product functions", float(len(codes)), ""))
    return counts


def files_of(codes: set[CodeType]) -> list[str]:
    """Their files, as paths below the checkout."""
    return sorted({str(Path(code.co_filename).relative_to(ROOT)) for code in codes})


class Steps:
    """Code that ran while a click was under way. Threads that are older than it are not seen."""

    def __init__(self) -> None:
        self._seen: set[CodeType] | None = None

    @contextmanager
    def installed(self) -> Iterator[Steps]:
        """For all threads that start from here on."""
        threading.setprofile(self._step)
        try:
            yield self
        finally:
            threading.setprofile(None)

    def during(self, click: Callable[[], None]) -> set[CodeType]:
        """The product's code that ran on any thread until `click` returned, which waits for its effect."""
        seen: set[CodeType] = set()
        self._seen = seen
        click()
        self._seen = None
        return {code for code in list(seen) if _is_product(code)}

    def _step(self, frame: FrameType, event: str, _: Any) -> None:
        seen = self._seen
        if event == "call" and seen is not None:
            seen.add(frame.f_code)


def _is_product(code: CodeType) -> bool:
    named = not code.co_name.startswith("<") or code.co_name == "<lambda>"
    return named and code.co_filename.startswith(PRODUCT) and not code.co_filename.startswith(STAND_IN)


def _clicks() -> Iterator[tuple[str, set[CodeType]]]:
    with tempfile.TemporaryDirectory() as folder, Steps().installed() as steps:
        write_files(Path(folder), m00008="SELECT 1;\n", m00010="SELECT 1;\n")
        with troupe(Path(folder), TEAM + FILES) as play:
            dashboard = started(play)
            ann, thread = play.person("ann"), dashboard.thread
            ann.presses("Ask now", in_=dashboard)
            role = thread.sees("Approve as DBA", timeout=PATIENCE)
            _only_clicked_messages(play, ann, dashboard)
            ticks = [_measured(steps, ann, acts.section_of(dashboard, SECTION), "Done", item) for item in ITEMS]
            yield "a Done", min(ticks, key=lambda codes: len(files_of(codes)))
            yield "a Run check", _measured(steps, ann, acts.section_of(dashboard, CHECKED), "Run check", FAILED)
            yield "an approval", _measured(steps, play.person("dana"), role, "Approve as DBA")


def _only_clicked_messages(play: Troupe, ann: Person, dashboard: Message) -> None:
    """Slack has `chat.update` wait, so that meanwhile nothing is drawn but what somebody clicked in."""
    _quiet(dashboard)
    play.slack.faults.limited("chat.update", retry_after=HELD_SECONDS)
    acts.opens_list(ann, dashboard, ANOTHER[0]).presses("Done", beside=ANOTHER[1])
    ann.modal().cancel()


def _measured(steps: Steps, person: Person, message: Message, label: str, beside: str | None = None) -> set[CodeType]:
    _quiet(message.thread.messages()[0])
    before = message.text()

    def click() -> None:
        person.presses(label, in_=message, beside=beside)
        painted = message.service.workspace.wait_for(lambda: message.text() != before, PATIENCE)
        assert painted, f"{label} changed nothing on its message"

    return steps.during(click)


def _quiet(dashboard: Message) -> None:
    """Everything is painted and no check runs; the publisher rests."""
    acts.wait_until(lambda: is_quiet(dashboard), "the end of the checks")
    time.sleep(REST_SECONDS)


if __name__ == "__main__":
    for act, codes in _clicks():
        print(act, len(files_of(codes)), len(codes), *files_of(codes) if "-v" in sys.argv else (), sep="\n  ")
