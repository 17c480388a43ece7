"""Databases as typed on the command line: an address, `env:NAME`, `service=NAME`, or an environment's name."""

from __future__ import annotations

import os

import click

from bot.cli.configuration import refuse
from bot.settings import Settings, SettingsError
from bot.settings.faults import did_you_mean
from checks.base import CannotRun, DatabaseAddress
from checks.conninfo import parse, resolve
from checks.result import with_mend


def typed_address(name: str, text: str) -> DatabaseAddress:
    """The address behind --url or --compare-with. Raises click.UsageError, which repeats nothing of it."""
    address = DatabaseAddress(name, text)
    try:
        parse(address, os.environ)
        return DatabaseAddress(name, resolve(address, os.environ))
    except CannotRun as refusal:
        raise click.UsageError(with_mend(refusal.sentence, refusal.hint)) from None


def compared_address(text: str | None, settings: Settings | None, project: str) -> DatabaseAddress | None:
    """The second database: an environment's where the settings know it, else an address."""
    if text is None:
        return None
    known = settings.projects()[project].environments if settings else {}
    if settings is not None and text in known:
        return _environments_address(settings, project, text)
    if "=" in text or ":" in text:
        return typed_address("the other database", text)
    mend = did_you_mean(text, known) or "write an environment of gonogo.toml, an address, env:NAME or service=NAME"
    raise click.UsageError(with_mend(f"--compare-with: there is no environment '{text}'", mend))


def _environments_address(settings: Settings, project: str, name: str) -> DatabaseAddress:
    try:
        address = settings.inputs(project, name).target
    except SettingsError as error:
        refuse(error)
    if address is None:
        raise click.UsageError(f"--compare-with: environment '{name}' has no database in gonogo.toml")
    return address
