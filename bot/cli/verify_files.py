"""`gonogo verify-files`: whether what the runner would apply is what was approved, asking no Slack and no database."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.terminal import config_option, oneline, refuse, settings_if_any, settings_with_state
from checks.base import version_key

if TYPE_CHECKING:
    from bot.core.deployment import Deployment
    from bot.settings import Settings
    from bot.usecases.books.units import Reader
    from checks.base import MigrationFile, MigrationSet

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_RECORDED = re.compile(r"- (?P<name>File|Deployment|Go): (?P<value>.+)")
_FIRST = re.compile(r"\*\*Migration Version\*\*: ([^\s–]+)")
_NO_GO = {
    "held": "is held",
    "parked": "is parked",
    "aborted": "was aborted",
    "rolling-back": "is being rolled back",
}
_WORDS = {
    "changed": "changed: approved sha-256 {approved:.12}…, here {now:.12}…",
    "removed": "missing",
    "added": "extra: nobody approved it",
}
# A fingerprint names no range: of so many versions at the end each range is tried.
_SEARCHED = 200


@dataclass(frozen=True)
class Approval:
    """What was approved: sha-256 by the name of the file, in the tool's order, from the version `first` on.

    `why_not` says why nothing is; `taken_out` are versions in the range that another deployment applied before.
    """

    label: str
    files: Mapping[str, str]
    first: str
    why_not: str = ""
    taken_out: frozenset[str] = frozenset()


@click.command("verify-files")
@click.argument("where", metavar="ENV|N", required=False)
@click.option("--approved", metavar="FINGERPRINT|FILE", help="The fingerprint of the record; or an export, a record.")
@click.option("--migrations", metavar="DIR", type=click.Path(path_type=Path), help="The folder that the runner reads.")
@click.option("--tool", metavar="TOOL", help="The migration tool, where it is not found out.")
@click.option("--ignore-later", is_flag=True, help="Later files do not count: the runner stops at the approved ones.")
@config_option
def verify_files(
    where: str | None,
    approved: str | None,
    migrations: Path | None,
    tool: str | None,
    ignore_later: bool,
    config: Path | None,
) -> None:
    """Verify that the folder holds exactly what was approved: `gonogo verify-files production && ./migrate.sh`.

    Names each file that differs, is missing or is extra. Exits 0 when all is as approved, 1 when it is not or nothing
    is approved, 2 for wrong use and for files that cannot be read.
    """
    if (where is None) == (approved is None):
        raise click.UsageError("say what was approved: ENV or N beside the bot's state, else --approved")
    there = _there(migrations, tool, config)
    approval = _from_state(where, config) if where is not None else _given(str(approved), there)
    if approval.why_not:
        _end([f"NOT APPROVED  {approval.label} {approval.why_not}"])
    _end(list(_compared(approval, there, ignore_later)))


def _end(lines: list[str]) -> None:
    heading, *details = lines
    click.echo(oneline(heading))
    for line in details:
        click.echo(f"  {oneline(line)}")
    sys.exit(1 if heading.startswith("NOT ") else 0)


def _there(migrations: Path | None, tool: str | None, config: Path | None) -> MigrationSet:
    from checks.migrations import MigrationsError, read_directory

    settings = settings_if_any(config)
    sources = settings.files("default") if settings else None
    folder = migrations or (sources.migrations_directory if sources and not sources.repository else None)
    if folder is None:
        raise click.UsageError("say which folder the runner reads: --migrations DIR")
    try:
        return read_directory(folder, tool or (sources.tool if sources else "auto"))
    except MigrationsError as error:
        raise click.UsageError(str(error)) from None


def _compared(approval: Approval, there: MigrationSet, ignore_later: bool) -> Iterator[str]:
    from bot.core.deployment import differing

    looked = [file for file in _from_first(approval, there) if file.version not in approval.taken_out]
    places = [place for place, file in enumerate(looked) if file.name in approval.files]
    if ignore_later:
        looked = looked[: max(places, default=-1) + 1]
    now = {file.name: file.sha256 for file in looked}
    found = differing(approval.files, now)
    count = f"{len(approval.files)} file{'s' if len(approval.files) != 1 else ''}"
    if not found:
        yield f"as approved  {approval.label}: {count}, {', '.join(approval.files)}"
        return
    yield f"NOT AS APPROVED  {approval.label}: {len(found)} of {count} and what is beside them"
    for name, word in found:
        yield f"{name} {_WORDS[word].format(approved=approval.files.get(name, ''), now=now.get(name, ''))}"


def _from_first(approval: Approval, there: MigrationSet) -> list[MigrationFile]:
    """From the first approved version on: what is before it was applied before, and is no part of what was approved."""
    first = version_key(approval.first)
    places = (
        n for n, file in enumerate(there.files) if file.name in approval.files or version_key(file.version) == first
    )
    return list(there.files[next(places, 0) :])


def _given(text: str, there: MigrationSet) -> Approval:
    """By a fingerprint, an export or a record. Exits 1 where a file was changed after it was written."""
    if _FINGERPRINT.fullmatch(text.strip().lower()):
        return _by_fingerprint(text.strip().lower(), there)
    file = Path(text)
    try:
        content = file.read_bytes()
    except OSError as error:
        mend = "give 64 hex digits, or the file of an export or a record"
        raise click.UsageError(f"--approved {oneline(text)} cannot be read ({error.strerror}): {mend}") from None
    return _by_record(file, content) if file.suffix == ".md" else _by_export(file, content)


def _by_fingerprint(wanted: str, there: MigrationSet) -> Approval:
    from checks.migrations import fingerprint, select_range

    label = f"fingerprint {wanted[:12]}…"
    versions = list(dict.fromkeys(file.version for file in there.ups))[-_SEARCHED:]
    for first in reversed(range(len(versions))):
        for last in range(first, len(versions)):
            files = select_range(there, f"{versions[first]}..{versions[last]}").files
            if fingerprint(files) == wanted:
                return Approval(label, {file.name: file.sha256 for file in files}, versions[first])
    why_not = "is that of no range of the files there: give the export or the record, which name the files"
    return Approval(label, {}, "", why_not)


def _by_export(file: Path, content: bytes) -> Approval:
    from bot.core.verify import NotAnExport, read_export, verify

    try:
        export = read_export(content)
    except NotAnExport as fault:
        raise click.UsageError(f"{file}: {oneline(str(fault))}") from None
    if broken := verify(export).broken:
        refuse(f"{file} was changed after it was written: {broken[0]}")
    row: Mapping[str, Any] = export["deployment"]
    bodies = (json.loads(entry["body"]) for entry in export["journal"]["entries"])
    gone = frozenset(version for body in bodies if body["event"] == "range-cut" for version in body["applied"])
    files = {one["name"]: one["sha"] for one in export["files"]}
    why_not = _why_not(row["go_at"], row["state"], row["result"], files)
    return Approval(
        f"deployment {row['number']}, {row['environment']}", files, row["first_version"] or "", why_not, gone
    )


def _by_record(file: Path, content: bytes) -> Approval:
    from bot.core.signing import read_seal

    seal = read_seal(content)
    if seal is None or not seal.is_whole:
        refuse(f"{file} was changed after it was written, or is no record: its digest is not that of its text")
    end = content.decode().rpartition("\n---\n")[2]
    rows = [(found["name"], found["value"].replace("\\", "")) for found in _RECORDED.finditer(end)]
    told = dict(rows)
    pairs = (value.rpartition(" ") for name, value in rows if name == "File")
    files = {name: sha for name, _, sha in pairs if _FINGERPRINT.fullmatch(sha)}
    first = _FIRST.search(content.decode())
    why_not = _why_not(told.get("Go"), "", None, files)
    return Approval(f"deployment {told.get('Deployment', '?')}", files, first[1] if first else "", why_not)


def _from_state(where: str, config: Path | None) -> Approval:
    """By the bot's state: what an environment's deployment has go for now, or a deployment by its number."""
    settings = settings_with_state(config)
    from bot.cli.state import reading

    with reading(settings) as store:
        return store.read(lambda reader: _approval_in(reader, settings, where))


def _approval_in(reader: Reader, settings: Settings, where: str) -> Approval:
    from bot.cli.state import deployment_named, identity

    prefix, _, name = where.rpartition("/")
    project = settings.projects().get(prefix or "default")
    if project is None or name not in project.environments:
        return _approval_of(reader, deployment_named(reader, settings, where)[1])
    deployment = reader.deployments.holder(identity(reader).team, project.name, name)
    if deployment is None:
        return Approval(where, {}, "", "has no deployment under way, so nothing is approved")
    return _approval_of(reader, deployment)


def _approval_of(reader: Reader, deployment: Deployment) -> Approval:
    files = {file.name: file.sha for file in reader.files.of(deployment.id) if not file.name.endswith(" (as typed)")}
    why_not = _why_not(deployment.go_at, deployment.state, deployment.result, files)
    gone = frozenset((deployment.facts.taken_out or "").split())
    return Approval(
        f"deployment {deployment.label}, {deployment.environment}", files, deployment.first_version or "", why_not, gone
    )


def _why_not(go_at: object, state: str, result: object, files: Mapping[str, str]) -> str:
    if not go_at:
        return "has no go yet"
    if result == "rolled-back":
        return "was rolled back"
    return _NO_GO.get(state, "" if files else "names no files: they were never read")
