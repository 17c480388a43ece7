"""What was typed after `gonogo check`, and which of it goes together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

FILES = "files"


@dataclass(frozen=True)
class Request:
    """The words of one `gonogo check`. Raises click.UsageError for words that do not go together."""

    where: str | None
    url: str | None
    migrations: Path | None
    applied_through: str | None
    tool: str | None
    compare_with: str | None
    only: tuple[str, ...]
    config: Path | None

    def __post_init__(self) -> None:
        if self.where is None and self.url is None:
            raise click.UsageError("say what to check: files, an environment, or --url DSN")
        if self.where is not None and self.url is not None:
            raise click.UsageError(f"'{self.where}' and --url are two places; give one")
        if self.is_files and self.compare_with is not None:
            raise click.UsageError("--compare-with compares databases; give an environment or --url instead of files")

    @property
    def is_files(self) -> bool:
        return self.where == FILES
