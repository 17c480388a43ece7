"""`gonogo export` and `gonogo backup`: one deployment as a file, and the whole state as one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.configuration import config_option, settings_of_file

if TYPE_CHECKING:
    from bot.core.deployment import Deployment
    from bot.core.policy import Project
    from bot.usecases.ports import Reader

FORMATS = ("md", "json", "csv", "html")


@click.command()
@click.argument("number", metavar="N")
@click.option("--format", "form", type=click.Choice(FORMATS), default="md", show_default=True, help="Kind of file.")
@click.option("--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Else it is printed.")
@config_option
def export(number: str, form: str, output: Path | None, config: Path | None) -> None:
    """Export a deployment: md is the filled-in checklist, json everything, which `gonogo verify` verifies alone.

    csv is the journal for a spreadsheet, html the filled-in checklist as one page.
    """
    from bot.cli.output import write_whole
    from bot.cli.state import deployment_named, reading

    settings = settings_of_file(config)
    with reading(settings) as store:
        text = store.read(lambda reader: _text(reader, form, *deployment_named(reader, settings, number)))
    if output is None:
        click.echo(text, nl=False)
        return
    write_whole(output, text)
    click.echo(f"{output}: {len(text.encode())} bytes" + ("; check it with `gonogo verify`" if form == "json" else ""))


@click.command()
@click.argument("path", metavar="PATH", type=click.Path(path_type=Path))
@config_option
def backup(path: Path, config: Path | None) -> None:
    """Copy the state file to PATH, a new file or a folder; one consistent moment, also while the bot runs."""
    from bot.cli.state import now, reading

    settings = settings_of_file(config)
    target = path / f"{settings.database_path.stem}-{now():%Y%m%dT%H%M%SZ}.db" if path.is_dir() else path
    with reading(settings) as store:
        store.backup(target)
    click.echo(f"{target}: {target.stat().st_size} bytes")


def _text(reader: Reader, form: str, project: Project, deployment: Deployment) -> str:
    from bot.cli.state import now
    from bot.record.csv_export import export_csv
    from bot.record.html_export import export_html
    from bot.record.json_export import export_json
    from bot.usecases.views import record_text

    if form == "json":
        return export_json(reader, project, deployment.id, now())
    if form == "csv":
        return export_csv(reader, deployment.id)
    record = record_text(reader, project, deployment.id, now())
    title = f"Deployment {deployment.label}, {deployment.environment}"
    return export_html(record, title) if form == "html" else record
