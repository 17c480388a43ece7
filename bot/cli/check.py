"""`gonogo check`: the same checks as in Slack, from a shell or CI."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bot.cli.terminal import config_option


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
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@click.option("--no-scratch", is_flag=True, help="Leave out what applies the files to a throw-away database.")
@config_option
def check(
    where: str | None,
    url: str | None,
    migrations: Path | None,
    applied_through: str | None,
    tool: str | None,
    compare_with: str | None,
    only: str | None,
    as_json: bool,
    no_scratch: bool,
    config: Path | None,
) -> None:
    """Run checks: `gonogo check files --migrations DIR`, `gonogo check production`, `gonogo check --url env:NAME`.

    Exits 1 when a check failed, else 2 when one could not run (or for wrong use), else 0.
    """
    from bot.cli.check_plan import make_plan
    from bot.cli.check_report import report
    from bot.cli.check_sources import Request

    request = Request(where, url, migrations, applied_through, tool, compare_with, _ids(only), config, no_scratch)
    sys.exit(report(make_plan(request), as_json))


def _ids(only: str | None) -> tuple[str, ...]:
    ids = tuple(part.strip() for part in (only or "").split(",") if part.strip())
    if only is not None and not ids:
        raise click.UsageError("--only names no check; `gonogo checks` lists them")
    return tuple(dict.fromkeys(ids))
