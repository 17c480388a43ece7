"""`gonogo run|demo|doctor`: the bot, the try-out, and what keeps either from working."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.terminal import config_option, console, oneline, settings_to_run, use_own_words
from bot.doctor.finding import Level
from checks.result import counted

if TYPE_CHECKING:
    from checks.result import Finding


@click.command()
@config_option
def run(config: Path | None) -> None:
    """Run the bot."""
    settings = settings_to_run(config)
    use_own_words(settings)
    from bot.app import run as run_bot

    sys.exit(run_bot(settings))


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Where the page is shown. [default: 8080, or the next free]"
)
@click.option("--script", is_flag=True, help="Play a whole deployment without a browser, and print it.")
def demo(port: int | None, script: bool) -> None:
    """Try gonogo: sample databases, a local workspace, and the real bot."""
    from bot.demo import main

    try:
        code = main(port, script)
    except ModuleNotFoundError as error:
        raise click.UsageError(f'the demo needs {error.name}: pip install "gonogo[demo]"') from None
    sys.exit(code)


_SYMBOLS: dict[str, str] = {Level.OK: "✓", Level.WARNING: "!", Level.FAULT: "✗"}
_COLOURS: dict[str, str] = {Level.OK: "green", Level.WARNING: "yellow", Level.FAULT: "bold red"}


@click.command()
@click.option("--slack", is_flag=True, help="Ask Slack too whether it takes each message and form; nothing is posted.")
@config_option
def doctor(slack: bool, config: Path | None) -> None:
    """Look at settings, Slack, people, databases, the machine and the bot. Exits 1 where there is a fault."""
    from bot.doctor.examination import examine

    with console().status("looking …"):
        findings = list(examine(config, os.environ, lambda: datetime.now(UTC), examples=slack))
    if sys.stdout.isatty():
        _print_table(findings)
    else:
        _print_lines(findings)
    count = Counter(finding.severity for finding in findings)
    faults, warnings = counted(count[Level.FAULT], "fault"), counted(count[Level.WARNING], "warning")
    click.echo(f"{faults}, {warnings}, {count[Level.OK]} ok")
    sys.exit(1 if count[Level.FAULT] else 0)


def _print_table(findings: Sequence[Finding]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", no_wrap=True)
    table.add_column("where", no_wrap=True)
    table.add_column("what, and → the mend", overflow="fold")
    for finding in findings:
        word = Text(f"{_SYMBOLS[finding.severity]} {finding.severity}", style=_COLOURS[finding.severity])
        said = Text(oneline(finding.message))
        if finding.hint:
            said.append(f"\n→ {oneline(finding.hint)}", style="bold")
        table.add_row(word, oneline(finding.object), said)
    console().print(table)


def _print_lines(findings: Sequence[Finding]) -> None:
    """Two lines a finding at most: what a log keeps and `grep` finds."""
    width = max((len(finding.object) for finding in findings), default=0)
    for finding in findings:
        click.echo(f"{finding.severity:<8} {finding.object:<{width}}  {oneline(finding.message)}")
        if finding.hint:
            click.echo(f"{'':<8} {'':<{width}}  → {oneline(finding.hint)}")
