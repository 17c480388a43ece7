"""Which checks there are, and where each can run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from bot.settings.environments import environment_tables
from bot.settings.faults import did_you_mean
from bot.settings.migrations import scratch_reference
from bot.settings.probes import runs_in
from bot.settings.reading import ProjectFile
from bot.usecases.own_checks import OWN_TITLES
from checks.base import Need
from checks.catalogue import CATALOGUE
from checks.result import Finding


def titles(project: ProjectFile) -> Mapping[str, str]:
    """Every check that the project can name: gonogo's own, those about the deployment itself, and its probes."""
    built_in = {check.id: check.title for check in CATALOGUE.values()}
    probes = {name: probe.title or name.replace("-", " ") for name, probe in project.document.probes.items()}
    return {**built_in, **OWN_TITLES, **probes}


def built_in_ids() -> Collection[str]:
    return {*CATALOGUE, *OWN_TITLES}


def reserved_ids() -> Collection[str]:
    """Ids that a probe may not take. One for a ready-made probe check is how that check is told where to ask."""
    probed = (Need.COMMAND, Need.HTTP, Need.PROMETHEUS)
    return {*(check.id for check in CATALOGUE.values() if check.needs not in probed), *OWN_TITLES}


def option_faults(project: ProjectFile) -> Iterator[Finding]:
    """Tables `[checks.ID]` of checks that there are not; what stands in one, its check judges."""
    for name in project.document.checks:
        if name not in CATALOGUE:
            mend = did_you_mean(name, CATALOGUE) or "`gonogo checks` lists them, and a probe's table is [probes.NAME]"
            yield project.source.fault(("checks", name), f"there is no check '{name}'", mend)


def runnable(project: ProjectFile, environment: str) -> frozenset[str]:
    """Ids of the checks that can run in this environment with what is configured."""
    needs = _satisfied(project, environment)
    options = project.document.checks
    built_in = {check.id for check in CATALOGUE.values() if check.needs in needs and check.is_set_up(options)}
    asked = {name: probe for name, probe in project.document.probes.items() if not probe.confirm}
    probes = {name for name, probe in asked.items() if runs_in(probe, environment)}
    return frozenset(built_in | probes)


def _satisfied(project: ProjectFile, environment: str) -> frozenset[Need]:
    tables = environment_tables(project)
    table = tables[environment]
    before = tables.get(table.after or "")
    has_files = project.document.migrations is not None
    has_scratch = has_files and bool(scratch_reference(project))
    has_other = (before is not None and before.database is not None) or has_scratch
    satisfied = {
        Need.OWN: True,
        Need.FILES: has_files,
        Need.SCRATCH: has_scratch,
        Need.TARGET: table.database is not None,
        Need.PAIR: table.database is not None and has_other,
    }
    return frozenset(need for need, is_met in satisfied.items() if is_met)
