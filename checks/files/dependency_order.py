"""Nothing that pending files use is made only later: objects, and the types and enum labels of columns and values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from checks.base import ERROR, WARNING, Finding, NotApplicable, Result, counted, files_check
from checks.contexts import FilesContext
from checks.files.enum_labels import EnumLabels, label_faults
from checks.findings import verdict
from checks.options import list_option
from checks.sql.made_earlier import MadeEarlier
from checks.sql.mentions import EXTENSION, FUNCTION, RELATION, TYPE, Named, mentioned_in_body
from checks.sql.names import quoted
from checks.sql.statements import Statement
from checks.sql.tree import bare

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
        # Tables are types too.
        kinds = (TYPE, RELATION) if mention.kind == TYPE else (mention.kind,)
        is_made = any(earlier.made(kind, mention.name) for kind in kinds)
        maker = None if is_made else earlier.later(mention.kind, mention.name)
        if maker is None or earlier.has(mention.kind, mention.name) or _may_be_another(earlier, mention):
            continue
        if not _made_in_text(earlier, statement, mention, maker):
            yield _finding(statement, mention, maker)


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


_NAMES = """
    bigserial bit bool boolean box bpchar bytea char cid cidr circle date daterange datemultirange decimal float4 float8
    inet int int2 int2vector int4 int4range int4multirange int8 int8range int8multirange interval json jsonb jsonpath
    line lseg macaddr macaddr8 money name numeric nummultirange numrange oid oidvector path pg_lsn pg_snapshot point
    polygon refcursor regclass regcollation regconfig regdatabase regdictionary regnamespace regoper regoperator regproc
    regprocedure regrole regtype serial serial2 serial4 serial8 smallserial text tid time timestamp timestamptz timetz
    tsmultirange tsquery tsrange tstzmultirange tstzrange tsvector txid_snapshot uuid varbit varchar xid xid8 xml
    aclitem any anyarray anycompatible anycompatiblearray anycompatiblemultirange anycompatiblenonarray
    anycompatiblerange anyelement anyenum anymultirange anynonarray anyrange cstring event_trigger fdw_handler
    index_am_handler internal language_handler opaque pg_ddl_command record table_am_handler trigger tsm_handler
    unknown void cardinal_number character_data sql_identifier time_stamp yes_or_no
"""
BUILTIN_TYPES = frozenset(_NAMES.split())

# The type's extension: contrib modules of the manual, PostGIS, pgvector, and what clouds offer.
_TYPES_BY_EXTENSION: Mapping[str, str] = {
    "earthdistance": "earth",
    "intarray": "query_int",
    "isn": "isbn isbn13 issn ean13 upc",
    "ltree": "ltree lquery ltxtquery",
    "postgis": "geometry geography box2d box3d",
    "postgis_raster": "raster",
    "vector": "vector halfvec sparsevec",
} | {name: name for name in ("citext", "hstore", "cube", "seg", "semver", "ip4r", "roaringbitmap")}
EXTENSION_TYPES = {name: extension for extension, names in _TYPES_BY_EXTENSION.items() for name in names.split()}


@files_check(
    title="Types and enum labels are defined before their use",
    decides="Passes when every type in pending files is built in, made by an earlier statement of any file, a table, "
    "or of a known extension that a file creates; and when literals cast to an enum, its defaults, and CHECKs and "
    "indexes on its columns name labels that exist, not added in the same transaction. A type that no file makes fails "
    'on an empty target and warns otherwise: `[checks.types-defined] types = ["geometry"]` lists what the target has.',
    fix="Create the type in an earlier file, or correct the label.",
)
def types_defined(context: FilesContext) -> Result:
    """Failed for a type that only a later statement makes, and for an unknown label; see `_unknown` for the rest."""
    outside = frozenset(list_option(context.options, types_defined.id, "types"))
    earlier = MadeEarlier(context)
    labels = EnumLabels(context)
    used: set[str] = set()
    findings: list[Finding] = []
    for statement in context.all_statements(context.pending):
        own = [m for m in statement.mentions if m.kind == TYPE and not _is_known(m.name, outside)]
        used.update(m.name for m in own)
        findings.extend(_unmade(context, earlier, statement, own))
        labels.follow(statement)
        findings.extend(label_faults(labels, statement))
        earlier.follow(statement)
    if not used and not labels.pending_enums:
        raise NotApplicable("pending files use built-in types only")
    shown = f"{counted(len(used), 'type')} defined before first use"
    return verdict(findings, f"{shown}; {counted(labels.count, 'enum label')} known")


def _is_known(name: str, outside: frozenset[str]) -> bool:
    plain = bare(name)
    return plain in BUILTIN_TYPES or plain.lstrip("_") in BUILTIN_TYPES or name in outside


def _unmade(context: FilesContext, earlier: MadeEarlier, statement: Statement, own: list[Named]) -> Iterator[Finding]:
    """Tables are types too. An array's inner name begins with `_`."""
    for mention in own:
        names = (mention.name, mention.name.removeprefix("_"))
        is_made = any(earlier.has(kind, name) for kind in (TYPE, RELATION) for name in names)
        if is_made or _by_extension(earlier, mention):
            continue
        later = earlier.later(TYPE, mention.name) or earlier.later(RELATION, mention.name)
        if later is not None:
            message = f"uses type {mention.name}, which {later.file.name}:{later.line} makes"
            hint = "move what makes it before this"
            yield statement.finding(message, mention.name, hint, ERROR, mention.location)
        elif not earlier.in_text(TYPE, mention.name, earlier.files_until(statement.file)):
            yield _unknown(context, statement, mention)


def _unknown(context: FilesContext, statement: Statement, mention: Named) -> Finding:
    """Where the target has files already, it may have a type that no file made: a warning there, else an error."""
    extension = EXTENSION_TYPES.get(bare(mention.name))
    hint = f"CREATE EXTENSION {quoted(extension)};" if extension else "make it in an earlier file"
    severity = ERROR
    if context.migrations.applied_through is not None:
        hint += " --" if extension else ","
        hint += f' or if the target has it: [checks.{types_defined.id}] types = ["{mention.name}"]'
        severity = WARNING
    return statement.finding(f"no file makes type {mention.name}", mention.name, hint, severity, mention.location)


def _by_extension(earlier: MadeEarlier, mention: Named) -> bool:
    """Made by a CREATE EXTENSION before; which types an extension unknown to us makes nobody knows."""
    home = EXTENSION_TYPES.get(bare(mention.name))
    return earlier.has(EXTENSION, home) if home else False
