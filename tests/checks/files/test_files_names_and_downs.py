"""Checks that look at names, down files and documentation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from checks.base import Inputs, MigrationSet, Result, Status
from checks.migrations import read_pairs
from tests.checks.check_samples import places, run_one


def pairs(*given: tuple[str, str], tool: str = "sqlx") -> MigrationSet:
    return read_pairs([(name, text.encode()) for name, text in given], tool)


def check(check_id: str, migrations: MigrationSet, **options: object) -> Result:
    return run_one(check_id, Inputs(migrations=migrations, options={check_id: options}))


@pytest.mark.parametrize(
    ("tool", "names"),
    [
        ("sqlx", ["00001_create_users.sql", "20261122140000_add_index.sql"]),
        ("sqlx", ["00001_create_users.up.sql", "00001_create_users.down.sql"]),
        ("golang-migrate", ["1_create_users.up.sql"]),
        ("flyway", ["V1.2__create_users.sql", "R__reports.sql", "U1.2__create_users.sql"]),
    ],
)
def test_names_of_each_tool_pass(tool: str, names: list[str]) -> None:
    result = check("file-names", pairs(*((name, "SELECT 1;") for name in names), tool=tool))
    assert result.status is Status.PASSED, result.summary


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("00001_CreateUsers.sql", "name it create_users"),
        ("00001_add-index.sql", "name it add_index"),
        ("00001_.sql", "put a description after the number"),
        (f"00001_{'a' * 120}.sql", "at most 100: shorten it"),
        ("00001_füge_index_hinzu.sql", "name it f_ge_index_hinzu"),
    ],
)
def test_names_off_the_rule_warn(name: str, hint: str) -> None:
    result = check("file-names", pairs((name, "SELECT 1;")))
    assert (result.status, places(result)) == (Status.WARNING, [("00001", name, None)])
    assert result.hint == hint


def test_a_down_file_has_the_words_of_its_up_file() -> None:
    result = check("file-names", pairs(("1_users.up.sql", ""), ("1_orders.down.sql", "")))
    assert places(result) == [("1", "1_orders.down.sql", None)]


def test_a_team_s_own_rule_for_names() -> None:
    migrations = pairs(("00001_SHOP-12_users.sql", "SELECT 1;"))
    assert check("file-names", migrations, description=r"SHOP-\d+_\w+").status is Status.PASSED
    broken = check("file-names", migrations, description="(")
    assert (broken.status, broken.hint) == (Status.COULD_NOT_RUN, 'description = "[a-z0-9]+(_[a-z0-9]+)*"')
    tables = pairs(("00001_a.sql", "CREATE TABLE tbl_users (id int);"))
    assert check("naming-conventions", tables, table="tbl_.*").status is Status.PASSED
    assert check("naming-conventions", tables, table=".*s_tbl").status is Status.WARNING


OWN_CASE = """CREATE TABLE "User" ("id" text, "createdAt" date, "email" text,
  CONSTRAINT "User_pkey" PRIMARY KEY ("id"));
CREATE TABLE "BlogPost" ("id" text, "authorId" text, CONSTRAINT "BlogPost_pkey" PRIMARY KEY ("id"));
CREATE TABLE "Comment" ("id" text, "blogPostId" text, CONSTRAINT "Comment_pkey" PRIMARY KEY ("id"));
CREATE TABLE "Tag" ("id" text, "name" text, "colorCode" text, CONSTRAINT "Tag_pkey" PRIMARY KEY ("id"));
CREATE UNIQUE INDEX "User_email_key" ON "User" ("email");"""


def test_a_set_s_own_case_is_its_rule() -> None:
    """What Prisma writes: tables and columns in the case of the program, constraints with the names of both."""
    result = check("naming-conventions", pairs(("1_a.sql", OWN_CASE)))
    assert (result.status, result.findings) == (Status.PASSED, ())
    assert result.summary == (
        "19 names in 1 file, all by the rule of this set: table PascalCase, column camelCase, constraint Pascal_words"
    )


@pytest.mark.parametrize(
    ("text", "name", "usual"),
    [
        ('CREATE TABLE "audit_log" ("id" text);', "audit_log", "4 of 5 tables are PascalCase"),
        ('ALTER TABLE "Tag" ADD "last_seen_at" text;', "last_seen_at", "10 of 11 columns are camelCase"),
        ("""CREATE TYPE "mood-of" AS ENUM ('good');""", "mood-of", "the set has PascalCase, camelCase, Pascal_words"),
    ],
)
@pytest.mark.parametrize("through", [None, "1"])
def test_what_is_off_the_set_s_own_case_is_found(text: str, name: str, usual: str, through: str | None) -> None:
    files = replace(pairs(("1_a.sql", OWN_CASE), ("2_b.sql", text)), applied_through=through)
    result = check("naming-conventions", files)
    assert (result.status, places(result)) == (Status.WARNING, [(name, "2_b.sql", 1)])
    assert usual in result.hint


def test_without_a_usual_case_it_is_said_once() -> None:
    mixed = "".join(f'CREATE TABLE t{n}_a (user_id int, "userName{n}" int);' for n in range(6))
    result = check("naming-conventions", pairs(("1_a.sql", mixed)))
    assert (result.status, result.findings) == (Status.PASSED, ())
    assert result.summary == "18 names in 1 file, all by the rule of this set: table snake_case, column in no one case"
    own = check("naming-conventions", pairs(("1_a.sql", mixed)), column="[a-z_]+")
    assert (own.status, len(own.findings)) == (Status.WARNING, 6)


def test_files_that_say_nothing_are_counted_once_and_found_where_a_team_asks() -> None:
    files = pairs(
        ("1_a.sql", "SELECT 1;"),
        ("2_b.sql", "-- Proves that it answers.\nSELECT 1;"),
        ("3_c.sql", "-- no-transaction\n\nSELECT 1;"),
    )
    result = check("migration-comments", files)
    assert (result.status, result.findings) == (Status.EVIDENCE, ())
    assert result.summary == "1 of 3 files with a sentence at the top; not 1_a.sql, 3_c.sql"
    asked = check("migration-comments", files, required=True)
    assert (asked.status, places(asked)) == (Status.WARNING, [("1", "1_a.sql", 1), ("3", "3_c.sql", 1)])
    wrong = check("migration-comments", files, required="yes")
    assert (wrong.status, wrong.hint) == (Status.COULD_NOT_RUN, "required = true")


TEN = pairs(*((f"{n:05d}_a.sql", "SELECT 1;") for n in range(1, 11)))


def test_the_stated_range() -> None:
    assert check("stated-range", TEN, range="00001-00010").summary == "10 files, 00001-00010 as stated"
    assert check("stated-range", TEN).status is Status.NOT_APPLICABLE
    short = check("stated-range", TEN, range="00001–00011")
    assert (short.status, places(short)) == (Status.FAILED, [("00011", "", None)])
    long = check("stated-range", TEN, range="00001-00009")
    assert (long.status, places(long)) == (Status.FAILED, [("00010", "00010_a.sql", None)])


UP = "CREATE TYPE size AS ENUM ('s');\nCREATE TABLE shirts (size size);\nCREATE INDEX shirts_size ON shirts (size);"


@pytest.mark.parametrize(
    ("up", "down"),
    [
        (UP, "DROP TABLE shirts; DROP TYPE size;"),
        (UP, "DROP TYPE size CASCADE; DROP TABLE IF EXISTS public.shirts;"),
        ("ALTER TABLE users ADD a int, ADD b int;", "ALTER TABLE users DROP a, DROP IF EXISTS b;"),
        ("CREATE SCHEMA s; CREATE TABLE s.t (id int);", "DROP SCHEMA s CASCADE;"),
        ("ALTER TABLE users ADD a int; CREATE INDEX i ON users (id, a);", "ALTER TABLE users DROP a;"),
        ("ALTER TABLE users ADD a int; CREATE INDEX i ON users (id) WHERE a > 0;", "ALTER TABLE users DROP a;"),
        ("ALTER TABLE users ADD a text; CREATE INDEX i ON users (lower(a));", "ALTER TABLE users DROP a;"),
        ("CREATE INDEX i ON users (id) INCLUDE (a);", "ALTER TABLE users DROP COLUMN a;"),
        (
            "CREATE TABLE p (d date) PARTITION BY RANGE (d);"
            "CREATE TABLE q PARTITION OF p DEFAULT PARTITION BY LIST (d);"
            "CREATE TABLE r PARTITION OF q DEFAULT; CREATE INDEX i ON r (d);",
            "DROP TABLE p;",
        ),
        (
            "CREATE UNIQUE INDEX i ON users (a); ALTER TABLE users ADD CONSTRAINT one_a UNIQUE USING INDEX i;",
            "ALTER TABLE users DROP CONSTRAINT one_a;",
        ),
        ("CREATE VIEW v AS SELECT 1; CREATE SEQUENCE n;", "DROP VIEW v; DROP SEQUENCE n;"),
        ("CREATE TABLE a (id int); DROP TABLE a;", "SELECT 1;"),
        ("UPDATE users SET a = 1 WHERE id = 1;", "-- There is no way back: the old values are gone."),
        ("CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2';", "SELECT 1;"),
    ],
)
def test_down_files_that_undo(up: str, down: str) -> None:
    result = check("down-files", pairs(("1_a.up.sql", up), ("1_a.down.sql", down)))
    assert result.status is Status.PASSED, result.summary


@pytest.mark.parametrize(
    ("up", "down", "place"),
    [
        (UP, "DROP TABLE shirts;", ("size", "1_a.up.sql", 1)),
        (UP, "DROP TYPE size;", ("shirts", "1_a.up.sql", 2)),
        ("SELECT 1;\nALTER TABLE users ADD a int;", "SELECT 1;", ("users.a", "1_a.up.sql", 2)),
        ("CREATE INDEX i ON users (id);", "DROP INDEX j;", ("i", "1_a.up.sql", 1)),
        ("CREATE INDEX i ON users (id, a);", "ALTER TABLE users DROP b;", ("i", "1_a.up.sql", 1)),
        (
            "CREATE UNIQUE INDEX i ON users (a); ALTER TABLE users ADD CONSTRAINT one_a UNIQUE USING INDEX i;",
            "SELECT 1;",
            ("one_a", "1_a.up.sql", 1),
        ),
        ("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';", "SELECT 1;", ("f", "1_a.up.sql", 1)),
        ("CREATE TABLE t (a int);\nALTER TABLE t RENAME COLUMN a TO b;", "SELECT 1;", ("t", "1_a.up.sql", 1)),
        ("SELECT 1;", "\n", ("1", "1_a.down.sql", 1)),
    ],
)
def test_down_files_that_leave_something(up: str, down: str, place: tuple[str, str, int]) -> None:
    result = check("down-files", pairs(("1_a.up.sql", up), ("1_a.down.sql", down)))
    assert (result.status, places(result)[0]) == (Status.WARNING, place)


def test_a_missing_down_file() -> None:
    result = check("down-files", pairs(("1_a.up.sql", ""), ("1_a.down.sql", "-- none"), ("2_b.up.sql", "SELECT 1;")))
    assert (result.status, places(result)) == (Status.WARNING, [("2", "2_b.up.sql", None)])
    assert result.hint == "write 2_b.down.sql"


def test_tools_and_sets_without_down_files_need_none() -> None:
    assert check("down-files", TEN).status is Status.NOT_APPLICABLE


def test_new_tables_and_columns_are_in_the_documentation(tmp_path: Path) -> None:
    page = tmp_path / "schema.md"
    page.write_text("## users\n- id, email\n", encoding="utf-8")
    text = "CREATE TABLE users (id int,\n  email text,\n  born date);"
    migrations = pairs(("1_a.sql", text), ("2_b.sql", "ALTER TABLE users ADD email text;"))
    result = check("documented-changes", migrations, file=str(page))
    assert (result.status, places(result)) == (Status.WARNING, [("users.born", "1_a.sql", 3)])
    later = replace(migrations, applied_through="1")
    assert check("documented-changes", later, file=str(page)).status is Status.PASSED
    assert check("documented-changes", migrations).status is Status.NOT_APPLICABLE
    absent = check("documented-changes", migrations, file=str(tmp_path / "none.md"))
    assert (absent.status, absent.summary.endswith("cannot be read: No such file or directory")) == (
        Status.COULD_NOT_RUN,
        True,
    )
