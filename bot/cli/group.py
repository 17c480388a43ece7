"""The command group: commands are imported when used, wrong use is one sentence, and a fault shows no trace."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import traceback
from collections.abc import Mapping
from typing import Any

import click

WRONG_USE = 2
INTERRUPTED = 130


class LazyGroup(click.Group):
    """A group of commands named as (`module:attribute`, help); one whose module is not installed is not offered."""

    def __init__(self, *args: Any, commands_at: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._commands_at = commands_at
        self.params.append(_debug_option())

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return [name for name, (place, _) in self._commands_at.items() if _is_there(place)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, self._commands_at[name][1]) for name in self.list_commands(ctx)])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        place, _ = self._commands_at.get(cmd_name, ("", ""))
        if not place or not _is_there(place):
            return None
        module, _, attribute = place.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        if not any(option.name == "debug" for option in command.params):
            command.params.append(_debug_option())
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            known = self.list_commands(ctx)
            raise click.exceptions.NoSuchCommand(error.command_name, possibilities=known, ctx=ctx) from None

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Runs a command and exits: 2 for wrong use and for a fault, 130 when interrupted."""
        kwargs["standalone_mode"] = False
        arguments = kwargs.get("args") or (args[0] if args else None) or sys.argv[1:]
        try:
            sys.exit(super().main(*args, **kwargs) or 0)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message())
            sys.exit(WRONG_USE)
        except click.ClickException as error:
            sys.exit(_tell(error.format_message()))
        except (click.Abort, KeyboardInterrupt):
            sys.exit(INTERRUPTED)
        except BrokenPipeError:
            sys.exit(0)
        except Exception as error:
            sys.exit(_fault(error, "--debug" in arguments))


def _is_there(place: str) -> bool:
    return importlib.util.find_spec(place.partition(":")[0]) is not None


def _debug_option() -> click.Option:
    return click.Option(["--debug"], is_flag=True, expose_value=False, help="Show the trace of a fault.")


def _tell(sentence: str) -> int:
    click.echo(f"gonogo: {sentence}", err=True)
    return WRONG_USE


def _fault(error: Exception, debug: bool) -> int:
    """The text of an unexpected exception may hold anything, an address too, so only --debug shows it."""
    if debug:
        traceback.print_exception(error)
        return WRONG_USE
    return _tell(f"a fault in gonogo itself ({type(error).__name__}); the same with --debug shows its trace")
