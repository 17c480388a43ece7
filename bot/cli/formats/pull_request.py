"""For whoever looks at a pull request: GitHub's annotations beside the lines, and a summary in Markdown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from bot.cli.formats.found import SYMBOLS, Found
from bot.cli.terminal import oneline
from bot.core.record_fields import neutralise
from checks.base import ERROR, Check, Finding, Status, counted
from checks.findings import complaints
from checks.result import with_mend

_MOST = 50


def github(found: Found) -> str:
    """`::error file=…,line=…,title=…::message`, errors first: GitHub shows ten errors and ten warnings of a step.

    https://docs.github.com/actions/reference/workflow-commands-for-github-actions
    """
    told = list(_all(found))
    worst_first = sorted(told, key=lambda one: one[1].severity != ERROR)
    lines = [_annotation(found, check.id, finding) for check, finding in worst_first]
    for (sentence, hint), ids in found.unrun.items():
        title = f"title=gonogo: {counted(len(ids), 'check')} could not run".replace(":", "%3A")
        lines.append(f"::error {title}::{_data(with_mend(sentence, hint))}%0A{', '.join(ids)}")
    return "".join(f"{line}\n" for line in lines)


def _all(found: Found) -> Iterator[tuple[Check[Any], Finding]]:
    for check, result in found.outcomes:
        yield from ((check, finding) for finding in complaints(result))


def _annotation(found: Found, check_id: str, finding: Finding) -> str:
    kind = "error" if finding.severity == ERROR else "warning"
    where = {"file": found.place(finding.file), "line": finding.line} if finding.file else {}
    properties = {**where, "title": f"gonogo {check_id}"}
    shown = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items() if value)
    about = f"{finding.object}: " if finding.object else ""
    mend = f"\n→ {finding.hint}" if finding.hint else ""
    return f"::{kind} {shown}::{_data(f'{about}{finding.message}{mend}')}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def markdown(found: Found) -> str:
    """What fails first, each with its mend, then what to look at, then all checks folded away."""
    failing = [one for one in _all(found) if one[1].severity == ERROR]
    looked = [one for one in _all(found) if one[1].severity != ERROR]
    parts = [f"### {_verdict(found)}", _counts(found)]
    if failing:
        parts.append("#### What fails\n\n" + _list(found, failing))
    if found.unrun:
        parts.append("#### What could not run\n\n" + "\n".join(_unrun_lines(found)))
    if looked:
        parts.append("#### What to look at\n\n" + _list(found, looked))
    parts.append(_table(found))
    return "\n\n".join(parts) + "\n"


def _verdict(found: Found) -> str:
    count = Counter(result.status for _, result in found.outcomes)
    if failed := count[Status.FAILED]:
        return f"{SYMBOLS[Status.FAILED]} gonogo: {counted(failed, 'check')} failed"
    if unrun := count[Status.COULD_NOT_RUN]:
        return f"{SYMBOLS[Status.COULD_NOT_RUN]} gonogo: {counted(unrun, 'check')} could not run"
    if warned := count[Status.WARNING]:
        return f"{SYMBOLS[Status.WARNING]} gonogo: nothing failed, {counted(warned, 'check')} to look at"
    return f"{SYMBOLS[Status.PASSED]} gonogo: nothing found"


def _counts(found: Found) -> str:
    count = Counter(result.status for _, result in found.outcomes)
    words = [f"{counted(len(found.outcomes), 'check')}: " + ", ".join(f"{count[s]} {s}" for s in Status if count[s])]
    words += [f"only files changed since {_code(found.since)}"] if found.since else []
    words += [f"{counted(found.accepted, 'finding')} accepted"] if found.accepted else []
    return " · ".join(words)


def _list(found: Found, told: list[tuple[Check[Any], Finding]]) -> str:
    lines = [line for check, finding in told[:_MOST] for line in _lines(found, check.id, finding)]
    more = [f"- and {len(told) - _MOST} more: `gonogo check … --json` shows all"] if len(told) > _MOST else []
    return "\n".join([*lines, *more])


def _lines(found: Found, check_id: str, finding: Finding) -> Iterator[str]:
    place = f"{found.place(finding.file)}:{finding.line}" if finding.line else found.place(finding.file)
    where = f" {_code(place)}" if finding.file else ""
    about = f" {_code(finding.object)}" if finding.object else ""
    yield f"- **{check_id}**{where}{about}: {neutralise(finding.message)}"
    if finding.hint:
        yield f"  <br>→ {neutralise(finding.hint)}"


def _unrun_lines(found: Found) -> Iterator[str]:
    for (sentence, hint), ids in found.unrun.items():
        yield f"- {neutralise(with_mend(sentence, hint))}<br>{', '.join(ids)}"


def _table(found: Found) -> str:
    order = {Status.FAILED: 0, Status.COULD_NOT_RUN: 1, Status.WARNING: 2}
    outcomes = sorted(found.outcomes, key=lambda one: order.get(one[1].status, 3))
    rows = [
        f"| {SYMBOLS[result.status]} {result.status} | {check.id} | {neutralise(result.summary)} |"
        for check, result in outcomes
    ]
    head = ["| result | check | evidence |", "| --- | --- | --- |"]
    summary = f"<details><summary>{counted(len(rows), 'check')}</summary>"
    return "\n".join([summary, "", *head, *rows, "", "</details>"])


def _code(text: str) -> str:
    """A code span that nothing in the text can end: https://spec.commonmark.org/0.31.2/#code-spans."""
    line = oneline(text)
    fence = "`" * (max(map(len, re.findall("`+", line)), default=0) + 1)
    space = " " if "`" in line else ""
    return f"{fence}{space}{line}{space}{fence}"
