"""The risks of a run's pending files, sized and graded, and what they say to people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from checks.base import ERROR, NOTE, WARNING, Finding, MigrationFile, NotApplicable
from checks.measures import size
from checks.options import text_option
from checks.risk.facts import (
    CHANGES,
    REWRITES,
    Held,
    StatementRisk,
    classes,
    severity,
    table_sizes,
)
from checks.risk.observer import risks_of
from checks.scratchdb.context import ScratchContext
from checks.sql.objects import Name, made_by
from checks.sql.statements import Statement
from checks.sql.tree import Tree, of_kind

# Where a team says that the role or the runner sets lock_timeout.
ONLINE_SAFETY = "online-safety"
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
    return _SAFE_FORMS.get(kind) or _alter_hint(risk) or "plan maintenance mode for it"


def _alter_hint(risk: StatementRisk) -> str:
    for command in of_kind(risk.statement.tree.get("cmds"), "AlterTableCmd"):
        if command["subtype"] == "AT_AddColumn":
            return _column_hint(command.get("def", {}).get("ColumnDef", {}), {work for work, _ in risk.work})
        if command["subtype"] == "AT_AddConstraint":
            kind = command.get("def", {}).get("Constraint", {}).get("contype", "")
            return _USING_INDEX if kind in ("CONSTR_UNIQUE", "CONSTR_PRIMARY") else _NOT_VALID
        if command["subtype"] in _ALTERS:
            return _ALTERS[command["subtype"]]
    return ""


_FILLED = (
    ("CONSTR_GENERATED", "ADD a plain COLUMN, fill it in batches, keep it by a trigger"),
    ("CONSTR_IDENTITY", "ADD COLUMN without IDENTITY, fill it in batches, then ADD GENERATED AS IDENTITY"),
    ("CONSTR_DEFAULT", "ADD COLUMN without this default, fill it in batches, then SET DEFAULT"),
    ("", "ADD COLUMN without its sequence, fill it in batches, then SET DEFAULT nextval(…)"),
)


def _column_hint(column: Tree, works: set[str]) -> str:
    """A rewrite is the matter of what fills the column, a scan or an index that of its constraint."""
    kinds = {constraint["contype"] for constraint in of_kind(column.get("constraints"), "Constraint")}
    if REWRITES in works:
        return next(words for kind, words in _FILLED if kind in kinds or not kind)
    return _USING_INDEX if kinds & {"CONSTR_UNIQUE", "CONSTR_PRIMARY"} else f"ADD COLUMN alone, then {_NOT_VALID}"


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
    return " and ".join(f"{work} {sized(risk, table)}" for work, table in risk.work[:2])


def _locks(risk: StatementRisk) -> str:
    shown = ", ".join(_lock(risk, held) for held in risk.blocking[:2])
    more = len(risk.blocking) - 2
    return f"{shown} and {more} more" if more > 0 else shown


def _lock(risk: StatementRisk, held: Held) -> str:
    return f"{_spaced(held.mode.removesuffix('Lock'))} on {sized(risk, held.table)}"


def _spaced(words: str) -> str:
    """`AccessExclusive` as the manual writes it: `ACCESS EXCLUSIVE`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", words).upper()


def sized(risk: StatementRisk, table: Name) -> str:
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
    if text_option(context.inputs.options, ONLINE_SAFETY, "lock_timeout"):
        found = tuple(replace(risk, guarded=True) for risk in found)
    tables = sorted({table for risk in found for table in risk.tables})
    sizes, lack = table_sizes(context.inputs.target, tables, check_id) if tables else ({}, "")
    known = [replace(risk, sizes={t: sizes[t] for t in risk.tables if t in sizes}) for risk in found]
    return Risks(tuple(replace(risk, severity=severity(risk, limits)) for risk in known), lack)


def findings(risks: Iterable[StatementRisk]) -> list[Finding]:
    """One a statement, at its line, about the table that it works on or locks."""
    return [risk.statement.finding(sentence(risk), str(risk.tables[0]), hint(risk), risk.severity) for risk in risks]


def strongest(risks: Iterable[StatementRisk]) -> StatementRisk | None:
    """The one that blocks the largest table most, for the line of evidence."""
    return max(risks, key=_weight, default=None)


def _weight(risk: StatementRisk) -> tuple[int, bool, bool, int, bool]:
    graded = (NOTE, WARNING, ERROR).index(risk.severity)
    return graded, risk.waits, bool(risk.blocking), max(risk.held_size, risk.worked_size or 0), bool(risk.work)


# What an approver reads: each statement that locks or works, and a line for a file without one. Only words of the
# grammar and names of tables come from a file, never a value.

_LEADING = re.compile(
    r"(?:(?:ALTER|CLUSTER|CONCURRENTLY|CREATE|DELETE|DO|DROP|FROM|FULL|INDEX|INSERT|INTO|LOCK|MATERIALIZED|MERGE|OR|"
    r"REFRESH|REINDEX|REPLACE|RULE|SELECT|TABLE|TRIGGER|TRUNCATE|UNIQUE|UPDATE|VACUUM|VIEW)\b\s*)+",
    re.IGNORECASE,
)
_NAME_FOLLOWS = ("ALTER TABLE", "CLUSTER", "DROP TABLE", "FROM", "FULL", "INTO", "TRUNCATE", "UPDATE", "VACUUM", "VIEW")


def notes(risks: Sequence[StatementRisk], files: Sequence[MigrationFile], ran: Sequence[Statement]) -> list[Finding]:
    """What was observed of each pending file, as notes: first its heaviest statement, the heaviest file before others.

    After them files that touch nothing that is there, and then every other statement.
    """
    by_weight = sorted(risks, key=_weight, reverse=True)
    heaviest: dict[str, StatementRisk] = {}
    for risk in by_weight:
        heaviest.setdefault(risk.statement.file.name, risk)
    others = [risk for risk in by_weight if heaviest[risk.statement.file.name] is not risk]
    calm = [Finding(_made(file, ran), file=file.name, severity=NOTE) for file in files if file.name not in heaviest]
    return [*map(_note, heaviest.values()), *calm, *map(_note, others)]


def _note(risk: StatementRisk) -> Finding:
    return risk.statement.finding(observed(risk), str(_shown(risk)), "", NOTE)


def _made(file: MigrationFile, ran: Sequence[Statement]) -> str:
    made = [
        f"new {each.kind} {each.name}".strip()
        for statement in ran
        if statement.file.name == file.name
        for each in made_by(statement.kind, statement.tree)
    ]
    more = f" and {len(made) - 1} more" if len(made) > 1 else ""
    return f"{made[0]}{more}: no lock on what is there" if made else "no lock on any table that is there"


def observed(risk: StatementRisk) -> str:
    """`CREATE INDEX CONCURRENTLY on orders (41 GB): blocks nobody`."""
    return f"{_command(risk)}: {_effect(risk)}"


def _shown(risk: StatementRisk) -> Name:
    """The table that stands for the statement: the one that is worked on, else the one that is locked hardest."""
    return risk.work[0][1] if risk.work else risk.blocking[0].table


def _command(risk: StatementRisk) -> str:
    """`ALTER TABLE orders (41 GB) ADD COLUMN`, `UPDATE orders (41 GB)`, `CREATE INDEX on orders (41 GB)`."""
    found = _LEADING.match(risk.statement.text)
    leading = " ".join(found[0].upper().split()) if found else "a statement"
    joined = "" if leading.endswith(_NAME_FOLLOWS) else " tied to" if leading == "CREATE TABLE" else " on"
    commands = ", ".join(dict.fromkeys(_subcommands(risk.statement)))
    return f"{leading}{joined} {sized(risk, _shown(risk))} {commands}".rstrip()


def _subcommands(statement: Statement) -> Iterator[str]:
    for command in of_kind(statement.tree.get("cmds"), "AlterTableCmd"):
        yield _spaced(command["subtype"].removeprefix("AT_"))


def _effect(risk: StatementRisk) -> str:
    if risk.waits:
        return f"{_while_held(risk)}, blocks {_blocked(risk)} until it ends"
    if risk.blocking:
        guard = ", with lock_timeout" if risk.guarded else ""
        calm = "" if risk.work or risk.statement.kind != "AlterTableStmt" else "no rewrite, no scan, "
        return f"{calm}{_modes(risk)} for a moment{guard}"
    if any(work == CHANGES for work, _ in risk.work):
        return "blocks nobody but writers of the same rows"
    return "blocks nobody"


def _while_held(risk: StatementRisk) -> str:
    """`rewrites it under ACCESS EXCLUSIVE`; where the table is another: what is held on which."""
    works, table = risk.work[0]
    if any(held.table == table for held in risk.blocking):
        return f"{works} it under {_modes(risk)}"
    return f"{works} it while {_locks(risk)} is still held"


def _modes(risk: StatementRisk) -> str:
    """The locks, that on the table shown without its name."""
    shown = _shown(risk)
    own = [_spaced(held.mode.removesuffix("Lock")) for held in risk.blocking if held.table == shown]
    others = [_lock(risk, held) for held in risk.blocking if held.table != shown]
    return " and ".join([*own, *others][:3])


def _blocked(risk: StatementRisk) -> str:
    return "reads and writes" if risk.blocking[0].mode == "AccessExclusiveLock" else "writes"
