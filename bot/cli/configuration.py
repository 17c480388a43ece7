"""What commands ask of the settings: read them, or say in one go why not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from checks.result import counted

if TYPE_CHECKING:
    from bot.settings import Settings, SettingsError

config_option = click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The settings file; else GONOGO_CONFIG, else gonogo.toml.",
)


def settings_to_run(config: Path | None) -> Settings:
    """Everything that the bot needs; prints every fault and exits 2 otherwise."""
    from bot.settings import SettingsError, load

    try:
        return load(config, os.environ)
    except SettingsError as error:
        refuse(error)


def settings_of_file(config: Path | None) -> Settings:
    """What the file says, without Slack's tokens; prints every fault in it and exits 2 otherwise."""
    from bot.settings import SettingsError, load_file

    try:
        return load_file(config, os.environ)
    except SettingsError as error:
        refuse(error)


def settings_if_any(config: Path | None) -> Settings | None:
    """As `settings_of_file`, or None where no file was named and none lies in the current folder."""
    from bot.settings import config_path

    named = config is not None or "GONOGO_CONFIG" in os.environ
    return settings_of_file(config) if named or config_path(config, os.environ).exists() else None


def refuse(error: SettingsError) -> NoReturn:
    """Prints every fault on a line of its own, and exits 2."""
    for fault in error.faults:
        click.echo(str(fault), err=True)
    click.echo(f"gonogo: {counted(len(error.faults), 'fault')} in the settings", err=True)
    raise SystemExit(2)
