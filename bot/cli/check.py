"""`gonogo check`: the same checks as in Slack, from a shell or CI."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.terminal import config_option, oneline
from bot.resources import config_path
from checks.result import with_mend

if TYPE_CHECKING:
    from bot.cli.check_plan import Plan
    from checks.base import Inputs


@click.command()
@click.argument("where", metavar="files|ENV", required=False)
@click.option("--url", metavar="DSN", help="A database: an address, env:NAME or service=NAME, instead of ENV.")
@click.option("--migrations", metavar="DIR", type=click.Path(path_type=Path), help="The folder of migration files.")
@click.option(
    "--applied-through", metavar="VERSION", help="The last migration that is applied; later ones are pending."
)
@click.option(
    "--tool",
    metavar="TOOL",
    help="sqlx, golang-migrate, flyway, alembic, django, rails, goose, dbmate, diesel, prisma, liquibase or psql; "
    "else found out.",
)
@click.option("--compare-with", metavar="ENV|DSN", help="A second database, which the schema should equal.")
@click.option("--only", metavar="ID,…", help="Only these checks; `gonogo checks` lists them.")
@click.option("--since", metavar="REF", default="", help="Only findings in files that changed since this git ref.")
@click.option(
    "--format",
    "formats",
    metavar="FORM[=FILE]",
    multiple=True,
    help="text, json, github, sarif, junit or markdown; with a file as often as you like.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--no-scratch", is_flag=True, help="Leave out what applies the files to a throw-away database.")
@click.option("--accept", metavar="REASON", help="Accept what is found: it goes into gonogo.accepted.toml.")
@click.option("--until", metavar="DATE", help="With --accept: the last day, such as 2027-01-31.")
@config_option
def check(
    where: str | None,
    url: str | None,
    migrations: Path | None,
    applied_through: str | None,
    tool: str | None,
    compare_with: str | None,
    only: str | None,
    since: str,
    formats: tuple[str, ...],
    as_json: bool,
    no_scratch: bool,
    accept: str | None,
    until: str | None,
    config: Path | None,
) -> None:
    """Run checks: `gonogo check files --migrations DIR`, `gonogo check production`, `gonogo check --url env:NAME`.

    Exits 1 when a check failed, else 2 when one could not run (or for wrong use), else 0.
    """
    forms, reason, last = _formats(formats, as_json), _reason(accept), _last_day(until, accept)
    from bot.cli.check_plan import make_plan
    from bot.cli.check_sources import Request
    from bot.cli.formats import accepting
    from bot.cli.formats.found import Wanted
    from bot.cli.formats.report import report
    from checks.accepted import LISTED
    from checks.findings import exit_code

    request = Request(where, url, migrations, applied_through, tool, compare_with, _ids(only), config, no_scratch)
    plan = make_plan(request)
    folder, files = _folders(plan, migrations, config)
    changed, accepted = _changed(files, since), accepting.entries_in(folder)
    plan = replace(plan, inputs=_since_then(replace(plan.inputs, accepted=accepted), changed))
    found = report(plan, Wanted(forms, files, since, changed))
    accepting.name_idle(found)
    if reason:
        accepting.accept(found, folder, reason, last)
    # What was accepted just now fails no more.
    left = (result for check, result in found.outcomes if not (reason and check.needs in LISTED and result.findings))
    sys.exit(exit_code(left))


def _ids(only: str | None) -> tuple[str, ...]:
    ids = tuple(part.strip() for part in (only or "").split(",") if part.strip())
    if only is not None and not ids:
        raise click.UsageError("--only names no check; `gonogo checks` lists them")
    return tuple(dict.fromkeys(ids))


def _formats(given: Sequence[str], as_json: bool) -> tuple[tuple[str, Path | None], ...]:
    """Each format with its file, None for the output, which one format at most may have."""
    from bot.cli.formats.found import FORMATS, TEXT

    forms = [*given, *(["json"] if as_json else [])]
    found = [(name, Path(file) if file else None) for name, _, file in (form.partition("=") for form in forms)]
    for name, file in found:
        if name not in FORMATS:
            from bot.core.typed import nearest

            near = nearest(name, FORMATS)
            mend = f"did you mean {near}?" if near else f"one of {', '.join(FORMATS)}"
            raise click.UsageError(with_mend(f"--format: there is no {oneline(name)}", mend))
        if name == TEXT and file:
            raise click.UsageError("--format text is for the output: send that to a file with >")
    if len({name for name, file in found if file is None}) > 1:
        raise click.UsageError("two formats for one output: give one a file, as in --format sarif=gonogo.sarif")
    return tuple(dict.fromkeys(found))


def _reason(accept: str | None) -> str:
    if accept is not None and not accept.strip():
        raise click.UsageError("--accept needs the reason why it is accepted, on one line")
    return oneline(accept or "")


def _last_day(until: str | None, accept: str | None) -> date | None:
    if until is None:
        return None
    if accept is None:
        raise click.UsageError("--until is the last day of what --accept accepts; give both")
    try:
        day = date.fromisoformat(until)
    except ValueError:
        raise click.UsageError(f"--until {oneline(until)} is no day; write it as in 2027-01-31") from None
    if day < datetime.now(UTC).date():
        raise click.UsageError(f"--until {day} is over")
    return day


def _folders(plan: Plan, migrations: Path | None, config: Path | None) -> tuple[Path, Path]:
    """Where the list of what is accepted lies, which is beside the settings; and where the migrations are."""
    options = plan.inputs.options
    folder = Path(str(options.get("folder") or config_path(config, os.environ).absolute().parent))
    return folder, migrations or Path(str(options.get("migrations_directory") or "."))


def _changed(files: Path, since: str) -> Collection[str] | None:
    """Names of changed migration files, in full and by their last part: tools call them either way."""
    if not since:
        return None
    from checks.git import changed_since
    from checks.migrations import MigrationsError

    try:
        names = changed_since(files, since)
    except MigrationsError as error:
        raise click.UsageError(str(error)) from None
    return names | {name.rpartition("/")[2] for name in names}


def _since_then(inputs: Inputs, changed: Collection[str] | None) -> Inputs:
    """Where nothing else says what is applied, it is what comes before the first file that changed."""
    files = inputs.migrations
    if changed is None or files is None or files.applied_through is not None:
        return inputs
    before = list(takewhile(lambda file: file.name not in changed, files.ups))
    return replace(inputs, migrations=replace(files, applied_through=before[-1].version if before else None))
