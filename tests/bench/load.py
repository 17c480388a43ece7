"""Twenty deployments and 600 clicks in a minute, at Slack's pace for updates: what arrives, and how soon."""

from __future__ import annotations

import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bot.demo.bot_process import BotProcess
from bot.demo.standin import Message, RateLimits, StandIn
from bot.resources import templates_folder
from tests.journeys.troupe import BARE, PEOPLE, with_people

DEPLOYMENTS, CLICKS, SECONDS = 20, 600, 60
PACE = "\n[slack]\nposts_per_second = 50\nupdates_per_minute = 50\n"


@dataclass(frozen=True)
class Pressed:
    """One click: the section it was made in, the item, and when."""

    section: Message
    label: str
    at: float
    heard: bool

    def is_right(self) -> bool:
        return self.label not in self.section.text()


def run() -> list[tuple[str, float, str]]:
    """Clicks lost, seconds until the clicked message is right, updates in the busiest minute."""
    with (
        tempfile.TemporaryDirectory() as folder,
        StandIn.start(None, rates=RateLimits(enabled=True, burst=10_000)) as slack,
    ):
        bot = _bot(with_people(slack), Path(folder))
        try:
            bot.start()
            slack.wait_connected(timeout=30)
            pressed, waits = _clicks(slack, _dashboards(slack))
            return _figures(slack, pressed, waits)
        finally:
            bot.kill()


def _bot(slack: StandIn, folder: Path) -> BotProcess:
    places = "".join(f'[environments.prod{n}]\nkind = "production"\n' for n in range(DEPLOYMENTS))
    settings = folder / "gonogo.toml"
    settings.write_text(f'{BARE}[checklist]\nfile = "all.md"\n{places}{PACE}', encoding="utf-8")
    (folder / "all.md").write_text(_all_required(), encoding="utf-8")
    return BotProcess(settings, slack.environment(), folder / "bot.log")


def _all_required() -> str:
    """The checklist that ships, with every line needed for go: then every section shows all of its lines."""
    text = (templates_folder() / "checklists" / "migration-deployment.md").read_text(encoding="utf-8")
    optional = re.compile(r"^(- \[ \] (?!.*(?:required:|role:)).*<!-- id: [a-z-]+)", re.MULTILINE)
    return optional.sub(r"\1; required: go", text)


def _dashboards(slack: StandIn) -> list[Message]:
    ann, found = slack.person("ann"), []
    for number in range(DEPLOYMENTS):
        ann.types(f"/deploy start prod{number} 00001-00002")
        found.append(ann.sees("#deploys", f"Prod{number} · ", timeout=120))
    for dashboard in found:
        dashboard.thread.sees("Disaster recovery plan documented · needed for go", timeout=120)
    return found


def _targets(dashboards: list[Message]) -> Iterator[tuple[Message, str]]:
    """An open item of each section of each deployment, in turn; every item once."""
    lists = [
        [
            (reply, line.split("open", 1)[1].split(" · ")[0].split("  [")[0].strip())
            for line in reply.lines()
            if "[Done]" in line and "Peer review" not in line  # a deployer may not
        ]
        for dashboard in dashboards
        for reply in dashboard.thread.replies()
    ]
    while any(lists):
        for items in lists:
            if items:
                yield items.pop()


def _clicks(slack: StandIn, dashboards: list[Message]) -> tuple[list[Pressed], list[float]]:
    people = [slack.person(name) for name in PEOPLE]
    chosen = [target for target, _ in zip(_targets(dashboards), range(CLICKS), strict=False)]
    begun = time.monotonic()

    def press(number: int) -> tuple[Pressed, float]:
        section, label = chosen[number]
        time.sleep(max(0.0, begun + number * SECONDS / CLICKS - time.monotonic()))
        at = time.monotonic()
        warning = people[number % len(people)].presses("Done", in_=section, beside=label)
        done = Pressed(section, label, at, not warning)
        while not done.is_right() and time.monotonic() - at < 120:
            time.sleep(0.1)
        return done, time.monotonic() - at

    with ThreadPoolExecutor(max_workers=64) as pool:
        outcome = list(pool.map(press, range(len(chosen))))
    return [one for one, _ in outcome], [wait for _, wait in outcome]


def _figures(slack: StandIn, pressed: list[Pressed], waits: list[float]) -> list[tuple[str, float, str]]:
    lost = sum(one.heard and not one.is_right() for one in pressed)
    return [
        ("clicks made", len(pressed), ""),
        ("clicks not answered by the bot in time", sum(not one.heard for one in pressed), ""),
        ("answered clicks that never showed", lost, ""),
        ("seconds until the clicked message was right, median", statistics.median(waits), "s"),
        ("seconds until the clicked message was right, 99th percentile", statistics.quantiles(waits, n=100)[98], "s"),
        ("chat.update in the busiest minute", slack.calls.busiest_minute("chat.update"), ""),
    ]
