"""`gonogo export|backup|forget`: records as files; copies of the state; private texts erased."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.terminal import config_option, oneline, settings_with_state, write_whole

if TYPE_CHECKING:
    from bot.core.deployment import Deployment
    from bot.core.team import Project
    from bot.settings import Settings
    from bot.storage.database import Unit
    from bot.storage.erasure import Personal
    from bot.usecases.books.units import Reader


VERIFIED = ("md", "json")
FORMATS = (*VERIFIED, "csv", "html")


@click.command()
@click.argument("number", metavar="N")
@click.option("--format", "form", type=click.Choice(FORMATS), default="md", show_default=True, help="Kind of file.")
@click.option("--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Else it is printed.")
@config_option
def export(number: str, form: str, output: Path | None, config: Path | None) -> None:
    """Export a deployment: md is the filled-in checklist, json everything; `gonogo verify` verifies both.

    csv is the journal for a spreadsheet, html the filled-in checklist as one page. A key signs md and json.
    """
    settings = settings_with_state(config)
    from bot.cli.state import deployment_named, reading

    with reading(settings) as store:
        text = store.read(lambda reader: _text(reader, settings, form, *deployment_named(reader, settings, number)))
    if output is None:
        click.echo(text, nl=False)
        return
    write_whole(output, text)
    check = "; check it with `gonogo verify`" if form in VERIFIED else ""
    click.echo(f"{output}: {len(text.encode())} bytes{check}")


@click.command()
@click.argument("path", metavar="PATH", type=click.Path(path_type=Path))
@config_option
def backup(path: Path, config: Path | None) -> None:
    """Copy the state file to PATH, a new file or a folder; one consistent moment, also while the bot runs."""
    settings = settings_with_state(config)
    from bot.cli.state import now, reading

    target = path / f"{settings.database_path.stem}-{now():%Y%m%dT%H%M%SZ}.db" if path.is_dir() else path
    with reading(settings) as store:
        store.backup(target)
    click.echo(f"{target}: {target.stat().st_size} bytes")


def _text(reader: Reader, settings: Settings, form: str, project: Project, deployment: Deployment) -> str:
    from bot.cli.state import now
    from bot.core.signing import seal
    from bot.record.exports import export_csv, export_html, export_json
    from bot.usecases.views import record_text

    if form == "json":
        return export_json(reader, deployment, settings.signing_key())
    if form == "csv":
        return export_csv(reader, deployment.id)
    record = record_text(reader, project, deployment.id, now())
    title = f"Deployment {deployment.label}, {deployment.environment}"
    return export_html(record, title) if form == "html" else seal(record, settings.signing_key())


_LEFT = (
    "What Slack shows stays in Slack, exports and backups made before stay as they are, and the user id "
    "stays in the journal: it is what the hashes stand on."
)


@click.command()
@click.argument("user", metavar="USER")
@click.option("--yes", is_flag=True, help="Do it; without this it only says what would go.")
@config_option
def forget(user: str, yes: bool, config: Path | None) -> None:
    """Erase the private texts written by a person or naming them: names, reasons, notes. There is no way back."""
    from bot.cli.acting import user_named
    from bot.cli.state import identity, now, os_user, writing

    def work(unit: Unit) -> Personal:
        personal = unit.erasure.of(user_named(unit, user))
        if yes:
            unit.erasure.forget(personal, now())
            chain, facts = f"{identity(unit).team}/console", {"who": personal.user_id, "entered_at_console": 1}
            unit.journal.append(chain, "forgotten", now(), {**facts, "os_user": os_user()}, {})
        return personal

    with writing(settings_with_state(config)) as store:
        personal = store.write(work)
    click.echo(oneline(_words(personal, done=yes)))


def _words(personal: Personal, *, done: bool) -> str:
    parts = f"{len(personal.written)} texts by {personal.user_id}, {len(personal.naming)} of others that name them, "
    parts += f"{personal.copies} copies"
    if not done:
        return f"Would erase {parts}. Nothing was changed: add --yes. {_LEFT}"
    return f"Erased {parts}. {_LEFT}"
