"""What a click costs: one unit of work with its FULL commit, against a bare Bolt listener over the same path."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.core.checklist.items import Kind
from bot.demo import acts
from bot.demo.standin import Message, StandIn
from bot.slack.messages.buttons import Target, decode, encode
from bot.usecases import tick
from tests.journeys.troupe import troupe
from tests.usecases.team import ANN, Team

CLICKS = 400


def run() -> list[tuple[str, float, str]]:
    """Milliseconds of a tick in process, and over Socket Mode against a listener that does nothing."""
    ticks = _in_process()
    ours, bare = _over_socket_mode(), _bare_over_socket_mode()
    return [
        ("a tick in process, median", statistics.median(ticks), "ms"),
        ("a tick in process, 99th percentile", statistics.quantiles(ticks, n=100)[98], "ms"),
        ("a tick over Socket Mode, median", statistics.median(ours), "ms"),
        ("a bare Bolt listener over Socket Mode, median", statistics.median(bare), "ms"),
        ("tick against bare listener", statistics.median(ours) / statistics.median(bare), "×"),
    ]


def _in_process() -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        team = Team(Path(folder) / "gonogo.db")
        deployment = team.starts()
        items = _tickable(team, deployment)
        taken = _timed(lambda number: _tick(team, deployment, items, number))
        team.store.close()
    return taken


def _over_socket_mode() -> list[float]:
    """Ticks and undoes of the whole bot; the publisher is at work beside it."""
    with tempfile.TemporaryDirectory() as folder, troupe(Path(folder)) as playing:
        ann = playing.person("ann")
        ann.types("/deploy start production 00008-00010")
        dashboard = ann.sees("#deploys", "Production · migrations 00008–00010", timeout=30)
        section = acts.section_of(dashboard, "Testing")
        value = encode(Target(_deployment_of(section), item="test-database"))
        return _timed(lambda number: playing.slack.click("ann", section, "undo" if number % 2 else "tick", value))


def _deployment_of(section: Message) -> str:
    values = [found.get("value", "") for block in section.json()["blocks"] for found in [block.get("accessory") or {}]]
    return next(decode(value).deployment for value in values if value)


def _bare_over_socket_mode() -> list[float]:
    with StandIn.start(None) as slack:
        slack.add_person("ann")
        client = WebClient(slack.bot_token, base_url=slack.api_url)
        app = App(client=client, process_before_response=True)
        app.action("tick")(lambda ack: ack())
        handler = SocketModeHandler(app, slack.app_token, web_client=WebClient(base_url=slack.api_url))
        handler.connect()
        slack.wait_connected(timeout=30)
        button = {"type": "button", "action_id": "tick", "text": {"type": "plain_text", "text": "Done"}, "value": "x"}
        blocks = [{"type": "actions", "elements": [button]}]
        client.chat_postMessage(channel="C0DEPLOYS", text="bare", blocks=blocks)
        message = slack.person("ann").sees("#deploys", "Done")
        taken = _timed(lambda _: slack.click("ann", message, "tick", "x"))
        handler.close()
    return taken


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
