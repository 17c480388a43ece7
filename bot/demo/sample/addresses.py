"""Database addresses of the sample's commands: taken from the environment, never printed."""

from __future__ import annotations

import json
import os
from pathlib import Path

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
