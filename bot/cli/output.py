"""How commands for the operator print: a terminal's colour and width, whole lines for a pipe, a sentence for a no."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from checks.result import Finding

if TYPE_CHECKING:
    from rich.console import Console

REFUSED = 1
_PIPE_WIDTH = 10_000


def console() -> Console:
    """Rich's console. Into a pipe no line is broken, so that `grep` finds what a person would."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else _PIPE_WIDTH
    return Console(file=sys.stdout, highlight=False, markup=False, emoji=False, width=width)


def refuse(sentence: str) -> NoReturn:
    """Prints why not, and exits 1."""
    click.echo(f"gonogo: {sentence}", err=True)
    raise SystemExit(REFUSED)


def write_whole(path: Path, text: str) -> None:
    """Writes the file whole or not at all; an older one of that name is replaced. Exits 1 with a sentence."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.write_bytes(text.encode())
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        refuse(f"{path} cannot be written ({error.strerror}): give another --output")


def oneline(text: str) -> str:
    """The text without line breaks and control characters, which could rewrite what stands above them."""
    return "".join(character if character.isprintable() else " " for character in text).strip()


def told(finding: Finding) -> str:
    """`FILE:LINE: OBJECT: MESSAGE → what to do`."""
    return oneline(f"{finding.what} → {finding.hint}" if finding.hint else finding.what)
