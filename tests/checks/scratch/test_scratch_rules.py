"""Rules over the migrated catalog: each finds its broken case with file, line and object, and passes its twin."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from checks.base import Status
from tests.checks.check_samples import places
from tests.checks.scratch.scratch_samples import USERS, on


@dataclass(frozen=True)
class Case:
    """Pending text 00002 that a check finds, at a line and object, and text that it passes."""

    check: str
    broken: str
    line: int
    object: str
    twin: str
    status: Status = Status.WARNING
    first: str = USERS
    options: dict[str, object] = field(default_factory=dict)
    since: int = 15

    @property
    def id(self) -> str:
        return f"{self.check}-{self.object}"


TEXT_KEY = "CREATE TABLE codes (code text PRIMARY KEY, short varchar(20) UNIQUE);"
ORDER = "CREATE TABLE orders (id bigint PRIMARY KEY, user_id {} REFERENCES users (id){});"
AUDITED = """CREATE FUNCTION write_audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER users_audit AFTER INSERT OR UPDATE OR DELETE ON users FOR EACH ROW EXECUTE FUNCTION write_audit();"""
ITEMS = "\nCREATE TABLE items (id bigint PRIMARY KEY, name text, price bigint);"
SOLD = f"{ITEMS} COMMENT ON TABLE items IS 'Sold.'; CREATE VIEW v AS SELECT 1 AS a;"
TRIGGER = "CREATE TRIGGER items_audit AFTER {} ON items FOR EACH ROW EXECUTE FUNCTION write_audit();"

CASES = [
    Case("fk-index", "\n" + ORDER.format("bigint", ""), 2, "orders", ORDER.format("bigint UNIQUE", "")),
    Case(
        "fk-index",
        f"{ORDER.format('bigint', '')}\nCREATE INDEX ON orders (id, user_id);\n"
        "CREATE INDEX ON orders (user_id) WHERE id > 5;",
        1,
        "orders",
        f"{ORDER.format('bigint', '')}\nCREATE INDEX ON orders (user_id) WHERE user_id IS NOT NULL;",
    ),
    Case(
        "fk-index",
        "\n\nDROP INDEX o_user;",
        3,
        "orders",
        "CREATE INDEX more ON orders (user_id); DROP INDEX o_user;",
        first=f"{USERS}{ORDER.format('bigint', '')}CREATE INDEX o_user ON orders (user_id);",
    ),
    Case(
        "fk-index",
        "CREATE TABLE a (x int, y int, PRIMARY KEY (x, y));\nCREATE TABLE b (x int, y int, z int);\n"
        "CREATE INDEX ON b (x) INCLUDE (y);\nALTER TABLE b ADD CONSTRAINT b_a FOREIGN KEY (x, y) REFERENCES a;",
        4,
        "b",
        "CREATE TABLE a (x int, y int, PRIMARY KEY (x, y));\nCREATE TABLE b (x int, y int, z int);\n"
        "CREATE INDEX ON b (y, x);\nALTER TABLE b ADD CONSTRAINT b_a FOREIGN KEY (x, y) REFERENCES a;",
    ),
    Case("fk-types", "\n" + ORDER.format("int", ""), 2, "orders.user_id", ORDER.format("bigint", "")),
    Case(
        "fk-types",
        "CREATE TABLE t (c varchar(9) REFERENCES codes (code));",
        1,
        "t.c",
        "CREATE TABLE t (c text REFERENCES codes (short));",
        first=TEXT_KEY,
    ),
    Case(
        "fk-types",
        "CREATE TABLE t (c varchar(9) REFERENCES codes (short));",
        1,
        "t.c",
        "CREATE TABLE t (c varchar(20) REFERENCES codes (short));",
        first=TEXT_KEY,
    ),
    Case(
        "fk-types",
        "CREATE TABLE n (id numeric PRIMARY KEY); CREATE TABLE t (c bigint REFERENCES n (id));",
        1,
        "t.c",
        "CREATE TABLE s (id int PRIMARY KEY); CREATE TABLE t (c bigint REFERENCES s (id));",
    ),
    Case("primary-keys", "\nCREATE TABLE t (id int);", 2, "t", "CREATE TABLE t (id int PRIMARY KEY);"),
    Case(
        "primary-keys",
        "\nALTER TABLE users DROP CONSTRAINT users_pkey;",
        2,
        "users",
        "ALTER TABLE users DROP CONSTRAINT users_pkey; ALTER TABLE users ADD PRIMARY KEY (id);",
    ),
    Case(
        "int4-keys",
        "CREATE TABLE t (\n  id serial PRIMARY KEY);",
        1,
        "t.id",
        "CREATE TABLE t (id bigserial PRIMARY KEY);",
    ),
    Case(
        "int4-keys",
        "\nALTER TABLE users ADD n smallint GENERATED ALWAYS AS IDENTITY;",
        2,
        "users.n",
        "ALTER TABLE users ADD n int;ALTER TABLE users ADD m bigint GENERATED ALWAYS AS IDENTITY;",
    ),
    Case(
        "int4-keys",
        "CREATE SEQUENCE s;\nCREATE TABLE t (id int DEFAULT nextval('s'));",
        1,
        "t.id",
        "CREATE SEQUENCE s;\nCREATE TABLE t (id bigint DEFAULT nextval('s'));",
    ),
    Case(
        "seeded-sequences",
        "CREATE TABLE t (id serial PRIMARY KEY);\nINSERT INTO t VALUES (1), (2);",
        2,
        "t.id",
        "CREATE TABLE t (id serial PRIMARY KEY); INSERT INTO t VALUES (1), (2); SELECT setval('t_id_seq', 2);",
        status=Status.FAILED,
    ),
    Case(
        "seeded-sequences",
        "\nINSERT INTO users OVERRIDING SYSTEM VALUE VALUES (1, 'a');",
        2,
        "users.id",
        "INSERT INTO users (email) VALUES ('a'); CREATE TABLE t (id int PRIMARY KEY);",
        status=Status.FAILED,
    ),
    Case(
        "duplicate-indexes",
        "CREATE INDEX a ON users (email);\nCREATE INDEX b ON users (email);",
        2,
        "b",
        "CREATE INDEX a ON users (email);\nCREATE INDEX b ON users (email, id);\nCREATE INDEX c ON users (email DESC);"
        "CREATE INDEX d ON users (email) WHERE id > 5; CREATE INDEX e ON users USING hash (email);",
    ),
    Case(
        "duplicate-indexes",
        "\nCREATE UNIQUE INDEX users_id ON users (id);",
        2,
        "users_id",
        "CREATE UNIQUE INDEX users_id ON users (id, email);",
    ),
    Case(
        "unvalidated-constraints",
        "\nALTER TABLE users ADD CONSTRAINT c CHECK (id > 0) NOT VALID;",
        2,
        "c on users",
        "ALTER TABLE users ADD CONSTRAINT c CHECK (id > 0) NOT VALID; ALTER TABLE users VALIDATE CONSTRAINT c;",
    ),
    Case(
        "unvalidated-constraints",
        "\nALTER TABLE users ADD CONSTRAINT c CHECK (id > 0) NOT ENFORCED;",
        2,
        "c on users",
        "ALTER TABLE users ADD CONSTRAINT c CHECK (id > 0);",
        since=18,
    ),
    Case(
        "constraints-valid",
        "CREATE TABLE t (id int PRIMARY KEY,\n  n int DEFAULT 0 CONSTRAINT n_positive CHECK (n > 0));",
        1,
        "n_positive on t",
        "CREATE TABLE t (id int PRIMARY KEY, n int DEFAULT 1 CHECK (n > 0), m text DEFAULT NULL CHECK (m <> ''));",
        status=Status.FAILED,
    ),
    Case(
        "constraints-valid",
        "\nALTER TABLE users ADD CONSTRAINT not_ahead CHECK (deleted_at <= now());",
        2,
        "not_ahead on users",
        "ALTER TABLE users ADD CONSTRAINT after_2000 CHECK (deleted_at > '2000-01-01 00:00+00');",
    ),
    Case(
        "constraints-valid",
        "CREATE FUNCTION known(t text) RETURNS bool LANGUAGE sql STABLE AS 'SELECT EXISTS (SELECT FROM users)';\n"
        "ALTER TABLE users ADD CONSTRAINT k CHECK (known(email));",
        2,
        "k on users",
        "CREATE FUNCTION known(t text) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT t <> $$$$';\n"
        "ALTER TABLE users ADD CONSTRAINT k CHECK (known(email));",
    ),
    Case(
        "disabled-triggers",
        "\nALTER TABLE users DISABLE TRIGGER users_audit;",
        2,
        "users_audit on users",
        "ALTER TABLE users DISABLE TRIGGER users_audit; UPDATE users SET email = '';"
        "ALTER TABLE users ENABLE TRIGGER users_audit;",
        status=Status.FAILED,
        first=USERS + AUDITED,
    ),
    Case(
        "disabled-triggers",
        "\nALTER TABLE users ENABLE REPLICA TRIGGER users_audit;",
        2,
        "users_audit on users",
        "ALTER TABLE users ENABLE ALWAYS TRIGGER users_audit;",
        status=Status.FAILED,
        first=USERS + AUDITED,
    ),
    Case(
        "audit-coverage",
        ITEMS,
        2,
        "items",
        f"{ITEMS}{TRIGGER.format('INSERT OR UPDATE OR DELETE')}CREATE TABLE audit_log (id int);"
        "CREATE TABLE job_queue (id int); CREATE TABLE tags (id int);",
        first=USERS + AUDITED,
        options={"audit-coverage": {"except": ["tags"]}},
    ),
    Case(
        "audit-coverage",
        f"{ITEMS}\n{TRIGGER.format('INSERT OR UPDATE')}",
        3,
        "items",
        f"{ITEMS}{TRIGGER.format('INSERT')}{TRIGGER.format('UPDATE OR DELETE').replace('items_audit', 'more')}",
        first=USERS + AUDITED,
    ),
    Case(
        "audit-coverage",
        "SELECT 1;" + ITEMS,
        2,
        "items",
        f"{ITEMS}{TRIGGER.format('INSERT OR UPDATE OR DELETE')}",
        first=USERS + AUDITED,
        options={"audit-coverage": {"tables": ["items", "users"]}},
    ),
    Case(
        "comments",
        "\nCREATE TABLE t (id int);",
        2,
        "t",
        "CREATE TABLE t (id int); COMMENT ON TABLE t IS 'Things.';",
        options={"comments": {"required": True}},
    ),
    Case(
        "comments",
        "\nCREATE VIEW v AS SELECT 1 AS one;",
        2,
        "v",
        "CREATE VIEW v AS SELECT 1 AS one; COMMENT ON VIEW v IS 'One.';",
        options={"comments": {"required": True}},
    ),
    Case(
        "comments",
        "CREATE TABLE t (id int); COMMENT ON TABLE t IS 'Things.';",
        1,
        "t",
        "CREATE TABLE t (id int); COMMENT ON TABLE t IS 'Things.'; COMMENT ON COLUMN t.id IS 'Key.';",
        options={"comments": {"columns": True}},
    ),
    Case(
        "row-security",
        "\nCREATE POLICY own ON users USING (email = current_user);",
        2,
        "users",
        "CREATE POLICY own ON users USING (email = current_user); ALTER TABLE users ENABLE ROW LEVEL SECURITY;",
        status=Status.FAILED,
    ),
    Case(
        "row-security",
        "\nALTER TABLE users ENABLE ROW LEVEL SECURITY;",
        2,
        "users",
        "ALTER TABLE users ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON users USING (email = current_user);",
    ),
    Case("unlogged-tables", "\nCREATE UNLOGGED TABLE t (id int);", 2, "t", "CREATE TABLE t (id int);"),
    Case(
        "unlogged-tables",
        "\nALTER TABLE users SET UNLOGGED;",
        2,
        "users",
        "CREATE UNLOGGED TABLE t (id int); ALTER TABLE t SET LOGGED;",
    ),
    Case(
        "matview-unique-index",
        "\nCREATE MATERIALIZED VIEW v AS SELECT id FROM users;\nCREATE UNIQUE INDEX ON v (id) WHERE id > 0;",
        2,
        "v",
        "CREATE MATERIALIZED VIEW v AS SELECT id FROM users;\nCREATE UNIQUE INDEX ON v (id);",
    ),
    Case(
        "function-bodies",
        "CREATE FUNCTION f(n int, t text) RETURNS bigint LANGUAGE plpgsql AS $$\nBEGIN\n"
        "  RETURN (SELECT count(emial) FROM users WHERE id > n);\nEND $$;",
        3,
        "f(integer,text)",
        "CREATE FUNCTION f(n int, t text) RETURNS bigint LANGUAGE plpgsql AS $$\nBEGIN\n"
        "  RETURN (SELECT count(email) / 0 FROM users WHERE id > n);\nEND $$;\n"
        "CREATE FUNCTION g(t text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'DROP TABLE ' || t; END $$;",
        status=Status.FAILED,
    ),
    Case(
        "function-bodies",
        "\nCREATE PROCEDURE p(a text[])\nLANGUAGE plpgsql AS $$ DECLARE x int;\nBEGIN\n\n"
        "  CALL nothing_there(); END $$;",
        6,
        "p(text[])",
        "CREATE TYPE mood AS ENUM ('good');"
        "CREATE PROCEDURE p(a text[], m mood) LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; END $$;",
        status=Status.FAILED,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_broken_case_is_found_and_its_twin_is_not(server: str, case: Case) -> None:
    if case.since > 15 and server != "embedded":
        pytest.skip(f"only PostgreSQL {case.since} has it")
    result = on(server, case.check, case.first, case.broken, through="00001", options=case.options)
    assert (result.status, places(result)) == (case.status, [(case.object, "00002_b.sql", case.line)])
    assert result.hint
    twin = on(server, case.check, case.first, case.twin, through="00001", options=case.options)
    assert (twin.status, twin.summary) == (Status.PASSED, twin.summary)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_what_the_target_has_already_is_silent(case: Case) -> None:
    """The same fault in an applied file, with another change pending."""
    harmless = "CREATE TABLE harmless (id bigint PRIMARY KEY); COMMENT ON TABLE harmless IS 'x'; \
COMMENT ON COLUMN harmless.id IS 'x';"
    options = {} if case.options.get("audit-coverage") else case.options
    result = on("embedded", case.check, case.first, case.broken, harmless, through="00002", options=options)
    if case.check == "audit-coverage":
        told = "0 of 1 new table with an audit trigger; not harmless"
        assert (result.status, result.summary) == (Status.EVIDENCE, told)
    else:
        assert result.status in (Status.PASSED, Status.NOT_APPLICABLE), result.summary


def test_objects_made_in_a_do_block_have_its_line() -> None:
    text = "SELECT 1;\nDO $$ BEGIN\n  CREATE TABLE t (id serial PRIMARY KEY);\nEND $$;"
    assert places(on("embedded", "int4-keys", USERS, text, through="00001")) == [("t.id", "00002_b.sql", 2)]


def test_a_finding_can_be_silenced_with_a_reason() -> None:
    text = "-- gonogo: ignore int4-keys a hundred shops at most\nCREATE TABLE shops (id serial PRIMARY KEY);"
    result = on("embedded", "int4-keys", text)
    assert (result.status, "a hundred shops at most" in result.summary) == (Status.PASSED, True)


def test_names_with_schema_and_capitals_are_told_as_they_are_typed() -> None:
    text = 'CREATE SCHEMA billing;\nCREATE TABLE billing."Invoices" (id int);'
    assert places(on("embedded", "primary-keys", text)) == [('billing."Invoices"', "00001_a.sql", 2)]


def test_index_strategy_counts_and_lists() -> None:
    text = "CREATE INDEX a ON users (email) WHERE id > 5;\nCREATE INDEX b ON users USING hash (email);"
    result = on("embedded", "index-strategy", USERS, text, through="00001")
    assert result.status is Status.EVIDENCE
    assert result.summary == "2 new indexes on 1 table: 0 unique, 1 partial, hash; most on users: 3"
    listed = [(finding.object, finding.file, finding.line) for finding in result.findings]
    assert listed == [("a", "00002_b.sql", 1), ("b", "00002_b.sql", 2)]


def test_what_no_team_asks_for_is_counted_and_no_finding() -> None:
    """Which tables are worth an audit nobody can tell from outside; nor whether a view needs a comment."""
    tags = f"{ITEMS}{TRIGGER.format('INSERT OR UPDATE OR DELETE')} CREATE TABLE tags (id int PRIMARY KEY);"
    audited = on("embedded", "audit-coverage", USERS + AUDITED, tags, through="00001")
    assert (audited.status, audited.findings) == (Status.EVIDENCE, ())
    assert audited.summary == "1 of 2 new tables with an audit trigger; not tags"
    said = on("embedded", "comments", USERS, SOLD, through="00001")
    assert (said.status, said.findings) == (Status.EVIDENCE, ())
    assert said.summary == "1 of 2 new tables and views with a comment; not v"


def test_without_any_audit_trigger_nothing_is_demanded() -> None:
    result = on("embedded", "audit-coverage", USERS)
    assert result.status is Status.NOT_APPLICABLE
    assert "tables is not set" in result.summary


def test_rules_do_not_pass_what_does_not_apply() -> None:
    result = on("embedded", "fk-index", USERS, "SELECT nothing;")
    assert result.status is Status.COULD_NOT_RUN
    assert "the files do not apply: 00002_b.sql:1" in result.summary


def test_a_wrong_option_is_a_sentence() -> None:
    result = on("embedded", "audit-coverage", USERS + AUDITED, options={"audit-coverage": {"tables": "users"}})
    assert (result.status, result.hint) == (Status.COULD_NOT_RUN, 'tables = ["…"]')
