"""Serving the stand-in on a port of this machine, in a thread."""

from __future__ import annotations

import socket
import threading
import time

import uvicorn
from starlette.applications import Starlette

from bot.demo.standin.service import Service
from bot.demo.standin.web import make_routes


class Server:
    """Listens on 127.0.0.1; port 0 takes a free one. RuntimeError when it does not come up."""

    def __init__(self, service: Service, port: int = 0) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.port: int = self._socket.getsockname()[1]
        service.base_url = f"http://127.0.0.1:{self.port}"
        app = Starlette(routes=make_routes(service))
        config = uvicorn.Config(app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        run = self._server.run
        self._thread = threading.Thread(target=run, args=([self._socket],), name="standin-server", daemon=True)

    def start(self) -> None:
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError(f"the stand-in did not start on port {self.port}")
            time.sleep(0.005)

    def stop(self) -> None:
        """Breaks what is still connected: a bot may stay until its workspace is gone."""
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(5)
        self._socket.close()
