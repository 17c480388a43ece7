"""What the sample's commands share: database addresses, never printed; the Nagios plugin convention."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

import click
import psycopg

from checks.base import DatabaseAddress
from checks.targetdb.conninfo import CannotConnect, parse

ROLES = ("migrator", "gonogo", "app")


class AddressFault(Exception):
    """An address is missing or malformed; the message never holds a password."""


class Unreachable(AddressFault):
    """The server did not let us in; the message never holds a password."""


def from_option(value: str) -> str:
    """The address that `env:NAME` stands for, or the value itself. Raises AddressFault."""
    if not value.startswith("env:"):
        return value
    name = value.removeprefix("env:")
    if not os.environ.get(name):
        raise AddressFault(f"the environment variable {name} is not set; it has to hold the database's address")
    return os.environ[name]


def from_file(path: Path, environment: str, role: str) -> str:
    """The address of a role in an environment, from the file that `SampleDatabases.start` writes."""
    try:
        known = json.loads(path.read_text())
    except (OSError, ValueError):
        raise AddressFault(f"{path} cannot be read; it is written when the sample databases start") from None
    try:
        return str(known[environment][role])
    except KeyError:
        raise AddressFault(f"{path} knows no {role} of {environment}; it knows {', '.join(sorted(known))}") from None


def connect(address: str, application: str) -> psycopg.Connection:
    """An autocommit connection. Raises AddressFault and Unreachable in own words: libpq's may repeat the password."""
    try:
        parts = parse(DatabaseAddress("the database", address))
    except CannotConnect as fault:
        raise AddressFault(f"{fault.sentence}; {fault.hint}") from None
    try:
        return psycopg.connect(address, autocommit=True, connect_timeout=5, application_name=application)
    except psycopg.OperationalError:
        place = f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)}/{parts.get('dbname', '')}"
        raise Unreachable(
            f"cannot connect to {place} as {parts.get('user', 'nobody')}; is the server up, and the password right?"
        ) from None


# The Nagios plugin convention; source: https://www.monitoring-plugins.org/doc/guidelines.html


class State(IntEnum):
    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


class Verdict(NamedTuple):
    """What a plugin says: its state and one line of evidence."""

    state: State
    line: str


def on_address(name: str, role: str) -> Callable[[Callable[[str], Verdict]], Callable[..., None]]:
    """Makes a click callback of a check of one database: ENVIRONMENT with --addresses, or --database-url, name it."""

    def decorate(check: Callable[[str], Verdict]) -> Callable[..., None]:
        @click.argument("environment", default="")
        @click.option("--addresses", type=click.Path(path_type=Path), help="The sample's addresses.json.")
        @click.option("--database-url", default="", help="An address, or env:NAME.")
        def run(environment: str, addresses: Path | None, database_url: str) -> None:
            report(name, lambda: check(_address_of(environment, addresses, database_url, role)))

        return run

    return decorate


def _address_of(environment: str, addresses: Path | None, database_url: str, role: str) -> str:
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
