"""JUnit XML, one test case a check, as CI servers show it. The form is Ant's, which has no standard:
https://github.com/testmoapp/junitxml.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from bot.cli.formats.found import Found
from bot.cli.terminal import oneline, told
from checks.base import Check, Result, Status
from checks.findings import complaints

_SUITE = "gonogo"


def junit(found: Found) -> str:
    """What failed is a failure with its findings, what could not run an error, what has no question here is skipped."""
    count = Counter(result.status for _, result in found.outcomes)
    totals = {
        "name": _SUITE,
        "tests": str(len(found.outcomes)),
        "failures": str(count[Status.FAILED]),
        "errors": str(count[Status.COULD_NOT_RUN]),
        "skipped": str(count[Status.NOT_APPLICABLE]),
        "time": f"{sum(result.took for _, result in found.outcomes):.3f}",
    }
    suites = Element("testsuites", totals)
    suite = SubElement(suites, "testsuite", totals)
    for check, result in found.outcomes:
        _add_case(suite, found, check, result)
    indent(suites)
    return tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _add_case(suite: Element, found: Found, check: Check[Any], result: Result) -> None:
    findings = [replace(finding, file=found.place(finding.file)) for finding in complaints(result)]
    place = next((finding.file for finding in findings if finding.file), "")
    where = {"file": oneline(place)} if place else {}
    name = f"{check.id}: {oneline(check.title)}"
    took = f"{result.took:.3f}"
    case = SubElement(suite, "testcase", {"classname": f"{_SUITE}.{check.needs}", "name": name, "time": took, **where})
    summary, lines = oneline(result.summary), "\n".join(map(told, findings))
    match result.status:
        case Status.FAILED:
            SubElement(case, "failure", {"message": summary, "type": check.id}).text = lines
        case Status.COULD_NOT_RUN:
            SubElement(case, "error", {"message": summary, "type": str(result.status)}).text = oneline(result.hint)
        case Status.NOT_APPLICABLE:
            SubElement(case, "skipped", {"message": summary})
        case _:
            SubElement(case, "system-out").text = "\n".join(part for part in (summary, lines) if part)
