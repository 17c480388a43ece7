"""The stand-in inside another web app."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from http.client import RemoteDisconnected
from urllib.error import URLError

import pytest
import uvicorn
from fastapi import FastAPI
from nicegui import core, ui
from slack_sdk import WebClient
from standin_bot import RunningBot
from starlette.routing import Mount

from bot.demo.standin import StandIn


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """A stand-in below /slack of a NiceGUI app, of which a process has one: another test may have started it."""
    standin = StandIn()
    monkeypatch.setattr(core.app, "middleware_stack", None)
    app = FastAPI(routes=[Mount("/slack", routes=standin.routes())])
    ui.run_with(app, title="Workspace")
    listening = socket.create_server(("127.0.0.1", 0))
    standin.served_at(f"http://127.0.0.1:{listening.getsockname()[1]}/slack")
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield standin
    server.should_exit = True
    thread.join(5)


def test_a_bot_works_with_a_workspace_that_another_app_serves(embedded: StandIn) -> None:
    ann = embedded.add_person("ann")
    bot = RunningBot(embedded)
    bot.app.command("/deploy")(lambda ack: ack("here"))
    assert ann.types("/deploy") == "here"
    embedded.faults.lost_answer("chat.postMessage")
    calm = WebClient(embedded.bot_token, base_url=embedded.api_url, timeout=5, retry_handlers=[])
    with pytest.raises((RemoteDisconnected, URLError, ConnectionError)):
        calm.chat_postMessage(channel="C0DEPLOYS", text="lost")
    assert ann.sees("#deploys", "lost")
    bot.close()


def test_a_change_is_noticed() -> None:
    standin, noticed = StandIn(), []
    standin.workspace.on_change(lambda: noticed.append(len(standin.workspace.users)))
    standin.add_person("ann")
    assert noticed[0] == 3
