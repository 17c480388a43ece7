"""`gonogo verify|key`: whether an export or a record is as it was written, and the key that signs them."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from bot.cli.terminal import config_option, oneline, refuse, refuse_settings, settings_of_file, write_whole
from bot.core.signing import (
    Looked,
    PublicKeys,
    Seal,
    SigningKey,
    is_signed,
    look_at_export,
    look_at_record,
    read_seal,
)
from bot.core.verify import Export, NotAnExport, Verdict, read_export, row_of_record
from bot.core.verify import verify as verify_export
from checks.result import Unusable

_MOST = 20
_BROKEN = "BROKEN"
_NOT_LOOKED = "signatures were not looked at: give --key PUBLIC.pem"
_NOT_SIGNED = (
    "not signed: whoever changes the text can renew its digest too; compare it with the chain, --against EXPORT.json"
)
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", metavar="FILE", type=_FILE)
@click.option("--head", default="", metavar="HASH", help="A head as printed at go, completion or closing.")
@click.option("--key", "keys", multiple=True, metavar="PUBLIC", type=_FILE, help="A key to trust; may be repeated.")
@click.option(
    "--against", metavar="EXPORT", type=_FILE, help="For a record: whether the chain in EXPORT has its digest."
)
def verify(file: Path, head: str, keys: Sequence[Path], against: Path | None) -> None:
    """Verify a JSON export or a Markdown record: that nothing in it was changed, and with --key who signed it.

    With --head that nothing is missing up to there. Exits 1 where something is broken.
    """
    content, public = _bytes(file), _public(keys)
    seal = read_seal(content)
    if seal is None and file.suffix == ".md":
        refuse(f"{file}: not a record as gonogo wrote it: it does not end with the digest of its text")
    if seal is None and against:
        raise click.UsageError("--against is for a Markdown record, and this is none")
    if seal and head and not against:
        raise click.UsageError("a record has no journal: give --head together with --against EXPORT.json")
    if seal is None:
        _tell(lines(_verdict(_export(file, content), head, public)))
    elif against is None:
        _tell(_record_lines(file, seal, public))
    else:
        export = _export(against, _bytes(against))
        verdict = _verdict(export, head, public)
        _tell(_record_lines(file, seal, public, None if verdict.broken else _posted(export, seal)), lines(verdict))


def _tell(*reports: Sequence[str]) -> None:
    """Prints each, its verdict first, and exits 1 where one is broken."""
    for heading, *details in reports:
        click.echo(oneline(heading))
        for line in details:
            click.echo(f"  {oneline(line)}")
    sys.exit(1 if any(heading.startswith(_BROKEN) for heading, *_ in reports) else 0)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        refuse(f"{file} cannot be read: {error.strerror}")


def _public(files: Sequence[Path]) -> PublicKeys | None:
    keys = PublicKeys()
    for file in files:
        try:
            keys.trust(_bytes(file))
        except Unusable as fault:
            refuse(f"{file} {oneline(str(fault))}")
    return keys if files else None


def _export(file: Path, content: bytes) -> Export:
    try:
        return read_export(content)
    except NotAnExport as fault:
        refuse(f"{file}: {oneline(str(fault))}")


def _verdict(export: Export, head: str, keys: PublicKeys | None) -> Verdict:
    """What is found in an export, signatures included where there are keys."""
    verdict = verify_export(export, head)
    if keys is None:
        return replace(verdict, told=(*verdict.told, *([_NOT_LOOKED] if is_signed(export) else [])))
    looked = look_at_export(export, keys)
    return replace(verdict, broken=(*verdict.broken, *looked.broken), told=(*looked.said, *verdict.told))


def _record_lines(file: Path, seal: Seal, keys: PublicKeys | None, posted: str | None = None) -> list[str]:
    """What a person reads of a record; `posted` says which row tells of it: "" for none, None for not asked."""
    looked = look_at_record(seal, keys) if keys else Looked([_NOT_LOOKED if seal.signer else _NOT_SIGNED])
    broken = (
        [] if seal.is_whole else ["the text was changed after its digest was written, or a line of its end is gone"]
    )
    broken += looked.broken
    if posted == "":
        broken.append("no row of the journal has its digest: this text was never posted in the thread")
    what = f"{file.name}: {seal.lines} lines, digest {seal.digest[:16]}"
    if broken:
        return [f"{_BROKEN}  {what}", *broken]
    return [f"as it was written  {what}", *looked.said, *([posted] if posted else [])]


def _posted(export: Export, seal: Seal) -> str:
    """Which row of the export tells of the record; empty where none does."""
    row = row_of_record(export, seal.digest)
    return f"posted in the thread: journal row {row} has its digest" if row else ""


def lines(verdict: Verdict) -> list[str]:
    """What a person reads of an export."""
    what = f"deployment {verdict.label}: {verdict.entries} journal rows, {verdict.files} files"
    if verdict.broken:
        more = len(verdict.broken) - _MOST
        return [f"{_BROKEN}  {what}", *verdict.broken[:_MOST], *([f"and {more} more"] if more > 0 else [])]
    found = [f"{_good_words(verdict)}  {what}", f"head {verdict.head}", *verdict.told]
    if verdict.removed:
        found.append(f"{verdict.removed} private texts were removed on request; the rows that held them are whole")
    return found


def _good_words(verdict: Verdict) -> str:
    if verdict.complete_to is None:
        return "internally consistent (give --head, as printed in Slack, to know that it is complete)"
    if verdict.complete_to == verdict.entries:
        return f"complete up to its last row, {verdict.entries}"
    return f"complete up to row {verdict.complete_to} of {verdict.entries}, consistent after it"


@click.group()
def key() -> None:
    """The key that signs heads, exports and records."""


@key.command()
@click.option("--output", type=_FILE, default="gonogo-key.pem", show_default=True, help="The file of the private half.")
def new(output: Path) -> None:
    """Make a key: the private half into a new file of its owner's alone, the public half is printed."""
    made = SigningKey.make()
    try:
        place = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        refuse(f"{output} is there already, and a key is never overwritten: give another --output")
    except OSError as error:
        refuse(f"{output} cannot be written ({error.strerror}): give another --output")
    with os.fdopen(place, "w") as file:
        file.write(made.private_pem())
    click.echo(f"{output}: the private half. Keep a copy where neither the state nor its backups lie.")
    click.echo(f"{made.public_pem()}The public half, for whoever verifies; `gonogo key show` prints it again.")
    click.echo(f'Fingerprint {made.fingerprint}\n\nAdd to gonogo.toml:\n\n[record]\nkey = "{output}"')


@key.command()
@click.option("--output", metavar="FILE", type=_FILE, help="Else it is printed.")
@config_option
def show(output: Path | None, config: Path | None) -> None:
    """Give out the public half of the key that the settings name."""
    from bot.settings import SettingsError

    try:
        found = settings_of_file(config).signing_key()
    except SettingsError as error:
        refuse_settings(error)
    if found is None:
        refuse('the settings name no key: make one with `gonogo key new`, and add [record] key = "gonogo-key.pem"')
    if output is None:
        click.echo(found.public_pem(), nl=False)
        return
    write_whole(output, found.public_pem())
    click.echo(f"{output}: the public half, fingerprint {found.fingerprint}")
