"""Results on the terminal: a progress bar and a table for a person, plain lines for a pipe, JSON for a program."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import click

from bot.cli.check_plan import Plan
from bot.cli.terminal import oneline, told
from checks.base import NOTE, Check, Result, Status, counted
from checks.findings import Outcome, exit_code, result_as_json
from checks.runner import run_checks

SYMBOLS = {
    Status.PASSED: "✓",
    Status.FAILED: "✗",
    Status.WARNING: "!",
    Status.EVIDENCE: "·",
    Status.NOT_APPLICABLE: "–",
    Status.COULD_NOT_RUN: "?",
}
COLOURS = {Status.PASSED: "green", Status.FAILED: "red", Status.WARNING: "yellow", Status.COULD_NOT_RUN: "magenta"}
_MOST_FINDINGS = 20


def report(plan: Plan, as_json: bool) -> int:
    """Runs the plan and prints it; the exit code."""
    if as_json:
        return _report_json(plan)
    return _report_table(plan) if sys.stdout.isatty() else _report_lines(plan)


def _report_json(plan: Plan) -> int:
    outcomes = list(run_checks(plan.checks, plan.inputs))
    results = [result_as_json(check, result) | {"items": plan.answers.lines_of(check.id)} for check, result in outcomes]
    click.echo(json.dumps({"results": results}, ensure_ascii=False, indent=2))
    return exit_code(result for _, result in outcomes)


def _report_lines(plan: Plan) -> int:
    """One line a result as it comes, findings below it: what CI keeps as its log."""
    outcomes: list[Outcome] = []
    width = max(len(check.id) for check in plan.checks)
    for check, result in run_checks(plan.checks, plan.inputs):
        outcomes.append((check, result))
        click.echo(f"{result.status:<14} {check.id:<{width}}  {oneline(result.summary)}")
        for line in details(result):
            click.echo(f"    {line}")
    _tell(plan.note)
    click.echo(summary(outcomes))
    return exit_code(result for _, result in outcomes)


def _report_table(plan: Plan) -> int:
    from rich.console import Console

    console = Console(highlight=False)
    outcomes = _run_with_bar(plan, console)
    console.print(_table(outcomes))
    for check, result in outcomes:
        for number, line in enumerate(details(result)):
            if number == 0:
                console.print(check.id, style="bold", markup=False)
            console.print(f"  {line}", markup=False)
    _tell(plan.note)
    console.print(summary(outcomes), markup=False)
    return exit_code(result for _, result in outcomes)


def _tell(note: str) -> None:
    if note:
        click.echo(note, err=True)


def _run_with_bar(plan: Plan, console: Any) -> list[Outcome]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (MofNCompleteColumn(), BarColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=len(plan.checks))

        def show(check: Check[Any], position: int, total: int) -> None:
            progress.update(task, completed=position - 1, total=total, description=check.title)

        return list(run_checks(plan.checks, plan.inputs, show))


def _table(outcomes: list[Outcome]) -> Any:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("result", no_wrap=True)
    table.add_column("check", no_wrap=True)
    table.add_column("evidence", overflow="fold")
    for check, result in outcomes:
        word = Text(f"{SYMBOLS[result.status]} {result.status}", style=COLOURS.get(result.status, ""))
        table.add_row(word, Text(check.id), Text(oneline(result.summary)))
    return table


def details(result: Result) -> Iterator[str]:
    """The findings of a result that is not plainly good, and what to do next."""
    if result.status in (Status.PASSED, Status.NOT_APPLICABLE):
        return
    found = [finding for finding in result.findings if finding.severity != NOTE]
    yield from map(told, found[:_MOST_FINDINGS])
    if len(found) > _MOST_FINDINGS:
        yield f"and {len(found) - _MOST_FINDINGS} more; --json shows all"
    if result.hint:
        yield f"→ {oneline(result.hint)}"


def summary(outcomes: list[Outcome]) -> str:
    """`12 checks in 1.3 s: 10 passed, 1 failed, 1 could-not-run`."""
    count = Counter(result.status for _, result in outcomes)
    took = sum(result.took for _, result in outcomes)
    words = ", ".join(f"{count[status]} {status}" for status in Status if count[status])
    return f"{counted(len(outcomes), 'check')} in {took:.1f} s: {words}"
