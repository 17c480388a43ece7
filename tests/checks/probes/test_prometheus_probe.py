"""A team's own Prometheus query: thresholds, no data, NaN, errors, and the ratio to the time before go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.base import CannotRun, Inputs, ProbeSpec, Result, Status
from checks.probes.settings import ProbeSettings, Thresholds
from tests.checks.probes.probe_samples import ask, findings
from tests.checks.probes.web_server import WebServer, as_json, endless, silent, text

QUERY, RANGE = "/api/v1/query", "/api/v1/query_range"


def vector(*series: tuple[str, str]) -> dict[str, object]:
    """Prometheus' answer to an instant query: label `job` and the number as it writes it."""
    result = [{"metric": {"job": job} if job else {}, "value": [1795338557.1, number]} for job, number in series]
    return {"status": "success", "data": {"resultType": "vector", "result": result}}


def prometheus(web: WebServer, inputs: Inputs | None = None, **options: object) -> Result:
    spec = ProbeSpec(
        "errors", prometheus='rate(e{env="{environment}"}[5m])', options={"server": web.address, **options}
    )
    return ask(spec, inputs or Inputs(options={"environment": "production"}))


@pytest.mark.parametrize(
    ("number", "status", "summary"),
    [
        ("0.08", Status.PASSED, "0.08 (warning > 0.1, critical > 0.5)"),
        ("0.1", Status.PASSED, "0.1 (warning > 0.1, critical > 0.5)"),
        ("0.11", Status.WARNING, "0.11, limit > 0.1"),
        ("0.7", Status.FAILED, "0.7, limit > 0.5"),
        ("+Inf", Status.FAILED, "inf, limit > 0.5"),
    ],
)
def test_a_number_against_its_thresholds(web: WebServer, number: str, status: Status, summary: str) -> None:
    web.pages[QUERY] = as_json(vector(("", number)))
    result = prometheus(web, warning=0.1, critical="> 0.5")
    assert (result.status, result.summary) == (status, summary)
    assert bool(findings(result)) is (status is not Status.PASSED)


def test_the_query_is_asked_with_its_placeholders(web: WebServer) -> None:
    web.pages[QUERY] = as_json(vector(("", "1")))
    prometheus(web, Inputs(options={"environment": 'a"b'}))
    assert parse_qs(urlsplit(web.asked[0][0]).query) == {"query": ['rate(e{env="a\\"b"}[5m])']}


def test_small_may_be_bad(web: WebServer) -> None:
    web.pages[QUERY] = as_json(vector(("api", "1"), ("worker", "0")))
    result = prometheus(web, critical="< 1")
    assert (result.status, result.summary) == (Status.FAILED, "0 (job=worker), limit < 1, worst of 2 series")
    assert findings(result) == [("job=worker", "0, limit < 1")]


def test_without_thresholds_it_is_evidence(web: WebServer) -> None:
    web.pages[QUERY] = as_json(vector(("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")))
    result = prometheus(web)
    assert (result.status, result.summary) == (Status.EVIDENCE, "1 (job=a), 2 (job=b), 3 (job=c), and 1 more")


def test_a_scalar(web: WebServer) -> None:
    web.pages[QUERY] = as_json({"status": "success", "data": {"resultType": "scalar", "result": [1.0, "3"]}})
    assert prometheus(web, critical=2).summary == "3, limit > 2"


def test_no_data_is_no_pass(web: WebServer) -> None:
    web.pages[QUERY] = as_json(vector())
    result = prometheus(web, critical=1)
    assert (result.status, result.summary) == (Status.COULD_NOT_RUN, "Prometheus has no data for this query")


def test_nan_is_no_pass_and_decides_nothing_beside_numbers(web: WebServer) -> None:
    web.pages[QUERY] = as_json(vector(("", "NaN")))
    assert prometheus(web, critical=1).status is Status.COULD_NOT_RUN
    web.pages[QUERY] = as_json(vector(("a", "NaN"), ("b", "0.5")))
    result = prometheus(web, critical=1)
    assert (result.status, findings(result)) == (Status.PASSED, [("job=a", "NaN, no number")])


def test_an_error_of_prometheus(web: WebServer) -> None:
    error = {"status": "error", "errorType": "bad_data", "error": 'invalid parameter "query": 1:5: parse error'}
    web.pages[QUERY] = as_json(error, 400)
    result = prometheus(web, critical=1)
    assert result.status is Status.COULD_NOT_RUN
    assert result.summary == 'Prometheus refuses the query (bad_data): invalid parameter "query": 1:5: parse error'


def test_other_answers(web: WebServer) -> None:
    web.pages[QUERY] = text(502, "<html>bad gateway")
    assert prometheus(web, critical=1).summary == f"{web.host} answers 502 and no JSON of Prometheus"
    web.pages[QUERY] = endless
    assert prometheus(web, critical=1).summary == "Prometheus answers more than 1 MiB"
    web.pages[QUERY] = silent(30)
    slow = prometheus(web, critical=1, timeout=1)
    assert slow.summary == f"Prometheus at {web.host} gives no answer within 1 s"
    for shape in ([], {"status": "success"}, {"status": "success", "data": {"resultType": "vector"}}, 3, None):
        web.pages[QUERY] = as_json(shape)
        assert prometheus(web, critical=1).status is Status.COULD_NOT_RUN


def test_a_token_stays_hidden(web: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROM_TOKEN", "pr0m-t0ken")
    web.pages[QUERY] = as_json({"status": "error", "errorType": "x", "error": "pr0m-t0ken is not valid"}, 401)
    result = prometheus(web, headers={"Authorization": "Bearer env:PROM_TOKEN"})
    assert web.asked[0][1]["Authorization"] == "Bearer pr0m-t0ken"
    assert result.summary == "Prometheus refuses the query (x): ••• is not valid"


def before_and_after(go: datetime, before: str, after: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """query_range as Prometheus answers it: one number until go and another from then on."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        asked = parse_qs(urlsplit(request.path).query)
        start, end, step = (float(asked[name][0]) for name in ("start", "end", "step"))
        times = [start + step * n for n in range(int((end - start) / step) + 1)]
        values = [[at, before if at < go.timestamp() - 1 else after] for at in times[:-1]]
        result = [{"metric": {"job": "shop"}, "values": values}]
        as_json({"status": "success", "data": {"resultType": "matrix", "result": result}})(request)

    return answer


def since(go: datetime) -> Inputs:
    return Inputs(since=go.isoformat(), options={"environment": "production"})


def test_the_ratio_to_the_time_before_go(web: WebServer) -> None:
    go = datetime.now(UTC) - timedelta(minutes=20)
    web.pages[RANGE] = before_and_after(go, "0.2", "0.3")
    result = prometheus(web, since(go), baseline=3600, warning="> 1.2", critical="> 2")
    assert (result.status, result.summary) == (Status.WARNING, "0.3, × 1.5 of 0.2 before go, limit > 1.2")
    assert prometheus(web, since(go), baseline=3600, warning="> 2").status is Status.PASSED


def test_something_where_there_was_nothing(web: WebServer) -> None:
    go = datetime.now(UTC) - timedelta(minutes=20)
    web.pages[RANGE] = before_and_after(go, "0", "0.3")
    assert prometheus(web, since(go), baseline=600, critical="> 2").status is Status.FAILED
    web.pages[RANGE] = before_and_after(go, "0", "0")
    assert prometheus(web, since(go), baseline=600, critical="> 2").status is Status.COULD_NOT_RUN


def test_no_go_yet(web: WebServer) -> None:
    assert prometheus(web, baseline=600).summary == "there was no go yet to compare with"
    just_now = since(datetime.now(UTC))
    assert prometheus(web, just_now, baseline=600).summary.endswith("which is too short to compare")


@pytest.mark.parametrize("written", ["> x", "", ">> 1", True])
def test_what_is_no_threshold(web: WebServer, written: object) -> None:
    result = prometheus(web, warning=written)
    assert result.summary == '[probes.errors] warning is no threshold such as "> 0.5"'


@given(st.sampled_from([">", ">=", "<", "<=", "==", "!="]), st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_a_threshold_means_what_it_says(relation: str, limit: float, value: float) -> None:
    spec = ProbeSpec("x", options={"critical": f"{relation} {limit!r}"})
    status, reached = Thresholds.of(ProbeSettings(spec, Inputs())).judge(value)
    expected = eval(f"{value!r} {relation} {limit!r}")
    assert (status is Status.FAILED) == expected == (reached is not None)


def test_a_bare_number_must_not_be_exceeded() -> None:
    thresholds = Thresholds.of(ProbeSettings(ProbeSpec("x", options={"warning": 3}), Inputs()))
    assert [thresholds.judge(value)[0] for value in (2.9, 3, 3.1)] == [Status.PASSED, Status.PASSED, Status.WARNING]
    with pytest.raises(CannotRun):
        Thresholds.of(ProbeSettings(ProbeSpec("x", options={"warning": "three"}), Inputs()))
