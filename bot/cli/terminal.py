"""What commands share: the settings, or why not; a terminal's colour and width; text as one safe line."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from bot.resources import CONFIG_VARIABLE, NO_STATE, NO_STATE_MEND, config_path, state_file
from checks.result import Finding, counted

if TYPE_CHECKING:
    from rich.console import Console

    from bot.settings import Settings, SettingsError


REFUSED = 1
_PIPE_WIDTH = 10_000


def console() -> Console:
    """Rich's console. Into a pipe no line is broken, so that `grep` finds what a person would."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else _PIPE_WIDTH
    return Console(file=sys.stdout, highlight=False, markup=False, emoji=False, width=width)


def refuse(sentence: str) -> NoReturn:
    """Prints why not, and exits 1."""
    click.echo(f"gonogo: {lines_of(sentence)}", err=True)
    raise SystemExit(REFUSED)


def write_whole(path: Path, text: str) -> None:
    """Writes the file, its owner's alone, whole or not at all; an older one is replaced. Exits 1 with a sentence."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.touch(0o600)
        unfinished.write_bytes(text.encode())
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        refuse(f"{path} cannot be written ({error.strerror}): give another --output")


def oneline(text: str) -> str:
    """The text without line breaks and control characters, which could rewrite what stands above them."""
    return "".join(character if character.isprintable() else " " for character in text).strip()


def lines_of(text: str) -> str:
    """The same, line by line."""
    return "\n".join(oneline(line) for line in text.splitlines())


def told(finding: Finding) -> str:
    """`FILE:LINE: OBJECT: MESSAGE → what to do`."""
    return oneline(f"{finding.what} → {finding.hint}" if finding.hint else finding.what)


config_option = click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The settings file; else GONOGO_CONFIG, else gonogo.toml.",
)


def settings_to_run(config: Path | None) -> Settings:
    """Everything that the bot needs; prints every fault and exits 2 otherwise."""
    from bot.settings import SettingsError, load

    try:
        return load(config, os.environ)
    except SettingsError as error:
        refuse_settings(error)


def settings_of_file(config: Path | None) -> Settings:
    """What the file says, without Slack's tokens; prints every fault in it and exits 2 otherwise."""
    from bot.settings import SettingsError, load_file

    try:
        return load_file(config, os.environ)
    except SettingsError as error:
        refuse_settings(error)


def settings_with_state(config: Path | None) -> Settings:
    """As `settings_of_file`, for what reads the state: that it is missing is told before anything heavy is loaded."""
    path = state_file(config_path(config, os.environ))
    if path is not None and not path.is_file():
        refuse(f"{NO_STATE.format(path)}: {NO_STATE_MEND}")
    return settings_of_file(config)


def settings_if_any(config: Path | None) -> Settings | None:
    """As `settings_of_file`, or None where no file was named and none lies in the current folder."""
    named = config is not None or CONFIG_VARIABLE in os.environ
    return settings_of_file(config) if named or config_path(config, os.environ).exists() else None


def use_own_words(settings: Settings) -> None:
    """The team's own words are said from now on; where one of them cannot be, prints why and exits 2."""
    from bot.settings import SettingsError
    from bot.slack.messages.own_words import sets_of, trial
    from bot.slack.messages.templates import use_own

    faults = list(trial(settings.templates, sets_of(settings.projects()))) if settings.templates else []
    if faults:
        refuse_settings(SettingsError(faults))
    use_own(settings.templates)


def refuse_settings(error: SettingsError) -> NoReturn:
    """Prints every fault on a line of its own, and exits 2."""
    for fault in error.faults:
        click.echo(str(fault), err=True)
    click.echo(f"gonogo: {counted(len(error.faults), 'fault')} in the settings", err=True)
    raise SystemExit(2)
