from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from slack_sdk import WebClient

from bot.demo.standin import Person, StandIn, Timings
from bot.demo.standin.standin import DEFAULT_SCOPES

sys.path.insert(0, str(Path(__file__).parent))

from standin_bot import RunningBot

EVENTS = ["app_home_opened", "app_mention", "message.im"]
EVENTS += ["reaction_added", "reaction_removed", "channel_archive", "channel_unarchive"]
MANIFEST = {
    "display_information": {"name": "gonogo"},
    "features": {
        "bot_user": {"display_name": "gonogo"},
        "slash_commands": [{"command": "/deploy"}, {"command": "/escaped", "should_escape": True}],
        "shortcuts": [
            {"type": "message", "name": "Add to the record", "callback_id": "to-record", "description": "…"},
        ],
        "app_home": {"home_tab_enabled": True},
    },
    "oauth_config": {"scopes": {"bot": list(dict.fromkeys([*DEFAULT_SCOPES, "reactions:read", "reactions:write"]))}},
    "settings": {"event_subscriptions": {"bot_events": EVENTS}},
}


@pytest.fixture
def slack() -> Iterator[StandIn]:
    """A workspace of its own for each test; nobody waits for the server to go."""
    standin = StandIn.start(MANIFEST, timings=Timings(event_retries=(0.05, 0.1)))
    yield standin
    threading.Thread(target=standin.stop, daemon=True).start()


@pytest.fixture
def ann(slack: StandIn) -> Person:
    return slack.add_person("ann", "Ann Lee", tz="Europe/Berlin")


@pytest.fixture
def ben(slack: StandIn) -> Person:
    return slack.add_person("ben", "Ben", tz="America/New_York")


@pytest.fixture
def client(slack: StandIn) -> WebClient:
    return WebClient(token=slack.bot_token, base_url=slack.api_url, timeout=5)


@pytest.fixture
def bot(slack: StandIn) -> Iterator[RunningBot]:
    running = RunningBot(slack, ping_interval=0.2)
    yield running
    running.close()
