"""A real web server on loopback, which answers as a test says, also badly."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Handler = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class WebServer:
    """`pages` maps a path to what answers it; `asked` are the requests with their headers."""

    address: str
    pages: dict[str, Handler] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def host(self) -> str:
        return self.address.removeprefix("http://")


def text(status: int, body: str, **headers: str) -> Handler:
    """An ordinary answer."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(body.encode())))
        request.end_headers()
        request.wfile.write(body.encode())

    return answer


def as_json(value: object, status: int = 200) -> Handler:
    return text(status, json.dumps(value))


def redirect(location: str, status: int = 302) -> Handler:
    return text(status, "", Location=location)


def silent(seconds: float) -> Handler:
    """Says nothing for so long."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        time.sleep(seconds)

    return answer


def dripping(request: BaseHTTPRequestHandler) -> None:
    """A byte of a header now and then, which no time-out of a socket notices."""
    with contextlib.suppress(OSError):
        request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(600):
            request.wfile.write(b"a")
            request.wfile.flush()
            time.sleep(0.1)


def endless(request: BaseHTTPRequestHandler) -> None:
    """One gigabyte."""
    request.send_response(200)
    request.send_header("Content-Length", str(1 << 30))
    request.end_headers()
    with contextlib.suppress(OSError):
        for _ in range(1 << 10):
            request.wfile.write(b"x" * (1 << 20))


def no_http(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"220 mail.example ESMTP\r\n")


@contextlib.contextmanager
def web_server() -> Iterator[WebServer]:
    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            made.asked.append((self.path, dict(self.headers.items())))
            made.pages.get(path, text(404, "not here"))(self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    server.daemon_threads = True
    made = WebServer(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()
