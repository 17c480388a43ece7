"""`gonogo verify`: an export, verified without state file and settings."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bot.cli.output import oneline, refuse
from bot.record.verify import NotAnExport, Verdict, read_export
from bot.record.verify import verify as verify_export

_MOST = 20


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--head", default="", metavar="HASH", help="A head as printed at go, completion or closing.")
def verify(file: Path, head: str) -> None:
    """Verify a JSON export: that nothing in it was changed, and with --head that nothing is missing up to there.

    Exits 1 where something is broken.
    """
    try:
        verdict = verify_export(read_export(file.read_bytes()), head)
    except OSError as error:
        refuse(f"{file} cannot be read: {error.strerror}")
    except NotAnExport as fault:
        refuse(f"{file}: {oneline(str(fault))}")
    heading, *details = lines(verdict)
    click.echo(oneline(heading))
    for line in details:
        click.echo(f"  {oneline(line)}")
    sys.exit(1 if verdict.broken else 0)


def lines(verdict: Verdict) -> list[str]:
    """What a person reads, the verdict first."""
    what = f"deployment {verdict.label}: {verdict.entries} journal rows, {verdict.files} files"
    if verdict.broken:
        more = len(verdict.broken) - _MOST
        return [f"BROKEN  {what}", *verdict.broken[:_MOST], *([f"and {more} more"] if more > 0 else [])]
    found = [f"{_good_words(verdict)}  {what}", f"head {verdict.head}"]
    if verdict.removed:
        found.append(f"{verdict.removed} private texts were removed on request; the rows that held them are whole")
    return found


def _good_words(verdict: Verdict) -> str:
    if verdict.complete_to is None:
        return "internally consistent (give --head, as printed in Slack, to know that it is complete)"
    if verdict.complete_to == verdict.entries:
        return f"complete up to its last row, {verdict.entries}"
    return f"complete up to row {verdict.complete_to} of {verdict.entries}, consistent after it"
