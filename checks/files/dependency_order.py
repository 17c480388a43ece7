"""dependency-order: no pending statement needs what only a later one makes."""

from __future__ import annotations

from collections.abc import Iterator

from checks.base import Finding, Result, counted, files_check
from checks.contexts import FilesContext
from checks.findings import verdict
from checks.result import ERROR
from checks.sql.made_earlier import MadeEarlier
from checks.sql.mentions import FUNCTION, RELATION, TYPE, Named, mentioned_in_body
from checks.sql.statements import Statement

# Built-in functions that people overload: a later overload is not what an earlier call means.
_OVERLOADED_NAMES = """
    abs age array_agg avg coalesce concat count format greatest least left length lower max min mod now round right
    substring sum to_char to_date to_json to_timestamp trim trunc upper
"""
_OVERLOADED = frozenset(_OVERLOADED_NAMES.split())


@files_check(
    title="Nothing is used before it is made",
    decides="Passes when no table, view, sequence, type or function that a pending file makes is needed by an earlier "
    "statement; bodies of SQL functions count, those of plpgsql not, since the server reads them when they run.",
    fix="Give the file that makes the object a lower number, or move the statement.",
)
def dependency_order(context: FilesContext) -> Result:
    earlier = MadeEarlier(context)
    count = 0
    findings: list[Finding] = []
    for statement in context.all_statements(context.pending):
        earlier.follow(statement)
        needed = [*statement.mentions, *mentioned_in_body(statement)]
        count += len(needed)
        findings.extend(_too_early(earlier, statement, needed))
    files = counted(len(context.pending), "file")
    return verdict(findings, f"{counted(count, 'use')} in {files}, none before its object")


def _too_early(earlier: MadeEarlier, statement: Statement, needed: list[Named]) -> Iterator[Finding]:
    for mention in dict.fromkeys(needed):
        maker = None if _is_made(earlier, mention) else earlier.later(mention.kind, mention.name)
        if maker is None or earlier.has(mention.kind, mention.name) or _may_be_another(earlier, mention):
            continue
        if not _made_in_text(earlier, statement, mention, maker):
            yield _finding(statement, mention, maker)


def _is_made(earlier: MadeEarlier, mention: Named) -> bool:
    """Tables are types too."""
    kinds = (TYPE, RELATION) if mention.kind == TYPE else (mention.kind,)
    return any(earlier.made(kind, mention.name) for kind in kinds)


def _made_in_text(earlier: MadeEarlier, statement: Statement, mention: Named, maker: Statement) -> bool:
    """By a DO block, say; the text of the maker's own file proves nothing."""
    files = [file for file in earlier.files_until(statement.file) if file is not maker.file]
    return earlier.in_text(mention.kind, mention.name, files)


def _finding(statement: Statement, mention: Named, maker: Statement) -> Finding:
    same = maker.file is statement.file
    message = f"uses {mention.kind} {mention.name}, which only {maker.file.name}:{maker.line} makes"
    hint = f"move line {maker.line} above" if same else f"give {maker.file.name} a lower number than this file"
    return statement.finding(message, mention.name, hint, ERROR, mention.location)


def _may_be_another(earlier: MadeEarlier, mention: Named) -> bool:
    """A function of another arity, or of a built-in name, need not be the one that is made later."""
    if mention.kind != FUNCTION:
        return False
    arities = {named.arguments for named in earlier.makers(FUNCTION, mention.name)}
    return mention.name in _OVERLOADED or mention.arguments not in arities
