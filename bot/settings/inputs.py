"""What the checks of an environment may use, as the settings say; the rest of this room takes long to import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from checks.accepted import Accepted
from checks.base import DatabaseAddress, Inputs, MigrationSet, ProbeSpec, ScratchLimits, ScratchStart
from checks.catalogue import CATALOGUE


@dataclass(frozen=True)
class Sources:
    """What the checks of one environment may use. Addresses are secrets: their `conninfo` stays out of every repr.

    `migrations_directory` is absolute for plain files, else relative to the root of `repository` at `ref`.
    `scratch_server` is "embedded", "bin:FOLDER", a conninfo, or "" for none. `database_key` is "" unless set by hand.
    """

    project: str
    environment: str
    migrations_directory: Path | None = None
    tool: str = "auto"
    repository: str = field(default="", repr=False)
    ref: str = ""
    scratch_server: str = field(default="", repr=False)
    scratch_limits: ScratchLimits = field(default_factory=ScratchLimits)
    scratch_start: ScratchStart | None = None
    target: DatabaseAddress | None = None
    compare_with: DatabaseAddress | None = None
    forbidden_scratch: tuple[DatabaseAddress, ...] = ()
    probes: tuple[ProbeSpec, ...] = field(default=(), repr=False)
    options: Mapping[str, object] = field(default_factory=dict)
    database_key: str = ""
    accepted: tuple[Accepted, ...] = ()

    @property
    def reads_documents(self) -> bool:
        """Whether a check that is set up, or what scratch databases begin with, is a document of the team's."""
        begins = self.scratch_start is not None and bool(self.scratch_start.file)
        return begins or CATALOGUE.set_up(self.options)

    def inputs(self, migrations: MigrationSet | None = None) -> Inputs:
        """What `checks` take; the files are read by the caller, from the folder or from git."""
        return Inputs(
            migrations=migrations,
            scratch_server=self.scratch_server,
            scratch_limits=self.scratch_limits,
            scratch_start=self.scratch_start,
            target=self.target,
            compare_with=self.compare_with,
            forbidden_scratch=self.forbidden_scratch,
            probes=self.probes,
            options=self.options,
            accepted=self.accepted,
        )


@dataclass(frozen=True)
class AnchorCommand:
    """The team's own command that is given each head, as `[record] anchor` has it; it runs in `folder`."""

    arguments: tuple[str, ...]
    folder: Path
