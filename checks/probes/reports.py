"""What a program says of its work: by the Nagios plugin convention, or in JUnit XML."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import Element, ParseError, iterparse

from checks.base import CannotRun, Finding, Result, Status
from checks.masking import Mask
from checks.measures import duration
from checks.probes.settings import ProbeSettings, severity
from checks.probes.wording import one_line, result

# https://nagios-plugins.org/doc/guidelines.html: the first line is the summary, `|` begins performance data, exit codes
# are 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
_STATUS = {0: Status.PASSED, 1: Status.WARNING, 2: Status.FAILED, 3: Status.COULD_NOT_RUN}
_STATUS_WORD = re.compile(r"(?:[A-Z][\w./-]*(?: [\w./-]+){0,3} )?(?:OK|WARNING|CRITICAL|UNKNOWN)\s*[-:]\s+(?=\S)")
_MADE = re.compile(r"made=(\d{9,10})s?")
_DATUM = re.compile(r"(?<!\S)(?:'[^']+'|[^\s=']+)=[-+]?[\d.U][^\s]*")


@dataclass(frozen=True)
class PluginOutput:
    """`details` are the lines after the first, `data` the performance data such as `time=0.02s;1;2`."""

    summary: str = ""
    details: tuple[str, ...] = ()
    data: tuple[str, ...] = ()


def read_output(text: str) -> PluginOutput:
    """A `|` that no performance data follow is part of the text."""
    lines: list[str] = []
    data: list[str] = []
    for line in text.splitlines():
        words, _, after = line.partition("|")
        found = _DATUM.findall(after)
        data += found
        if shown := one_line(words if found else line):
            lines.append(shown)
    return PluginOutput(lines[0] if lines else "", tuple(lines[1:]), tuple(data))


def judge(probe: str, code: int, output: PluginOutput) -> Result:
    """The verdict of an exit code; `probe` is the object of the findings, which hold the other lines and the data."""
    odd, hint = _odd_end(code), ""
    never_ran = code in {126, 127} or code < 0
    status = _STATUS.get(code, Status.COULD_NOT_RUN if never_ran else Status.FAILED)
    words = output.summary or "nothing printed"
    # What people read has the status as a word of ours.
    said = _STATUS_WORD.sub("", words, count=1) if _STATUS_WORD.match(words) else words
    summary = f"{said} ({odd})" if odd else said
    if odd and code >= 0:
        hint = "a probe ends with 0 passed, 1 warning, 2 failed or 3 could not run"
    return result(status, summary, hint, findings_of(probe, status, output), f"{code} {words}", _made(output))


def _made(output: PluginOutput) -> datetime | None:
    """When the backup was made that a command looked at, as it says itself: `| made=1732241400` (epoch seconds)."""
    said = (found[1] for datum in output.data if (found := _MADE.fullmatch(datum)))
    return next((datetime.fromtimestamp(int(seconds), UTC) for seconds in said), None)


def findings_of(probe: str, status: Status, output: PluginOutput) -> Sequence[Finding]:
    """What else it said; a failure that said nothing more points at the probe."""
    grave = severity(status)
    said = [Finding(line, probe, severity=grave) for line in output.details]
    if not said and status in (Status.WARNING, Status.FAILED):
        said = [Finding(output.summary or "nothing printed", probe, severity=grave)]
    return [*said[:10], *(Finding(datum, probe, severity="info") for datum in output.data)]


def _odd_end(code: int) -> str:
    if code in _STATUS:
        return ""
    if code < 0:
        known = {member.value: member.name for member in signal.Signals}
        return f"ended by {known.get(-code, f'signal {-code}')}"
    meaning = {126: ": a program in it is not executable", 127: ": a program in it was not found"}
    return f"exit code {code}{meaning.get(code, '')}"


_MOST_BYTES = 64 * 1024 * 1024
_PROLOG = 64 * 1024
_MAX_AGE = 24 * 3600.0
# File systems keep times coarsely: a report of this run may seem a little older than the run.
_COARSE = 2.0


@dataclass
class Tests:
    """Counts over all reports, and the names of what failed."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: list[Finding] = field(default_factory=list)

    @property
    def words(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def judge_run(settings: ProbeSettings, started: float, code: int, output: PluginOutput, mask: Mask) -> Result:
    """The verdict of a command's report; one that lay there before the run (`started`, epoch seconds) is refused."""
    if code in {126, 127} or code < 0:
        return judge(settings.spec.id, code, output)
    found = (path for path in settings.paths("junit") if path.is_file())
    paths = [path for path in found if path.stat().st_mtime >= started - _COARSE]
    if not paths:
        said = f": {output.summary}" if output.summary else ""
        sentence = f"the command ended with exit code {code} and wrote no {settings.text('junit')}{said}"
        raise CannotRun(one_line(sentence), "junit is the path of its report, from the settings file's folder")
    judged = judge_tests(read_reports(paths, mask))
    if code and judged.status is Status.PASSED:
        sentence = f"{judged.summary}, yet the command ended with exit code {code}"
        return result(Status.FAILED, sentence, "see its output", [Finding(output.summary, settings.spec.id)])
    return judged


def judge_files(settings: ProbeSettings, mask: Mask) -> Result:
    """The verdict of reports that something else wrote, the newest at most `max_age` old."""
    paths = [path for path in settings.paths("junit") if path.is_file()]
    if not paths:
        raise CannotRun(f"there is no {settings.text('junit')}", "let the tests write their report there")
    old = time.time() - max(path.stat().st_mtime for path in paths)
    if old > settings.number("max_age", _MAX_AGE):
        raise CannotRun(f"the newest report is {duration(old)} old", "run the tests again")
    return judge_tests(read_reports(paths, mask))


def judge_tests(tests: Tests) -> Result:
    """Failed with any failure, could-not-run where no test ran."""
    if not tests.passed + tests.failed:
        raise CannotRun(f"no test ran: {tests.words}", "see why the tests were skipped or not found")
    if tests.failed:
        names = ",".join(sorted(one.object for one in tests.failures))
        return result(Status.FAILED, tests.words, "see the report", tests.failures, names)
    return result(Status.PASSED, tests.words)


def read_reports(paths: Iterable[Path], mask: Mask) -> Tests:
    """Counts the test cases themselves: the attributes of suites differ between tools. Raises CannotRun."""
    tests = Tests()
    for path in paths:
        try:
            _read_report(path, tests, mask)
        except (ParseError, ValueError) as fault:
            place = f" at line {fault.position[0]}" if isinstance(fault, ParseError) else ""
            raise CannotRun(f"{path.name} is no JUnit XML{place}", "see what writes it") from None
        except OSError as fault:
            raise CannotRun(f"{path.name} cannot be read: {fault.strerror}", "let gonogo read it") from None
    return tests


def _read_report(path: Path, tests: Tests, mask: Mask) -> None:
    if path.stat().st_size > _MOST_BYTES:
        raise CannotRun(f"{path.name} is larger than 64 MB", "write a report without the tests' output")
    with path.open("rb") as file:
        # A report needs no document type, and one may hold entities that grow without end.
        if b"<!DOCTYPE" in file.read(_PROLOG).partition(b"<testsuite")[0]:
            raise ValueError
        file.seek(0)
        _count_all(file, tests, mask)


def _count_all(file: IO[bytes], tests: Tests, mask: Mask) -> None:
    opened: list[str] = []
    for event, element in iterparse(file, ("start", "end")):
        name = element.tag.rpartition("}")[2]
        if event == "start":
            opened.append(name)
            continue
        opened.pop()
        if name == "testcase":
            _count(element, tests, mask)
        if "testcase" not in opened:
            # Kept as an empty child of its suite: the output of a test may be long.
            element.clear()


def _count(case: Element, tests: Tests, mask: Mask) -> None:
    outcomes = {child.tag.rpartition("}")[2]: child for child in case}
    wrong = outcomes.get("failure", outcomes.get("error"))
    if wrong is not None:
        tests.failed += 1
        message = wrong.get("message") or (wrong.text or "").strip().partition("\n")[0] or "failed"
        names = [case.get("classname"), case.get("name")]
        test = one_line(".".join(name for name in names if name))
        tests.failures.append(Finding(one_line(mask(message)), test, severity="error"))
    elif "skipped" in outcomes:
        tests.skipped += 1
    else:
        tests.passed += 1
