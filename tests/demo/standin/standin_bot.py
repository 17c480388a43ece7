"""A small real bot (Bolt over Socket Mode) that the tests of the stand-in drive."""

from __future__ import annotations

import threading
import time
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.demo.standin import StandIn

JSON = dict[str, Any]


def plain(text: str) -> JSON:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> JSON:
    return {"type": "mrkdwn", "text": text}


def button(text: str, action_id: str, value: str = "1", **more: Any) -> JSON:
    return {"type": "button", "text": plain(text), "action_id": action_id, "value": value, **more}


def section(text: str, accessory: JSON | None = None, **more: Any) -> JSON:
    return {"type": "section", "text": mrkdwn(text), **({"accessory": accessory} if accessory else {}), **more}


def option(text: str, value: str | None = None) -> JSON:
    return {"text": plain(text), "value": value or text.lower()}


def text_field(label: str, block_id: str, **more: Any) -> JSON:
    element = {"type": "plain_text_input", "action_id": "text", **more.pop("element", {})}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element, **more}


def modal(title: str, *blocks: JSON, **more: Any) -> JSON:
    return {"type": "modal", "title": plain(title), "submit": plain("Save"), "blocks": list(blocks), **more}


class RunningBot:
    """A Bolt app on a websocket of the stand-in; tests add listeners with `app`. `heard` are events and payloads."""

    def __init__(self, slack: StandIn, ping_interval: float = 0.5, **options: Any) -> None:
        self.client = WebClient(token=slack.bot_token, base_url=slack.api_url, timeout=5)
        self.app = App(client=self.client, process_before_response=True, **options)
        self.heard: list[JSON] = []
        self._handler = SocketModeHandler(self.app, slack.app_token, ping_interval=ping_interval)
        self._handler.connect()  # type: ignore[no-untyped-call]
        slack.wait_connected()

    def wait_heard(self, count: int = 1, timeout: float = 5.0) -> list[JSON]:
        deadline = time.monotonic() + timeout
        while len(self.heard) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.heard

    def close(self) -> None:
        threading.Thread(target=self._handler.close, daemon=True).start()
