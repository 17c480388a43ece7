"""`gonogo init`: five questions, four files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from bot.cli.terminal import refuse

if TYPE_CHECKING:
    from bot.cli.init_answers import Answers

Answer = TypeVar("Answer")
_CHANNEL_HELP = "The id of the channel for deployments (in Slack: the channel's name, About, at the bottom)."
_PLACES = "staging, production"


@click.command()
@click.option("--channel", metavar="C0…", help=_CHANNEL_HELP)
@click.option("--command", metavar="/NAME", help="The slash command. [default: /deploy]")
@click.option("--environments", metavar="LIST", help=f"Such as staging,eu:production=env:EU_URL. [default: {_PLACES}]")
@click.option("--migrations", metavar="DIR", help="The folder of the migration files, or none. [default: found out]")
@click.option("--tool", default="auto", metavar="TOOL", help="The migration tool. [default: found out]")
@click.option("--roles", metavar="LIST", help="Such as dba=@dba-team,backend=U0BO+U0ANN. [default: left open]")
@click.option("--folder", default=".", type=click.Path(file_okay=False, path_type=Path), help="Where to write.")
@click.option("--yes", is_flag=True, help="Ask nothing; what is not given is the default.")
@click.option("--force", is_flag=True, help="Replace files that are there.")
@click.option("--schema", is_flag=True, help="Write only gonogo.schema.json, anew: after an update.")
def init(
    channel: str | None,
    command: str | None,
    environments: str | None,
    migrations: str | None,
    tool: str,
    roles: str | None,
    folder: Path,
    yes: bool,
    force: bool,
    schema: bool,
) -> None:
    """Write gonogo.toml, its schema, the app's manifest and the SQL of a read-only role, after five questions."""
    from bot.cli import init_files

    if schema:
        (folder / init_files.SCHEMA_FILE).write_text(init_files.schema_text(), encoding="utf-8")
        click.echo(f"Wrote {folder / init_files.SCHEMA_FILE}.")
        return
    _refuse_existing(folder, (init_files.SETTINGS_FILE, init_files.MANIFEST_FILE, init_files.ROLE_FILE), force)
    given = {"channel": channel, "command": command, "environments": environments}
    answers = _answers(folder, {**given, "migrations": migrations, "roles": roles}, tool, yes)
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        init_files.SETTINGS_FILE: init_files.settings_text(answers, known_roles()),
        init_files.MANIFEST_FILE: init_files.manifest_text(answers.command),
        init_files.ROLE_FILE: init_files.role_text(answers.tool),
        init_files.SCHEMA_FILE: init_files.schema_text(),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    click.echo(_next_steps(folder, answers))


def _refuse_existing(folder: Path, names: tuple[str, ...], force: bool) -> None:
    there = [str(folder / name) for name in names if (folder / name).exists()]
    if there and not force:
        mend = "--force replaces, --folder goes elsewhere"
        refuse(f"nothing was written, since {' and '.join(there)} would be overwritten: {mend}")


def known_roles() -> tuple[str, ...]:
    """The roles of the checklist that ships with gonogo."""
    from bot.settings.checklists import default_checklist_path, open_checklist

    return tuple(item.role.name for item in open_checklist(default_checklist_path()).checklist.items if item.role)


def _asked(question: str, default: str, understood: Callable[[str], Answer]) -> Answer:
    try:
        answer: Answer = click.prompt(question, default=default or None, value_proc=understood)
    except click.Abort:
        if sys.stdin.isatty():
            raise
        click.echo()
        refuse("there is nobody to answer, and nothing was written: give the options, or --yes for the defaults")
    return answer


def _answers(folder: Path, given: Mapping[str, str | None], tool: str, yes: bool) -> Answers:
    """What is not given is asked at the terminal; with `yes` the default is taken."""
    from bot.cli import init_answers as understood

    def answer(name: str, question: str, default: str, rule: Callable[[str], Answer]) -> Answer:
        text = default if yes and given[name] is None else given[name]
        return rule(text) if text is not None else _asked(question, default, rule)

    found = None if given["migrations"] is not None else understood.detect(folder)
    where = found[0] if found else "none"
    hint = f" ({found[2]} migrations of {found[1]} found)" if found else ""
    known = known_roles()

    def files(text: str) -> tuple[str, str]:
        return understood.migrations(folder, text, tool)

    channel = answer("channel", "1/5 Id of the channel for deployments (C0…)", "", _channel)
    command = answer("command", "2/5 Slash command", "/deploy", understood.command)
    places = answer("environments", "3/5 Environments, as NAME or NAME=env:VARIABLE", _PLACES, understood.places)
    directory, name = answer("migrations", f"4/5 Folder of the migrations{hint}", where, files)
    people = answer(
        "roles",
        "5/5 Who signs, as dba=@dba-team, backend=U0BO (- leaves all open)",
        "-",
        lambda text: understood.roles("" if text == "-" else text, known),
    )
    return understood.Answers(channel, command, places, directory, name, people)


def _channel(text: str) -> str:
    from bot.cli.init_answers import channel

    if not text:
        raise click.UsageError(f"--channel is missing. {_CHANNEL_HELP}")
    return channel(text)


def _next_steps(folder: Path, answers: Answers) -> str:
    variables = [place.database.removeprefix("env:") for place in answers.places if place.database.startswith("env:")]
    exports = "".join(f"\n     export {name}=postgresql://gonogo:…@host/database" for name in variables)
    return f"""Wrote gonogo.toml, gonogo.schema.json, manifest.json and gonogo-role.sql in {folder.absolute()}.

Next:
  1. https://api.slack.com/apps → Create New App → From a manifest: paste manifest.json. Install it to the workspace.
  2. Basic Information → App-Level Tokens → Generate, scope connections:write.
     export SLACK_APP_TOKEN=xapp-…     export SLACK_BOT_TOKEN=xoxb-…   (OAuth & Permissions)
  3. In the channel {answers.channel}: /invite @gonogo
  4. In each database, as a superuser: psql … -f gonogo-role.sql, then \\password gonogo{exports}
  5. gonogo doctor     says what is missing, and the mend
  6. gonogo run        then in Slack: {answers.command} start {answers.places[-1].name}"""
