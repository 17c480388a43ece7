"""Declared objects against those that exist in the migrated scratch database: what the *…-created* checks share."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from checks.base import Finding, NotApplicable, Result, passed
from checks.result import ERROR, WARNING
from checks.scratchdb.context import ScratchContext
from checks.sql.declared import Declared
from checks.targetdb.asking import USER_SCHEMA
from checks.verdict import ending

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


def verdict(context: ScratchContext, noun: str, total: int, findings: list[Finding], evidence: str) -> Result:
    """Failed when something is missing, a warning for lesser findings, else passed with the evidence."""
    errors = [finding.object for finding in findings if finding.severity == ERROR]
    if not errors:
        return ending(findings, f"{evidence}; {findings[0].message}" if findings else "", passed(evidence))
    names = ", ".join(errors[:3]) + (" …" if len(errors) > 3 else "")
    stopped = f"; the files stop at {context.applied.error.where}" if context.applied.error else ""
    return ending(findings, f"{len(errors)} of {total} {noun} not right: {names}{stopped}", passed(evidence))


def _named_in_do(context: ScratchContext, declared: Declared) -> bool:
    bare = declared.name.rpartition(".")[2]
    statements = (applied.statement for applied in context.applied.statements)
    return bool(bare) and any(s.kind in ("DoStmt", "CallStmt") and bare in s.text for s in statements)
