"""`gonogo run`: the bot."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bot.cli.configuration import config_option, settings_to_run


@click.command()
@config_option
def run(config: Path | None) -> None:
    """Run the bot."""
    settings = settings_to_run(config)
    from bot.app import run as run_bot

    sys.exit(run_bot(settings))
