"""Checks by a team's own command, http address or Prometheus query: what `[probes.NAME]` of the settings means.

| spec has | module | asks |
| --- | --- | --- |
| command | `command` | a program, by the Nagios plugin convention; `reports` and `backups` read what it wrote |
| http | `http` | one or several addresses, GET only |
| prometheus | `prometheus` | an instant query, or its ratio to the time before go |
| none of these, options `path` or `junit` | `command` | dumps or a test report that lie on this machine |
"""

from __future__ import annotations

from typing import Any

from checks.base import CannotRun, Check, Need, ProbeSpec, Result
from checks.contexts import ProbeContext

CHECKS: list[Check[Any]] = []

_DECIDES = {
    Need.COMMAND: "what the team's own command says: exit code 0 passed, 1 warning, 2 failed, 3 could not run",
    Need.HTTP: "whether the team's addresses answer as expected",
    Need.PROMETHEUS: "whether the team's Prometheus query is within its thresholds",
}


def check_for(spec: ProbeSpec) -> Check[ProbeContext]:
    """The check of one probe; the inputs it runs with must hold the same spec. One that acts is never run by it."""
    need = Need.HTTP if spec.http else Need.PROMETHEUS if spec.prometheus else Need.COMMAND
    title = str(spec.options.get("title") or spec.id.replace("-", " "))
    cost = "nothing on the database, unless the team's own program asks it"
    fix = f"see [probes.{spec.id}] in the settings"
    return Check(spec.id, title, need, _run, _DECIDES[need], cost, fix)


def _run(context: ProbeContext) -> Result:
    from checks.probes import command, http, prometheus

    spec = context.spec
    if spec.options.get("confirm"):
        raise CannotRun("this acts, it checks nothing; it runs only when somebody confirms it", "press its button")
    if spec.http:
        return http.run(context)
    if spec.prometheus:
        return prometheus.run(context)
    return command.run(context) if spec.command else command.read_files(context)
