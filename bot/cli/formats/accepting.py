"""`--accept`: what is found now goes into gonogo.accepted.toml with a reason; entries that are idle are named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import click

from bot.cli.formats.found import Found
from bot.cli.terminal import oneline, refuse, refuse_settings
from bot.resources import ACCEPTED_FILE
from checks.accepted import LISTED, Accepted, idle
from checks.base import counted

_HEADING = "What the checks find and the team accepts. `gonogo check … --accept REASON` adds what is found now."
_MOST = 20


def entries_in(folder: Path) -> tuple[Accepted, ...]:
    """The entries of the folder's list; prints every fault in it and exits 2 otherwise."""
    if not (folder / ACCEPTED_FILE).exists():
        return ()
    from bot.settings import SettingsError
    from bot.settings.reading import accepted_in

    entries, faults = accepted_in(folder)
    if faults:
        refuse_settings(SettingsError(faults))
    return entries


def accept(found: Found, folder: Path, reason: str, until: date | None) -> None:
    """Every complaint about files becomes an entry of the folder's list. Exits 1 where that cannot be written."""
    from bot.cli.state import os_user

    entries = list(_entries(found, reason, os_user(), until))
    if not entries:
        click.echo("nothing to accept: nothing found in files; answers of a database are settled in Slack", err=True)
        return
    path = folder / ACCEPTED_FILE
    try:
        _add(path, entries)
    except OSError as error:
        refuse(f"{path} cannot be written ({error.strerror}): nothing is accepted")
    count = counted(len(entries), "finding")
    click.echo(f"{path}: {count} accepted; look through the list before you commit it", err=True)


def _entries(found: Found, reason: str, by: str, until: date | None) -> Iterator[Accepted]:
    today = datetime.now(UTC).date()
    for outcome in found.outcomes:
        check, result = outcome
        if not result.findings or check.needs not in LISTED:
            continue
        for finding, fingerprint, acceptance in found.known(outcome):
            if acceptance is None:
                about, message = oneline(finding.object), oneline(finding.message)
                yield Accepted(check.id, fingerprint, reason, finding.file, about, message, by, today, until)


def _add(path: Path, entries: Iterable[Accepted]) -> None:
    import tomlkit

    from bot.settings.document import AcceptedTable

    page = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
    if not path.exists():
        page.add(tomlkit.comment(_HEADING))
        page.add(tomlkit.nl())
    tables = page.get("accepted") or tomlkit.aot()
    for entry in entries:
        table = tomlkit.table()
        for name in AcceptedTable.model_fields:
            if value := getattr(entry, name):
                table.add(name, value)
        tables.append(table)
    page["accepted"] = tables
    path.write_text(tomlkit.dumps(page), encoding="utf-8")


def name_idle(found: Found) -> None:
    """What the list has and nothing needs, on the error output: it is taken out by hand."""
    inputs = found.plan.inputs
    if inputs.migrations is None:
        return
    told = list(idle(inputs.accepted, found.outcomes, inputs.migrations, datetime.now(UTC).date()))
    for entry, why in told[:_MOST]:
        click.echo(f"{ACCEPTED_FILE}: {oneline(entry.what)}: {why}; take the entry out", err=True)
    if len(told) > _MOST:
        click.echo(f"{ACCEPTED_FILE}: and {len(told) - _MOST} more entries that accept nothing", err=True)
