"""Reads archives of pg_dump that lie on this machine (`path`), and restores the newest on trial (`restore = true`)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from checks.base import CannotRun, Result, counted
from checks.probes.backups import archive as archives
from checks.probes.backups.archive import Archive, Unreadable
from checks.probes.backups.inventory import Inventory
from checks.probes.backups.verdict import Limits, judge
from checks.probes.masking import Mask
from checks.probes.settings import ProbeSettings


def run(settings: ProbeSettings, mask: Mask) -> Result:
    """Raises CannotRun: no file there, or no pg_restore that can read it."""
    found = archives.archives(settings)
    if not found:
        raise CannotRun(f"there is no {settings.text('path')}", "path is a file or a pattern such as dumps/*.dump")
    if settings.flag("restore"):
        from checks.probes.backups import restore

        return restore.run(settings, found[0], mask)
    newest, tables = _listed(settings, found[0], mask)
    words = f"pg_dump {newest.path.name} ({', '.join(filter(None, [newest.form, tables]))})"
    backups = tuple(one.backup for one in (newest, *found[1:]))
    return judge([Inventory(words, backups)], Limits.of(settings), datetime.now(UTC))


def _listed(settings: ProbeSettings, newest: Archive, mask: Mask) -> tuple[Archive, str]:
    """The archive with what pg_restore has to say of it; without a pg_restore its first bytes have to do."""
    if newest.form not in archives.WITH_LISTING:
        return newest, ""
    try:
        archives.programs(settings)
    except CannotRun:
        return newest, "not listed: no pg_restore"
    try:
        listing = archives.listing(settings, newest, mask)
    except Unreadable as fault:
        return replace(newest, fault=f"pg_restore: {fault.sentence}"), ""
    return newest, counted(listing.tables, "table")
