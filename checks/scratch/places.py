"""Objects of the migrated database: those that files declare, and the statement that made or touched each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from checks.base import ERROR, WARNING, Finding, NotApplicable, Result, passed
from checks.findings import ending
from checks.risk.facts import MODES
from checks.risk.observer import CATALOGS, SeenRelation
from checks.scratchdb.context import ScratchContext
from checks.sql.declared import Declared
from checks.sql.statements import Statement
from checks.targetdb.asking import USER_SCHEMA, short

if TYPE_CHECKING:
    from checks.scratchdb.apply import AppliedStatement


PG_CLASS, PG_CONSTRAINT, PG_TRIGGER, PG_PROC = CATALOGS
_CHANGING = frozenset(MODES[3:])


class Places:
    """The pending statements of a run without error. Raises CannotRun, NotApplicable (nothing pending).

    By object id: PostgreSQL counts them up, and the observer noted how far they had come after each statement.
    """

    def __init__(self, context: ScratchContext) -> None:
        if not context.files.pending:
            raise NotApplicable("no file is pending")
        self._context = context
        self._pending = {file.name for file in context.files.pending}
        self._before = dict.fromkeys(CATALOGS, 0)
        self._steps: list[tuple[Statement, dict[str, int]]] = []
        self._touches: dict[int, list[Statement]] = {}
        held: set[tuple[int, str]] = set()
        for applied in context.require_applied().statements:
            held = self._follow(applied, held)

    def is_new(self, catalog: str, oid: int) -> bool:
        """Whether a pending statement made it."""
        return oid > self._before[catalog]

    def new(self, catalog: str, query: str, none: str) -> list[Any]:
        """Rows whose `oid` a pending statement made. Raises NotApplicable with the sentence `none` for none."""
        rows = [row for row in self._context.rows(query) if self.is_new(catalog, row.oid)]
        if not rows:
            raise NotApplicable(none)
        return rows

    def made_by(self, catalog: str, oid: int) -> Statement | None:
        """The pending statement that made it."""
        if not self.is_new(catalog, oid):
            return None
        return next((statement for statement, highest in self._steps if highest[catalog] >= oid), None)

    def made_nothing(self, catalog: str) -> Iterator[tuple[Statement, int]]:
        """Pending statements that made no object of the catalog, with the newest object's id there was."""
        before = self._before[catalog]
        for statement, highest in self._steps:
            if highest[catalog] == before:
                yield statement, before
            before = highest[catalog]

    def order(self, statement: Statement) -> int:
        """How many pending statements were seen to run before it."""
        return next((n for n, (seen, _) in enumerate(self._steps) if seen == statement), len(self._steps))

    def touched_by(self, oid: int, word: str = "") -> Statement | None:
        """The last pending statement that changed the definition of a relation, with this word in it."""
        found = [s for s in self._touches.get(oid, ()) if word.lower() in s.text.lower()]
        return found[-1] if found else None

    def finding(
        self, statement: Statement | None, message: str, object_: str, hint: str = "", severity: str = "warning"
    ) -> Finding:
        """At the statement, where there is one."""
        file, line = (statement.file.name, statement.line) if statement is not None else ("", None)
        return Finding(message, short(object_), file, line, hint, severity)

    def _follow(self, applied: AppliedStatement, held: set[tuple[int, str]]) -> set[tuple[int, str]]:
        seen = applied.seen
        if seen is None:
            return held
        before = self._steps[-1][1] if self._steps else self._before
        highest = {catalog: max(before[catalog], seen.highest[catalog]) for catalog in CATALOGS}
        if applied.statement.file.name not in self._pending:
            self._before = highest
            return set()
        self._steps.append((applied.statement, highest))
        now = {(r.oid, r.mode) for r in seen.relations if r.mode in _CHANGING}
        for relation in seen.relations:
            if relation.mode in _CHANGING and ((relation.oid, relation.mode) not in held or _names(applied, relation)):
                self._touches.setdefault(relation.oid, []).append(applied.statement)
        return now


def _names(applied: AppliedStatement, relation: SeenRelation) -> bool:
    """Whether the statement is about a relation that its transaction has locked before."""
    target = applied.statement.tree.get("relation")
    return isinstance(target, dict) and relation.name is not None and target.get("relname") == relation.name[1]


_RELATIONS = f"""
SELECT CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END AS name,
       c.relkind AS kind, c.relispartition AS is_partition
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {USER_SCHEMA}
"""


def relations(context: ScratchContext, kinds: str) -> dict[str, bool]:
    """Names of relations of the kinds (`pg_class.relkind`, several in one string), and whether each is a partition."""
    return {row.name: row.is_partition for row in context.rows(_RELATIONS) if row.kind in kinds}


def declared_of(context: ScratchContext, kind: str) -> tuple[Declared, ...]:
    """What the files declare of a kind. Raises NotApplicable where that is nothing."""
    declared = context.files.declared.of(kind)
    if not declared:
        raise NotApplicable(f"the files create no {kind}")
    return declared


def missing(context: ScratchContext, declared: Iterable[Declared], existing: Collection[str]) -> list[Finding]:
    """A finding for each declared object that is not there, at the statement that declares it."""
    return [missing_finding(context, object_) for object_ in declared if object_.name not in existing]


def missing_finding(context: ScratchContext, declared: Declared) -> Finding:
    """Why it may be missing: the files stop before it, a DO block names it, or something undid it."""
    error = context.applied.error
    name = declared.label
    if error is not None:
        message, hint = f"{declared.kind} {name} is not there: the files stop at {error.where}", error.message
        return Finding(message, name, declared.file, declared.line, hint, ERROR)
    if _named_in_do(context, declared):
        message = f"{declared.kind} {name} is not there at the end; a DO block names it"
        return Finding(message, name, declared.file, declared.line, "check that dropping it was meant", WARNING)
    message = f"{declared.kind} {name} is not there at the end, though the files apply"
    hint = "look for ROLLBACK, search_path, IF NOT EXISTS over another object, or DROP … CASCADE"
    return Finding(message, name, declared.file, declared.line, hint, ERROR)


def all_there(context: ScratchContext, noun: str, total: int, findings: list[Finding], evidence: str) -> Result:
    """Failed when something is missing, a warning for lesser findings, else passed with the evidence."""
    errors = [finding.object for finding in findings if finding.severity == ERROR]
    if not errors:
        return ending(findings, f"{evidence}; {findings[0].message}" if findings else "", passed(evidence))
    names = ", ".join(errors[:3]) + (" …" if len(errors) > 3 else "")
    stopped = f"; the files stop at {context.applied.error.where}" if context.applied.error else ""
    return ending(findings, f"{len(errors)} of {total} {noun} not right: {names}{stopped}", passed(evidence))


def _named_in_do(context: ScratchContext, declared: Declared) -> bool:
    bare = declared.name.rpartition(".")[2]
    statements = context.files.all_statements()
    return bool(bare) and any(s.kind in ("DoStmt", "CallStmt") and bare in s.text for s in statements)
