"""Whether the migration files can be read."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

from bot.doctor.finding import fault, ok
from bot.settings import Settings, Sources
from checks.migrations import MigrationsError, read_directory
from checks.result import Finding, counted

_SECONDS = 20


def ask_migrations(settings: Settings) -> Iterator[Finding]:
    """The folder of each project, or that its repository answers and has the ref."""
    for name in settings.projects():
        sources = settings.files(name)
        area = "migrations" if name == "default" else f"migrations of {name}"
        if sources.migrations_directory is None:
            yield ok(area, "no folder is configured: the range is typed at the start")
        elif sources.repository:
            yield _repository(area, sources)
        else:
            yield _folder(area, sources)


def _folder(area: str, sources: Sources) -> Finding:
    try:
        found = read_directory(sources.migrations_directory or "", sources.tool)
    except MigrationsError as refusal:
        return fault(area, str(refusal), "mend [migrations] directory or tool")
    ups = found.ups
    return ok(area, f"{counted(len(ups), 'migration')} of {found.tool}, up to {ups[-1].version}" if ups else "no files")


def _repository(area: str, sources: Sources) -> Finding:
    """git's own words may repeat an address with its password, so none of them are."""
    quiet = {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true", "GIT_SSH_COMMAND": "ssh -oBatchMode=yes"}
    ref = sources.ref or "HEAD"
    command = ["git", "ls-remote", "--exit-code", "--", sources.repository, ref]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, env={**os.environ, **quiet}, check=False)
    except FileNotFoundError:
        return fault(area, "git is not installed here", "install git, or use a plain folder of migrations")
    except subprocess.TimeoutExpired:
        return fault(area, f"the repository did not answer within {_SECONDS} s", "check the network of this machine")
    if done.returncode == 2:
        return fault(area, f"the repository answers and has no ref '{ref}'", "mend [migrations] ref")
    if done.returncode:
        return fault(area, "the repository cannot be read", "check [migrations] repository and the deploy key")
    return ok(area, f"the repository answers and has {ref}")
