"""Reads what already lies on this machine: dumps (`path`), or a test report that something else wrote (`junit`)."""

from __future__ import annotations

from checks.base import CannotRun, Result
from checks.contexts import ProbeContext
from checks.probes import junit
from checks.probes.backups import dumps
from checks.probes.masking import mask_for
from checks.probes.settings import ProbeSettings


def run(context: ProbeContext) -> Result:
    settings = ProbeSettings.of(context)
    if settings.has("path"):
        return dumps.run(settings, mask_for(context.inputs))
    if settings.has("junit"):
        return junit.judge_files(settings, mask_for(context.inputs))
    raise CannotRun(f"{settings.place} asks nothing", "give it a command, http, prometheus, path or junit")
