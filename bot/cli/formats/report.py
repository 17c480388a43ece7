"""Results on the terminal: a progress bar and a table for a person, plain lines for a pipe; the rest by `formats`."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import click

from bot.cli.check_plan import Plan
from bot.cli.formats.found import GITHUB, SYMBOLS, TEXT, Found, Wanted
from bot.cli.terminal import oneline, refuse, told
from checks.base import NOTE, Check, Result, Status, counted
from checks.findings import Outcome, in_files, result_as_json
from checks.runner import OnProgress, run_checks

COLOURS = {Status.PASSED: "green", Status.FAILED: "red", Status.WARNING: "yellow", Status.COULD_NOT_RUN: "magenta"}
_MOST_FINDINGS = 20


def report(plan: Plan, wanted: Wanted) -> Found:
    """Runs the plan and tells it in every format; a person gets text where no other is for the output."""
    printed = [name for name, file in wanted.formats if file is None]
    outcomes = _told(plan, wanted) if printed in ([], [TEXT], [GITHUB]) else list(_outcomes(plan, wanted))
    found = Found(plan, outcomes, wanted.files, wanted.since)
    for name, file in wanted.formats:
        if name != TEXT and file is None:
            click.echo(_written(name, found), nl=False)
        elif name != TEXT and file is not None:
            _write(file, _written(name, found))
    summary_file = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary_file and GITHUB in dict(wanted.formats):
        _write(Path(summary_file), _written("markdown", found), "a")
    return found


def _written(name: str, found: Found) -> str:
    """What was found, in the format of that name."""
    from bot.cli.formats import junit, pull_request, sarif

    makers = {
        GITHUB: pull_request.github,
        "markdown": pull_request.markdown,
        "sarif": sarif.sarif,
        "junit": junit.junit,
    }
    return makers[name](found) if name in makers else _json(found)


def _json(found: Found) -> str:
    items = found.plan.answers.lines_of
    results = [result_as_json(check, result) | {"items": items(check.id)} for check, result in found.outcomes]
    return json.dumps({"results": results}, ensure_ascii=False, indent=2) + "\n"


def _write(file: Path, text: str, mode: Literal["w", "a"] = "w") -> None:
    try:
        with file.open(mode, encoding="utf-8") as opened:
            opened.write(text)
    except OSError as error:
        refuse(f"{file} cannot be written ({error.strerror})")


def _outcomes(plan: Plan, wanted: Wanted, on_progress: OnProgress | None = None) -> Iterator[Outcome]:
    for check, result in run_checks(plan.checks, plan.inputs, on_progress):
        yield check, result if wanted.changed is None else in_files(result, wanted.changed)


def _told(plan: Plan, wanted: Wanted) -> list[Outcome]:
    if GITHUB not in dict(wanted.formats):
        return _report_table(plan, wanted) if sys.stdout.isatty() else _report_lines(plan, wanted)
    import secrets

    # The names of files and objects are foreign: none of them may be a command to the runner.
    token = secrets.token_hex(16)
    click.echo(f"::stop-commands::{token}")
    try:
        return _report_lines(plan, wanted)
    finally:
        click.echo(f"::{token}::")


def _report_lines(plan: Plan, wanted: Wanted) -> list[Outcome]:
    """One line a result as it comes, findings below it: what CI keeps as its log. What could not run comes last."""
    outcomes: list[Outcome] = []
    width = max(len(check.id) for check in plan.checks)
    for check, result in _outcomes(plan, wanted):
        outcomes.append((check, result))
        if result.status is not Status.COULD_NOT_RUN:
            _echo(check.id, result, details(result), width)
    for ids, result in _unrun(outcomes):
        _echo(_called(ids), result, [*details(result), *_listed(ids)], width)
    _tell(plan.note)
    click.echo(summary(outcomes))
    return outcomes


def _echo(name: str, result: Result, below: Iterable[str], width: int) -> None:
    click.echo(f"{result.status:<14} {name:<{width}}  {oneline(result.summary)}")
    for line in below:
        click.echo(f"    {line}")


def _unrun(outcomes: Iterable[Outcome]) -> Iterator[tuple[tuple[str, ...], Result]]:
    """What could not run, each reason once, with the ids of the checks that it kept from running."""
    reasons: dict[tuple[str, str], list[Outcome]] = {}
    for check, result in outcomes:
        if result.status is Status.COULD_NOT_RUN:
            reasons.setdefault((result.summary, result.hint), []).append((check, result))
    for kept in reasons.values():
        yield tuple(check.id for check, _ in kept), kept[0][1]


def _called(ids: Sequence[str]) -> str:
    return ids[0] if len(ids) == 1 else counted(len(ids), "check")


def _listed(ids: Sequence[str]) -> Iterator[str]:
    if len(ids) > 1:
        yield ", ".join(ids)


def _report_table(plan: Plan, wanted: Wanted) -> list[Outcome]:
    from rich.console import Console

    console = Console(highlight=False)
    outcomes = _run_with_bar(plan, wanted, console)
    ran = [((check.id,), result) for check, result in outcomes if result.status is not Status.COULD_NOT_RUN]
    told_once = [*ran, *_unrun(outcomes)]
    console.print(_table(told_once))
    for ids, result in told_once:
        for number, line in enumerate([*details(result), *_listed(ids)]):
            if number == 0:
                console.print(_called(ids), style="bold", markup=False)
            console.print(f"  {line}", markup=False)
    _tell(plan.note)
    console.print(summary(outcomes), markup=False)
    return outcomes


def _tell(note: str) -> None:
    if note:
        click.echo(note, err=True)


def _run_with_bar(plan: Plan, wanted: Wanted, console: Any) -> list[Outcome]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (MofNCompleteColumn(), BarColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=len(plan.checks))

        def show(check: Check[Any], position: int, total: int) -> None:
            progress.update(task, completed=position - 1, total=total, description=check.title)

        return list(_outcomes(plan, wanted, show))


def _table(told_once: Iterable[tuple[tuple[str, ...], Result]]) -> Any:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("result", no_wrap=True)
    table.add_column("check", no_wrap=True)
    table.add_column("evidence", overflow="fold")
    for ids, result in told_once:
        word = Text(f"{SYMBOLS[result.status]} {result.status}", style=COLOURS.get(result.status, ""))
        table.add_row(word, Text(_called(ids)), Text(oneline(result.summary)))
    return table


def details(result: Result) -> Iterator[str]:
    """The findings of a result that is not plainly good, and what to do next."""
    if result.status in (Status.PASSED, Status.NOT_APPLICABLE):
        return
    found = [finding for finding in result.findings if finding.severity != NOTE]
    yield from map(told, found[:_MOST_FINDINGS])
    if len(found) > _MOST_FINDINGS:
        yield f"and {len(found) - _MOST_FINDINGS} more; --json shows all"
    if result.hint and result.hint not in {finding.hint for finding in found[:_MOST_FINDINGS]}:
        yield f"→ {oneline(result.hint)}"


def summary(outcomes: list[Outcome]) -> str:
    """`12 checks in 1.3 s: 10 passed, 1 failed, 1 could-not-run; 3 accepted`."""
    count = Counter(result.status for _, result in outcomes)
    took = sum(result.took for _, result in outcomes)
    words = ", ".join(f"{count[status]} {status}" for status in Status if count[status])
    accepted = sum(len(result.accepted) for _, result in outcomes)
    rest = f"; {accepted} accepted" if accepted else ""
    return f"{counted(len(outcomes), 'check')} in {took:.1f} s: {words}{rest}"
