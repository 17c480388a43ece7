"""Short ways to ask a probe: through the runner, as the bot and `gonogo check` do."""

from __future__ import annotations

import stat
from pathlib import Path

from checks.base import Inputs, ProbeSpec, Result
from checks.probes import check_for
from checks.runner import run_checks


def ask(spec: ProbeSpec, inputs: Inputs | None = None) -> Result:
    """The result of one probe."""
    given = inputs or Inputs()
    inputs = Inputs(**{**given.__dict__, "probes": (spec,)})
    [(_, result)] = run_checks([check_for(spec)], inputs)
    return result


def command(folder: Path, *arguments: str, **options: object) -> ProbeSpec:
    """A command probe named `smoke` that runs in the folder."""
    return ProbeSpec("smoke", arguments, options={"directory": str(folder), **options})


def shell(folder: Path, script: str, **options: object) -> ProbeSpec:
    """A command probe that runs a script of the shell."""
    return command(folder, "/bin/sh", "-c", script, **options)


def program(folder: Path, name: str, text: str, mode: int = 0o755) -> Path:
    """An executable file in the folder."""
    path = folder / name
    path.write_text(text)
    path.chmod(stat.S_IMODE(mode))
    return path


def findings(result: Result) -> list[tuple[str, str]]:
    return [(finding.object, finding.message) for finding in result.findings]
