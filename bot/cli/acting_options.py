"""What the commands of the day Slack is down have in common on the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from bot.cli.configuration import config_option

Command = TypeVar("Command", bound=Callable[..., Any])


def acting_options(command: Command) -> Command:
    """`N --as USER [--at TIME] [--config F]`."""
    options = (
        click.argument("number", metavar="N"),
        click.option("--as", "user", required=True, metavar="USER", help="Who acts: a user id, or a name."),
        click.option("--at", "at", metavar="TIME", help="When it was done: 14:05 (today, there), or ISO."),
        config_option,
    )
    for option in reversed(options):
        command = option(command)
    return command
