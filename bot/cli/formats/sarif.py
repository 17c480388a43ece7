"""SARIF 2.1.0, which code scanning reads: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from bot.cli.formats.found import Found
from bot.cli.terminal import oneline
from checks.base import ERROR, WARNING, Check, Finding, Status
from checks.result import Acceptance, with_mend

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"
_FINGERPRINT = "gonogo/v1"


def sarif(found: Found) -> str:
    """One run: a rule for each check, a result for each finding, what could not run among the notifications."""
    driver = {
        "name": "gonogo",
        "version": version("gonogo"),
        "rules": [_rule(check) for check, _ in found.outcomes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "invocations": [_invocation(found)],
        "results": list(_results(found)),
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2) + "\n"


def _rule(check: Check[Any]) -> dict[str, Any]:
    told = {"shortDescription": check.title, "fullDescription": check.decides, "help": check.fix}
    words = {name: {"text": text} for name, text in told.items() if text}
    return {"id": check.id, **words, "properties": {"tags": ["migrations", str(check.needs)]}}


def _invocation(found: Found) -> dict[str, Any]:
    """Where a check could not run the tool has not done all it was asked."""
    places = {check.id: number for number, (check, _) in enumerate(found.outcomes)}
    notifications = [
        {
            "level": "error",
            "message": {"text": oneline(with_mend(f"{check.id} could not run: {result.summary}", result.hint))},
            "associatedRule": {"id": check.id, "index": places[check.id]},
        }
        for check, result in found.outcomes
        if result.status is Status.COULD_NOT_RUN
    ]
    return {"executionSuccessful": not notifications, "toolExecutionNotifications": notifications}


def _results(found: Found) -> Iterator[dict[str, Any]]:
    for index, (check, result) in enumerate(found.outcomes):
        for finding, fingerprint, acceptance in found.known((check, result)):
            yield {
                "ruleId": check.id,
                "ruleIndex": index,
                "level": finding.severity if finding.severity in (ERROR, WARNING) else "note",
                "message": {"text": oneline(with_mend(finding.message, finding.hint))},
                "locations": [_location(found, finding)],
                "partialFingerprints": {_FINGERPRINT: fingerprint},
                "suppressions": [_suppression(acceptance)] if acceptance else [],
            }


def _suppression(acceptance: Acceptance) -> dict[str, str]:
    kind = "external" if acceptance.entry else "inSource"
    return {"kind": kind, "status": "accepted", "justification": oneline(acceptance.reason)}


def _location(found: Found, finding: Finding) -> dict[str, Any]:
    """Code scanning takes no result without a file: what is about none stands at the folder of the migrations."""
    place = found.place(finding.file or ".")
    is_below = not PurePosixPath(place).is_absolute()
    artifact = {"uri": quote(place), "uriBaseId": _ROOT} if is_below else {"uri": f"file://{quote(place)}"}
    physical: dict[str, Any] = {"artifactLocation": artifact}
    if finding.line:
        physical["region"] = {"startLine": finding.line}
    logical = {"logicalLocations": [{"name": oneline(finding.object)}]} if oneline(finding.object) else {}
    return {"physicalLocation": physical, **logical}
