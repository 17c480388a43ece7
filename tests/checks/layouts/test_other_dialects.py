"""What is not the tool's own: other tools' marks, templates, other databases. Each is told in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.base import Inputs, Status
from checks.layouts.programs import Pair
from checks.migrations import MigrationsError, read_directory, read_pairs
from tests.checks.check_samples import migrations, on_files, run_one
from tests.checks.layouts.layout_samples import pairs_of, written


def refused(pairs: list[Pair], tool: str = "auto") -> str:
    with pytest.raises(MigrationsError) as caught:
        read_pairs(pairs, tool)
    return str(caught.value)


@pytest.mark.parametrize("tool", ["sqlx", "psql", "dbmate", "liquibase"])
def test_goose_files_are_never_read_as_another_tools(tool: str) -> None:
    assert refused(pairs_of("goose"), tool) == (
        f"00001_users.sql:2 has `-- +goose Up`, a mark of goose, which {tool} does not know:"
        ' --tool goose, or [migrations] tool = "goose"'
    )


@pytest.mark.parametrize(
    ("of", "tool", "sentence"),
    [
        ("dbmate", "sqlx", "20261101000000_users.sql:2 has `-- migrate:up`, a mark of dbmate"),
        ("dbmate", "goose", "20261101000000_users.sql:2 has `-- migrate:up`, a mark of dbmate"),
        ("liquibase", "psql", "sql/001_users.sql:1 has `-- liquibase formatted sql`, a mark of liquibase"),
        ("diesel", "sqlx", "no migrations: 6 files in subfolders (2026-11-01-000000_users/up.sql …), where sqlx looks"),
        ("prisma", "goose", "no migrations: 3 files in subfolders"),
        ("golang-migrate", "flyway", "they look like golang-migrate: --tool golang-migrate"),
        ("psql", "auto", "name the folder that holds them, or give --tool psql for all, by their paths"),
    ],
)
def test_another_tools_files_are_refused_with_the_tool_to_name(of: str, tool: str, sentence: str) -> None:
    assert sentence in refused(pairs_of(of), tool)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "-- +goose Down\nDROP TABLE a;\n-- +goose Up\nSELECT 1;\n",
            "1_a.sql:1 has the way back before `-- +goose Up`",
        ),
        ("-- +goose Down\nDROP TABLE a;\n", "1_a.sql:1 has no line `-- +goose Up`, without which goose refuses it"),
        ("-- what\nSELECT 1;\n-- +goose Up\n", "1_a.sql:2 has SQL above `-- +goose Up`, which goose refuses"),
    ],
)
def test_what_goose_itself_refuses_is_told_with_its_line(text: str, sentence: str) -> None:
    assert sentence in refused([("1_a.sql", text.encode())], "goose")


def test_one_file_of_another_dialect_among_many_is_refused() -> None:
    """Most of the files say which tool it is; the odd one would be applied with its way back."""
    plain = [(f"0000{n}_a.sql", b"SELECT 1;") for n in range(1, 4)]
    odd = ("00004_b.sql", b"\n-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;\n")
    assert refused([*plain, odd]).startswith("00004_b.sql:2 has `-- +goose Up`, a mark of goose, which sqlx does not")


def test_psql_files_that_read_others_are_refused() -> None:
    text = b"\\set ON_ERROR_STOP on\n\\ir ../functions/all.sql\n"
    assert refused([("a.sql", text)], "psql").startswith(
        r"a.sql:2 reads another file (\i), which gonogo does not follow"
    )


def test_changelogs_that_are_no_sql_are_refused() -> None:
    xml = b'<databaseChangeLog>\n  <changeSet id="1" author="dana">\n'
    told = refused([*pairs_of("liquibase"), ("db.changelog-1.xml", xml)])
    assert told.startswith(
        "db.changelog-1.xml:2 has changesets that are no SQL, which gonogo does not read: write them"
    )
    assert refused([("db.changelog-1.xml", xml)]) == told


def test_the_order_of_a_master_is_kept_and_what_it_leaves_out_is_not_read() -> None:
    master = b'<include file="sql/b.sql"/>\n<include file="sql/a.sql" relativeToChangelogFile="true"/>'
    text = b"--liquibase formatted sql\n--changeset x:1\nSELECT 1;\n"
    files = [("db.changelog.xml", master), *((f"sql/{name}.sql", text) for name in "abc")]
    found = read_pairs(files)
    assert ([file.name for file in found.files], found.ignored) == (["sql/b.sql", "sql/a.sql"], ("c.sql",))


def test_prisma_for_another_database_is_refused() -> None:
    files = [*pairs_of("prisma")[1:], ("migration_lock.toml", b'provider = "mysql"\n')]
    assert refused(files) == "migration_lock.toml says that the files are for mysql: gonogo knows PostgreSQL alone"


PAIRS = [("20261101000000_a.up.sql", b"SELECT 1;"), ("20261101000000_a.down.sql", b"SELECT 2;")]


@pytest.mark.parametrize(
    ("beside", "text", "tool"),
    [
        ("", b"SELECT 1;", "golang-migrate"),
        ("Cargo.toml", b"SELECT 1;", "sqlx"),
        ("go.mod", b"SELECT 1;", "golang-migrate"),
        ("go.mod", b"-- no-transaction\nSELECT 1;", "sqlx"),
        ("Cargo.toml", b"BEGIN;\nSELECT 1;\nCOMMIT;", "golang-migrate"),
    ],
)
def test_pairs_with_times_are_told_by_what_is_in_and_beside_them(
    beside: str, text: bytes, tool: str, tmp_path: Path
) -> None:
    files = {name: (text if "up" in name else content).decode() for name, content in PAIRS}
    written(tmp_path / "db" / "migrations", files)
    (tmp_path / ".git").mkdir()
    if beside:
        (tmp_path / beside).touch()
    assert read_directory(tmp_path / "db" / "migrations").tool == tool


JINJA = "CREATE TABLE {{ schema }}Y);"
MYSQL = "CREATE TABLE users (\n  id bigint NOT NULL AUTO_INCREMENT\n) ENGINE=InnoDB;"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (JINJA, "1 file is a template (Jinja): 00002_b.sql:1 has {{ schema }}"),
        ("{% if true %}\nSELECT 1;\n{% endif %}", "1 file is a template (Jinja): 00002_b.sql:1 has {% if true %}"),
        ("SELECT <%= 1 %>;", "1 file is a template (ERB): 00002_b.sql:1 has <%= 1 %>"),
        ("CREATE TABLE ${schema}.a (id int);", "1 file is a template (placeholders): 00002_b.sql:1 has ${schema}"),
        (MYSQL, "1 file is for MySQL: 00002_b.sql:2 has AUTO_INCREMENT"),
        ("SELECT `a` FROM b;", "1 file is for MySQL: 00002_b.sql:1 has `a`"),
        ("CREATE TABLE [dbo].[a] (id int)\nGO\n", "1 file is for SQL Server: 00002_b.sql:1 has [dbo]."),
        ("CREATE TABLE a (id int)\nGO\n", "1 file is for SQL Server: 00002_b.sql:2 has GO"),
        ("PRAGMA foreign_keys = ON;", "1 file is for SQLite: 00002_b.sql:1 has PRAGMA foreign_keys = ON;"),
    ],
)
def test_templates_and_other_databases_are_named_and_no_fault_of_syntax(text: str, told: str) -> None:
    result = on_files("syntax", migrations("SELECT 1;", text))
    assert (result.status, result.summary) == (Status.COULD_NOT_RUN, told)


def test_all_templates_of_a_set_are_one_sentence_for_every_check() -> None:
    files = migrations("SELECT 1;", *[JINJA] * 4)
    told = "4 files are templates (Jinja): 00002_b.sql:1 has {{ schema }}, 00003_c.sql, "
    for check in ("syntax", "online-safety", "applies-to-scratch", "statement-risk"):
        result = run_one(check, Inputs(migrations=files, scratch_server="embedded"))
        assert (result.status, result.summary) == (Status.COULD_NOT_RUN, f"{told}00004_d.sql …"), check
        assert result.hint == "render them first, and name the folder of what is rendered"


def test_a_fault_beside_templates_is_a_fault() -> None:
    result = on_files("syntax", migrations("SELEC 1;", JINJA, JINJA))
    assert result.status is Status.FAILED
    assert [(finding.file, finding.line) for finding in result.findings] == [("00001_a.sql", 1), ("", None)]
    assert result.findings[1].message.startswith("2 files are templates (Jinja): 00002_b.sql:1")


@pytest.mark.parametrize("text", ["-- see `users` and {{ x }}\nSELEC 1;", "SELECT '{{1,2}}'::int[], '${a}';\nSELEC 1;"])
def test_signs_that_stand_elsewhere_do_not_hide_a_fault(text: str) -> None:
    result = on_files("syntax", migrations(text))
    assert (result.status, result.findings[0].line) == (Status.FAILED, 2)


def test_a_file_that_parses_is_no_template() -> None:
    assert on_files("syntax", migrations("SELECT '{{ x }}', '`', '${y}';")).status is Status.PASSED
