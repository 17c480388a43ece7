"""Names of files, and of what they create: one rule, none that the server cuts."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from checks.base import CannotRun, Finding, MigrationFile, Result, counted, files_check
from checks.contexts import FilesContext
from checks.findings import verdict
from checks.options import pattern_option
from checks.sql.mentions import Named
from checks.sql.objects import COLUMN, MATVIEW, VIEW, altered_by, made_by, renamed_by
from checks.sql.statements import Statement
from checks.sql.tree import Tree, of_kind

KINDS = ("table", "column", "index", "constraint", "view", "type", "function", "trigger", "sequence", "schema", "role")
# What people call each kind in a rule of theirs.
_NAMED = {kind: kind for kind in KINDS} | {MATVIEW: VIEW}


def given_names(statement: Statement) -> Iterator[Named]:
    """Names of objects, their columns and constraints; unqualified."""
    kind, tree = statement.kind, statement.tree
    if (renamed := renamed_by(kind, tree)) and renamed.kind in _NAMED:
        yield Named(_NAMED[renamed.kind], renamed.new.bare)
    for made in made_by(kind, tree):
        if made.kind in _NAMED and made.kind != COLUMN and made.name.bare:
            yield Named(_NAMED[made.kind], made.name.bare, made.location)
    if kind == "CreateStmt":
        yield from _table_parts(tree.get("tableElts"))
    for subtype in ("AT_AddColumn", "AT_AddConstraint"):
        yield from _table_parts([command["def"] for command in altered_by(kind, tree, subtype)])


def _table_parts(elements: list[Tree] | None) -> Iterator[Named]:
    for column in of_kind(elements, "ColumnDef"):
        yield Named("column", column["colname"], column.get("location"))
        yield from _table_parts(column.get("constraints"))
    for constraint in of_kind(elements, "Constraint"):
        if constraint.get("conname"):
            yield Named("constraint", constraint["conname"], constraint.get("location"))


# What tools put around the description: V1__x.sql, 0001_x.up.sql, R__x.sql, ae10_x.py, 2026-11-01-000000_x/up.sql.
_DESCRIPTION = re.compile(
    r"(?:[VU][0-9._]*__|R__|[0-9a-f-]+_|[0-9]+)?(?P<words>.*?)(?:\.(?:up|down))?(?:\.(?:sql|py|rb))?"
)
_LOWER_WORDS = r"[a-z0-9]+(_[a-z0-9]+)*"
# Most file systems take 255 bytes, and people read about this much.
_LONGEST = 100


@files_check(
    title="Migration files are named by one rule",
    decides="Passes when each pending file has a description of lower case words joined by `_`, a name of at most "
    '100 bytes, and a down file has the words of its up file. `[checks.file-names] description = "regex"` sets another '
    "rule.",
    cost="Reads names only.",
    fix="Rename the file before anybody applied it; afterwards the tool would take it for another one.",
)
def file_names(context: FilesContext) -> Result:
    rule = pattern_option(context.options, file_names.id, "description", _LOWER_WORDS)
    findings = [finding for file in context.pending for finding in _file_faults(file, rule)]
    findings += _unlike_downs(context)
    return verdict(findings, f"{counted(len(context.pending), 'file name')}, all lower case words")


def _file_faults(file: MigrationFile, rule: re.Pattern[str]) -> Iterator[Finding]:
    words = _words(file)
    if not words:
        yield _file_finding(file, f"{file.name} does not say what it does", "put a description after the number")
    elif not rule.fullmatch(words):
        suggestion = _snake(words, kept="") or "what_it_does"
        usual = f"name it {suggestion}" if rule.pattern == _LOWER_WORDS else f"the rule is {rule.pattern}"
        yield _file_finding(file, f'"{words}" is not named by the rule', usual)
    if len(file.name.encode()) > _LONGEST:
        yield _file_finding(file, f"a name of {len(file.name.encode())} bytes", f"at most {_LONGEST}: shorten it")


def _unlike_downs(context: FilesContext) -> Iterator[Finding]:
    ups = {file.version: file for file in context.pending}
    for down in context.pending_downs:
        if down.version in ups and _words(down) != _words(ups[down.version]):
            message = f"is not named as its up file {ups[down.version].name}"
            yield _file_finding(down, message, "give both the same words")


def _words(file: MigrationFile) -> str:
    match = _DESCRIPTION.fullmatch(file.given_name)
    return match["words"] if match else file.name


def _file_finding(file: MigrationFile, message: str, hint: str) -> Finding:
    return Finding(message, file.version, file.name, hint=hint)


_SNAKE_CASE = r"[a-z_][a-z0-9_]*"
# In the order in which they are believed of names that could be of several, such as `email`.
_STYLES = {
    "snake_case": re.compile(_SNAKE_CASE),
    "camelCase": re.compile(r"[a-z][a-zA-Z0-9]*"),
    "PascalCase": re.compile(r"[A-Z][a-zA-Z0-9]*"),
    "Pascal_words": re.compile(r"[A-Z][a-zA-Z0-9]*(_[a-zA-Z0-9]+)*"),
}
# So many names off snake_case are no slip; so many of a kind tell its rule, where this share of them is alike.
_FEWEST_OF_OWN_CASE, _FEWEST_OF_A_KIND, _USUAL_SHARE = 5, 3, 0.75
_RECENT = 50
_CAPITAL = re.compile(rb'"\w*[A-Z]\w*"')
# NAMEDATALEN - 1: PostgreSQL manual, "Identifiers and Key Words".
_MAX_BYTES = 63


@files_check(
    title="New objects are named by one rule",
    decides="Passes when tables, columns, indexes, constraints, views, types, functions, triggers, sequences, schemas "
    "and roles that pending files create are in snake_case and have at most 63 bytes. Where a set has another case of "
    "its own (at least 5 such names in these files and the 50 before), a name is off where it differs from three in "
    'four of its kind. `[checks.naming-conventions] table = "regex"` (also the other kinds) sets a rule of your own.',
    fix="Rename the object in the file; once it is applied, a rename breaks whoever uses the old name.",
)
def naming_conventions(context: FilesContext) -> Result:
    own = {kind: rule for kind in KINDS if (rule := _rule_of_team(context, kind))}
    given = [(s, named) for s in context.all_statements(context.pending) for named in given_names(s)]
    usual = _usual_styles(context, [named for _, named in given])
    findings: list[Finding] = []
    for statement, named in given:
        fault = _too_long(statement, named) or _off_the_rule(named, own.get(named.kind), usual)
        if fault is not None:
            findings.append(statement.finding(fault[0], named.name, fault[1], at=named.location))
    names = f"{counted(len(given), 'name')} in {counted(len(context.pending), 'file')}, all by the rule"
    return verdict(findings, names + _of_this_set({kind: style for kind, style in usual.items() if kind not in own}))


def _rule_of_team(context: FilesContext, kind: str) -> re.Pattern[str] | None:
    rule = pattern_option(context.options, naming_conventions.id, kind, "")
    return rule if rule.pattern else None


@dataclass(frozen=True)
class _Usual:
    """What names of a kind look like: a style ("" for no one), and how many of how many have it."""

    style: str
    alike: int
    total: int


def _usual_styles(context: FilesContext, pending: Sequence[Named]) -> dict[str, _Usual]:
    """By kind, for kinds with enough names to tell; {} for a set in snake_case, whose applied files nobody parses."""
    recent = context.applied[-_RECENT:]
    is_snake = all(_STYLES["snake_case"].fullmatch(named.name) for named in pending)
    if is_snake and not any(_CAPITAL.search(file.content) for file in recent):
        return {}
    kinds: dict[str, list[str]] = {}
    for named in (*pending, *_names_in(context, recent)):
        kinds.setdefault(named.kind, []).append(named.name)
    off = [name for names in kinds.values() for name in names if not _STYLES["snake_case"].fullmatch(name)]
    if len(off) < _FEWEST_OF_OWN_CASE:
        return {}
    return {kind: _usual(names) for kind, names in kinds.items() if len(names) >= _FEWEST_OF_A_KIND}


def _usual(names: Sequence[str]) -> _Usual:
    alike = {style: sum(1 for name in names if rule.fullmatch(name)) for style, rule in _STYLES.items()}
    style = max(alike, key=lambda each: alike[each])
    return _Usual(style if alike[style] >= _USUAL_SHARE * len(names) else "", alike[style], len(names))


def _names_in(context: FilesContext, files: Sequence[MigrationFile]) -> Iterator[Named]:
    """One that does not parse says nothing."""
    for file in files:
        with contextlib.suppress(CannotRun):
            for statement in context.statements(file):
                yield from given_names(statement)


def _of_this_set(usual: Mapping[str, _Usual]) -> str:
    told = [f"{kind} {one.style or 'in no one case'}" for kind, one in usual.items()]
    return f" of this set: {', '.join(told)}" if told else ""


def _too_long(statement: Statement, named: Named) -> tuple[str, str] | None:
    whole = _as_written(statement, named.name)
    if len(whole.encode()) <= _MAX_BYTES:
        return None
    message = f"{named.kind} {whole} has {len(whole.encode())} bytes: the server cuts it after {_MAX_BYTES}"
    return message, "shorten it: cut names collide, and nobody finds them"


def _off_the_rule(named: Named, own: re.Pattern[str] | None, usual: Mapping[str, _Usual]) -> tuple[str, str] | None:
    """What is wrong with a name, and the mend. Kinds with few names may look as any other kind does."""
    message = f'{named.kind} "{named.name}" is off the rule'
    if own is not None:
        return None if own.fullmatch(named.name) else (message, f"the rule is {own.pattern}")
    of_kind = usual.get(named.kind)
    styles = [of_kind.style] if of_kind else list(dict.fromkeys(one.style for one in usual.values())) or ["snake_case"]
    if "" in styles or any(_STYLES[style].fullmatch(named.name) for style in styles):
        return None
    if of_kind:
        return message, f"{of_kind.alike} of {of_kind.total} {_plural(named.kind)} are {of_kind.style}"
    if usual:
        return message, f"the set has {', '.join(styles)}"
    return f"{message}, and has to be quoted ever after", f"name it {_snake(named.name) or 'a_name'}"


def _plural(kind: str) -> str:
    return "indexes" if kind == "index" else f"{kind}s"


def _as_written(statement: Statement, name: str) -> str:
    """The parser cuts long names as the server does: the whole one stands in the text."""
    if len(name.encode()) < _MAX_BYTES - 3:
        return name
    longer = re.search(re.escape(name) + r"[\w$]*", statement.text, re.IGNORECASE)
    return longer.group() if longer else name


def _snake(name: str, kept: str = "_") -> str:
    """In lower case, with `_` between words, for whatever is neither letter nor digit nor `kept`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(rf"[^a-z0-9{kept}]+", "_", words.lower()).strip("_")
