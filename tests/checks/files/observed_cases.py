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
_NOBODY = "00000000-0000-0000-0000-000000000000"
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
    # More shapes of the same: other methods, other tables, other words for it.
    Pair(_INDEX, "CREATE INDEX ON wares USING hash (amount)", "CREATE INDEX ON ONLY regions (v)"),
    Pair(
        _INDEX,
        "CREATE INDEX IF NOT EXISTS wares_amount_idx ON wares (amount) INCLUDE (n)",
        "CREATE TABLE t (n int, m int); CREATE UNIQUE INDEX ON t (n) INCLUDE (m)",
    ),
    Pair(_INDEX, "CREATE INDEX ON wares USING brin (id)", "COMMENT ON TABLE wares IS 'what is sold'"),
    Pair(
        _INDEX,
        "CREATE INDEX ON events_2025 (v)",
        f"CREATE TABLE e PARTITION OF events {_BOUNDS}; CREATE INDEX ON e (v)",
    ),
    Pair("require-concurrent-reindex", "REINDEX TABLE users", "REINDEX INDEX CONCURRENTLY attic_v_idx"),
    Pair(
        "require-concurrent-partition-detach",
        "ALTER TABLE spare DETACH PARTITION spare_rest",
        "CREATE TABLE q (LIKE spare INCLUDING ALL)",
    ),
    _wares(
        _FOREIGN,
        "ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES users DEFERRABLE INITIALLY DEFERRED",
        "ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES users DEFERRABLE INITIALLY DEFERRED NOT VALID",
    ),
    _wares(
        _FOREIGN,
        "ADD z bigint DEFAULT 1 CONSTRAINT f REFERENCES users ON DELETE SET NULL",
        "ADD z bigint CONSTRAINT f REFERENCES users ON DELETE SET NULL",
    ),
    _wares(_CHECK, "ADD CONSTRAINT c CHECK (n > 0 AND amount > 0)", "ADD CONSTRAINT c CHECK (n > amount) NOT VALID"),
    _wares(_CHECK, "ADD CHECK (price >= 0) NO INHERIT", "ADD CHECK (price >= 0) NO INHERIT NOT VALID"),
    _wares(_CHECK, "ADD z text DEFAULT 'a' CHECK (length(z) < 9)", "ADD z text DEFAULT 'a'"),
    Pair(_CHECK, "ALTER TABLE events ADD CHECK (v > 0)", "ALTER TABLE events ADD CHECK (v > 0) NOT VALID"),
    _wares(_UNIQUE, "ADD CONSTRAINT u UNIQUE (small, amount)", "ADD CONSTRAINT u UNIQUE USING INDEX wares_must_key"),
    _wares(_UNIQUE, "ADD UNIQUE (small) INCLUDE (n)", "ADD z int, ADD y int"),
    Pair(_UNIQUE, "ALTER TABLE users ADD z int CONSTRAINT u UNIQUE", "CREATE TABLE t (z int UNIQUE)"),
    Pair(
        _UNIQUE,
        "ALTER TABLE users ADD UNIQUE NULLS NOT DISTINCT (nickname)",
        "CREATE TABLE t (z int); ALTER TABLE t ADD UNIQUE (z)",
    ),
    _wares("adding-exclusion-constraint", "ADD EXCLUDE USING hash (small WITH =)", "DROP CONSTRAINT sure_is_there"),
    Pair(_KEY, "ALTER TABLE north ADD PRIMARY KEY (region)", "CREATE TABLE t (id int PRIMARY KEY)"),
    _wares(_FIELD, "ADD z timestamptz NOT NULL", "ADD z timestamptz NOT NULL DEFAULT now()"),
    _wares(_FIELD, "ADD z mood NOT NULL", "ADD z mood NOT NULL DEFAULT 'good'"),
    Pair(_FIELD, "ALTER TABLE users ADD z bigint NOT NULL, ADD y int", "ALTER TABLE users ADD z bigint, ADD y int"),
    _wares(_DEFAULT, "ADD z bigserial", "ADD z bigint"),
    _wares(_DEFAULT, "ADD z smallserial", "ADD z smallint DEFAULT 1"),
    _wares(_DEFAULT, "ADD z float DEFAULT round(random())", "ADD z float DEFAULT round(1.5)"),
    _wares(_DEFAULT, "ADD z uuid DEFAULT gen_random_uuid() NOT NULL", f"ADD z uuid DEFAULT '{_NOBODY}' NOT NULL"),
    _wares(
        _DEFAULT, "ADD z text GENERATED ALWAYS AS (coalesce(note, '')) STORED", "ADD z text DEFAULT coalesce('', 'x')"
    ),
    _wares(_DEFAULT, "ADD z int DEFAULT (random() * 10)::int", "ADD z int DEFAULT (2.5)::int"),
    _wares(_DEFAULT, "ADD z int GENERATED ALWAYS AS IDENTITY", "ADD z int DEFAULT 0"),
    Pair(
        _DEFAULT,
        "ALTER TABLE users ADD z timestamp DEFAULT clock_timestamp()",
        "ALTER TABLE users ADD z timestamp DEFAULT localtimestamp",
    ),
    _wares(
        _DEFAULT,
        "ADD z json DEFAULT json_build_object('a', random())",
        "ADD z json DEFAULT json_build_object('a', 1)",
    ),
    Pair(_NOT_NULL, "ALTER TABLE users ALTER nickname SET NOT NULL", "ALTER TABLE users ALTER email SET NOT NULL"),
    Pair(
        _NOT_NULL,
        "ALTER TABLE users ALTER v SET NOT NULL, ALTER nickname SET NOT NULL",
        "ALTER TABLE users ALTER nickname SET DEFAULT 'x'",
    ),
    Pair(_NOT_NULL, "ALTER TABLE loose ALTER v SET NOT NULL", "ALTER TABLE loose ALTER day SET NOT NULL"),
    Pair(_NOT_NULL, "ALTER TABLE nullable ALTER day SET NOT NULL", "ALTER TABLE fitting ALTER day SET NOT NULL"),
    Pair(_TYPE, "ALTER TABLE users ALTER nickname TYPE varchar(30)", "ALTER TABLE users ALTER nickname TYPE varchar"),
    Pair(_TYPE, "ALTER TABLE users ALTER v TYPE bigint", "ALTER TABLE users ALTER v TYPE int"),
    Pair(_TYPE, "ALTER TABLE users ALTER v TYPE text", "ALTER TABLE users ALTER email TYPE text"),
    Pair(_TYPE, "ALTER TABLE events ALTER v TYPE bigint", "ALTER TABLE events ALTER v TYPE int"),
    _type("plenty TYPE numeric", "plenty TYPE int"),
    _type("plenty TYPE smallint", "small TYPE int2"),
    _type("zoned TYPE timestamptz(0)", "zoned TYPE timestamptz(6)"),
    _type("at TYPE date", "at TYPE timestamp(6)"),
    _type("net TYPE text USING host(net)", "net TYPE cidr"),
    _type("label TYPE varchar(20) USING upper(label)", "label TYPE varchar(20) USING label"),
    _type("key TYPE text USING key::text", "key TYPE uuid USING key"),
    _type("must TYPE bigint", "must TYPE int"),
    Pair(
        "ban-alter-domain-with-add-constraint",
        "ALTER DOMAIN positive ADD CHECK (VALUE < 1000)",
        "ALTER DOMAIN positive DROP CONSTRAINT positive_check",
    ),
    Pair(
        _IDENTITY,
        "ALTER TABLE named REPLICA IDENTITY NOTHING",
        "ALTER TABLE named REPLICA IDENTITY FULL",
        _UPDATE_NAMED,
    ),
    Pair(_IDENTITY, "ALTER TABLE named DROP COLUMN id", "ALTER TABLE named DROP COLUMN v", "DELETE FROM named"),
    Pair("update-of-every-row", "UPDATE users SET v = v + 1", "SELECT max(v) FROM users"),
    Pair("lock-table", "LOCK TABLE users IN EXCLUSIVE MODE", "LOCK TABLE users IN ROW SHARE MODE"),
    Pair("lock-table", "LOCK users IN SHARE ROW EXCLUSIVE MODE", "LOCK users IN ACCESS SHARE MODE"),
    Pair("rewrite", "ALTER TABLE named SET UNLOGGED", "ALTER TABLE named SET (autovacuum_enabled = off)"),
    Pair("cluster", "CLUSTER wares USING wares_pkey", "ANALYZE wares"),
    _wares("renaming-column", "RENAME note TO remark", "ADD remark text")._replace(probe="SELECT note FROM wares"),
    Pair(
        "renaming-table",
        "ALTER TABLE keyed RENAME TO k",
        "ALTER TABLE keyed RENAME CONSTRAINT keyed_pkey TO k",
        "SELECT v FROM keyed",
    ),
    Pair(
        "ban-drop-view",
        "DROP VIEW IF EXISTS cheap CASCADE",
        "ALTER VIEW cheap ALTER id SET DEFAULT 1",
        "SELECT id FROM cheap",
    ),
)
