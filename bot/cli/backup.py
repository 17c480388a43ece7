"""`gonogo backup`: a copy of the state file while the bot runs."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli.configuration import config_option, settings_of_file


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
