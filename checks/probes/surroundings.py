"""What a command is given: a small environment, its filled arguments, and the mask for what it prints."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from checks.probes.masking import Mask, looks_secret, mask_for
from checks.probes.process import OUTPUT_LIMIT, Program
from checks.probes.settings import ProbeSettings, from_environment

_KEPT = ("PATH", "HOME", "LANG")


@dataclass(frozen=True)
class Surroundings:
    """A command ready to run, and what to hide of its output."""

    program: Program
    mask: Mask = field(repr=False)


def surroundings(settings: ProbeSettings, seconds: float, limit: int = OUTPUT_LIMIT) -> Surroundings:
    """Raises CannotRun for a placeholder or a variable without a value."""
    given = given_variables(settings)
    arguments = tuple(settings.fill(argument) for argument in settings.spec.command)
    program = Program(arguments, settings.directory, base_environment() | given, seconds, limit)
    private = [value for name, value in given.items() if looks_secret(name, value)]
    return Surroundings(program, mask_for(settings.inputs, private))


def base_environment() -> dict[str, str]:
    """PATH, HOME and LANG: neither tokens of the bot nor PG* variables reach a team's program unless named."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {"PATH": os.defpath, "LANG": "C.UTF-8"} | kept


def given_variables(settings: ProbeSettings) -> dict[str, str]:
    """`env = { NAME = "env:OTHER", REGION = "eu" }`, which the settings also make of `env = ["NAME"]`."""
    return {name: from_environment(settings.fill(str(value))) for name, value in settings.table("env").items()}
