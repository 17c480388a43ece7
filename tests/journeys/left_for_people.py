"""The demo's production deployment, a week later: which lines machines settle, and which are left for people.

`pytest -n 0 -s tests/journeys/test_routine_tuesday.py -k seven` prints every line with what settled it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, timedelta

from bot.core.checklist.items import Item
from bot.core.decision import DecisionKind
from bot.core.deployment import Deployment, State
from bot.core.signoff import RoleWord
from bot.demo import acts
from bot.demo.sample.settings_file import TIMEZONE
from bot.demo.stage import MovableClock, Stage
from bot.settings import load as load_settings
from bot.storage import Store
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation
from bot.usecases.situation.watch import closing as needed_to_close

PRODUCTION = "production"
FEWEST_WITHOUT_A_CLICK = 80
MOST_LEFT = 8
WEEK, MONTH = timedelta(days=8), timedelta(days=21)
BY_FACTS = {RoleWord.NOT_REQUIRED, RoleWord.TURNED_OFF, RoleWord.NOTIFIED}


@dataclass(frozen=True)
class Books:
    """What the bot keeps of the production deployment, read beside it."""

    running: Stage
    clock: MovableClock

    def situation(self) -> Situation:
        settings = load_settings(self.running.bot.settings, dict(self.running.bot.variables))
        now, team = self.clock.now.astimezone(UTC), settings.projects()["default"]
        with closing(Store.open(settings.database_path, read_only=True)) as store:
            found = store.read(lambda reader: reader.deployments.open())
            newest = next(one for one in found if one.environment == PRODUCTION)
            return store.read(lambda reader: load(reader, team, newest.id, now))

    def row(self, deployment_id: str) -> Deployment:
        settings = load_settings(self.running.bot.settings, dict(self.running.bot.variables))
        with closing(Store.open(settings.database_path, read_only=True)) as store:
            return store.read(lambda reader: reader.deployments.get(deployment_id))

    def looks(self, by: timedelta, last: str) -> None:
        """Move the clock on, and wait until the bot has looked at all lists that are due by then."""
        self.clock.move(by)
        acts.wait_until(lambda: self.situation().deployment.facts.looked == last, f"the look of {last}", 120)
        acts.wait_until(lambda: not self.situation().running_checks, "the end of its checks", 120)


def settled_by(situation: Situation, item: Item) -> str:
    """What settled the line, `pressed` where somebody did in this very deployment; empty where it is not settled."""
    state, role = situation.states[item.id], situation.role_of_item(item.id)
    said = [one for one in situation.decisions.get(item.id, ()) if one.kind is not DecisionKind.NOTE]
    if not state.settled:
        return ""
    if role is not None:
        return str(role.word) if role.word in BY_FACTS else "pressed"
    if any(one.carried_from is None for one in said):
        return "pressed"
    told = "; ".join(f"{one.check_id}: {one.summary}" for one in state.results)
    return (state.carried.words if state.carried else told) or state.why


def shown(situation: Situation) -> Iterator[str]:
    for section, items in situation.checklist.items_for(situation.kind):
        yield f"{section.title}"
        for item in items:
            beside = "; ".join(f"{one.check_id}: {one.status}, {one.summary}" for one in situation.results_of(item))
            by = settled_by(situation, item) or f"nobody ({beside})"
            yield f"  {situation.states[item.id].word:8} {item.label}: {by}"


def counted_a_week_later(running: Stage) -> tuple[int, list[str]]:
    """How many lines of production are settled without a click, and which stand before closing; prints every line."""
    books = Books(running, MovableClock(running.directory / "clock", running.slack, TIMEZONE))
    books.looks(WEEK, "week 1")
    situation = books.situation()
    by_machines = [i for i in situation.counted if settled_by(situation, i) not in {"", "pressed"}]
    left = [item.label for item in needed_to_close(situation) if not situation.states[item.id].settled]
    print("\n" + "\n".join(shown(situation)))
    print(f"settled without a click: {len(by_machines)} of {len(situation.counted)}")
    print(f"between completion and closing: {len(left)}: {', '.join(left)}")
    return len(by_machines), left


def closes_by_itself(running: Stage) -> None:
    """The weeks that are left, and nobody presses anything."""
    books = Books(running, MovableClock(running.directory / "clock", running.slack, TIMEZONE))
    chain = books.situation().deployment.id
    books.clock.move(MONTH)
    acts.wait_until(lambda: books.row(chain).state is State.CLOSED, "the end of the deployment by itself", 120)
