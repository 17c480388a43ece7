"""Which checks there are and where each can run: those built in, the team's own, and short acts.

Short acts (`confirm = true`) are probes that do something, and so run only when a person confirms it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence

from bot.core.checklist.items import Checklist
from bot.core.team import ShortAct
from bot.settings.document import ProbeTable
from bot.settings.environments import environment_tables, scratch_reference
from bot.settings.faults import did_you_mean, quoted
from bot.settings.reading import ProjectFile
from bot.usecases.situation.own_checks import OWN_TITLES
from checks.base import Need, ProbeSpec
from checks.catalogue import CATALOGUE
from checks.result import Finding

SORTS = ("command", "http", "prometheus", "path")
_BACKUPS = ("command", "path", "junit")
_BELONGS: Mapping[str, tuple[str, ...]] = {
    "server": ("prometheus",),
    "baseline": ("prometheus",),
    "status": ("http",),
    "contains": ("http",),
    "fields": ("http",),
    "times": ("http",),
    "headers": ("http", "prometheus"),
    "warning": ("http", "prometheus"),
    "critical": ("http", "prometheus"),
    "confirm": ("command",),
    "env": ("command",),
    "reader": ("command",),
    "junit": ("command", "junit"),
    "max_age": _BACKUPS,
    "min_ratio": _BACKUPS,
    "every": _BACKUPS,
    "encrypted": _BACKUPS,
    "restore": ("path",),
    "pg_restore": ("path",),
}
# Seconds; a command and a restore have 14 minutes, since a check ends after 15.
_LONGEST = {"http": 10, "prometheus": 10}
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# As shlex has it, but with the braces of placeholders, which are filled when the command is shown.
_PLAIN = re.compile(r"[\w@%+=:,./{}-]+")


def probe_faults(project: ProjectFile, reserved: Collection[str]) -> Iterator[Finding]:
    """Whatever keeps a probe from being asked."""
    for name, probe in project.document.probes.items():
        place = ("probes", name)
        given = [sort for sort in SORTS if project.source.raw((*place, sort)) is not None]
        for key, sentence, mend in _complaints(name, probe, given, reserved):
            yield project.source.fault((*place, key) if key else place, sentence, mend)
        known = list(environment_tables(project))
        for index, environment in enumerate(probe.environments or ()):
            if environment not in known:
                sentence = f"there is no environment {quoted(environment)}"
                near = did_you_mean(environment, known)
                yield project.source.fault((*place, "environments", index), sentence, near)


def _complaints(
    name: str, probe: ProbeTable, given: Sequence[str], reserved: Collection[str]
) -> Iterator[tuple[str, str, str]]:
    """Key (none: the table), what is wrong with it, and the mend."""
    if not _NAME.fullmatch(name):
        yield "", "is not a name for a probe", "use lower-case words joined by hyphens, such as [probes.smoke-tests]"
    if name in reserved:
        yield "", f"'{name}' is a check of gonogo's own (`gonogo checks {name}`)", "choose another name"
    sorts = given or (["junit"] if probe.junit else [])
    if len(sorts) != 1:
        has = f"has {' and '.join(sorts)}" if sorts else "asks nothing"
        yield "", has, "a probe is one command, one http address, one prometheus query, or a path or junit to read"
        return
    yield from _complaints_of_sort(sorts[0], probe)


def _complaints_of_sort(sort: str, probe: ProbeTable) -> Iterator[tuple[str, str, str]]:
    for key in sorted(probe.model_fields_set & set(_BELONGS)):
        if sort not in _BELONGS[key]:
            yield key, f"means nothing for a {sort} probe", f"it belongs to {' and '.join(_BELONGS[key])}"
    if sort == "prometheus" and probe.server is None:
        yield "server", "is missing", 'write server = "http://prometheus:9090"'
    what, most = ("act", 300) if probe.confirm else (f"{sort} probe", _LONGEST.get(sort, 840))
    if (probe.timeout or 0) > most:
        shown = f"{most // 60}m" if most >= 60 else f"{most}s"
        yield "timeout", "is longer than an answer is waited for", f'write at most "{shown}" for this {what}'


def probe_specs(project: ProjectFile, environment: str) -> tuple[ProbeSpec, ...]:
    """The probes that run in this environment; durations in seconds, commands run in the file's folder."""
    folder = str(project.source.folder)
    probes = project.document.probes.items()
    return tuple(
        ProbeSpec(name, tuple(one.command or ()), (one.http or [""])[0], one.prometheus or "", _options(one, folder))
        for name, one in probes
        if runs_in(one, environment)
    )


def runs_in(probe: ProbeTable, environment: str) -> bool:
    return probe.environments is None or environment in probe.environments


def _options(probe: ProbeTable, folder: str) -> dict[str, object]:
    asked = {"command", "http", "prometheus", "item", "environments"}
    given = probe.model_dump(exclude=asked, exclude_unset=True)
    several = {"addresses": probe.http} if len(probe.http or ()) > 1 else {}
    return {"directory": folder, **given, **several}


def act_ids(project: ProjectFile) -> frozenset[str]:
    return frozenset(name for name, probe in project.document.probes.items() if probe.confirm)


def acts_in(project: ProjectFile, environment: str) -> frozenset[str]:
    return frozenset(name for name in act_ids(project) if runs_in(project.document.probes[name], environment))


def acts_by_item(
    project: ProjectFile, checklist: Checklist, probes: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[ShortAct, ...]]:
    """Item ids with the acts that are named for them, by the settings or by the checklist."""
    known = act_ids(project)
    found: dict[str, tuple[ShortAct, ...]] = {}
    for item in checklist.items:
        names = [name for name in dict.fromkeys((*probes.get(item.id, ()), *item.checks)) if name in known]
        if names:
            found[item.id] = tuple(_act(project, name) for name in names)
    return found


def checks_only(probes: Mapping[str, tuple[str, ...]], acts: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """The same without the acts."""
    kept = {item: tuple(name for name in names if name not in acts) for item, names in probes.items()}
    return {item: names for item, names in kept.items() if names}


def _act(project: ProjectFile, name: str) -> ShortAct:
    probe = project.document.probes[name]
    command = " ".join(word if _PLAIN.fullmatch(word) else shlex.quote(word) for word in probe.command or ())
    return ShortAct(name, probe.title or name.replace("-", " "), command)


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
