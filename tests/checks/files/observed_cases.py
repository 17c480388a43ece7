"""Statements on tables in use, each with a twin: what online-safety says is compared with what a server does."""

from __future__ import annotations

from typing import NamedTuple

WAREHOUSE = """
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE DOMAIN plain AS int;
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE FUNCTION steady() RETURNS int LANGUAGE sql STABLE AS 'SELECT 1';
CREATE FUNCTION moody() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, nickname text, v int);
CREATE TABLE wares (
  id bigint PRIMARY KEY, n int, amount int, plenty int, user_id bigint, label varchar(10), tag varchar(10),
  checked varchar(10), derived varchar(10), note text,
  at timestamp, indexed_at timestamp, fine timestamp(3), zoned timestamptz,
  price numeric(10, 2), free numeric, bits bit(8), few varbit(8), net cidr, span interval(3), doc xml, code char(5),
  many varchar(10)[], quiet plain, loud positive, key uuid, data json, face mood, must int NOT NULL, sure int,
  surer int, unsure int, part int CONSTRAINT wares_part_check CHECK (part IS NOT NULL OR n > 0), small smallint
);
INSERT INTO wares (id, n, must, sure, surer, unsure, part, amount) VALUES (1, 1, 1, 1, 1, 1, 1, 1);
INSERT INTO users VALUES (1, 'ann@example.org', 'ann', 1);
CREATE INDEX wares_tag_idx ON wares (tag);
CREATE INDEX wares_net_idx ON wares (net);
CREATE INDEX wares_indexed_at_idx ON wares (indexed_at);
CREATE INDEX wares_lower_idx ON wares (lower(derived));
CREATE UNIQUE INDEX wares_n_key ON wares (n);
CREATE UNIQUE INDEX wares_must_key ON wares (must);
ALTER TABLE wares ADD CHECK (checked <> '');
ALTER TABLE wares ADD CONSTRAINT sure_is_there CHECK (sure IS NOT NULL);
ALTER TABLE wares ADD CONSTRAINT surer_is_there CHECK (surer IS NOT NULL AND surer > 0) NOT VALID;
ALTER TABLE wares VALIDATE CONSTRAINT surer_is_there;
ALTER TABLE wares ADD CONSTRAINT unsure_is_there CHECK (unsure IS NOT NULL) NOT VALID;
ALTER TABLE wares ADD CONSTRAINT wares_user_fkey FOREIGN KEY (user_id) REFERENCES users NOT VALID;
CREATE VIEW cheap AS SELECT id FROM wares WHERE amount < 10;
CREATE MATERIALIZED VIEW totals AS SELECT id, amount FROM wares;
CREATE UNIQUE INDEX totals_id_idx ON totals (id);
CREATE TABLE events (day date NOT NULL, v int) PARTITION BY RANGE (day);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE spare (day date NOT NULL, v int) PARTITION BY RANGE (day);
CREATE TABLE spare_rest PARTITION OF spare DEFAULT;
CREATE TABLE tight (day date NOT NULL, v int) PARTITION BY RANGE (day);
CREATE TABLE tight_rest PARTITION OF tight (CHECK (day < '2026-01-01')) DEFAULT;
CREATE TABLE regions (region text NOT NULL, v int) PARTITION BY LIST (region);
CREATE TABLE loose (day date NOT NULL, v int);
CREATE TABLE nullable (day date, v int, CHECK (day >= '2026-01-01' AND day < '2027-01-01'));
CREATE TABLE fitting (day date NOT NULL, v int, CHECK (day >= '2026-01-01' AND day < '2027-01-01'));
CREATE TABLE waiting (day date NOT NULL, v int);
ALTER TABLE waiting ADD CONSTRAINT fits CHECK (day >= '2026-01-01' AND day < '2027-01-01') NOT VALID;
CREATE TABLE north (region text NOT NULL CHECK (region IN ('n', 'nw')), v int);
CREATE TABLE south (region text NOT NULL, v int);
CREATE TABLE keyed (id int PRIMARY KEY, other int NOT NULL, v int);
CREATE UNIQUE INDEX keyed_other_key ON keyed (other);
INSERT INTO keyed VALUES (1, 1, 1);
CREATE TABLE named (id int NOT NULL, v int);
CREATE UNIQUE INDEX named_identity ON named (id);
CREATE UNIQUE INDEX named_other ON named (v, id);
ALTER TABLE named REPLICA IDENTITY USING INDEX named_identity;
INSERT INTO named VALUES (1, 1);
CREATE TABLE attic (id int PRIMARY KEY, v int);
CREATE INDEX attic_v_idx ON attic (v);
"""


class Pair(NamedTuple):
    """`broken` breaks the rule and a server shows it; `twin` breaks none, and a server shows nothing.

    `probe` works before both, and after the twin alone. `since` is the first major version that knows the statements.
    """

    rule: str
    broken: str
    twin: str
    probe: str = ""
    since: int = 15


_INDEX, _FOREIGN, _CHECK = (
    "require-concurrent-index-creation",
    "adding-foreign-key-constraint",
    "constraint-missing-not-valid",
)
_UNIQUE, _KEY, _FIELD, _DEFAULT = (
    "disallowed-unique-constraint",
    "adding-serial-primary-key-field",
    "adding-required-field",
    "adding-field-with-default",
)
_NOT_NULL, _TYPE, _ATTACH, _REST, _IDENTITY = (
    "adding-not-nullable-field",
    "changing-column-type",
    "attaching-partition",
    "scanning-default-partition",
    "dropping-replica-identity",
)
_BOUNDS = "FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')"
_UPDATE_KEYED, _UPDATE_NAMED = "UPDATE keyed SET v = v", "UPDATE named SET v = v"


def _wares(rule: str, broken: str, twin: str, since: int = 15) -> Pair:
    return Pair(rule, f"ALTER TABLE wares {broken}", f"ALTER TABLE wares {twin}", since=since)


def _type(broken: str, twin: str) -> Pair:
    return _wares(_TYPE, f"ALTER {broken}", f"ALTER {twin}")


def _utc(broken: str, twin: str) -> Pair:
    return Pair(
        _TYPE, broken.replace("ALTER ", "ALTER TABLE wares ALTER "), twin.replace("@", "ALTER TABLE wares ALTER")
    )


PAIRS: tuple[Pair, ...] = (
    Pair(_INDEX, "CREATE INDEX ON wares (amount)", "CREATE INDEX CONCURRENTLY ON attic (v)"),
    Pair(_INDEX, "CREATE UNIQUE INDEX ON wares (small)", "CREATE TABLE fresh (id int); CREATE INDEX ON fresh (id)"),
    Pair(_INDEX, "CREATE INDEX ON events (v)", "CREATE INDEX ON ONLY events (v)"),
    Pair(
        _INDEX, "CREATE INDEX ON wares (lower(note)) WHERE n > 0", "CREATE STATISTICS ON n, amount FROM wares", since=16
    ),
    Pair(
        _INDEX, "CREATE INDEX ON totals (amount)", "CREATE MATERIALIZED VIEW m AS SELECT 1 AS n; CREATE INDEX ON m (n)"
    ),
    Pair("require-concurrent-index-deletion", "DROP INDEX wares_tag_idx", "DROP INDEX CONCURRENTLY attic_v_idx"),
    Pair("require-concurrent-reindex", "REINDEX TABLE wares", "REINDEX TABLE CONCURRENTLY attic"),
    Pair("require-concurrent-reindex", "REINDEX INDEX wares_tag_idx", "REINDEX INDEX CONCURRENTLY attic_pkey"),
    Pair(
        "require-concurrent-partition-detach",
        "ALTER TABLE events DETACH PARTITION events_2025",
        f"CREATE TABLE events_2026 PARTITION OF events {_BOUNDS}",
    ),
    _wares(_FOREIGN, "ADD FOREIGN KEY (id) REFERENCES users", "ADD FOREIGN KEY (id) REFERENCES users NOT VALID"),
    _wares(_FOREIGN, "ADD z bigint DEFAULT 1 REFERENCES users", "ADD z bigint REFERENCES users"),
    _wares(_FOREIGN, "ADD z bigint DEFAULT NULL REFERENCES users", "ADD z bigint, ADD y bigint REFERENCES users (id)"),
    Pair(
        _FOREIGN,
        "ALTER TABLE wares ADD CONSTRAINT again FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE",
        "CREATE TABLE parts (ware bigint REFERENCES wares (id))",
    ),
    _wares(_FOREIGN, "ADD FOREIGN KEY (id) REFERENCES wares", "ADD FOREIGN KEY (id) REFERENCES wares NOT ENFORCED", 18),
    _wares(_CHECK, "ADD CHECK (n > 0)", "ADD CHECK (n > 0) NOT VALID"),
    _wares(_CHECK, "ADD CHECK (n > 0)", "ADD CHECK (n > 0) NOT ENFORCED", 18),
    _wares(_CHECK, "ADD z int CHECK (z > 0)", "ADD z int"),
    _wares(_CHECK, "ADD z int DEFAULT 1 CHECK (z > 0)", "ADD z int DEFAULT 1"),
    _wares(_CHECK, "ADD z int NOT NULL DEFAULT 1 CHECK (z > 0)", "ADD z int NOT NULL DEFAULT 1"),
    _wares(
        _CHECK, "ADD CONSTRAINT c CHECK (n > 0) NOT VALID, VALIDATE CONSTRAINT c", "VALIDATE CONSTRAINT unsure_is_there"
    ),
    Pair(
        _CHECK,
        "ALTER TABLE wares ADD CONSTRAINT c CHECK (n > 0) NOT VALID; ALTER TABLE wares VALIDATE CONSTRAINT c",
        "CREATE TABLE t (n int); ALTER TABLE t ADD CONSTRAINT c CHECK (n > 0)",
    ),
    Pair(
        _CHECK,
        "ALTER TABLE wares ADD z int; ALTER TABLE wares VALIDATE CONSTRAINT unsure_is_there",
        "CREATE TABLE t (z int); ALTER TABLE wares VALIDATE CONSTRAINT unsure_is_there",
    ),
    Pair(
        _CHECK,
        "ALTER TABLE users ADD z int; ALTER TABLE wares VALIDATE CONSTRAINT unsure_is_there",
        "ALTER TABLE users ALTER v SET STATISTICS 10; ALTER TABLE wares VALIDATE CONSTRAINT unsure_is_there",
    ),
    Pair(
        _CHECK,
        "ALTER TABLE wares ADD z int; ALTER TABLE wares VALIDATE CONSTRAINT wares_user_fkey",
        "ALTER TABLE wares VALIDATE CONSTRAINT wares_user_fkey",
    ),
    _wares(_UNIQUE, "ADD UNIQUE (small)", "ADD CONSTRAINT u UNIQUE USING INDEX wares_n_key"),
    _wares(_UNIQUE, "ADD z int UNIQUE", "ADD z int"),
    _wares("adding-exclusion-constraint", "ADD EXCLUDE USING btree (small WITH =)", "ADD CHECK (small > 0) NOT VALID"),
    Pair(
        _KEY,
        "ALTER TABLE south ADD PRIMARY KEY (region)",
        "CREATE TABLE t (id int); ALTER TABLE t ADD PRIMARY KEY (id)",
    ),
    Pair(
        _KEY,
        "ALTER TABLE keyed DROP CONSTRAINT keyed_pkey, ADD PRIMARY KEY (other)",
        "ALTER TABLE keyed DROP CONSTRAINT keyed_pkey, ADD PRIMARY KEY USING INDEX keyed_other_key",
    ),
    _wares(_FIELD, "ADD z int NOT NULL", "ADD z int NOT NULL DEFAULT 0"),
    _wares(_FIELD, "ADD z text NOT NULL DEFAULT NULL", "ADD z text DEFAULT NULL"),
    Pair(
        _FIELD, "ALTER TABLE named ADD z int PRIMARY KEY", "CREATE TABLE t (v int); ALTER TABLE t ADD z int PRIMARY KEY"
    ),
    _wares(_DEFAULT, "ADD z uuid DEFAULT gen_random_uuid()", "ADD z uuid"),
    _wares(_DEFAULT, "ADD z timestamptz DEFAULT clock_timestamp()", "ADD z timestamptz DEFAULT now()"),
    _wares(_DEFAULT, "ADD z float DEFAULT random()", "ADD z float DEFAULT -1"),
    _wares(_DEFAULT, "ADD z float DEFAULT random() * 2", "ADD z int DEFAULT -1 * 2"),
    _wares(_DEFAULT, "ADD z text DEFAULT timeofday()", "ADD z timestamptz DEFAULT CURRENT_TIMESTAMP"),
    _wares(_DEFAULT, "ADD z date DEFAULT clock_timestamp()::date", "ADD z date DEFAULT CURRENT_DATE + 1"),
    _wares(_DEFAULT, "ADD z int DEFAULT moody()", "ADD z int DEFAULT steady()"),
    _wares(_DEFAULT, "ADD z serial", "ADD z int DEFAULT '7'::int"),
    _wares(
        _DEFAULT, "ADD z bigint GENERATED BY DEFAULT AS IDENTITY", "ALTER must ADD GENERATED BY DEFAULT AS IDENTITY"
    ),
    _wares(_DEFAULT, "ADD z int GENERATED ALWAYS AS (n + 1) STORED", "ADD z text DEFAULT 'a' || 'b'"),
    _wares(
        _DEFAULT,
        "ADD z int GENERATED ALWAYS AS (n + 1) STORED NOT NULL",
        "ADD z int GENERATED ALWAYS AS (n + 1) VIRTUAL",
        18,
    ),
    _wares(_DEFAULT, "ADD z positive", "ADD z plain"),
    _wares(_DEFAULT, "ADD z positive DEFAULT 1", "ADD z plain DEFAULT 1"),
    _wares(_DEFAULT, "ADD z text DEFAULT gen_random_uuid()::text", "ADD z text DEFAULT md5('a')"),
    _wares(
        _DEFAULT, "ADD z timestamptz DEFAULT clock_timestamp() + '1 day'", "ADD z timestamptz DEFAULT now() + '1 day'"
    ),
    _wares(_DEFAULT, "ADD y int, ADD z float DEFAULT random()", "ADD y int, ALTER n SET DEFAULT random()"),
    _wares(_NOT_NULL, "ALTER amount SET NOT NULL", "ALTER sure SET NOT NULL"),
    _wares(_NOT_NULL, "ALTER unsure SET NOT NULL", "ALTER surer SET NOT NULL"),
    _wares(_NOT_NULL, "ALTER part SET NOT NULL", "ALTER must SET NOT NULL"),
    _wares(_NOT_NULL, "ALTER amount SET NOT NULL, ALTER must SET NOT NULL", "ALTER id SET NOT NULL"),
    _wares(_NOT_NULL, "ADD CONSTRAINT s NOT NULL amount", "ADD CONSTRAINT s NOT NULL amount NOT VALID", 18),
    Pair(
        _NOT_NULL,
        "ALTER TABLE wares DROP CONSTRAINT wares_pkey, ADD PRIMARY KEY USING INDEX wares_n_key",
        "ALTER TABLE wares DROP CONSTRAINT wares_pkey, ADD PRIMARY KEY USING INDEX wares_must_key",
    ),
    Pair(
        _NOT_NULL,
        "ALTER TABLE wares DROP CONSTRAINT sure_is_there; ALTER TABLE wares ALTER sure SET NOT NULL",
        "ALTER TABLE wares RENAME CONSTRAINT sure_is_there TO there; ALTER TABLE wares ALTER sure SET NOT NULL",
    ),
    _type("label TYPE varchar(5)", "label TYPE varchar(20)"),
    _type("note TYPE varchar(20)", "note TYPE varchar"),
    _type("label TYPE char(10)", "label TYPE text"),
    _type("tag TYPE varchar(5)", "tag TYPE varchar(20)"),
    _type("tag TYPE char(20)", "tag TYPE text"),
    _type("derived TYPE varchar(20)", "label TYPE varchar"),
    _type("checked TYPE varchar(20)", "label TYPE varchar(10)"),
    _type('tag TYPE text COLLATE "C"', 'label TYPE text COLLATE "C"'),
    _type("price TYPE numeric(12, 3)", "price TYPE numeric(12, 2)"),
    _type("price TYPE numeric(8, 2)", "price TYPE numeric"),
    _type("free TYPE numeric(10, 2)", "free TYPE numeric"),
    _type("fine TYPE timestamp(0)", "fine TYPE timestamp(6)"),
    _type("at TYPE timestamp(3)", "fine TYPE timestamp"),
    _type("bits TYPE bit(16)", "bits TYPE varbit"),
    _type("few TYPE varbit(4)", "few TYPE varbit(16)"),
    _type("net TYPE text", "net TYPE inet"),
    _type("span TYPE text", "span TYPE interval(6)"),
    _type("code TYPE text", "doc TYPE text"),
    _type("code TYPE varchar(5)", "code TYPE char(5)"),
    _type("many TYPE text[]", "many TYPE varchar(10)[]"),
    _type("n TYPE bigint", "plenty TYPE oid"),
    _type("small TYPE int", "small TYPE smallint"),
    _type("plenty TYPE positive", "plenty TYPE plain"),
    _type("quiet TYPE bigint", "quiet TYPE int"),
    _type("loud TYPE bigint", "loud TYPE int"),
    _type("face TYPE text", "face TYPE mood"),
    _type("data TYPE jsonb", "data TYPE json"),
    _type("key TYPE text", "key TYPE uuid"),
    _type("label TYPE text USING trim(label)", "label TYPE text USING label::text"),
    _type("label TYPE text USING note", "label TYPE text USING label"),
    _type("note TYPE timestamptz USING note::timestamptz", "note TYPE text"),
    _utc("ALTER at TYPE timestamptz", "SET LOCAL timezone = 'UTC'; @ at TYPE timestamptz"),
    _utc("ALTER zoned TYPE timestamp", "SET timezone TO 'Etc/UTC'; @ zoned TYPE timestamp"),
    Pair(
        _TYPE,
        "SET timezone = 'Europe/Berlin'; ALTER TABLE wares ALTER at TYPE timestamptz",
        "SELECT set_config('timezone', 'UTC', true); ALTER TABLE wares ALTER fine TYPE timestamptz",
    ),
    Pair(
        _TYPE,
        "SET LOCAL timezone = 'UTC'; ALTER TABLE wares ALTER indexed_at TYPE timestamptz",
        "SET TIME ZONE 'UTC'; ALTER TABLE wares ALTER fine TYPE timestamptz(6)",
    ),
    Pair(
        _TYPE,
        "SET LOCAL timezone = 'UTC'; ALTER TABLE wares ALTER at TYPE timestamptz USING at AT TIME ZONE 'UTC'",
        "SET LOCAL timezone = 'UTC'; ALTER TABLE wares ALTER at TYPE timestamptz USING at::timestamptz",
    ),
    Pair(
        _TYPE,
        "ALTER TABLE wares ALTER label TYPE text; ALTER TABLE wares ALTER label TYPE varchar(10)",
        "ALTER TABLE wares RENAME CONSTRAINT sure_is_there TO s; ALTER TABLE wares ALTER label TYPE varchar(30)",
    ),
    Pair(
        "ban-alter-domain-with-add-constraint",
        "ALTER DOMAIN positive ADD CONSTRAINT few CHECK (VALUE < 100)",
        "ALTER DOMAIN positive ADD CONSTRAINT few CHECK (VALUE < 100) NOT VALID",
    ),
    Pair("ban-alter-domain-with-add-constraint", "ALTER DOMAIN plain SET NOT NULL", "ALTER DOMAIN plain SET DEFAULT 1"),
    Pair(
        _ATTACH,
        f"ALTER TABLE events ATTACH PARTITION loose {_BOUNDS}",
        f"ALTER TABLE events ATTACH PARTITION fitting {_BOUNDS}",
    ),
    Pair(
        _ATTACH,
        f"ALTER TABLE events ATTACH PARTITION waiting {_BOUNDS}",
        f"CREATE TABLE t (day date NOT NULL, v int); ALTER TABLE events ATTACH PARTITION t {_BOUNDS}",
    ),
    Pair(
        _ATTACH,
        "ALTER TABLE regions ATTACH PARTITION south FOR VALUES IN ('s', 'sw')",
        "ALTER TABLE regions ATTACH PARTITION north FOR VALUES IN ('nw', 'n')",
    ),
    Pair(
        _ATTACH,
        f"ALTER TABLE fitting DROP CONSTRAINT fitting_day_check; ALTER TABLE events ATTACH PARTITION fitting {_BOUNDS}",
        f"ALTER TABLE events ATTACH PARTITION fitting {_BOUNDS}",
    ),
    Pair(
        _REST,
        f"ALTER TABLE spare ATTACH PARTITION fitting {_BOUNDS}",
        f"ALTER TABLE tight ATTACH PARTITION fitting {_BOUNDS}",
    ),
    Pair(_REST, f"CREATE TABLE p PARTITION OF spare {_BOUNDS}", f"CREATE TABLE p PARTITION OF tight {_BOUNDS}"),
    Pair(_REST, f"CREATE TABLE p PARTITION OF spare {_BOUNDS}", f"CREATE TABLE p PARTITION OF events {_BOUNDS}"),
    Pair(
        _IDENTITY,
        "ALTER TABLE keyed DROP CONSTRAINT keyed_pkey",
        "ALTER TABLE keyed DROP CONSTRAINT keyed_pkey; ALTER TABLE keyed ADD PRIMARY KEY USING INDEX keyed_other_key",
        _UPDATE_KEYED,
    ),
    Pair(_IDENTITY, "ALTER TABLE keyed DROP COLUMN id", "ALTER TABLE keyed DROP COLUMN other", _UPDATE_KEYED),
    Pair(
        _IDENTITY,
        "ALTER TABLE keyed REPLICA IDENTITY NOTHING",
        "ALTER TABLE keyed REPLICA IDENTITY FULL",
        _UPDATE_KEYED,
    ),
    Pair(
        _IDENTITY,
        "ALTER TABLE named REPLICA IDENTITY DEFAULT",
        "ALTER TABLE keyed REPLICA IDENTITY DEFAULT",
        _UPDATE_NAMED,
    ),
    Pair(_IDENTITY, "DROP INDEX named_identity", "ALTER INDEX named_other RENAME TO n", _UPDATE_NAMED),
    Pair(
        _IDENTITY,
        "ALTER TABLE keyed DROP CONSTRAINT keyed_pkey CASCADE",
        "ALTER TABLE keyed REPLICA IDENTITY FULL; ALTER TABLE keyed DROP CONSTRAINT keyed_pkey",
        _UPDATE_KEYED,
    ),
    Pair(
        "refresh-without-concurrently",
        "REFRESH MATERIALIZED VIEW totals",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY totals",
    ),
    Pair("update-of-every-row", "UPDATE wares SET amount = 1", "SELECT count(*) FROM wares"),
    Pair("update-of-every-row", "UPDATE wares SET amount = 1 WHERE true", "INSERT INTO users VALUES (2, 'b', 'b', 2)"),
    Pair("lock-table", "LOCK TABLE wares", "LOCK TABLE wares IN ROW EXCLUSIVE MODE"),
    Pair("lock-table", "LOCK TABLE wares IN SHARE MODE", "LOCK TABLE wares IN SHARE UPDATE EXCLUSIVE MODE"),
    Pair("rewrite", "ALTER TABLE keyed SET UNLOGGED", "ALTER TABLE keyed SET (fillfactor = 70)"),
    _wares("rewrite", "SET ACCESS METHOD heap, SET UNLOGGED", "ALTER n SET STATISTICS 100"),
    Pair("cluster", "CLUSTER wares USING wares_tag_idx", "ALTER TABLE wares CLUSTER ON wares_tag_idx"),
    Pair("vacuum-full", "VACUUM FULL attic", "VACUUM attic"),
    Pair("vacuum-full", "VACUUM (FULL, ANALYZE) attic", "VACUUM (ANALYZE) attic"),
    Pair(
        "renaming-table",
        "ALTER TABLE users RENAME TO people",
        "ALTER TABLE users ADD z text",
        "SELECT email FROM users",
    ),
    Pair(
        "renaming-column",
        "ALTER TABLE users RENAME email TO mail",
        "ALTER TABLE users ADD mail text",
        "SELECT email FROM users",
    ),
    Pair(
        "renaming-object", "ALTER FUNCTION moody RENAME TO m", "ALTER INDEX wares_tag_idx RENAME TO i", "SELECT moody()"
    ),
    Pair("renaming-object", "ALTER TYPE mood RENAME TO m", "ALTER TYPE mood ADD VALUE 'so'", "SELECT 'good'::mood"),
    Pair(
        "ban-drop-view",
        "DROP VIEW cheap",
        "CREATE OR REPLACE VIEW cheap AS SELECT id FROM wares",
        "SELECT id FROM cheap",
    ),
)
