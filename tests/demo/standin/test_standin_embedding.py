"""The stand-in inside another web app, and over restarts."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from http.client import RemoteDisconnected
from pathlib import Path
from urllib.error import URLError

import pytest
import uvicorn
from fastapi import FastAPI
from nicegui import ui
from slack_sdk import WebClient
from standin_bot import RunningBot, button, modal, section, text_field
from starlette.routing import Mount

from bot.demo.standin import StandIn


@pytest.fixture
def embedded() -> Iterator[StandIn]:
    """A stand-in below /slack of a NiceGUI app."""
    standin = StandIn()
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
    stop = standin.workspace.on_change(lambda: noticed.append(standin.workspace.version))
    standin.add_person("ann")
    assert noticed
    stop()
    seen = len(noticed)
    standin.add_person("ben")
    assert len(noticed) == seen


def test_a_workspace_survives_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "workspace.json"
    first = StandIn.start(file=file)
    ann = first.add_person("ann", tz="Europe/Berlin", quiet=["20:00", "08:00"])
    first.add_group("dba-team", ["ann"])
    bot = RunningBot(first)
    view = modal("Form", text_field("Why", "why"))
    bot.app.command("/deploy")(
        lambda ack, client, body: (client.views_open(trigger_id=body["trigger_id"], view=view), ack())
    )
    bot.client.files_upload_v2(channel="C0DEPLOYS", content="bytes", filename="x.txt")
    metadata = {"event_type": "outbox", "event_payload": {"key": "k"}}
    blocks = [section("*kept*", button("Go", "go"))]
    bot.client.chat_postMessage(channel="C0DEPLOYS", text="x", blocks=blocks, metadata=metadata)
    ann.types("/deploy")
    ann.modal().fill("Why", "half written")
    before, last = first.transcript(viewer="ann"), ann.sees("#deploys").ts
    bot.close()
    first.stop()

    with StandIn.start(file=file) as second:
        again = second.person("ann")
        assert second.transcript(viewer="ann") == before
        assert again.sees("#deploys", "kept").json()["metadata"] == metadata
        assert again.modal().value("Why") == "half written"
        assert next(iter(second.workspace.files.values())).content == b"bytes"
        assert (again.user.quiet, second.workspace.group_named("dba-team").members) == (["20:00", "08:00"], [again.id])  # type: ignore[union-attr]
        client = WebClient(second.bot_token, base_url=second.api_url)
        assert client.chat_postMessage(channel="C0DEPLOYS", text="later")["ts"] > last


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "workspace.json"
    file.write_text('{"format": 99}')
    with pytest.raises(ValueError, match="format 99, not 1; delete the file"):
        StandIn(file=file)
