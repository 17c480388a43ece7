"""The secret side: where the databases, files and probes of an environment are, for the check pool."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pydantic import SecretStr

from bot.settings.environments import (
    directory_of,
    environment_tables,
    kind_of,
    needs_address,
    repository_of,
    scratch_reference,
)
from bot.settings.inputs import Sources
from bot.settings.positions import Path
from bot.settings.probes import probe_specs
from bot.settings.reading import ProjectFile
from bot.settings.secrets import conninfo_of
from checks.base import DatabaseAddress, ScratchLimits, ScratchStart
from checks.result import Finding, Unusable


@dataclass(frozen=True)
class Addresses:
    """Every reference to a database in the files, resolved as far as the environment's variables go."""

    found: Mapping[str, SecretStr]
    missing: Mapping[str, Finding]

    def conninfo(self, reference: str | None) -> str:
        """The address behind a reference; empty where there is none, or none yet."""
        secret = self.found.get(reference or "")
        return secret.get_secret_value() if secret else ""

    def fault(self, reference: str | None) -> Finding | None:
        return self.missing.get(reference or "")


def resolve_addresses(files: tuple[ProjectFile, ...], environ: Mapping[str, str]) -> Addresses:
    """Looks up every `env:NAME` and parses what it holds; nothing is asked over the network."""
    found: dict[str, SecretStr] = {}
    missing: dict[str, Finding] = {}
    for file, place, reference in _references(files):
        if reference in found or reference in missing:
            continue
        try:
            found[reference] = conninfo_of(reference, environ)
        except Unusable as error:
            missing[reference] = file.source.fault(place, error.sentence, error.hint)
    return Addresses(found, missing)


def _references(files: tuple[ProjectFile, ...]) -> Iterator[tuple[ProjectFile, Path, str]]:
    for file in files:
        for name, table in environment_tables(file).items():
            if table.database:
                yield file, ("environments", name, "database"), table.database
        for key, reference in (("server", scratch_reference(file)), ("baseline", file.document.scratch.baseline or "")):
            if needs_address(reference):
                yield file, ("scratch", key), reference


def files_of(files: tuple[ProjectFile, ...], file: ProjectFile, addresses: Addresses) -> Sources:
    """Where a project's migration files are, and where they are tried.

    A scratch server whose variable is not set stays the reference: the checks that need it say what is missing.
    """
    migrations, reference = file.document.migrations, scratch_reference(file)
    return Sources(
        project=file.name,
        environment="",
        migrations_directory=directory_of(file),
        tool=migrations.tool if migrations else "auto",
        repository=repository_of(file),
        ref=(migrations.ref if migrations and migrations.repository else None) or "",
        scratch_server=(addresses.conninfo(reference) if needs_address(reference) else "") or reference,
        scratch_limits=_scratch_limits(file),
        scratch_start=_scratch_start(file, addresses, None),
        forbidden_scratch=tuple(_all_addresses(files, addresses)),
        options=_options(file),
        accepted=file.accepted,
    )


def _options(file: ProjectFile) -> dict[str, object]:
    migrations = file.document.migrations
    table = {"history_table": migrations.history_table} if migrations and migrations.history_table else {}
    scratch = {"scratch_may_be_clone": True} if file.document.scratch.allow_clone else {}
    places = {"folder": str(file.source.folder), "migrations_directory": str(directory_of(file) or "")}
    return {**file.document.checks, **table, **scratch, **places}


def sources_of(files: tuple[ProjectFile, ...], file: ProjectFile, name: str, addresses: Addresses) -> Sources:
    """What the checks of the environment `name` may use."""
    tables = environment_tables(file)
    table = tables[name]
    return replace(
        files_of(files, file, addresses),
        environment=name,
        scratch_start=_scratch_start(file, addresses, _address(file, name, addresses)),
        target=_address(file, name, addresses),
        compare_with=_address(file, table.after, addresses) if table.after in tables else None,
        probes=probe_specs(file, name),
        options={**_options(file), "environment": name},
        database_key=table.database_key or "",
    )


def _scratch_limits(file: ProjectFile) -> ScratchLimits:
    given = file.document.scratch
    limits = {"time": given.time, "disk": given.disk, "memory": given.memory}
    return ScratchLimits(**{name: value for name, value in limits.items() if value is not None})


def _scratch_start(file: ProjectFile, addresses: Addresses, target: DatabaseAddress | None) -> ScratchStart | None:
    place, version = file.document.scratch.baseline, file.document.scratch.baseline_version or ""
    if place is None:
        return None
    if place == "target":
        return ScratchStart(address=target, version=version)
    if needs_address(place):
        # Named by hand, so that it may be production's.
        return ScratchStart(
            address=DatabaseAddress(place, addresses.conninfo(place) or place, "replica"), version=version
        )
    return ScratchStart(file=place, version=version)


def _address(file: ProjectFile, name: str | None, addresses: Addresses) -> DatabaseAddress | None:
    table = environment_tables(file)[name or ""]
    conninfo = addresses.conninfo(table.database)
    return DatabaseAddress(name or "", conninfo, kind_of(name or "", table)) if conninfo else None


def _all_addresses(files: tuple[ProjectFile, ...], addresses: Addresses) -> Iterator[DatabaseAddress]:
    for file in files:
        for name in environment_tables(file):
            if address := _address(file, name, addresses):
                yield address
