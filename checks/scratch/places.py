"""Which statement made or touched an object of the migrated database, so that rules look at pending files only.

By object id: PostgreSQL counts them up, and the observer noted how far they had come after each statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checks.base import Finding, NotApplicable
from checks.risk.facts import MODES
from checks.risk.observer import CATALOGS, Seen, SeenRelation
from checks.scratchdb.context import ScratchContext
from checks.sql.statements import Statement
from checks.targetdb.asking import short

if TYPE_CHECKING:
    from checks.scratchdb.apply import AppliedStatement

CLASS, CONSTRAINT, TRIGGER, FUNCTION = CATALOGS
_CHANGING = frozenset(MODES[3:])


class Places:
    """The pending statements of a run without error. Raises CannotRun, NotApplicable (nothing pending)."""

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
        seen = applied.observed.get("seen")
        if not isinstance(seen, Seen):
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
