"""Socket Mode, Slack's side: tickets, connections, envelopes, acknowledgements; and breaking a connection."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import threading
from concurrent.futures import Future
from dataclasses import dataclass

from starlette.types import Receive
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.demo.standin.model import JSON, NotAcknowledged


def cut_off(receive: Receive) -> bool:
    """Aborts the connection under an ASGI `receive` of uvicorn; False behind middleware that wraps it."""
    owner = getattr(receive, "__self__", None)
    seen = 0
    while owner is not None and seen < 5:
        transport = getattr(owner, "transport", None)
        if transport is not None:
            transport.abort()
            return True
        inner = getattr(owner, "_receive", None)
        owner, seen = getattr(inner, "__self__", None), seen + 1
    return False


MOST_CONNECTIONS = 10
HOST = "applink-standin"
Ack = Future[JSON]


@dataclass(eq=False)
class Connection:
    websocket: WebSocket
    loop: asyncio.AbstractEventLoop
    outgoing: asyncio.Queue[str | None]

    def send(self, message: JSON) -> None:
        """Queues a message, from any thread."""
        self.loop.call_soon_threadsafe(self.outgoing.put_nowait, json.dumps(message))

    def finish(self) -> None:
        """Closes politely, after what is queued."""
        self.loop.call_soon_threadsafe(self.outgoing.put_nowait, None)

    def cut(self) -> None:
        self.loop.call_soon_threadsafe(cut_off, self.websocket.receive)


class Sockets:
    """All websockets of the app. An envelope goes to one of them at random."""

    def __init__(self, app_id: str) -> None:
        self._app_id = app_id
        self._tickets: set[str] = set()
        self._lock = threading.Lock()
        self._pending: dict[str, Ack] = {}
        self.connections: list[Connection] = []
        self.changed = threading.Condition(self._lock)

    def issue_ticket(self) -> str:
        ticket = secrets.token_urlsafe(12)
        self._tickets.add(ticket)
        return ticket

    def wait_connected(self, count: int = 1, timeout: float = 10.0) -> bool:
        """Whether at least `count` websockets are open, waiting for them."""
        with self.changed:
            return self.changed.wait_for(lambda: len(self.connections) >= count, timeout)

    async def serve(self, websocket: WebSocket) -> None:
        """The websocket endpoint: one ticket, one connection."""
        ticket = websocket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await websocket.close(4001)
            return
        self._tickets.discard(ticket)
        await websocket.accept()
        connection = Connection(websocket, asyncio.get_running_loop(), asyncio.Queue())
        sending = asyncio.create_task(_send_queued(connection))
        self._welcome(connection)
        try:
            await self._receive(websocket)
        finally:
            self._forget(connection)
            sending.cancel()

    def _welcome(self, connection: Connection) -> None:
        with self.changed:
            if len(self.connections) >= MOST_CONNECTIONS:
                connection.send({"type": "disconnect", "reason": "too_many_websockets", "debug_info": {"host": HOST}})
                connection.finish()
                return
            self.connections.append(connection)
            debug = {"host": HOST, "approximate_connection_time": 18060}
            hello: JSON = {"type": "hello", "num_connections": len(self.connections), "debug_info": debug}
            connection.send({**hello, "connection_info": {"app_id": self._app_id}})
            self.changed.notify_all()

    def _forget(self, connection: Connection) -> None:
        with self.changed:
            if connection in self.connections:
                self.connections.remove(connection)
            self.changed.notify_all()

    async def _receive(self, websocket: WebSocket) -> None:
        try:
            while True:
                self._acknowledge(json.loads(await websocket.receive_text()))
        except (WebSocketDisconnect, RuntimeError, ValueError):
            return

    def _acknowledge(self, message: JSON) -> None:
        with self._lock:
            ack = self._pending.pop(message.get("envelope_id", ""), None)
            if ack is not None and not ack.done():
                ack.set_result(message.get("payload") or {})

    def send(self, kind: str, payload: JSON, retry: tuple[int, str] | None = None) -> Ack:
        """Sends one envelope; its future holds the ack's payload. NotAcknowledged when no websocket is open."""
        envelope_id = f"{secrets.token_hex(4)}-{secrets.token_hex(8)}"
        envelope: JSON = {"envelope_id": envelope_id, "type": kind, "payload": payload}
        envelope["accepts_response_payload"] = kind != "events_api"
        if retry is not None:
            envelope["retry_attempt"], envelope["retry_reason"] = retry
        ack: Ack = Future()
        with self._lock:
            if not self.connections:
                raise NotAcknowledged("dispatch_failed")
            self._pending = {each: waiting for each, waiting in self._pending.items() if not waiting.done()}
            self._pending[envelope_id] = ack
            random.choice(self.connections).send(envelope)
        return ack

    def cut(self) -> None:
        """Breaks every connection without a word."""
        with self._lock:
            broken, self.connections[:] = list(self.connections), []
        for connection in broken:
            connection.cut()


async def _send_queued(connection: Connection) -> None:
    while (message := await connection.outgoing.get()) is not None:
        await connection.websocket.send_text(message)
    await connection.websocket.close(1000)
