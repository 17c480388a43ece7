"""Two small migrations to production after staging, on real databases, with checks configured: how many clicks?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from bot.demo import acts
from bot.demo.sample import mishaps
from bot.demo.stage import Stage, stage
from bot.demo.standin import Message, Person
from tests.journeys.left_for_people import FEWEST_WITHOUT_A_CLICK, MOST_LEFT, closes_by_itself, counted_a_week_later
from tests.journeys.routine import menu

MOST_CLICKS = 7
MOST_MESSAGES = 4
MOST_WORDS = 1000
MOST_POSTS = {"#deploys": 1, "#releases": 2}
_CONTROLS = re.compile(r"\[[^\]]*\]")
PREPARED = (
    ("Code Review", ("Check for potential performance issues",)),
    (
        "Pre-Deployment Checks",
        (
            "Database backup completed",
            "Backup verified and restorable",
            "Migration window scheduled",
            "Rollback plan prepared",
        ),
    ),
)
STAGING = ("Run all migrations", "Validate schema matches development")


@pytest.fixture
def shop() -> Iterator[Stage]:
    with stage() as running:
        yield running


class Counting:
    """A person whose presses and submits are counted, as DESIGN counts clicks; typing and choosing in forms is none."""

    def __init__(self, person: Person) -> None:
        self.person, self.clicks = person, Counter[str]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.person, name)

    def presses(self, label: str, **more: Any) -> str | None:
        self.clicks[label] += 1
        return self.person.presses(label, **more)

    def chooses(self, menu: str, *options: str, **more: Any) -> str | None:
        self.clicks[f"{menu} {options}"] += 1
        return self.person.chooses(menu, *options, **more)

    def submits(self, words: str) -> None:
        self.clicks[f"submit of {words}"] += 1
        refused = self.person.modal(timeout=acts.PATIENCE).submit()
        assert not refused, refused

    @property
    def total(self) -> int:
        return sum(self.clicks.values())


def prepare(person: Any, dashboard: Message) -> None:
    acts.wait_for_checks(dashboard)
    for section, labels in PREPARED:
        acts.settle(person, dashboard, section, labels)


def staging_completed(shop: Stage) -> None:
    """By Bo, so that Ann's clicks are those of production alone."""
    bo = shop.person("bo")
    dashboard = acts.start(bo, "staging")
    acts.settle(shop.person("dana"), dashboard, "Code Review", ("Peer review of all migration files",))
    prepare(bo, dashboard)
    acts.go(bo, dashboard)
    acts.run_migrations(shop.databases, "staging", shop.migrations)
    acts.wait_until(lambda: "3 of 3" in dashboard.text(), "staging's history being read")
    acts.settle(bo, dashboard, "Staging Environment", STAGING)
    acts.complete(bo, dashboard, "Went as planned.")


def signed(shop: Stage, dashboard: Message) -> None:
    """Those whose review did not carry from staging."""
    for name, title in (
        ("dana", "Database administrator approval"),
        ("devi", "DevOps engineer review"),
        ("bo", "Backend engineer review"),
        ("mo", "Management approval"),
    ):
        message = dashboard.thread.sees(title, timeout=acts.PATIENCE)
        if any(label.startswith(("Approve", "Reviewed")) for label in message.buttons()):
            acts.sign(shop.person(name), dashboard, title)


@pytest.mark.timeout(400)
def test_a_routine_tuesday_takes_seven_clicks_and_a_thousand_words(shop: Stage) -> None:
    staging_completed(shop)
    ann = Counting(shop.person("ann"))
    before = {channel: posts(shop, channel) for channel in MOST_POSTS}
    heard = len(messages(shop, "ann"))
    dashboard = acts.start(ann.person, "production")
    prepare(ann, dashboard)
    acts.settle(ann, dashboard, "Staging Environment", STAGING)
    carried_and_decided_from_facts(shop.person("bo"), dashboard)
    signed(shop, dashboard)
    dashboard.becomes("nothing is missing", timeout=acts.PATIENCE)
    ann.presses("Go …", in_=dashboard)
    ann.submits("go")
    dashboard.becomes("deploying", timeout=acts.PATIENCE)
    acts.run_migrations(shop.databases, "production", shop.migrations)
    acts.wait_until(lambda: "3 of 3" in dashboard.text(), "production's history being read")
    acts.wait_for_checks(dashboard)
    acts.wait_until(lambda: "To complete: nothing is missing" in dashboard.text(), "what completing needs", 120)
    ann.presses("Complete …", in_=dashboard)
    form = ann.modal(timeout=acts.PATIENCE)
    assert "Success" in form.text()
    form.fill("Notes", "No errors, p95 unchanged.")
    assert not form.submit()
    dashboard.becomes("verifying", timeout=acts.PATIENCE)
    assert "00008–00010" in shop.person("pia").sees("#releases", "Success", timeout=acts.PATIENCE).text()
    said = {channel: posts(shop, channel) - count for channel, count in before.items()}
    print(f"\nthe deployer's clicks from start to the completion form: {ann.total} {dict(ann.clicks)}")
    print(f"words in the thread, without menus: {words(dashboard)}; posts: {said}")
    assert ann.total <= MOST_CLICKS
    assert words(dashboard) <= MOST_WORDS
    assert {channel for channel, most in MOST_POSTS.items() if said[channel] > most} == set()
    without_a_click, left = counted_a_week_later(shop)
    assert without_a_click >= FEWEST_WITHOUT_A_CLICK
    assert len(left) <= MOST_LEFT
    closes_by_itself(shop)
    told = messages(shop, "ann")[heard:]
    print(f"messages to the owner until it closed: {len(told)}", *told, sep="\n- ")
    assert len(told) <= MOST_MESSAGES


def words(dashboard: Message) -> int:
    """What there is to read below the dashboard; buttons and menus are none."""
    return sum(len(_CONTROLS.sub("", reply.text()).split()) for reply in dashboard.thread.replies())


def messages(shop: Stage, name: str) -> list[str]:
    """What the bot wrote to one person by direct message, the first first."""
    room = shop.slack.workspace.direct(shop.slack.workspace.app.bot_user, shop.person(name).id)
    return [message.text for message in shop.slack.workspace.messages.get(room.id, {}).values()]


def posts(shop: Stage, channel: str) -> int:
    """What everybody in the channel sees outside of threads."""
    room = shop.slack.workspace.messages[shop.slack.workspace.channel_named(channel).id]
    return sum(not message.is_reply and not message.ephemeral_to for message in room.values())


def carried_and_decided_from_facts(person: Person, dashboard: Message) -> None:
    """What staging proved is not done twice, and "if required" is answered with the reason."""
    code_review = acts.opens_list(person, dashboard, "Code Review")
    assert "settled in staging" in code_review.text()
    assert "✓ done  Peer review of all migration files" in code_review.text()
    code_review.cancel()
    security = dashboard.thread.sees("Security team review", timeout=acts.PATIENCE)
    assert "no file touches roles, grants or row security" in security.text()


def runs_a_short_act(person: Person, dashboard: Message) -> None:
    """By name, once a deployer has seen the command; its answer settles the item."""
    shown = acts.opens_list(person, dashboard, "Production Deployment")
    shown.presses("Run …", beside="Create initial partitions")
    form = person.modal("Run it?", timeout=acts.PATIENCE)
    assert "create-partitions production" in form.text()
    assert not form.submit()
    shown.cancel()
    acts.wait_for_checks(dashboard)
    shown = acts.opens_list(person, dashboard, "Production Deployment")
    assert "✓ done  Create initial partitions" in shown.text()
    shown.cancel()


@pytest.mark.timeout(400)
def test_an_index_build_that_fails_in_production_is_seen_and_a_hold_proposed(shop: Stage) -> None:
    """The file asks for unique names, which production has not; with broken glass, so that nobody found it before."""
    mishaps.place(mishaps.DUPLICATE_NAMES, shop.migrations)
    ann, dana = shop.person("ann"), shop.person("dana")
    dashboard = acts.start(ann, "production")
    acts.wait_for_checks(dashboard)
    menu(dana, dashboard, "Break the glass …")
    form = dana.modal("Break the glass", timeout=acts.PATIENCE)
    form.fill("Why can it not wait?", "search is down until products have this index").fill("Type", "production")
    assert not form.submit()
    dashboard.becomes("deploying", timeout=acts.PATIENCE)
    acts.wait_for_checks(dashboard)
    runs_a_short_act(ann, dashboard)
    with pytest.raises(AssertionError, match="could not create unique index"):
        acts.run_migrations(shop.databases, "production", shop.migrations)
    dashboard.becomes("is INVALID since go: hold it?", timeout=90)
    trouble = dashboard.thread.sees("Something looks wrong", timeout=acts.PATIENCE)
    assert "DROP INDEX CONCURRENTLY" in trouble.text()
    ann.presses("Hold …", in_=dashboard)
    form = ann.modal("Hold", timeout=acts.PATIENCE)
    assert "is INVALID since go" in form.text()
    assert not form.fill("What did you see?", "products are listed twice").submit()
    dashboard.becomes("✋ Held by Ann Keller: products are listed twice", timeout=acts.PATIENCE)
    dashboard.becomes("DROP INDEX CONCURRENTLY", timeout=acts.PATIENCE)
    ann.presses("Complete …", in_=dashboard)
    form = ann.modal("Complete", timeout=acts.PATIENCE)
    assert "Not applied:" in form.text()
    assert form.value("Status") == "Partial"
    assert not form.fill("Notes", "00009 waits until the double product is gone").submit()
    dashboard.becomes("verifying, Partial", timeout=acts.PATIENCE)
    completed = dashboard.thread.sees("Not applied, pending at the next start", timeout=acts.PATIENCE)
    assert "00009" in completed.text()
