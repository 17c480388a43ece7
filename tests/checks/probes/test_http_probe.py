"""A team's own addresses, asked of a real server on loopback that answers well, badly, slowly or without end."""

from __future__ import annotations

import re
import resource
import socket
import time
from http.server import BaseHTTPRequestHandler

import pytest

from checks.base import Inputs, ProbeSpec, Result, Status
from tests.checks.probes.probe_samples import ask, findings
from tests.checks.probes.web_server import (
    WebServer,
    as_json,
    dripping,
    endless,
    no_http,
    redirect,
    silent,
    text,
    web_server,
)


def http(address: str, **options: object) -> Result:
    return ask(ProbeSpec("health", http=address, options=options))


def test_an_answer_is_told_with_its_time(web: WebServer) -> None:
    web.pages["/health"] = text(200, "fine")
    result = http(f"{web.address}/health?token=geheim")
    assert result.status is Status.PASSED
    assert re.fullmatch(rf"{web.host}/health answers 200 in \d+ ms", result.summary)


@pytest.mark.parametrize(
    ("status", "wanted", "verdict"),
    [(204, None, Status.PASSED), (503, None, Status.FAILED), (503, 503, Status.PASSED), (200, 503, Status.FAILED)],
)
def test_the_status_that_is_expected(web: WebServer, status: int, wanted: int | None, verdict: Status) -> None:
    web.pages["/"] = text(status, "")
    result = http(f"{web.address}/", **({"status": wanted} if wanted else {}))
    assert result.status is verdict
    if verdict is Status.FAILED:
        assert result.summary == f"{web.host} answers {status}, not {wanted or '200–299'}"
        assert findings(result) == [(web.host, f"answers {status}, not {wanted or '200–299'}")]


def test_what_it_should_contain(web: WebServer) -> None:
    web.pages["/"] = text(200, "Maintenance until 17:00")
    assert http(f"{web.address}/", contains="Maintenance").status is Status.PASSED
    result = http(f"{web.address}/", contains="Shop")
    assert (result.status, result.summary) == (Status.FAILED, f'{web.host} answers 200 without "Shop"')


HEALTH = {"status": "ok", "version": "3f2c1ab", "checks": [{"name": "db", "up": True}], "pool": {"size": 20}}


def test_fields_of_json(web: WebServer) -> None:
    web.pages["/health"] = as_json(HEALTH)
    good = {"version": "3f2c1ab", "checks.0.up": True, "pool": {"size": 20}}
    result = http(f"{web.address}/health", fields=good)
    assert result.status is Status.PASSED
    assert 'version is "3f2c1ab"' in result.summary
    wrong = http(f"{web.address}/health", fields={"status": "ok", "pool.size": 40})
    assert (wrong.status, wrong.summary) == (Status.FAILED, f'{web.host}/health says pool.size is "20", not "40"')
    missing = http(f"{web.address}/health", fields={"checks.1.up": True})
    assert missing.summary == f'{web.host}/health answers without checks.1.up, which should be "true"'
    web.pages["/health"] = text(200, "<html>")
    assert http(f"{web.address}/health", fields=good).summary == f"{web.host}/health answers 200 and no JSON"


def test_placeholders_in_address_and_fields(web: WebServer) -> None:
    web.pages["/production%2Feu"] = as_json({"commit": "3f2c1ab"})
    spec = ProbeSpec("version", http=web.address + "/{environment}", options={"fields": {"commit": "{commit}"}})
    result = ask(spec, Inputs(options={"environment": "production/eu", "commit": "3f2c1ab"}))
    assert result.status is Status.PASSED, result.summary


def test_latency_has_thresholds_in_milliseconds(web: WebServer) -> None:
    web.pages["/"] = text(200, "")
    slow = http(f"{web.address}/", warning="> 0")
    assert slow.status is Status.WARNING
    assert re.fullmatch(rf"{web.host} answers 200 in \d+ ms, limit > 0 ms", slow.summary)
    assert http(f"{web.address}/", warning="> 4000", critical=5000).status is Status.PASSED
    assert http(f"{web.address}/", critical="> 0").status is Status.FAILED


def test_several_services(web: WebServer) -> None:
    for name in "abcdefg":
        web.pages[f"/{name}"] = text(200, "")
    addresses = [f"{web.address}/{name}" for name in "abcdefg"]
    result = ask(ProbeSpec("services", http=addresses[0], options={"addresses": addresses, "times": 2}))
    assert result.status is Status.PASSED
    assert result.summary.startswith("7 of 7 services up, each 2 times, slowest ")
    assert len(web.asked) == 14
    web.pages["/c"] = text(500, "")
    result = ask(ProbeSpec("services", http=addresses[0], options={"addresses": addresses}))
    assert result.status is Status.FAILED
    assert result.summary == f"6 of 7 services up; {web.host}/c answers 500, not 200–299"
    assert [place for place, _ in findings(result)] == [f"{web.host}/c"]


def test_a_service_that_fails_the_second_time_is_down(web: WebServer) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        text(200 if len(web.asked) == 1 else 502, "")(request)

    web.pages["/"] = answer
    assert http(f"{web.address}/", times=3).summary == f"{web.host} answers 502, not 200–299"


def test_a_slow_server(web: WebServer) -> None:
    web.pages["/"] = silent(30)
    result = http(f"{web.address}/", timeout=1)
    assert (result.status, result.summary) == (Status.FAILED, f"{web.host} gives no answer within 1 s")


def test_a_server_that_drips(web: WebServer) -> None:
    web.pages["/"] = dripping
    started = time.monotonic()
    result = http(f"{web.address}/", timeout=1)
    assert (result.status, result.summary) == (Status.FAILED, f"{web.host} gives no answer within 1 s")
    assert time.monotonic() - started < 30, "the end of the header was waited for"


def test_a_gigabyte_is_cut(web: WebServer) -> None:
    web.pages["/"] = endless
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = http(f"{web.address}/", contains="needle", timeout=10)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert result.summary == f'{web.host} answers 200 without "needle" in its first 64 KiB'
    assert grown < 50 * 1024, f"{grown} kB more"
    assert http(f"{web.address}/", fields={"a": 1}).summary == f"{web.host} answers JSON of more than 64 KiB"


def test_redirects_stay_on_the_host(web: WebServer) -> None:
    web.pages["/old"] = redirect("/new")
    web.pages["/new"] = text(200, "here")
    assert http(f"{web.address}/old", contains="here").status is Status.PASSED
    web.pages["/round"] = redirect("/round")
    assert http(f"{web.address}/round").summary == f"{web.host}/round redirects more than 5 times"


def test_a_redirect_to_another_host_is_not_asked(web: WebServer) -> None:
    with web_server() as other:
        other.pages["/"] = text(200, "")
        web.pages["/"] = redirect(f"{other.address}/")
        result = http(f"{web.address}/", headers={"Authorization": "Bearer abc"})
        assert (result.status, other.asked) == (Status.FAILED, [])
    web.pages["/"] = redirect("https://login.example/?next=shop")
    assert http(f"{web.address}/").summary == f"{web.host} redirects to login.example, which is not asked"


def test_a_redirect_that_is_expected_is_not_followed(web: WebServer) -> None:
    web.pages["/"] = redirect("https://login.example/")
    assert http(f"{web.address}/", status=302).status is Status.PASSED


def test_headers_come_from_the_environment_and_stay_hidden(web: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEALTH_TOKEN", "t0psecret")
    web.pages["/"] = as_json({"you": "t0psecret"})
    result = http(f"{web.address}/", headers={"Authorization": "Bearer env:HEALTH_TOKEN"}, fields={"you": "x"})
    assert web.asked[0][1]["Authorization"] == "Bearer t0psecret"
    assert result.summary == f'{web.host} says you is "•••", not "x"'
    assert "t0psecret" not in repr(result)


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "schlüssel→"])
def test_a_header_that_cannot_be_sent(web: WebServer, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HEALTH_TOKEN", value)
    result = http(f"{web.address}/", headers={"X-Key": "env:HEALTH_TOKEN"})
    assert (result.status, result.summary) == (Status.COULD_NOT_RUN, "the header 'X-Key' cannot be sent")
    assert http(f"{web.address}/", headers={"X-Key": "env:NO_SUCH"}).status is Status.COULD_NOT_RUN
    assert web.asked == []


def test_no_proxy_is_asked(web: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    web.pages["/"] = text(200, "")
    assert http(f"{web.address}/").status is Status.PASSED


def test_nobody_there_and_no_web_server(web: WebServer) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert http(f"http://127.0.0.1:{port}/").summary == f"127.0.0.1:{port} refuses the connection"
    web.pages["/"] = no_http
    assert http(f"{web.address}/").summary == f"{web.host} does not answer as a web server does"
    assert http(f"https://{web.host}/").summary == f"{web.host} does not speak TLS as expected"
    assert "has a name that is not known" in http("http://no-such-host.invalid/").summary
    assert all(one.status is Status.FAILED for one in (http(f"{web.address}/"), http("http://no-such-host.invalid/")))
