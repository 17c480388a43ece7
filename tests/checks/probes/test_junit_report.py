"""JUnit reports, written by a command or lying there: counts, names of what failed, and reports that say nothing."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from checks.base import ProbeSpec, Result, Status
from tests.checks.probes.probe_samples import ask, command, findings, shell

PYTEST = """
import pytest
@pytest.mark.parametrize("n", range(412))
def test_fine(n): pass
def test_skipped(): pytest.skip("no")
"""
BROKEN = """
def test_checkout(): assert 1 == 2, "password=hunter2 was refused"
def test_login(): raise OSError("gone")
"""


def run_pytest(folder: Path, text: str) -> Result:
    (folder / "test_shop.py").write_text(text)
    arguments = (
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "--junitxml=report.xml",
        "test_shop.py",
    )
    return ask(command(folder, sys.executable, *arguments, junit="*.xml"))


def test_a_report_of_pytest_itself(tmp_path: Path) -> None:
    result = run_pytest(tmp_path, PYTEST)
    assert (result.status, result.summary) == (Status.PASSED, "412 passed, 0 failed, 1 skipped")


def test_failures_are_named(tmp_path: Path) -> None:
    result = run_pytest(tmp_path, BROKEN)
    assert (result.status, result.summary) == (Status.FAILED, "0 passed, 2 failed")
    assert [place for place, _ in findings(result)] == ["test_shop.test_checkout", "test_shop.test_login"]
    assert "OSError: gone" in findings(result)[1][1]
    assert "hunter2" not in repr(result)


def test_a_report_of_before_is_not_believed(tmp_path: Path) -> None:
    report(tmp_path, "<testsuite><testcase name='a'/></testsuite>", hours=1)
    result = ask(shell(tmp_path, "echo 'no tests today'", junit="report.xml"))
    assert result.status is Status.COULD_NOT_RUN
    assert result.summary == "the command ended with exit code 0 and wrote no report.xml: no tests today"


def test_a_crash_after_the_report_is_no_pass(tmp_path: Path) -> None:
    script = "echo '<testsuite><testcase name=\"a\"/></testsuite>' > report.xml; echo boom; exit 1"
    result = ask(shell(tmp_path, script, junit="report.xml"))
    assert (result.status, result.summary) == (
        Status.FAILED,
        "1 passed, 0 failed, yet the command ended with exit code 1",
    )


def report(folder: Path, text: str, name: str = "report.xml", hours: float = 0) -> None:
    path = folder / name
    path.write_text(text)
    then = time.time() - hours * 3600
    os.utime(path, (then, then))


def from_file(folder: Path, **options: object) -> Result:
    return ask(ProbeSpec("integration", options={"directory": str(folder), "junit": "*.xml", **options}))


def test_reports_that_something_else_wrote(tmp_path: Path) -> None:
    report(tmp_path, "<testsuites><testsuite tests='9'><testcase name='a'/></testsuite></testsuites>", "a.xml", 30)
    cases = "<testcase name='b'><failure message='no'>x</failure></testcase><testcase name='c'><skipped/></testcase>"
    report(tmp_path, f"<testsuite xmlns='urn:x'>{cases}</testsuite>", "b.xml", 2)
    result = from_file(tmp_path)
    assert (result.status, result.summary, findings(result)) == (
        Status.FAILED,
        "1 passed, 1 failed, 1 skipped",
        [("b", "no")],
    )


def test_an_old_report_and_none(tmp_path: Path) -> None:
    assert from_file(tmp_path).summary == "there is no *.xml"
    report(tmp_path, "<testsuite><testcase name='a'/></testsuite>", hours=30)
    assert from_file(tmp_path).summary == "the newest report is 30 h old"
    assert from_file(tmp_path, max_age=48 * 3600).status is Status.PASSED


def test_where_no_test_ran_nothing_passed(tmp_path: Path) -> None:
    report(tmp_path, "<testsuite><testcase name='a'><skipped/></testcase></testsuite>")
    assert from_file(tmp_path).summary == "no test ran: 0 passed, 0 failed, 1 skipped"


def test_what_is_no_report(tmp_path: Path) -> None:
    report(tmp_path, "<testsuite>\n<testcase>\n")
    assert from_file(tmp_path).summary == "report.xml is no JUnit XML at line 3"
    bomb = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;'>]><testsuite>&b;</testsuite>"
    report(tmp_path, bomb)
    assert from_file(tmp_path).summary == "report.xml is no JUnit XML"


def test_a_page_in_the_output_of_a_test_is_fine(tmp_path: Path) -> None:
    page = "<system-out><![CDATA[<!DOCTYPE html><testcase>]]></system-out>"
    report(tmp_path, f"<testsuite>{page}<testcase name='a'>{page}</testcase></testsuite>")
    assert from_file(tmp_path).summary == "1 passed, 0 failed"
