"""The risks of a run's pending files, sized and graded, and what they say to people."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from checks.base import ERROR, WARNING, Finding, NotApplicable
from checks.measures import size
from checks.risk.facts import CHANGES, Held, StatementRisk, classes, severity, table_sizes
from checks.risk.observer import risks_of
from checks.scratchdb.context import ScratchContext
from checks.sql.objects import Name
from checks.sql.tree import of_kind

_QUEUE = "SET LOCAL lock_timeout = '5s' before it, so that it gives up rather than make the application queue"
_NOT_VALID = "ADD CONSTRAINT … NOT VALID, then VALIDATE CONSTRAINT in a file of its own"
_USING_INDEX = "CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … USING INDEX"
_CONCURRENTLY = "CONCURRENTLY, in a file of its own that the tool runs outside of a transaction"
_REPACK = "pg_repack does the same without the lock"
_SAFE_FORMS = {
    "IndexStmt": f"CREATE INDEX {_CONCURRENTLY}",
    "ReindexStmt": f"REINDEX {_CONCURRENTLY}",
    "RefreshMatViewStmt": "REFRESH MATERIALIZED VIEW CONCURRENTLY, which asks for a unique index",
    "VacuumStmt": _REPACK,
    "ClusterStmt": _REPACK,
    "RepackStmt": _REPACK,
}
_ALTERS = {
    "AT_SetNotNull": "ADD CONSTRAINT … CHECK (… IS NOT NULL) NOT VALID, VALIDATE it, then SET NOT NULL scans nothing",
    "AT_AlterColumnType": "add a column of the new type, fill it in batches, then switch the application over",
    "AT_AddColumn": "ADD COLUMN without this default, fill it in batches, then SET DEFAULT",
    "AT_AttachPartition": "first a CHECK on the table that says what the bounds say, NOT VALID then VALIDATE",
}


def sentence(risk: StatementRisk) -> str:
    """`00009 holds ACCESS EXCLUSIVE on orders (41 GB) and rewrites it`."""
    if risk.waits:
        return f"{risk.version} {_waiting(risk)}"
    if risk.work:
        return f"{risk.version} {_working(risk)}"
    return f"{risk.version} takes {_locks(risk)} for a moment"


def hint(risk: StatementRisk) -> str:
    """The next thing to type."""
    if not risk.work:
        return _QUEUE
    if any(work == CHANGES for work, _ in risk.work):
        return "in batches of some thousand rows, each in a transaction of its own"
    if all(held.since is not risk.statement for held in risk.blocking):
        line = risk.blocking[0].since.line
        return f"move it to a file of its own: what line {line} locked is held until this has ended"
    kind = risk.statement.kind
    return _SAFE_FORMS.get(kind) or _alter_hint(risk.statement.tree) or "plan maintenance mode for it"


def _alter_hint(tree: object) -> str:
    commands = list(of_kind(tree.get("cmds"), "AlterTableCmd")) if isinstance(tree, dict) else []
    for command in commands:
        if command["subtype"] == "AT_AddConstraint":
            kind = command.get("def", {}).get("Constraint", {}).get("contype", "")
            return _USING_INDEX if kind in ("CONSTR_UNIQUE", "CONSTR_PRIMARY") else _NOT_VALID
        if command["subtype"] in _ALTERS:
            return _ALTERS[command["subtype"]]
    return ""


def _waiting(risk: StatementRisk) -> str:
    worked = {table: work for work, table in reversed(risk.work)}
    own = [held for held in risk.blocking if held.table in worked]
    if own:
        first = own[0]
        others = [str(h.table) for h in risk.blocking if h is not first]
        also = f"; {', '.join(others)} {'waits' if len(others) == 1 else 'wait'} too" if others else ""
        return f"holds {_lock(risk, first)} and {worked[first.table]} it{also}"
    return f"still holds {_locks(risk)} while it {_working(risk)}"


def _working(risk: StatementRisk) -> str:
    return " and ".join(f"{work} {_sized(risk, table)}" for work, table in risk.work[:2])


def _locks(risk: StatementRisk) -> str:
    shown = ", ".join(_lock(risk, held) for held in risk.blocking[:2])
    more = len(risk.blocking) - 2
    return f"{shown} and {more} more" if more > 0 else shown


def _lock(risk: StatementRisk, held: Held) -> str:
    # `AccessExclusiveLock` as the manual writes it: `ACCESS EXCLUSIVE`.
    mode = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", held.mode.removesuffix("Lock")).upper()
    return f"{mode} on {_sized(risk, held.table)}"


def _sized(risk: StatementRisk, table: Name) -> str:
    """With its size; an unknown one is no matter where nothing takes time."""
    known = risk.sizes.get(table)
    if known is None and not risk.work:
        return str(table)
    return f"{table} ({'size unknown' if known is None else size(known)})"


@dataclass(frozen=True)
class Risks:
    """All risks in order; `sizes_lack` says why table sizes are not known ("" where they are)."""

    all: tuple[StatementRisk, ...]
    sizes_lack: str = ""

    @property
    def serious(self) -> tuple[StatementRisk, ...]:
        """Those worth a warning, worst first."""
        found = [risk for risk in self.all if risk.severity in (WARNING, ERROR)]
        return tuple(sorted(found, key=lambda risk: risk.severity != ERROR))


def gather(context: ScratchContext, check_id: str) -> Risks:
    """Applies the files (once for all checks) and asks the target for sizes. Raises CannotRun, NotApplicable."""
    if not context.files.pending:
        raise NotApplicable("no file is pending")
    limits = classes(context.inputs.options)
    applied = context.require_applied()
    found = risks_of(applied.statements, {file.name for file in context.files.pending})
    tables = sorted({table for risk in found for table in risk.tables})
    sizes, lack = table_sizes(context.inputs.target, tables, check_id) if tables else ({}, "")
    sized = [replace(risk, sizes={t: sizes[t] for t in risk.tables if t in sizes}) for risk in found]
    return Risks(tuple(replace(risk, severity=severity(risk, limits)) for risk in sized), lack)


def findings(risks: Iterable[StatementRisk]) -> list[Finding]:
    """One a statement, at its line, about the table that it works on or locks."""
    return [risk.statement.finding(sentence(risk), str(risk.tables[0]), hint(risk), risk.severity) for risk in risks]


def strongest(risks: Iterable[StatementRisk]) -> StatementRisk | None:
    """The one that blocks the largest table most, for the line of evidence."""
    return max(risks, key=lambda risk: (bool(risk.blocking), risk.held_size, bool(risk.work)), default=None)
