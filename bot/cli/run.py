"""`gonogo run` and `gonogo demo`: the bot, and its try-out without a Slack account."""

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
