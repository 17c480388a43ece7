"""One HTTP GET in its bounds: seconds in all, bytes of the body, no proxy, no other host."""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urljoin, urlsplit

from checks.base import CannotRun
from checks.probes.settings import ProbeSettings, from_environment

BODY_LIMIT = 64 * 1024
SECONDS = 5.0
MOST_SECONDS = 10.0

_MOST_REDIRECTS = 5
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_OWN_HEADERS = {"User-Agent": "gonogo", "Accept": "*/*"}
_PORTS = {"http": 80, "https": 443}


class NoAnswer(Exception):
    """Nothing that can be judged came back; the sentence begins with a verb: `refuses the connection`."""


@dataclass(frozen=True)
class Request:
    """What to get. `follow`: redirects within the same host are gone after."""

    address: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    seconds: float = SECONDS
    limit: int = BODY_LIMIT
    follow: bool = True


@dataclass(frozen=True)
class Answer:
    """`body` is cut at the limit (`is_cut`); `took` is seconds until its end."""

    status: int
    location: str
    body: bytes = field(repr=False)
    is_cut: bool
    took: float


def headers_of(settings: ProbeSettings) -> dict[str, str]:
    """`headers`, each value with its `env:NAME` looked up. Raises CannotRun, which never shows a value."""
    found = dict(_OWN_HEADERS)
    for name, value in settings.table("headers").items():
        filled = from_environment(settings.fill(str(value)))
        fits = all(" " <= char <= "ÿ" and char != "\x7f" for char in filled)
        if not (_HEADER_NAME.fullmatch(name) and fits):
            raise CannotRun(f"the header {name[:40]!r} cannot be sent", f"mend headers of {settings.place}")
        found[name] = filled
    return found


def secrets_in(headers: Mapping[str, str]) -> list[str]:
    """What a mask has to know of headers: each value, and what follows `Bearer` in it."""
    given = [value for name, value in headers.items() if _OWN_HEADERS.get(name) != value]
    return [secret for value in given for secret in (value, value.rpartition(" ")[2])]


def get(request: Request) -> Answer:
    """Raises NoAnswer: unknown name, refused, no valid certificate, not in time, a redirect to another host."""
    fetch = _Fetch(request)
    worker = threading.Thread(target=fetch.run, name="gonogo-get", daemon=True)
    worker.start()
    worker.join(request.seconds)
    if worker.is_alive():
        # A server that sends a byte now and then defeats every time-out of the socket.
        fetch.abandon()
        raise NoAnswer(f"gives no answer within {request.seconds:g} s")
    if isinstance(fetch.outcome, Answer):
        return fetch.outcome
    raise fetch.outcome


class _Fetch:
    """A GET with its redirects, in a thread of its own."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.outcome: Answer | Exception = NoAnswer("gives no answer")
        self._deadline = time.monotonic() + request.seconds
        self._line: socket.socket | None = None
        self._is_abandoned = False

    def run(self) -> None:
        try:
            self.outcome = self._with_redirects()
        except NoAnswer as fault:
            self.outcome = fault
        except (OSError, http.client.HTTPException, ValueError) as fault:
            self.outcome = NoAnswer(_why(fault, self.request.seconds))

    def abandon(self) -> None:
        self._is_abandoned = True
        if self._line is not None:
            with contextlib.suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)

    def _with_redirects(self) -> Answer:
        address = self.request.address
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._once(urlsplit(address))
            if not (self.request.follow and answer.location and 300 <= answer.status < 400):
                return answer
            address = _next(address, answer.location)
        raise NoAnswer(f"redirects more than {_MOST_REDIRECTS} times")

    def _once(self, place: SplitResult) -> Answer:
        connection = self._connection(place)
        try:
            target = (place.path or "/") + (f"?{place.query}" if place.query else "")
            connection.request("GET", target, headers=dict(self.request.headers))
            response = connection.getresponse()
            body = self._body(response)
            took = self.request.seconds - self._left()
            is_cut = len(body) > self.request.limit
            location = response.headers.get("Location", "")
            return Answer(response.status, location, body[: self.request.limit], is_cut, took)
        finally:
            connection.close()

    def _connection(self, place: SplitResult) -> http.client.HTTPConnection:
        host, left = place.hostname or "", max(self._left(), 0.1)
        connection = http.client.HTTPConnection(host, place.port, timeout=left)
        if place.scheme == "https":
            tls = ssl.create_default_context()
            connection = http.client.HTTPSConnection(host, place.port, timeout=left, context=tls)
        connection.connect()
        self._line = connection.sock
        if self._is_abandoned:
            self.abandon()
        return connection

    def _body(self, response: http.client.HTTPResponse) -> bytes:
        body = bytearray()
        while len(body) <= self.request.limit and self._left() > 0 and not self._is_abandoned:
            chunk = response.read1(self.request.limit + 1 - len(body))
            if not chunk:
                break
            body += chunk
        return bytes(body)

    def _left(self) -> float:
        return self._deadline - time.monotonic()


def _next(address: str, location: str) -> str:
    """Where a redirect leads, within the same host; to another port only from http to https."""
    old, new = urlsplit(address), urlsplit(urljoin(address, location))
    stays = (old.scheme, _port(old)) == (new.scheme, _port(new))
    to_tls = (old.scheme, _port(old), new.scheme, _port(new)) == ("http", 80, "https", 443)
    if new.hostname != old.hostname or not (stays or to_tls):
        raise NoAnswer(f"redirects to {new.hostname or 'another place'}, which is not asked")
    return new.geturl()


def _port(place: SplitResult) -> int:
    return place.port or _PORTS.get(place.scheme, 0)


def _why(fault: Exception, seconds: float) -> str:
    """In our own words: the text of an exception may hold a header."""
    if isinstance(fault, ssl.SSLCertVerificationError):
        return f"has no valid certificate: {fault.verify_message}"
    for kind, sentence in _REASONS:
        if isinstance(fault, kind):
            return sentence.format(seconds=seconds)
    return "does not answer as a web server does"


# The more special ones first.
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (TimeoutError, "gives no answer within {seconds:g} s"),
    (socket.gaierror, "has a name that is not known"),
    (ConnectionRefusedError, "refuses the connection"),
    (ssl.SSLError, "does not speak TLS as expected"),
    (ConnectionError, "closes the connection without an answer"),
    (OSError, "cannot be reached over the network"),
)
