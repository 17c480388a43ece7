"""The schema of a scratch database, object by object, in lines that can be compared and shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from checks.sql.statements import without_values
from checks.targetdb.asking import USER_SCHEMA

if TYPE_CHECKING:
    from checks.targetdb.session import Connection

Objects = dict[str, tuple[str, ...]]
"""`table public.orders` and so on, each with its definition in lines: columns, grants, comment and what it has."""


_KINDS = (
    "CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' "
    "WHEN 'i' THEN 'index' WHEN 'I' THEN 'index' WHEN 'c' THEN 'type' ELSE 'table' END"
)
# Rights that were given and taken back are spelled out, where before there was nothing: the same rights.
_GRANTS = "coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\", c.relowner))"
_OBJECTS = f"""
SELECT {_KINDS} || ' ' || c.oid::regclass::text AS object, concat_ws(E'\\n',
  CASE c.relkind WHEN 'p' THEN 'partitioned' END, CASE c.relpersistence WHEN 'u' THEN 'unlogged' END,
  CASE WHEN c.relrowsecurity THEN 'row security' END, 'grants ' || {_GRANTS}::text,
  'options ' || array_to_string(c.reloptions, ', '), 'partition ' || pg_get_expr(c.relpartbound, c.oid),
  'comment ' || quote_literal(obj_description(c.oid, 'pg_class')),
  CASE WHEN c.relkind IN ('v', 'm') THEN 'query ' || translate(pg_get_viewdef(c.oid), E'\\n', ' ')
    WHEN c.relkind IN ('i', 'I') THEN pg_get_indexdef(c.oid) END,
  (SELECT string_agg(concat_ws(' ', 'column', a.attname, format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attnotnull THEN 'not null' END, CASE WHEN a.attidentity <> '' THEN 'identity' END,
    CASE WHEN a.attgenerated <> '' THEN 'generated' END, 'default ' || pg_get_expr(f.adbin, f.adrelid),
    'comment ' || quote_literal(col_description(c.oid, a.attnum))), E'\\n' ORDER BY a.attnum)
    FROM pg_attribute a LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind NOT IN ('i', 'I'))) AS definition
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind <> 't' AND {USER_SCHEMA}
UNION ALL SELECT 'constraint ' || k.conname::text || ' on ' || k.conrelid::regclass::text,
  pg_get_constraintdef(k.oid) || CASE WHEN k.convalidated THEN '' ELSE ' (not validated)' END FROM pg_constraint k
JOIN pg_namespace n ON n.oid = k.connamespace
WHERE k.conrelid <> 0 AND {USER_SCHEMA}
UNION ALL SELECT 'trigger ' || t.tgname::text || ' on ' || t.tgrelid::regclass::text,
  pg_get_triggerdef(t.oid) || ' (enabled ' || t.tgenabled::text || ')'
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND {USER_SCHEMA}
UNION ALL SELECT CASE p.prokind WHEN 'a' THEN 'aggregate ' ELSE 'function ' END || p.oid::regprocedure::text,
  concat_ws(E'\\n', CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END, 
    'grants ' || coalesce(p.proacl, acldefault('f', p.proowner))::text,
    'comment ' || quote_literal(obj_description(p.oid, 'pg_proc')))
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {USER_SCHEMA}
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                  AND d.deptype = 'e')
UNION ALL SELECT 'type ' || t.oid::regtype::text, concat_ws(E'\\n', 'kind ' || t.typtype::text,
  'of ' || format_type(t.typbasetype, t.typtypmod), 'default ' || t.typdefault,
  CASE WHEN t.typnotnull THEN 'not null' END, 'comment ' || quote_literal(obj_description(t.oid, 'pg_type')),
  (SELECT string_agg('label ' || quote_ident(e.enumlabel), E'\\n' ORDER BY e.enumsortorder)
    FROM pg_enum e WHERE e.enumtypid = t.oid))
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype IN ('e', 'd', 'r') AND {USER_SCHEMA}
UNION ALL SELECT 'policy ' || p.polname::text || ' on ' || p.polrelid::regclass::text,
  concat_ws(E'\\n', 'for ' || p.polcmd::text, 'using ' || pg_get_expr(p.polqual, p.polrelid),
    'check ' || pg_get_expr(p.polwithcheck, p.polrelid))
FROM pg_policy p
UNION ALL SELECT 'schema ' || n.nspname::text, 
  'grants ' || coalesce(n.nspacl, acldefault('n', n.nspowner))::text FROM pg_namespace n
WHERE {USER_SCHEMA}
UNION ALL SELECT 'extension ' || e.extname::text, e.extversion FROM pg_extension e
"""


def schema_objects(connection: Connection) -> Objects:
    """Every object of the user's schemas; names come as `public.orders`."""
    with connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL search_path = pg_catalog, pg_temp")
        rows = connection.execute(_OBJECTS.encode()).fetchall()
    return {str(name): tuple(str(definition).split("\n")) for name, definition in rows}


def differing(one: Objects, other: Objects) -> list[str]:
    """Objects that are in both and not the same, sorted. The order of lines counts: columns and labels have one."""
    return sorted(name for name in one.keys() & other.keys() if one[name] != other[name])


def difference(now: Sequence[str], before: Sequence[str]) -> str:
    """What two definitions of an object differ in, without values: `has column a integer, lacks column a bigint`."""
    parts: list[str] = []
    for verb, lines, others in (("has", now, before), ("lacks", before, now)):
        own = [_shown(line) for line in lines if line not in others]
        parts += [f"{verb} {', '.join(own[:_MOST_SHOWN])}{' …' if len(own) > _MOST_SHOWN else ''}"] if own else []
    if len(parts) == 2 and parts[0].removeprefix("has") == parts[1].removeprefix("lacks"):
        return f"another value in{parts[0].removeprefix('has')}"
    return "; ".join(parts) or "the same in another order"


_MOST_SHOWN = 3


def _shown(line: str) -> str:
    text = " ".join(without_values(line).split())
    return text if len(text) <= 100 else f"{text[:99]}…"
