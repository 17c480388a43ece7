"""The team's own checks: what a probe's table must hold, and the ProbeSpec made of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from bot.settings.document import ProbeTable
from bot.settings.environments import environment_tables
from bot.settings.faults import Fault, did_you_mean, quoted
from bot.settings.reading import ProjectFile
from checks.base import ProbeSpec

SORTS = ("command", "http", "prometheus")
_BELONGS: Mapping[str, tuple[str, ...]] = {
    "server": ("prometheus",),
    "status": ("http",),
    "contains": ("http",),
    "headers": ("http", "prometheus"),
    "warning": ("http", "prometheus"),
    "critical": ("http", "prometheus"),
    "confirm": ("command",),
}
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_WEB = re.compile(r"https?://[^\s/@]+(/\S*)?")


def probe_faults(project: ProjectFile, reserved: Collection[str]) -> Iterator[Fault]:
    """Whatever keeps a probe from being asked."""
    for name, probe in project.document.probes.items():
        place = ("probes", name)
        given = [sort for sort in SORTS if project.source.raw((*place, sort)) is not None]
        for key, sentence in _sentences(name, probe, given, reserved):
            yield project.source.fault((*place, key) if key else place, sentence)
        known = list(environment_tables(project))
        for index, environment in enumerate(probe.environments or ()):
            if environment not in known:
                sentence = f"there is no environment {quoted(environment)}{did_you_mean(environment, known)}"
                yield project.source.fault((*place, "environments", index), sentence)


def _sentences(
    name: str, probe: ProbeTable, given: Sequence[str], reserved: Collection[str]
) -> Iterator[tuple[str, str]]:
    if not _NAME.fullmatch(name):
        yield "", "is not a name for a probe; use lower-case words joined by hyphens, such as [probes.smoke-tests]"
    if name in reserved:
        yield "", f"'{name}' is a check of gonogo's own (`gonogo checks {name}`); choose another name"
    if len(given) != 1:
        has = f"has {' and '.join(given)}" if given else "asks nothing"
        yield "", f"{has}; a probe is one command, one http address or one prometheus query"
        return
    yield from _sort_sentences(given[0], probe)


def _sort_sentences(sort: str, probe: ProbeTable) -> Iterator[tuple[str, str]]:
    for key in probe.model_fields_set & set(_BELONGS):
        if sort not in _BELONGS[key]:
            yield key, f"means nothing for a {sort} probe; it belongs to {' and '.join(_BELONGS[key])}"
    if sort == "prometheus" and probe.server is None:
        yield "server", 'is missing; write server = "http://prometheus:9090"'
    for key in ("http", "server"):
        address = getattr(probe, key)
        if address is not None and not _WEB.fullmatch(address):
            yield key, "is no web address without a password in it; write it as https://shop.example/health"


def probe_specs(project: ProjectFile, environment: str) -> tuple[ProbeSpec, ...]:
    """The probes that run in this environment; durations in seconds, commands run in the file's folder."""
    folder = str(project.source.folder)
    return tuple(
        ProbeSpec(name, tuple(probe.command or ()), probe.http or "", probe.prometheus or "", _options(probe, folder))
        for name, probe in project.document.probes.items()
        if runs_in(probe, environment)
    )


def runs_in(probe: ProbeTable, environment: str) -> bool:
    return probe.environments is None or environment in probe.environments


def _options(probe: ProbeTable, folder: str) -> dict[str, object]:
    given = probe.model_dump(exclude={"item", "environments", *SORTS}, exclude_unset=True)
    return {"directory": folder, **given}
