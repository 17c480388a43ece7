"""The checks over the files alone, and what they stand on: statements with lines, and what files declare."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.base import CannotRun, MigrationFile, MigrationSet, Status
from checks.contexts import FilesContext
from checks.migrations import read_pairs
from checks.sql.declared import declare
from checks.sql.statements import split
from tests.checks.check_samples import migrations, on_files, places


def named(*names: str, applied_through: str | None = None, tool: str = "auto") -> MigrationSet:
    return replace(read_pairs([(name, b"SELECT 1;") for name in names], tool), applied_through=applied_through)


def test_numbers_without_gap_pass() -> None:
    result = on_files("sequential-numbering", named("00001_a.sql", "00002_b.sql", "00003_c.sql"))
    assert (result.status, result.summary) == (Status.PASSED, "3 files, 00001–00003, no gap, no double")


def test_a_gap_is_found_before_the_file_that_follows() -> None:
    result = on_files("sequential-numbering", named("00001_a.sql", "00004_b.sql"))
    assert (result.status, places(result)) == (Status.FAILED, [("00002–00003", "00004_b.sql", None)])
    assert result.summary == "2 files, 00001–00004: 00002–00003 missing before 00004_b.sql"


def test_a_double_is_found() -> None:
    result = on_files("sequential-numbering", named("00001_a.sql", "00002_b.sql", "00002_c.sql"))
    assert (result.status, places(result)) == (Status.FAILED, [("00002", "00002_c.sql", None)])


def test_gaps_that_the_target_has_are_no_matter() -> None:
    names = ("00001_a.sql", "00004_b.sql", "00005_c.sql")
    assert on_files("sequential-numbering", named(*names, applied_through="00004")).status is Status.PASSED
    assert on_files("sequential-numbering", named(*names, applied_through="00001")).status is Status.FAILED


def test_times_may_have_gaps_but_no_doubles() -> None:
    result = on_files("sequential-numbering", named("20261101090000_a.sql", "20261122140000_b.sql"))
    assert result.summary == "2 files, 20261101090000–20261122140000, in order of time"
    double = on_files("sequential-numbering", named("20261101090000_a.sql", "20261101090000_b.sql"))
    assert double.status is Status.FAILED


@pytest.mark.parametrize(
    ("names", "place"),
    [
        (["00001_a.sql", "00002_b.sql", "3_c.sql"], ("3", "3_c.sql", None)),
        (["00001_a.sql", "00002-b.sql"], ("00002-b.sql", "00002-b.sql", None)),
        (["00001_a.up.sql", "00002_b.down.sql"], ("00002", "00002_b.down.sql", None)),
        (["00003_a.sql", "00004_b.sql"], ("00003", "00003_a.sql", None)),
    ],
)
def test_lesser_faults_of_names_warn(names: list[str], place: tuple[str, str, None]) -> None:
    result = on_files("sequential-numbering", named(*names))
    assert (result.status, places(result)) == (Status.WARNING, [place])


def test_flyway_s_parts_are_no_gaps() -> None:
    assert on_files("sequential-numbering", named("V1__a.sql", "V1.1__b.sql", "V2__c.sql")).status is Status.PASSED
    assert on_files("sequential-numbering", named("V1__a.sql", "V3__c.sql", "R__v.sql")).status is Status.FAILED


@pytest.mark.parametrize(
    "names",
    [
        ["V1__a.sql", "V2.1__b.sql", "V2.2__c.sql", "V3__d.sql"],
        ["V1.1__a.sql", "V2__b.sql", "V3__c.sql"],
        ["V2024.11.3__a.sql", "V2026.1.5__b.sql"],
    ],
)
def test_a_dotted_version_stands_for_its_number(names: list[str]) -> None:
    assert on_files("sequential-numbering", named(*names)).status is Status.PASSED
    lacking = on_files("sequential-numbering", named("V1__a.sql", "V2.1__b.sql", "V4__c.sql"))
    assert places(lacking) == [("3", "V4__c.sql", None)]


def test_files_that_parse_pass() -> None:
    result = on_files("syntax", migrations("CREATE TABLE a (id int);", "-- nothing yet\n"))
    assert (result.status, result.summary) == (Status.PASSED, "2 files parse (PostgreSQL 18 grammar), 0 errors")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("CREATE TABLE a (id int);\n\nCREATE TABEL b (id int);", 3, 'syntax error at or near "TABEL"'),
        ("SELECT 'é';\nSELECT 'open", 2, "unterminated quoted string"),
        ("SELECT 1;\n\\connect shop\n", 2, "a psql command"),
        ("CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  RETRN 1;\nEND $$;", 3, 'at or near "RETRN"'),
        (
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\n SELECT 1\n FORM t\n WHERE 1 $$;",
            3,
            "in a function body",
        ),
        ("SELECT 1;\nDO $$\nBEGIN\n  IF true THEN\nEND $$;", 2, "in a function body"),
    ],
)
def test_syntax_errors_have_file_and_line(text: str, line: int, message: str) -> None:
    result = on_files("syntax", migrations("SELECT 1;", text))
    assert result.status is Status.FAILED
    [finding] = result.findings
    assert (finding.file, finding.line) == ("00002_b.sql", line)
    assert message in finding.message


def test_true_function_bodies_are_let_through() -> None:
    text = """CREATE FUNCTION f(u users) RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE r users%ROWTYPE; e users.email%TYPE; m mood;
BEGIN FOR r IN SELECT * FROM users LOOP e := r.email; END LOOP; NEW.x := 1; RETURN NEW; END $body$;
CREATE FUNCTION g() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; END;
CREATE FUNCTION h() RETURNS int LANGUAGE c AS 'lib', 'symbol';
DO LANGUAGE plpgsql $$ BEGIN PERFORM 1; END $$;"""
    assert on_files("syntax", migrations(text)).status is Status.PASSED


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"\xef\xbb\xbfSELECT 1;", 1, "a byte-order mark"),
        (b"SELECT 1;\n-- caf\xe9\n", 2, "not UTF-8: byte 0xe9"),
        (b"SELECT 1;\n\0", 2, "a NUL byte"),
    ],
)
def test_bytes_that_the_server_refuses(content: bytes, line: int, message: str) -> None:
    result = on_files("syntax", read_pairs([("00001_a.sql", content)]))
    assert (result.status, places(result)) == (Status.FAILED, [("", "00001_a.sql", line)])
    assert message in result.findings[0].message


def test_files_that_the_target_has_are_not_parsed_again() -> None:
    old = migrations("CREATE TABEL a;", "SELECT 1;", applied_through="00001")
    assert on_files("syntax", old).status is Status.PASSED


def test_down_files_of_pending_ones_are_parsed() -> None:
    pairs = [("00001_a.up.sql", b"SELECT 1;"), ("00001_a.down.sql", b"DROP TABEL a;")]
    assert places(on_files("syntax", read_pairs(pairs))) == [("", "00001_a.down.sql", 1)]


def test_statements_have_the_line_of_their_first_word() -> None:
    text = "-- é\n/* a /* b */\n*/ CREATE TABLE é (\n  id int);;\n\n  INSERT INTO é VALUES (1); -- end\n"
    statements = split(MigrationFile("1", "1_a.sql", text.encode()))
    assert [(s.kind, s.line) for s in statements] == [("CreateStmt", 3), ("InsertStmt", 6)]
    assert statements[0].text == "CREATE TABLE é (\n  id int)"
    assert statements[0].line_at(statements[0].text.index("id")) == 4


def test_no_check_over_statements_passes_a_file_that_nobody_could_read() -> None:
    context = FilesContext(migrations("SELECT 1;", "SELEC 2;"))
    with pytest.raises(CannotRun, match=r"00002_b\.sql:1 does not parse"):
        list(context.all_statements())


def test_declared_objects_follow_renames_drops_and_schemas() -> None:
    text = """CREATE TABLE a (id int, x int); CREATE INDEX a_x ON a (x); CREATE INDEX ON a (id);
CREATE TABLE IF NOT EXISTS public.b (id int); ALTER TABLE b RENAME TO c; CREATE INDEX c_i ON c (id);
CREATE FUNCTION f(x int, OUT y text, z varchar(3)[]) LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;
CREATE TRIGGER t1 AFTER INSERT ON c FOR EACH ROW EXECUTE FUNCTION g();
CREATE TRIGGER t2 AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION g();
CREATE MATERIALIZED VIEW m AS SELECT 1; CREATE TYPE e AS ENUM ('a'); ALTER TYPE e RENAME TO e2; CREATE DOMAIN d AS int;
CREATE SCHEMA s; CREATE TABLE s.t (i int); CREATE INDEX t_i ON s.t (i); ALTER TABLE s.t SET SCHEMA public;
CREATE TEMP TABLE gone (i int); ALTER TABLE a DROP COLUMN x; DROP TRIGGER t2 ON a; ALTER TRIGGER t1 ON c RENAME TO t3;
CREATE VIEW v AS SELECT 1; DROP VIEW v; SET search_path = s, public; CREATE TABLE u (i int);"""
    found = declare(split(MigrationFile("1", "1_a.sql", text.encode())))
    assert [f"{d.kind} {d.label}" for d in found.existing] == [
        "table a",
        "index index on a (id)",
        "table c",
        "index c_i",
        "function f(integer, varchar(3)[])",
        "function g()",
        "trigger t3 on c",
        "materialized view m",
        "type e2",
        "type d",
        "schema s",
        "table t",
        "index t_i",
        "table s.u",
    ]
