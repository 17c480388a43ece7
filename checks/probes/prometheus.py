"""Asks Prometheus: a number now against thresholds, or its ratio to the time before go.

https://prometheus.io/docs/prometheus/latest/querying/api/: `/api/v1/query` and `/api/v1/query_range`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import fmean
from urllib.parse import urlencode

from checks.base import CannotRun, Finding, Result, Status
from checks.contexts import ProbeContext
from checks.masking import mask_for
from checks.measures import duration
from checks.probes.http import shown
from checks.probes.settings import RANKS, ProbeSettings, Threshold, Thresholds, severity
from checks.probes.web import MOST_SECONDS, SECONDS, Answer, NoAnswer, Request, get, headers_of, secrets_in
from checks.probes.wording import figure, one_line, result
from checks.targetdb.asking import moment

_LIMIT = 1024 * 1024
_STEPS = 60
_SHORTEST_STEP = 15.0
_MOST_SHOWN = 3
# Prometheus scrapes seldom more often: a shorter time after go holds no sample.
_SHORTEST_SPAN = 60.0

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Series:
    """Labels, and what is judged: a number now, or `value` = after / `before`."""

    labels: Labels
    value: float
    shown: str

    @property
    def name(self) -> str:
        words = [f"{name}={value}" for name, value in self.labels if name != "__name__"]
        return one_line(", ".join(words) or dict(self.labels).get("__name__", ""))[:80]


def run(context: ProbeContext) -> Result:
    """Raises CannotRun: no answer, an error in the query, no data, no number."""
    settings = ProbeSettings.of(context)
    thresholds, server = Thresholds.of(settings), _Server(settings)
    if settings.has("baseline"):
        return judge(_ratios(settings, server), thresholds)
    found = [(_labels(one), _number(one.get("value"))) for one in server.ask("query", {"query": server.query})]
    return judge([Series(labels, value, figure(value)) for labels, value in found], thresholds)


def judge(series: Sequence[Series], thresholds: Thresholds) -> Result:
    """The worst series decides; one without a number is told and decides nothing, unless all are so."""
    numbers = [one for one in series if not math.isnan(one.value)]
    if not series:
        raise CannotRun("Prometheus has no data for this query", "try it in Prometheus' own page")
    if not numbers:
        raise CannotRun("Prometheus answers NaN: there is nothing to divide by", "or vector(0) gives it a number")
    if thresholds.warning is None and thresholds.critical is None:
        return result(Status.EVIDENCE, _all_shown(numbers), "set warning or critical", _silent(series), "evidence")
    judged = [(*thresholds.judge(one.value), one) for one in numbers]
    judged.sort(key=lambda found: -RANKS.index(found[0]))
    status, limit, worst = judged[0]
    summary = _summary(worst, limit, thresholds, len(numbers))
    reached = [_finding(*one) for one in judged if one[0] is not Status.PASSED]
    names = ", ".join(sorted(one.object for one in reached))
    return result(status, summary, "", [*reached, *_silent(series)], f"{limit} {names}")


def _summary(worst: Series, limit: Threshold | None, thresholds: Thresholds, count: int) -> str:
    named = f" ({worst.name})" if worst.name and count > 1 else ""
    among = f", worst of {count} series" if count > 1 else ""
    if limit is not None:
        return f"{worst.shown}{named}, limit {limit}{among}"
    return f"{worst.shown}{named} ({thresholds}){among}"


def _all_shown(series: Sequence[Series]) -> str:
    words = [f"{one.shown} ({one.name})" if one.name and len(series) > 1 else one.shown for one in series]
    more = f", and {len(words) - _MOST_SHOWN} more" if len(words) > _MOST_SHOWN else ""
    return ", ".join(words[:_MOST_SHOWN]) + more


def _finding(status: Status, limit: Threshold | None, one: Series) -> Finding:
    return Finding(f"{one.shown}, limit {limit}", one.name or "query", severity=severity(status))


def _silent(series: Sequence[Series]) -> list[Finding]:
    return [Finding("NaN, no number", one.name or "query", severity="info") for one in series if math.isnan(one.value)]


class _Server:
    """Prometheus' API, with every way of not answering as a sentence."""

    def __init__(self, settings: ProbeSettings) -> None:
        self.query = settings.fill(settings.spec.prometheus, _in_promql)
        self._address = settings.text("server").rstrip("/")
        self._headers = headers_of(settings)
        self._seconds = min(settings.number("timeout", SECONDS), MOST_SECONDS)
        self._mask = mask_for(settings.inputs, secrets_in(self._headers))
        if not self._address:
            raise settings.wrong("server", "missing")

    def ask(self, what: str, parameters: Mapping[str, str]) -> list[Mapping[str, object]]:
        """The series of the answer, `{"metric": …, "value" or "values": …}`; a scalar is one without labels."""
        address = f"{self._address}/api/v1/{what}?{urlencode(parameters)}"
        try:
            answer = get(Request(address, self._headers, self._seconds, _LIMIT))
        except NoAnswer as fault:
            raise CannotRun(f"Prometheus at {shown(self._address)} {fault}", "mend server") from None
        document = self._document(answer)
        data = document.get("data")
        if document.get("status") != "success" or not isinstance(data, Mapping):
            raise self._refused(document, answer)
        found = data.get("result")
        if data.get("resultType") in {"scalar", "string"}:
            return [{"metric": {}, "value": found}]
        return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []

    def _document(self, answer: Answer) -> Mapping[str, object]:
        if answer.is_cut:
            raise CannotRun("Prometheus answers more than 1 MiB", "aggregate it: sum(…), max(…) or topk(5, …)")
        try:
            document = json.loads(answer.body)
        except (ValueError, RecursionError):
            document = None
        if isinstance(document, Mapping):
            return document
        sentence = f"{shown(self._address)} answers {answer.status} and no JSON of Prometheus"
        raise CannotRun(sentence, "server is the address before /api/v1")

    def _refused(self, document: Mapping[str, object], answer: Answer) -> CannotRun:
        why = self._mask(str(document.get("error") or f"status {answer.status}"))
        kind = str(document.get("errorType") or "error")
        return CannotRun(one_line(f"Prometheus refuses the query ({kind}): {why}"), "try it in Prometheus' own page")


def _ratios(settings: ProbeSettings, server: _Server) -> list[Series]:
    """Mean after go / mean of as long a time before, at most `baseline` seconds each; raises CannotRun before go."""
    try:
        go = moment(settings.inputs.since)
    except ValueError:
        raise CannotRun("there was no go yet to compare with", "it is asked after go") from None
    since_go = (datetime.now(UTC) - go).total_seconds()
    if since_go < _SHORTEST_SPAN:
        raise CannotRun(f"go was {duration(since_go)} ago, which is too short to compare", "ask again in a minute")
    span = settings.number("baseline", 3600.0)
    end = go.timestamp()
    before = _means(server, end - span, end)
    if not before:
        raise CannotRun(f"Prometheus has no data of the {duration(span)} before go", "try it in Prometheus' own page")
    after = _means(server, end + max(0.0, since_go - span), end + since_go)
    return [_ratio(labels, value, before.get(labels, math.nan)) for labels, value in after.items()]


def _ratio(labels: Labels, after: float, before: float) -> Series:
    grown = math.inf if after else math.nan
    value = after / before if before else grown
    return Series(labels, value, f"{figure(after)}, × {figure(value)} of {figure(before)} before go")


def _means(server: _Server, start: float, end: float) -> dict[Labels, float]:
    step = max(_SHORTEST_STEP, (end - start) / _STEPS)
    parameters = {"query": server.query, "start": f"{start:.3f}", "end": f"{end:.3f}", "step": f"{step:.3f}"}
    means = {}
    for one in server.ask("query_range", parameters):
        values = one.get("values")
        numbers = [_number(pair) for pair in values] if isinstance(values, list) else []
        known = [number for number in numbers if not math.isnan(number)]
        means[_labels(one)] = fmean(known) if known else math.nan
    return means


def _labels(one: Mapping[str, object]) -> Labels:
    metric = one.get("metric")
    return tuple(sorted((str(k), str(v)) for k, v in metric.items())) if isinstance(metric, Mapping) else ()


def _number(pair: object) -> float:
    """The number of `[time, "0.5"]`; Prometheus writes NaN, +Inf and -Inf."""
    try:
        return float(pair[1]) if isinstance(pair, list) else math.nan
    except (IndexError, TypeError, ValueError):
        return math.nan


def _in_promql(value: str) -> str:
    """A value inside a quoted string of a query."""
    return value.replace("\\", "\\\\").replace('"', '\\"')
