"""A proxy before a real server, to be what networks and poolers are."""

from __future__ import annotations

import socket
import threading
import time

from checks.base import DatabaseAddress
from tests.postgres import TestDatabase


class Proxy:
    """Stands before a server: passes bytes on, can freeze, can refuse the start-up parameter `options`."""

    def __init__(self, port: int, refuse_options: bool = False) -> None:
        self.port = port
        self.refuse_options = refuse_options
        self.refused = self.connections = 0
        self.close_at_once = False
        self.frozen = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))

    def address(self, database: TestDatabase) -> DatabaseAddress:
        own = self.listener.getsockname()[1]
        conninfo = database.monitor.replace(f":{self.port}/", f":{own}/")
        return DatabaseAddress("production", conninfo + "?sslmode=disable&gssencmode=disable")

    def __enter__(self) -> Proxy:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            if self.close_at_once:
                client.close()
            else:
                threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        startup = client.recv(65536)
        if self.refuse_options and b"\0options\0" in startup:
            self.refused += 1
            fields = b"SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: options\0\0"
            client.sendall(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields)
            client.close()
            return
        server = socket.create_connection(("127.0.0.1", self.port))
        server.sendall(startup)
        for source, sink in ((client, server), (server, client)):
            threading.Thread(target=self._pass_on, args=[source, sink], daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                while self.frozen.is_set():
                    time.sleep(0.01)
                sink.sendall(data)
        except OSError:
            pass
        sink.close()
