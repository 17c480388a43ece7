"""ignore-comments: each `-- gonogo: ignore` in pending files names a check and a reason."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from checks.base import Check, Finding, MigrationFile, Need, NotApplicable, Result, counted
from checks.contexts import FilesContext
from checks.silence import silences
from checks.verdict import verdict


def run(context: FilesContext) -> Result:
    """Warns of comments that silence nothing, since they lack a reason or name no check."""
    files = [*context.pending, *context.pending_downs]
    count = sum(len(silences(file)) for file in files)
    if not count:
        raise NotApplicable("pending files silence no check")
    said = "; ".join(dict.fromkeys(f"{s.check}: {s.reason}" for file in files for s in silences(file)))
    findings = [finding for file in files for finding in _faults(file, context.known)]
    return verdict(findings, f"{counted(count, 'ignore comment')}: {said}")


def _faults(file: MigrationFile, known: Collection[str]) -> Iterator[Finding]:
    for silence in silences(file):
        if silence.check not in known:
            message = f'no check is called "{silence.check}": the comment silences nothing'
            yield Finding(message, silence.check, file.name, silence.at, "gonogo checks")
        elif not silence.reason:
            hint = f"-- gonogo: ignore {silence.check} WHY IT IS FINE HERE"
            yield Finding("silences nothing without a reason", silence.check, file.name, silence.at, hint)


CHECK = Check(
    id="ignore-comments",
    title="Silenced findings have a reason",
    needs=Need.FILES,
    run=run,
    decides="Passes when every `-- gonogo: ignore ID reason` of pending files names a check that exists, and a reason; "
    "its evidence is the list of them. One without silences nothing.",
    cost="Reads the files' comments.",
    fix="Write the reason behind the id, for whoever approves the deployment.",
)
