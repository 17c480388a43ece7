"""down-files: each pending file has a down file, which removes what the up file makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from checks.base import Check, Finding, MigrationFile, Need, NotApplicable, Result, counted
from checks.leftovers import leftovers
from checks.verdict import WARNING, verdict

if TYPE_CHECKING:
    from checks.contexts import FilesContext


def run(context: FilesContext) -> Result:
    """Warns of files without a way back. Whether the way is right only a scratch run shows."""
    context.require_sql()
    if not _has_downs(context):
        raise NotApplicable(f"no down files: {context.migrations.tool} needs none")
    downs = {down.version: down for down in context.pending_downs}
    ups = [file for file in context.pending if not file.version.startswith("R__")]
    findings = [f for up in ups for f in _faults(context, up, downs.get(up.version))]
    return verdict(findings, f"{counted(len(ups), 'file')}, each with a down file that removes what it makes")


def _has_downs(context: FilesContext) -> bool:
    """golang-migrate expects them; sqlx and Flyway have them where a team wants them."""
    return bool(context.migrations.downs) or context.migrations.tool == "golang-migrate"


def _faults(context: FilesContext, up: MigrationFile, down: MigrationFile | None) -> Iterator[Finding]:
    if down is None:
        yield Finding("has no down file", up.version, up.name, hint=f"write {_name_of_down(context, up)}")
        return
    if not context.statements(down):
        if not down.text.strip():
            hint = "write what undoes it, or a comment why nothing can"
            yield Finding("is empty", up.version, down.name, 1, hint)
        return
    for left in leftovers(context.statements(up), context.statements(down)):
        message = f"{down.name} leaves {left.kind} {left.name}"
        yield Finding(message, left.name, up.name, left.line, f"DROP it in {down.name}", WARNING)


def _name_of_down(context: FilesContext, up: MigrationFile) -> str:
    if context.migrations.tool == "flyway":
        return "U" + up.name.removeprefix("V")
    return up.name.removesuffix(".sql").removesuffix(".up") + ".down.sql"


CHECK = Check(
    id="down-files",
    title="Each file has a way back",
    needs=Need.FILES,
    run=run,
    decides="Passes when each pending file has a down file, and that drops each table, view, type, function, sequence, "
    "schema, column, index and trigger that the up file leaves behind. A down file of comments only says that there is "
    "no way back, and passes. Not applicable where the tool needs none and the set has none.",
    cost="Milliseconds; nothing is connected to.",
    fix="Write the down file, in reverse order of the up file; or a comment why it cannot be undone.",
)
