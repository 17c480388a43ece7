"""What the sample's checks share: the Nagios plugin convention (one line of output; exit 0, 1, 2 or 3).

Source: https://www.monitoring-plugins.org/doc/guidelines.html
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple, TypeVar

import click
import psycopg

from bot.demo.sample.addresses import AddressFault, Unreachable, from_file, from_option

Command = TypeVar("Command", bound=Callable[..., None])


class State(IntEnum):
    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


class Verdict(NamedTuple):
    """What a plugin says: its state and one line of evidence."""

    state: State
    line: str


def address_options(command: Command) -> Command:
    """Adds ENVIRONMENT with --addresses, or --database-url, to a click command."""
    command = click.option("--database-url", default="", help="An address, or env:NAME.")(command)
    command = click.option("--addresses", type=click.Path(path_type=Path), help="The sample's addresses.json.")(command)
    return click.argument("environment", default="")(command)


def address_of(environment: str, addresses: Path | None, database_url: str, role: str) -> str:
    """The address that the options name. Raises AddressFault where they name none."""
    if database_url:
        return from_option(database_url)
    if environment and addresses:
        return from_file(addresses, environment, role)
    raise AddressFault("no database named; give ENVIRONMENT and --addresses FILE, or --database-url env:NAME")


def report(name: str, act: Callable[[], Verdict]) -> None:
    """Runs the check, prints its one line and exits with its state."""
    try:
        verdict = act()
    except Unreachable as fault:
        verdict = Verdict(State.CRITICAL, str(fault))
    except AddressFault as fault:
        verdict = Verdict(State.UNKNOWN, str(fault))
    except psycopg.Error as error:
        words = error.diag.message_primary or "the connection was lost"
        verdict = Verdict(State.CRITICAL, f"{words} [{error.sqlstate or type(error).__name__}]")
    print(f"{name} {verdict.state.name} - {verdict.line}")
    sys.exit(verdict.state)
