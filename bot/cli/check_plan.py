"""From the words of `gonogo check` to the checks to run and what they are given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from bot.cli import check_sources
from bot.cli.check_sources import DEFAULT, Request
from bot.cli.terminal import refuse_settings, settings_if_any, settings_of_file
from checks.base import CannotRun, Check, Inputs, Need, counted, version_key
from checks.catalogue import CATALOGUE, Catalogue
from checks.result import with_mend
from checks.scratchdb import has_embedded_server

if TYPE_CHECKING:
    from bot.cli.checklist import Answers
    from bot.settings import Settings


@dataclass(frozen=True)
class Plan:
    """What will run, on what, and by whose settings; `note` is what to know besides."""

    checks: tuple[Check[Any], ...]
    inputs: Inputs
    settings: Settings | None
    project: str
    note: str = ""

    @cached_property
    def answers(self) -> Answers:
        """Which lines of the checklist each check answers; reading it takes as long as checking ten files."""
        from bot.cli.checklist import answers_of

        return answers_of(self.settings, self.project)


def make_plan(request: Request) -> Plan:
    """Raises click.UsageError for wrong use; exits 2 after naming every fault of the settings."""
    if request.is_files:
        return _plan_for_files(request)
    if request.url is not None:
        return _plan_for_address(request, request.url)
    return _plan_for_environment(request)


def _plan_for_files(request: Request) -> Plan:
    settings = settings_if_any(request.config)
    sources = check_sources.sources_of(request, settings, DEFAULT)
    given = sources.inputs(check_sources.migrations(request, sources))
    inputs = replace(given, options=check_sources.options(request, sources))
    if inputs.migrations is None:
        raise click.UsageError("say where the files are: --migrations DIR")
    checks = _chosen(request, _available(inputs), inputs, "files")
    return Plan(checks, inputs, settings, DEFAULT, _scratch_note(request, inputs))


def _scratch_note(request: Request, inputs: Inputs) -> str:
    """What is left out for want of a server, unless nobody wanted one."""
    if request.only or request.no_scratch or inputs.scratch_server or has_embedded_server():
        return ""
    more = tuple(_unasked(Catalogue(Need.SCRATCH), inputs))
    return f"{counted(len(more), 'more check')} would apply the files to a scratch database: {_INSTALL}"


def _plan_for_address(request: Request, url: str) -> Plan:
    settings = settings_if_any(request.config)
    sources = replace(check_sources.sources_of(request, settings, DEFAULT), migrations_directory=None, repository="")
    target = check_sources.typed_address("the database", url)
    inputs = replace(
        sources.inputs(check_sources.migrations(request, sources)),
        target=target,
        compare_with=check_sources.compared_address(request.compare_with, settings, DEFAULT),
        forbidden_scratch=(*sources.forbidden_scratch, target),
        options=check_sources.options(request, sources),
    )
    inputs = with_pending(inputs, request)
    return Plan(_chosen(request, _available(inputs), inputs, "this database"), inputs, settings, DEFAULT)


def _plan_for_environment(request: Request) -> Plan:
    from bot.settings import SettingsError

    settings = settings_of_file(request.config)
    project, name = _environment(settings, request.where or "")
    try:
        sources = settings.inputs(project, name)
    except SettingsError as error:
        refuse_settings(error)
    compare_with = check_sources.compared_address(request.compare_with, settings, project) or sources.compare_with
    given = sources.inputs(check_sources.migrations(request, sources))
    inputs = replace(given, compare_with=compare_with, options=check_sources.options(request, sources))
    inputs = replace(inputs, scratch_server="") if request.no_scratch else inputs
    inputs = with_pending(inputs, request)
    available = {**_available(inputs), **_probes(inputs)}
    return Plan(_chosen(request, available, inputs, f"'{name}'"), inputs, settings, project)


def _environment(settings: Settings, where: str) -> tuple[str, str]:
    """`production`, or `billing/production` in another project."""
    from bot.settings.faults import did_you_mean

    prefix, slash, name = where.rpartition("/")
    projects = settings.projects()
    project = prefix if slash else DEFAULT
    if project not in projects:
        raise click.UsageError(f"there is no project '{project}'; projects here: {', '.join(projects)}")
    known = projects[project].environments
    if name not in known:
        mend = did_you_mean(name, known) or f"environments here: {', '.join(known)}"
        raise click.UsageError(with_mend(f"there is no environment '{name}'", mend))
    return project, name


def with_pending(inputs: Inputs, request: Request) -> Inputs:
    """Files after the newest that the database has are pending; what cannot be asked, the checks will say."""
    if inputs.migrations is None or inputs.target is None or request.applied_through:
        return inputs
    from checks.history.reading import applied_versions, read_history

    try:
        history = read_history(inputs.target, inputs.migrations.tool)
    except CannotRun:
        return inputs
    applied = applied_versions(history, inputs.migrations)
    newest = max(applied, key=version_key, default=None)
    return replace(inputs, migrations=replace(inputs.migrations, applied_through=newest))


def _available(inputs: Inputs) -> Mapping[str, Check[Any]]:
    """Checks whose needs these inputs meet, in the order of the catalogue."""
    makes_database = inputs.migrations is not None and inputs.migrations.is_sql and bool(inputs.scratch_server)
    needs = {
        Need.FILES: inputs.migrations is not None,
        Need.SCRATCH: inputs.migrations is not None and bool(inputs.scratch_server),
        Need.TARGET: inputs.target is not None,
        Need.PAIR: inputs.target is not None and (inputs.compare_with is not None or makes_database),
    }
    return Catalogue(*(need for need, met in needs.items() if met))


def _probes(inputs: Inputs) -> dict[str, Check[Any]]:
    """The team's own checks. One that acts (`confirm = true`) is only run by name, and only by the bot in its phase."""
    from checks.probes import check_for

    passive = [spec for spec in inputs.probes if not spec.options.get("confirm")]
    return {spec.id: CATALOGUE.get(spec.id) or check_for(spec) for spec in passive}


def _chosen(
    request: Request, available: Mapping[str, Check[Any]], inputs: Inputs, place: str
) -> tuple[Check[Any], ...]:
    named = _named(request, available, inputs, place)
    if not available:
        raise click.UsageError(f"nothing can be checked on {place}: no database and no migration files are configured")
    return named or tuple(_unasked(available, inputs))


def _named(request: Request, available: Mapping[str, Check[Any]], inputs: Inputs, place: str) -> tuple[Check[Any], ...]:
    """The checks of --only, in its order. Raises click.UsageError for one that cannot run here."""
    for name in request.only:
        if name in available:
            continue
        if name in CATALOGUE:
            raise click.UsageError(f"'{name}' cannot run on {place}: it needs {_lacked(CATALOGUE[name].needs, inputs)}")
        if name in {spec.id for spec in inputs.probes if spec.options.get("confirm")}:
            raise click.UsageError(f"'{name}' acts on the database (confirm = true); start it in Slack, in its phase")
        known = [*CATALOGUE, *available]
        from bot.settings.faults import did_you_mean

        mend = did_you_mean(name, known) or "see `gonogo checks`"
        raise click.UsageError(with_mend(f"there is no check '{name}'", mend))
    return tuple(available[name] for name in request.only)


def _lacked(need: Need, inputs: Inputs) -> str:
    """What to give on the command line so that the need is met."""
    if need is Need.SCRATCH and inputs.migrations is not None:
        return _server_words()
    if need is Need.SCRATCH:
        return _NEED_WORDS["files"] + ("" if inputs.scratch_server else f" and {_server_words()}")
    if need is Need.PAIR and inputs.target is None:
        return _NEED_WORDS["target"]
    return _NEED_WORDS.get(need.value, need.value)


def _unasked(available: Mapping[str, Check[Any]], inputs: Inputs) -> Iterator[Check[Any]]:
    """What runs when no check is named: everything that can come to a verdict here."""
    for check in available.values():
        # Against the files schema-validation says the same, and knows what is pending.
        lacks_pair = check.needs is Need.PAIR and inputs.compare_with is None
        if check.has_inputs(inputs) and check.is_set_up(inputs.options) and not lacks_pair:
            yield check


def _server_words() -> str:
    return f"a scratch server ({'set [scratch] server' if has_embedded_server() else _INSTALL})"


_INSTALL = 'pip install "gonogo[embedded]"'
_NEED_WORDS = {
    "files": "--migrations DIR",
    "target": "a database: ENV or --url DSN",
    "pair": "a second database: --compare-with ENV or DSN",
    "own": "a running deployment in Slack",
}
