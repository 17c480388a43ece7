"""What a click costs: one unit of work with its FULL commit, against a bare Bolt listener over the same path."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from slack_bolt import App, BoltRequest
from slack_bolt.authorization import AuthorizeResult

from bot.core.checklist import Kind
from bot.slack.ids import Target, encode
from bot.usecases import tick
from tests.usecases.team import ANN, TEAM, Team

CLICKS = 600


def run() -> list[tuple[str, float, str]]:
    """Milliseconds of a tick in process, of the same click through Bolt, and of a Bolt listener that does nothing."""
    with tempfile.TemporaryDirectory() as folder:
        team = Team(Path(folder) / "gonogo.db")
        deployment = team.starts()
        items = _tickable(team, deployment)
        ticks = _timed(lambda number: _tick(team, deployment, items, number))
        through_bolt = _timed(_through_bolt(_ticking_app(team, deployment, items), deployment))
        bare = _timed(_through_bolt(_bare_app(), deployment))
        team.store.close()
    return [
        ("a tick in process, median", statistics.median(ticks), "ms"),
        ("a tick in process, 99th percentile", _p99(ticks), "ms"),
        ("a tick through Bolt, median", statistics.median(through_bolt), "ms"),
        ("a bare listener through Bolt, median", statistics.median(bare), "ms"),
        ("tick against bare listener", statistics.median(through_bolt) / statistics.median(bare), "×"),
    ]


def _tickable(team: Team, deployment: str) -> list[str]:
    situation = team.situation(deployment)
    counted = (item for item in situation.checklist.items if item.counts(Kind.PRODUCTION))
    return [item.id for item in counted if situation.role_of_item(item.id) is None]


def _tick(team: Team, deployment: str, items: list[str], number: int) -> None:
    """Each item is ticked and taken back in turn, as on a busy day."""
    item = items[number % len(items)]
    team.does(tick.undo if (number // len(items)) % 2 else tick.tick, ANN, deployment, item)


def _timed(click: Callable[[int], Any]) -> list[float]:
    for number in range(20):
        click(number)
    taken = []
    for number in range(20, 20 + CLICKS):
        begun = time.perf_counter()
        click(number)
        taken.append((time.perf_counter() - begun) * 1000)
    return taken


def _p99(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=100)[98]


def _through_bolt(app: App, deployment: str) -> Callable[[int], object]:
    def click(_: int) -> object:
        body = {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": ANN, "team_id": TEAM},
            "api_app_id": "A0APP",
            "actions": [{"type": "button", "action_id": "tick", "block_id": "b", "value": encode(Target(deployment))}],
            "trigger_id": "t",
        }
        return app.dispatch(BoltRequest(mode="socket_mode", body=body))

    return click


def _app() -> App:
    allowed = AuthorizeResult(enterprise_id=None, team_id=TEAM, bot_token="xoxb-bench", bot_id="B", bot_user_id="U0BOT")
    return App(process_before_response=True, authorize=lambda: allowed, request_verification_enabled=False)


def _bare_app() -> App:
    app = _app()
    app.action("tick")(lambda ack: ack())
    return app


def _ticking_app(team: Team, deployment: str, items: list[str]) -> App:
    app = _app()
    clicks = iter(range(10**9))

    @app.action("tick")
    def ticked(ack: Any) -> None:
        _tick(team, deployment, items, next(clicks))
        ack()

    return app
