"""Every object of a database by name, with its definition: equal dictionaries are equal schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checks.targetdb.asking import USER_SCHEMA

if TYPE_CHECKING:
    from checks.targetdb.session import Connection

_KINDS = (
    "CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' "
    "WHEN 'i' THEN 'index' WHEN 'I' THEN 'index' WHEN 'c' THEN 'type' ELSE 'table' END"
)
_OBJECTS = f"""
SELECT {_KINDS} || ' ' || c.oid::regclass::text AS object, md5(concat_ws('|', c.relkind, c.relpersistence,
  c.relrowsecurity, c.relacl, c.reloptions, pg_get_expr(c.relpartbound, c.oid), obj_description(c.oid, 'pg_class'),
  CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) WHEN c.relkind IN ('i', 'I') THEN pg_get_indexdef(c.oid)
  END, (SELECT string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
    a.attgenerated, pg_get_expr(f.adbin, f.adrelid), col_description(c.oid, a.attnum)), ',' ORDER BY a.attnum)
    FROM pg_attribute a LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind <> 'i'))) AS digest
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind <> 't' AND {USER_SCHEMA}
UNION ALL SELECT 'constraint ' || k.conname::text || ' on ' || k.conrelid::regclass::text,
  md5(pg_get_constraintdef(k.oid) || k.convalidated::text) FROM pg_constraint k
JOIN pg_namespace n ON n.oid = k.connamespace
WHERE k.conrelid <> 0 AND {USER_SCHEMA}
UNION ALL SELECT 'trigger ' || t.tgname::text || ' on ' || t.tgrelid::regclass::text,
  md5(pg_get_triggerdef(t.oid) || t.tgenabled::text)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND {USER_SCHEMA}
UNION ALL SELECT CASE p.prokind WHEN 'a' THEN 'aggregate ' ELSE 'function ' END || p.oid::regprocedure::text,
  md5(concat_ws('|', CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END, p.proacl,
    obj_description(p.oid, 'pg_proc')))
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {USER_SCHEMA}
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                  AND d.deptype = 'e')
UNION ALL SELECT 'type ' || t.oid::regtype::text, md5(concat_ws('|', t.typtype, format_type(t.typbasetype, t.typtypmod),
  t.typdefault, t.typnotnull, obj_description(t.oid, 'pg_type'),
  (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)))
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype IN ('e', 'd', 'r') AND {USER_SCHEMA}
UNION ALL SELECT 'policy ' || p.polname::text || ' on ' || p.polrelid::regclass::text,
  md5(concat_ws('|', p.polcmd, pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)))
FROM pg_policy p
UNION ALL SELECT 'schema ' || n.nspname::text, md5(coalesce(n.nspacl::text, '')) FROM pg_namespace n WHERE {USER_SCHEMA}
UNION ALL SELECT 'extension ' || e.extname::text, md5(e.extversion) FROM pg_extension e
"""


def schema_objects(connection: Connection) -> dict[str, str]:
    """`table public.orders` and so on, each with a digest of its definition, owner's grants and comment."""
    with connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL search_path = pg_catalog, pg_temp")
        return {str(name): str(digest) for name, digest in connection.execute(_OBJECTS.encode()).fetchall()}
