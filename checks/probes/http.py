"""Asks one or several addresses: does each answer as expected, and how fast."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from checks.base import Finding, Result, Status, counted
from checks.contexts import ProbeContext
from checks.masking import Mask, mask_for
from checks.probes.command import decoded
from checks.probes.settings import RANKS, ProbeSettings, Thresholds, severity
from checks.probes.web import MOST_SECONDS, SECONDS, Answer, NoAnswer, Request, get, headers_of, secrets_in
from checks.probes.wording import one_line, result

_AT_ONCE = 8
_MOST_TIMES = 3
_BETWEEN = 1.0
_MISSING = object()


@dataclass(frozen=True)
class Expected:
    """What an answer must be. `status` 0 means any of 200 to 299; `fields` are paths into JSON such as `checks.db`."""

    status: int
    contains: str
    fields: Mapping[str, object]
    latency: Thresholds
    mask: Mask


@dataclass(frozen=True)
class Outcome:
    """Of one address, `place` being how it is shown: the worst of its attempts."""

    place: str
    status: Status
    sentence: str
    took: float


def run(context: ProbeContext) -> Result:
    """Failed where any address does not answer as expected; latency in ms against `warning` and `critical`."""
    settings = ProbeSettings.of(context)
    given = settings.words("addresses") or (settings.spec.http,)
    addresses = [settings.fill(one, lambda value: quote(value, safe="")) for one in given]
    headers = headers_of(settings)
    expected = _expected(settings, mask_for(context.inputs, secrets_in(headers)))
    seconds = min(settings.number("timeout", SECONDS), MOST_SECONDS)
    # A status such as 302 that is wanted itself must not be followed.
    requests = [Request(one, headers, seconds, follow=not 300 <= expected.status < 400) for one in addresses]
    times = max(1, min(int(settings.number("times", 1)), _MOST_TIMES))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        outcomes = list(pool.map(lambda request: _ask(request, expected, times), requests))
    return _one(outcomes[0], times) if len(outcomes) == 1 else _many(outcomes, times)


def _expected(settings: ProbeSettings, mask: Mask) -> Expected:
    paths = dict(_paths(settings.table("fields")))
    fields = {path: settings.fill(value) if isinstance(value, str) else value for path, value in paths.items()}
    status = int(settings.number("status", 0))
    return Expected(status, settings.text("contains"), fields, Thresholds.of(settings), mask)


def _paths(table: Mapping[str, object], before: str = "") -> Iterator[tuple[str, object]]:
    """`checks.db = "up"` of TOML, with or without quotes around the path."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _paths(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def _ask(request: Request, expected: Expected, times: int) -> Outcome:
    """Ends at the first attempt that fails."""
    worst = _attempt(request, expected)
    for _ in range(times - 1):
        if worst.status is Status.FAILED:
            break
        time.sleep(_BETWEEN)
        again = _attempt(request, expected)
        worst = max(worst, again, key=lambda one: (RANKS.index(one.status), one.took))
    return worst


def _attempt(request: Request, expected: Expected) -> Outcome:
    place = shown(request.address)
    try:
        answer = get(request)
    except NoAnswer as fault:
        return Outcome(place, Status.FAILED, str(fault), 0.0)
    took = f"in {answer.took * 1000:.0f} ms"
    if complaint := next(_complaints(answer, expected), ""):
        return Outcome(place, Status.FAILED, complaint, answer.took)
    status, limit = expected.latency.judge(answer.took * 1000)
    slow = f", limit {limit} ms" if limit else ""
    told = "".join(f", {path} is {_quoted(value)}" for path, value in expected.fields.items())
    return Outcome(place, status, expected.mask(f"answers {answer.status} {took}{slow}{told}"), answer.took)


def _complaints(answer: Answer, expected: Expected) -> Iterator[str]:
    wanted = expected.status or "200–299"
    fits = answer.status == expected.status if expected.status else 200 <= answer.status < 300
    if not fits:
        yield f"answers {answer.status}, not {wanted}"
    if expected.contains and expected.contains not in decoded(answer.body):
        where = " in its first 64 KiB" if answer.is_cut else ""
        yield f"answers {answer.status} without {_quoted(expected.contains)}{where}"
    if expected.fields:
        yield from _field_complaints(answer, expected)


def _field_complaints(answer: Answer, expected: Expected) -> Iterator[str]:
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        yield "answers JSON of more than 64 KiB" if answer.is_cut else f"answers {answer.status} and no JSON"
        return
    for path, wanted in expected.fields.items():
        found = _field(document, path)
        if found is _MISSING:
            yield f"answers without {path}, which should be {_quoted(wanted)}"
        elif found != wanted and str(found) != str(wanted):
            yield expected.mask(f"says {path} is {_quoted(found)}, not {_quoted(wanted)}")


def _field(document: object, path: str) -> object:
    """`checks.0.name`: keys of objects and positions in lists."""
    for key in path.split("."):
        if isinstance(document, list) and key.isdigit() and int(key) < len(document):
            document = document[int(key)]
        elif isinstance(document, dict) and key in document:
            document = document[key]
        else:
            return _MISSING
    return document


def _quoted(value: object) -> str:
    text = one_line(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return f'"{text[:60]}…"' if len(text) > 60 else f'"{text}"'


def shown(address: str) -> str:
    """Host and path: a query may hold a token, and the rest says nothing."""
    place = urlsplit(address)
    return f"{place.netloc.rpartition('@')[2]}{place.path.rstrip('/')}"


def _one(outcome: Outcome, times: int) -> Result:
    again = f", {times} times" if times > 1 and outcome.status is not Status.FAILED else ""
    summary = f"{outcome.place} {outcome.sentence}{again}"
    return result(outcome.status, summary, _hint(outcome), _findings([outcome]))


def _many(outcomes: Sequence[Outcome], times: int) -> Result:
    down = [one for one in outcomes if one.status is Status.FAILED]
    slow = [one for one in outcomes if one.status is Status.WARNING]
    again = f", each {times} times" if times > 1 and not down else ""
    up = f"{len(outcomes) - len(down)} of {counted(len(outcomes), 'service')} up{again}"
    worst = (down or slow or [max(outcomes, key=lambda one: one.took)])[0]
    if down or slow:
        return result(worst.status, f"{up}; {worst.place} {worst.sentence}", _hint(worst), _findings([*down, *slow]))
    return result(Status.PASSED, f"{up}, slowest {worst.place} in {worst.took * 1000:.0f} ms", identity=up)


def _findings(outcomes: Sequence[Outcome]) -> list[Finding]:
    bad = [one for one in outcomes if one.status is not Status.PASSED]
    return [Finding(one.sentence, one.place, severity=severity(one.status)) for one in bad]


def _hint(outcome: Outcome) -> str:
    return f"curl -i {outcome.place}" if outcome.status is Status.FAILED else ""
