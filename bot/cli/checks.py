"""`gonogo checks`: the catalogue."""

from __future__ import annotations

import sys
from typing import Any

import click

from bot.usecases.situation.own_checks import OWN_TITLES
from checks.base import Check
from checks.catalogue import CATALOGUE
from checks.result import with_mend

_NEEDS = {
    "files": "the migration files",
    "scratch": "the migration files and a scratch server",
    "target": "a database",
    "pair": "two databases",
    "command": "a command of the team",
    "http": "a web address of the team",
    "prometheus": "a Prometheus server",
    "own": "a running deployment",
}


@click.command()
@click.argument("check_id", metavar="[ID]", required=False)
def checks(check_id: str | None) -> None:
    """List the checks, or explain one: what it decides, what it costs, how to mend what it finds."""
    if check_id is None:
        _list()
    else:
        _explain(check_id)


def _list() -> None:
    rows = [(check.id, check.needs.value, check.title) for check in CATALOGUE.values()]
    rows += [(name, "own", title) for name, title in OWN_TITLES.items()]
    if sys.stdout.isatty():
        _table(rows)
    else:
        width = max(len(row[0]) for row in rows)
        for name, needs, title in rows:
            click.echo(f"{name:<{width}}  {needs:<8}  {title}")
    click.echo(f"{len(rows)} checks; `gonogo checks ID` explains one")


def _table(rows: list[tuple[str, str, str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table("check", "needs", "title", box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def _explain(check_id: str) -> None:
    from bot.settings.faults import did_you_mean

    if check_id in CATALOGUE:
        _explain_check(CATALOGUE[check_id])
    elif title := OWN_TITLES.get(check_id):
        click.echo(f"{check_id}: {title}\n\ngonogo answers it in Slack, from what it knows of the deployment.")
    else:
        mend = did_you_mean(check_id, [*CATALOGUE, *OWN_TITLES]) or "`gonogo checks` lists them"
        raise click.UsageError(with_mend(f"there is no check '{check_id}'", mend))
    _answered(check_id)


def _explain_check(check: Check[Any]) -> None:
    click.echo(f"{check.id}: {check.title}\n")
    parts = {"needs": _NEEDS[check.needs.value], "decides": check.decides, "costs": check.cost, "mend": check.fix}
    if check.needs.value in ("files", "scratch"):
        parts["silence"] = f"-- gonogo: ignore {check.id} REASON, in the file, above the statement"
    for word, text in parts.items():
        if text:
            click.echo(f"{word + ':':<9} {text}")


def _answered(check_id: str) -> None:
    from bot.cli.checklist import answers_of
    from bot.cli.terminal import settings_if_any

    lines = answers_of(settings_if_any(None), "default").lines_of(check_id)
    click.echo("\nanswers in the checklist:" if lines else "\nno line of the checklist names it")
    for line in lines:
        click.echo(f"  {line['section']} / {line['label']}")
