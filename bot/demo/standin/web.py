"""The stand-in over HTTP, served on a port of this machine: Web API, upload and response URLs, Socket Mode."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from typing import Any

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket
from uvicorn.config import LifespanType

from bot.demo.standin.acts.ephemeral import respond
from bot.demo.standin.api import METHODS, answer
from bot.demo.standin.api.chat import receive_bytes
from bot.demo.standin.model import JSON, Limited, SlackError
from bot.demo.standin.service import Fault, Service
from bot.demo.standin.sockets import cut_off

DOWN = "Slack is down"
STARTING_SECONDS = 60.0


def make_routes(service: Service) -> list[BaseRoute]:
    """Routes for any Starlette, FastAPI or NiceGUI app; set `service.base_url` to where they are mounted."""
    web = _Web(service)
    return [
        Route("/api/{method}", web.api, methods=["POST", "GET"]),
        Route("/upload/{file_id}", web.upload, methods=["POST"]),
        Route("/files/{file_id}/{name}", web.file, methods=["GET"]),
        Route("/response/{key}", web.response, methods=["POST"]),
        WebSocketRoute("/link/", web.link),
    ]


class _Web:
    def __init__(self, service: Service) -> None:
        self.service = service

    async def api(self, request: Request) -> Response:
        name, args = request.path_params["method"], await _arguments(request)
        if self.service.faults.is_down:
            return self._logged(name, args, "down", PlainTextResponse(DOWN, 503))
        fault = self.service.faults.next_for(name)
        if fault is not None and fault.kind == "broken":
            return self._logged(name, args, "broken", PlainTextResponse("Internal Server Error", 500))
        if fault is not None and fault.kind == "limited":
            return self._logged(name, args, "limited", _too_many(int(fault.seconds)))
        if fault is not None and fault.kind == "refused":
            return self._logged(name, args, fault.error, JSONResponse(SlackError(fault.error).answer()))
        response = self._answered(request, name, args)
        return await self._harmed(request, response, fault)

    def _answered(self, request: Request, name: str, args: JSON) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ").strip() or args.get("token")
        try:
            said = answer(self.service, name, token, args)
        except Limited as limited:
            return self._logged(name, args, "ratelimited", _too_many(limited.retry_after))
        headers = self._scope_headers(name) if said.get("error") not in ("not_authed", "invalid_auth") else {}
        outcome = "ok" if said["ok"] else said["error"]
        return self._logged(name, args, outcome, JSONResponse(said, headers=headers))

    async def _harmed(self, request: Request, response: Response, fault: Fault | None) -> Response:
        if fault is not None and fault.kind == "late":
            await asyncio.sleep(fault.seconds)
        if fault is not None and fault.kind == "lost" and cut_off(request.receive):
            await asyncio.sleep(0.01)  # lets the server notice, so that it does not answer in our place
        return response

    def _scope_headers(self, name: str) -> dict[str, str]:
        method = METHODS.get(name)
        accepted = method.scope if method is not None and method.scope else ""
        return {"X-OAuth-Scopes": ",".join(self.service.workspace.app.scopes), "X-Accepted-OAuth-Scopes": accepted}

    def _logged(self, name: str, args: JSON, outcome: str, response: Response) -> Response:
        self.service.calls.add(name, args, outcome)
        return response

    async def upload(self, request: Request) -> Response:
        if self.service.faults.is_down:
            return PlainTextResponse(DOWN, 503)
        try:
            return PlainTextResponse(receive_bytes(self.service, request.path_params["file_id"], await _bytes(request)))
        except LookupError:
            return PlainTextResponse("no such upload", 404)

    async def file(self, request: Request) -> Response:
        file = self.service.workspace.files.get(request.path_params["file_id"])
        if file is None or file.content is None:
            return PlainTextResponse("no such file", 404)
        return Response(file.content, media_type="application/octet-stream")

    async def response(self, request: Request) -> Response:
        if self.service.faults.is_down:
            return PlainTextResponse(DOWN, 503)
        try:
            return JSONResponse(respond(self.service, request.path_params["key"], await _json_body(request)))
        except SlackError as refusal:
            missing = refusal.error in ("expired_url", "used_url")
            return JSONResponse(refusal.answer(), 404 if missing else 400)

    async def link(self, websocket: WebSocket) -> None:
        if self.service.faults.is_down:
            await websocket.close(1013)
            return
        await self.service.sockets.serve(websocket)


async def _arguments(request: Request) -> JSON:
    """Query, form or JSON: Slack takes all three."""
    given: JSON = dict(request.query_params)
    if request.headers.get("content-type", "").startswith("application/json"):
        return given | await _json_body(request)
    form = await request.form()
    return given | dict(form)


async def _json_body(request: Request) -> JSON:
    try:
        read: Any = json.loads(await request.body() or b"{}")
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


async def _bytes(request: Request) -> bytes:
    """The file itself, or the first file of a form."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.body()
    for part in (await request.form()).values():
        if not isinstance(part, str):
            return await part.read()
    return b""


def _too_many(retry_after: int) -> Response:
    return JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(retry_after)})


class Server:
    """Serves an app on a listening socket, on its own thread."""

    def __init__(self, app: ASGIApp, listening: socket.socket, lifespan: LifespanType = "auto") -> None:
        self._socket = listening
        config = uvicorn.Config(app, log_level="critical", lifespan=lifespan, timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        run = self._server.run
        self._thread = threading.Thread(target=run, args=([listening],), name="server", daemon=True)

    def start(self) -> None:
        """RuntimeError when it does not come up."""
        self._thread.start()
        deadline = time.monotonic() + STARTING_SECONDS
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError(f"the server did not start on port {self._socket.getsockname()[1]}")
            time.sleep(0.005)

    def stop(self) -> None:
        """Breaks what is still connected: a bot may stay until its workspace is gone."""
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(5)
        self._socket.close()
