"""What is compared of a database: queries that give an owner (an oid), an item of it and its text, sort by sort.

Each is kept to few catalogs, since a query holds a lock on every catalog and every index of one that it plans with;
names come from regclass and the like, which hold none. Left out: oids, order of columns, owners and grants, comments,
tablespaces, statistics, whatever an extension made, and names that the server makes up (internal triggers, indexes and
constraints that a partition has from its parent, NOT NULL constraints of 18).
"""

from __future__ import annotations

from dataclasses import dataclass

from checks.targetdb.asking import USER_SCHEMA

TABLES_AND_MORE = "rpfc"
RELATION_WORDS = {
    "r": "table",
    "p": "table",
    "v": "view",
    "m": "materialized view",
    "f": "foreign table",
    "S": "sequence",
    "c": "type",
}
TYPE_WORDS = {"e": "enum", "d": "domain", "r": "range type"}

# %s: user schemas, members of extensions.
RELATIONS = """
SELECT c.oid::bigint AS oid, c.oid::regclass::text AS name, c.relkind::text AS kind, c.relispartition AS is_partition,
       c.relhasrules AS has_rules
FROM pg_class c
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c') AND c.relnamespace = ANY (%s::oid[])
  AND NOT EXISTS (SELECT FROM unnest(%s::oid[]) AS e(oid) WHERE e.oid = c.oid)
"""
FUNCTIONS = """
SELECT p.oid::bigint AS oid, p.oid::regprocedure::text AS name, p.prokind::text AS kind, {sql_body} AS has_rules
FROM pg_proc p WHERE p.pronamespace = ANY (%s::oid[])
  AND NOT EXISTS (SELECT FROM unnest(%s::oid[]) AS e(oid) WHERE e.oid = p.oid)
"""
TYPES = """
SELECT t.oid::bigint AS oid, t.oid::regtype::text AS name, t.typtype::text AS kind, false AS has_rules
FROM pg_type t WHERE t.typtype IN ('e', 'd', 'r') AND t.typnamespace = ANY (%s::oid[])
  AND NOT EXISTS (SELECT FROM unnest(%s::oid[]) AS e(oid) WHERE e.oid = t.oid)
"""
SCHEMAS = f"""
SELECT n.oid::bigint AS oid, n.nspname::text AS name FROM pg_namespace n
WHERE {USER_SCHEMA}
"""
EXTENSIONS = "SELECT extname::text AS name FROM pg_extension"
MEMBERS = """
SELECT classid::regclass::text AS catalog, objid::bigint AS oid FROM pg_depend
WHERE deptype = 'e' AND classid IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass,
                                    'pg_namespace'::regclass)
"""
# What a view, a rule or an SQL body reads: pg_get_viewdef locks it until the transaction ends.
READ_BY_RULES = """
SELECT r.ev_class::bigint AS owner, d.refobjid::bigint AS relation
FROM pg_rewrite r JOIN unnest(%s::oid[]) AS o(oid) ON o.oid = r.ev_class
JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
GROUP BY 1, 2
"""
READ_BY_BODIES = """
SELECT d.objid::bigint AS owner, d.refobjid::bigint AS relation
FROM pg_depend d JOIN unnest(%s::oid[]) AS o(oid) ON o.oid = d.objid
WHERE d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_class'::regclass GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Kind:
    """One sort of item. `of` is what owns it: relation, function or type. `deparsed` ones are read in small batches."""

    word: str
    of: str
    query: str
    relkinds: str = ""
    deparsed: bool = False


_OWNERS = "JOIN unnest(%s::oid[]) AS o(oid) ON o.oid ="

_RELATION = f"""
SELECT c.oid AS owner, '' AS item, concat_ws(' ', c.relkind, c.relpersistence,
  CASE WHEN c.relrowsecurity THEN 'row security' END, CASE WHEN c.relforcerowsecurity THEN 'forced' END,
  'replica identity', c.relreplident, array_to_string(c.reloptions, ','),
  CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
  CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END) AS text
FROM pg_class c {_OWNERS} c.oid
"""
# Debian's 15.20 stamps columns with an option pg_attver=<n>, which says nothing about the schema.
_COLUMN = f"""
SELECT a.attrelid AS owner, a.attname::text AS item, concat_ws(' ', format_type(a.atttypid, a.atttypmod),
  CASE WHEN a.attcollation NOT IN (0, 100) THEN 'COLLATE ' || a.attcollation::regcollation::text END,
  CASE WHEN a.attnotnull THEN 'NOT NULL' END,
  CASE a.attidentity WHEN 'a' THEN 'IDENTITY ALWAYS' WHEN 'd' THEN 'IDENTITY BY DEFAULT' END,
  CASE a.attgenerated WHEN 's' THEN 'GENERATED STORED' WHEN 'v' THEN 'GENERATED VIRTUAL' END,
  CASE WHEN d.adbin IS NOT NULL THEN 'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) END,
  CASE WHEN a.attoptions IS NOT NULL THEN
    nullif(array_to_string(ARRAY(SELECT x FROM unnest(a.attoptions) AS x WHERE x !~ '^pg_attver=' ORDER BY x), ','), '')
  END) AS text
FROM pg_attribute a {_OWNERS} a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attislocal
"""
_INDEX = f"""
SELECT i.indrelid AS owner, c.relname::text AS item, concat_ws(' ', pg_get_indexdef(i.indexrelid),
  CASE WHEN NOT i.indisvalid THEN 'INVALID' END, CASE WHEN i.indisreplident THEN 'replica identity' END) AS text
FROM pg_index i {_OWNERS} i.indrelid JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT c.relispartition
"""
# The columns of a primary key or unique constraint are those of its index, which is an item of its own.
_CONSTRAINT = f"""
SELECT c.conrelid AS owner, CASE WHEN c.contype = 'n' THEN 'NOT NULL ' || c.conkey::text ELSE c.conname::text END
  AS item, CASE WHEN c.contype IN ('p', 'u') THEN concat_ws(' ', c.contype, CASE WHEN c.condeferrable THEN 'DEFERRABLE'
  END, CASE WHEN c.condeferred THEN 'INITIALLY DEFERRED' END) ELSE pg_get_constraintdef(c.oid) END AS text
FROM pg_constraint c {_OWNERS} c.conrelid
WHERE c.conparentid = 0 AND (c.conislocal OR c.coninhcount = 0) AND c.contype <> 't'
  AND (c.contype <> 'n' OR NOT c.convalidated)
"""
_TRIGGER = f"""
SELECT t.tgrelid AS owner, t.tgname::text AS item, concat_ws(' ', pg_get_triggerdef(t.oid),
  CASE t.tgenabled WHEN 'D' THEN 'DISABLED' WHEN 'R' THEN 'REPLICA' WHEN 'A' THEN 'ALWAYS' END) AS text
FROM pg_trigger t {_OWNERS} t.tgrelid WHERE NOT t.tgisinternal AND t.tgparentid = 0
"""
_POLICY = f"""
SELECT p.polrelid AS owner, p.polname::text AS item, concat_ws(' ', p.polcmd, p.polpermissive,
  (SELECT string_agg(CASE r WHEN 0 THEN 'public' ELSE r::regrole::text END, ',' ORDER BY r::regrole::text)
   FROM unnest(p.polroles) AS r), pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) AS text
FROM pg_policy p {_OWNERS} p.polrelid
"""
_SEQUENCE = f"""
SELECT s.seqrelid AS owner, '' AS item, concat_ws(' ', s.seqtypid::regtype::text, 'start', s.seqstart, 'by',
  s.seqincrement, 'from', s.seqmin, 'to', s.seqmax, CASE WHEN s.seqcycle THEN 'CYCLE' END) AS text
FROM pg_sequence s {_OWNERS} s.seqrelid
"""
_PARENT = f"""
SELECT i.inhrelid AS owner, '' AS item, i.inhparent::regclass::text AS text FROM pg_inherits i {_OWNERS} i.inhrelid
"""
_STATISTICS = f"""
SELECT s.stxrelid AS owner, s.stxname::text AS item, pg_get_statisticsobjdef(s.oid) AS text
FROM pg_statistic_ext s {_OWNERS} s.stxrelid
"""
_RULE = f"""
SELECT r.ev_class AS owner, CASE r.rulename WHEN '_RETURN' THEN '' ELSE r.rulename::text END AS item,
  concat_ws(' ', CASE r.rulename WHEN '_RETURN' THEN pg_get_viewdef(r.ev_class) ELSE pg_get_ruledef(r.oid) END,
  CASE r.ev_enabled WHEN 'O' THEN NULL ELSE 'enabled ' || r.ev_enabled::text END) AS text
FROM pg_rewrite r {_OWNERS} r.ev_class
"""
_FUNCTION = f"""
SELECT p.oid AS owner, '' AS item, CASE p.prokind WHEN 'a' THEN concat_ws(' ', g.aggtransfn, g.aggfinalfn,
  g.aggtranstype::regtype::text, g.agginitval) ELSE pg_get_functiondef(p.oid) END AS text
FROM pg_proc p {_OWNERS} p.oid LEFT JOIN pg_aggregate g ON g.aggfnoid = p.oid
"""
_LABELS = f"""
SELECT e.enumtypid AS owner, '' AS item, string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) AS text
FROM pg_enum e {_OWNERS} e.enumtypid GROUP BY e.enumtypid
"""
_DOMAIN = f"""
SELECT t.oid AS owner, '' AS item, concat_ws(' ', format_type(t.typbasetype, t.typtypmod),
  CASE WHEN t.typnotnull THEN 'NOT NULL' END, 'DEFAULT ' || t.typdefault) AS text
FROM pg_type t {_OWNERS} t.oid WHERE t.typtype = 'd'
"""
_DOMAIN_CONSTRAINT = f"""
SELECT c.contypid AS owner, c.conname::text AS item, pg_get_constraintdef(c.oid) AS text
FROM pg_constraint c {_OWNERS} c.contypid WHERE c.contype <> 'n'
"""
_RANGE = f"""
SELECT r.rngtypid AS owner, '' AS item, r.rngsubtype::regtype::text AS text FROM pg_range r {_OWNERS} r.rngtypid
"""

ENUM_LABELS = Kind("labels", "type", _LABELS)
KINDS = (
    Kind("", "relation", _RELATION),
    Kind("column", "relation", _COLUMN, TABLES_AND_MORE),
    Kind("constraint", "relation", _CONSTRAINT, "rpf"),
    Kind("index", "relation", _INDEX, "rpm"),
    Kind("trigger", "relation", _TRIGGER, "rpfv"),
    Kind("policy", "relation", _POLICY, "rp"),
    Kind("values", "relation", _SEQUENCE, "S"),
    Kind("parent", "relation", _PARENT, "rpf"),
    Kind("statistics", "relation", _STATISTICS, "rpm"),
    Kind("rule", "relation", _RULE, deparsed=True),
    Kind("", "function", _FUNCTION),
    Kind("", "function", _FUNCTION, deparsed=True),
    ENUM_LABELS,
    Kind("", "type", _DOMAIN),
    Kind("constraint", "type", _DOMAIN_CONSTRAINT),
    Kind("", "type", _RANGE),
)
