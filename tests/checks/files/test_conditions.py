"""When a security review is required: the facts, and that clean files give none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.base import MigrationSet
from checks.conditions import conditions
from checks.migrations import read_pairs
from tests.checks.check_samples import migrations


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("CREATE ROLE app;", "creates a role"),
        ("ALTER ROLE app SET search_path = '';", "alters a role"),
        ("GRANT SELECT ON users TO app;", "changes grants"),
        ("REVOKE ALL ON users FROM PUBLIC;", "changes grants"),
        ("GRANT app TO bo;", "changes role membership"),
        ("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO app;", "changes default privileges"),
        ("CREATE POLICY p ON users USING (true);", "creates a row security policy"),
        ("DROP POLICY p ON users;", "drops a row security policy"),
        ("ALTER TABLE users ENABLE ROW LEVEL SECURITY;", "changes row security"),
        ("ALTER TABLE users OWNER TO app;", "changes an owner"),
        ("ALTER FUNCTION f() OWNER TO app;", "changes an owner"),
        ("REASSIGN OWNED BY a TO b;", "changes an owner"),
        ("CREATE SCHEMA s AUTHORIZATION app;", "changes an owner"),
        (
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';",
            "makes a SECURITY DEFINER function",
        ),
        ("ALTER FUNCTION f() SECURITY DEFINER;", "makes a SECURITY DEFINER function"),
        ("DO $$ BEGIN EXECUTE format('GRANT SELECT ON %I TO app', 't'); END $$;", "changes grants"),
        ("DO $$ BEGIN CREATE ROLE app; END $$;", "changes roles"),
        ("DO $$ BEGIN ALTER TABLE t OWNER TO app; END $$;", "changes an owner"),
        ("DO $$ BEGIN ALTER TABLE t ENABLE ROW LEVEL SECURITY; END $$;", "changes row security"),
    ],
)
def test_security_is_required_with_the_file_and_the_reason(text: str, words: str) -> None:
    assert conditions(migrations(text)) == {"security": f"00001_a.sql {words}"}


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE roles (id int, owner text); CREATE INDEX ON roles (owner);",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY INVOKER AS 'SELECT 1';",
        "DO $$ BEGIN PERFORM 'granted'; END $$;",
        "DROP TABLE users; ALTER TABLE t ADD COLUMN granted bool;",
        "CREATE SCHEMA s;",
    ],
)
def test_security_is_not_required(text: str) -> None:
    assert conditions(migrations(text)) == {"security": ""}


def test_only_pending_files_count() -> None:
    files = migrations("CREATE ROLE app;", "SELECT 1;")
    assert conditions(replace(files, applied_through="00001")) == {"security": ""}


def test_three_reasons_are_named_and_the_rest_counted() -> None:
    texts = [f"CREATE ROLE r{n};" for n in range(5)]
    assert conditions(migrations(*texts))["security"].endswith("00003_c.sql creates a role and 2 more")


@pytest.mark.parametrize(
    "files",
    [
        migrations("SELEC 1;"),
        read_pairs([("00001_a.sql", b"SELECT '\xe9';")]),
        read_pairs([("ae10_x.py", b"revision = 'ae10'\ndown_revision = None\n")]),
    ],
)
def test_what_nobody_can_read_leaves_the_question_open(files: MigrationSet) -> None:
    assert conditions(files) == {}
