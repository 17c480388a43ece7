"""`gonogo forget`: erase what a person wrote, and their name; the journal's chains stay whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.configuration import config_option, settings_of_file

if TYPE_CHECKING:
    from bot.storage.erasure import Personal
    from bot.storage.units import Unit

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
    from bot.cli.state import identity, now, writing

    def work(unit: Unit) -> Personal:
        personal = unit.erasure.of(user_named(unit, user))
        if yes:
            unit.erasure.forget(personal, now())
            chain, facts = f"{identity(unit).team}/console", {"who": personal.user_id, "entered_at_console": 1}
            unit.journal.append(chain, "forgotten", now(), facts, {})
        return personal

    with writing(settings_of_file(config)) as store:
        personal = store.write(work)
    click.echo(_words(personal, done=yes))


def _words(personal: Personal, *, done: bool) -> str:
    parts = f"{len(personal.written)} texts by {personal.user_id}, {len(personal.naming)} of others that name them, "
    parts += f"{personal.copies} copies"
    if not done:
        return f"Would erase {parts}. Nothing was changed: add --yes. {_LEFT}"
    return f"Erased {parts}. {_LEFT}"
