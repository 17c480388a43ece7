"""What one `gonogo check` found, for those who tell it, and how that was asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from checks.accepted import fingerprints
from checks.base import Finding, Status
from checks.findings import Outcome, complaints
from checks.result import Acceptance

if TYPE_CHECKING:
    from bot.cli.check_plan import Plan

TEXT, GITHUB = "text", "github"
FORMATS = (TEXT, "json", GITHUB, "sarif", "junit", "markdown")
SYMBOLS = {
    Status.PASSED: "✓",
    Status.FAILED: "✗",
    Status.WARNING: "!",
    Status.EVIDENCE: "·",
    Status.NOT_APPLICABLE: "–",
    Status.COULD_NOT_RUN: "?",
}


@dataclass(frozen=True)
class Wanted:
    """How to tell it: each format with its file, None for the output. `files` is the folder of the migrations, of which
    only those named in `changed` count, None for all.
    """

    formats: Sequence[tuple[str, Path | None]]
    files: Path
    since: str = ""
    changed: Collection[str] | None = None


@dataclass(frozen=True)
class Found:
    """All results of a plan. `folder` is that of the migrations, of a repository that is only fetched from its root;
    `since` the base of `--since`, "" for none.
    """

    plan: Plan
    outcomes: Sequence[Outcome]
    folder: Path
    since: str = ""
    _places: dict[str, str] = field(default_factory=dict, repr=False)

    def place(self, name: str) -> str:
        """Where the file of a finding is: from the repository's root, or the current folder where there is none."""
        if name and name not in self._places:
            self._places[name] = self._place(name)
        return self._places.get(name, "")

    def _place(self, name: str) -> str:
        folder, path = self.folder, self.folder / name
        if not folder.is_dir():
            return path.as_posix()
        beside = Path(str(self.plan.inputs.options.get("folder") or ".")) / name
        if not path.exists():
            path = beside if beside.is_file() else _below(folder, name) or path
        return _from_root(path.absolute())

    @property
    def unrun(self) -> Mapping[tuple[str, str], list[str]]:
        """Each reason why something could not run, with its mend, and the checks that it kept from running."""
        reasons: dict[tuple[str, str], list[str]] = {}
        for check, result in self.outcomes:
            if result.status is Status.COULD_NOT_RUN:
                reasons.setdefault((result.summary, result.hint), []).append(check.id)
        return reasons

    @property
    def accepted(self) -> int:
        return sum(len(result.accepted) for _, result in self.outcomes)

    def known(self, outcome: Outcome) -> Iterator[tuple[Finding, str, Acceptance | None]]:
        """Each complaint with its fingerprint, those that are accepted first, as they were when they were accepted."""
        check, result = outcome
        findings = [*(one.finding for one in result.accepted), *complaints(result)]
        told = fingerprints(check.id, findings, self.plan.inputs.migrations)
        yield from zip(findings, told, [*result.accepted, *[None] * len(complaints(result))], strict=True)


def _below(folder: Path, name: str) -> Path | None:
    """A tool that looks into subfolders may call a file by its last name."""
    return next((path for path in sorted(folder.rglob("*")) if path.name == name), None)


def _from_root(path: Path) -> str:
    root = next((one for one in path.parents if (one / ".git").exists()), Path.cwd())
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
