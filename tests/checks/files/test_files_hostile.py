"""Clean sets are silent; what is large, foreign or hostile gets a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from checks.base import Inputs, MigrationSet, Result, Status
from checks.files import CHECKS
from checks.migrations import MigrationsError, read_directory, read_pairs
from checks.runner import run_checks
from tests.checks.check_samples import migrations, on_files
from tests.checks.files.file_case import SHOP

SAMPLE = Path(__file__).parents[3] / "bot" / "demo" / "sample" / "migrations"
SILENT = (Status.PASSED, Status.NOT_APPLICABLE)


def all_of(files: MigrationSet) -> dict[str, Result]:
    return {check.id: result for check, result in run_checks(CHECKS, Inputs(migrations=files))}


def loud(results: dict[str, Result]) -> list[str]:
    return [f"{name}: {result.summary}" for name, result in results.items() if result.status not in SILENT]


@pytest.mark.parametrize("through", [None, *(f"{n:05d}" for n in range(1, 11))])
def test_a_clean_set_is_silent_wherever_the_target_stands(through: str | None) -> None:
    assert loud(all_of(replace(read_directory(SAMPLE), applied_through=through))) == []


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("blocking_index", {"online-safety"}),
        ("unknown_label", {"types-defined"}),
        ("duplicate_names", set()),
        ("no_unique_index", set()),
    ],
)
def test_the_sample_s_faults_that_files_alone_can_tell(fault: str, found: set[str]) -> None:
    changed = {path.name: path.read_bytes() for path in (SAMPLE.parent / "faults" / fault).iterdir()}
    pairs = [(path.name, changed.get(path.name, path.read_bytes())) for path in sorted(SAMPLE.iterdir())]
    results = all_of(replace(read_pairs(pairs), applied_through="00007"))
    assert {name for name, result in results.items() if result.status not in SILENT} == found


def test_fifty_megabytes_are_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "00001_a.sql").write_bytes(b"SELECT 1;\n" * 5_000_000)
    with pytest.raises(MigrationsError, match=r"^00001_a.sql has 48 MB; gonogo reads migration files of up to 20 MB"):
        read_directory(tmp_path)


def test_latin_1_is_told_by_the_syntax_check_and_stops_no_other() -> None:
    files = read_pairs([("00001_a.sql", "-- Für alle Läden.\nSELECT 'é';".encode("latin-1"))])
    results = all_of(files)
    assert results["syntax"].status is Status.FAILED
    assert results["syntax"].summary == "00001_a.sql:1: not UTF-8: byte 0xfc"
    assert results["sequential-numbering"].status is Status.PASSED
    unread = {result.summary for result in results.values() if result.status is Status.COULD_NOT_RUN}
    assert unread == {"00001_a.sql:1 does not parse: not UTF-8: byte 0xfc"}


@pytest.mark.parametrize("name", ["00001_--config=x.sql", "00001_$(touch x).sql", "00001_a b';.sql", "00001_*.sql"])
def test_hostile_names_reach_no_command_line(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".squawk.toml").write_text('excluded_rules = ["require-concurrent-index-creation"]\n', encoding="utf-8")
    files = read_pairs([("00000_shop.sql", SHOP.encode()), (name, b"CREATE INDEX i ON orders (id);")])
    results = all_of(replace(files, applied_through="00000"))
    assert results["online-safety"].findings[0].file == name
    assert results["file-names"].status is Status.WARNING
    assert [path.name for path in tmp_path.iterdir()] == [".squawk.toml"]


@pytest.mark.parametrize("name", ["../00001_a.sql", "/etc/00001_a.sql", "00001_a\n.sql", "00001_\udcff.sql"])
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(MigrationsError, match="the file name"):
        read_pairs([(name, b"SELECT 1;")])


@pytest.mark.parametrize(
    "text",
    [
        "",
        ";;;",
        "-- nothing",
        "SELECT " + "(" * 3000 + "1" + ")" * 3000 + ";",
        "SELECT " + "1+" * 20_000 + "1;",
        "\ufeffSELECT 1;",
        "\\i other.sql\n",
        "CREATE FOREIGN TABLE f (id int) SERVER s;",
        "ALTER TYPE t ADD ATTRIBUTE a int; ALTER TABLE ALL IN TABLESPACE x SET TABLESPACE y; REINDEX DATABASE shop;",
        "CREATE RULE r AS ON INSERT TO t DO INSTEAD NOTHING; LISTEN x; PREPARE p AS SELECT 1; EXECUTE p;",
        "CREATE AGGREGATE s (int) (sfunc = int4pl, stype = int); CREATE OPERATOR === (leftarg = int, function = f);",
        "CREATE SCHEMA AUTHORIZATION joe; CREATE ROLE r; ALTER ROLE CURRENT_USER NOLOGIN; DROP OWNED BY joe;",
        "MERGE INTO t USING u ON t.id = u.id WHEN MATCHED THEN DELETE; CALL p(1); CREATE STATISTICS s ON a, b FROM t;",
    ],
    ids=range(13),
)
def test_odd_files_break_no_check(text: str) -> None:
    results = all_of(migrations("SELECT 1;", text, applied_through="00001"))
    assert [name for name, result in results.items() if "itself failed" in result.summary] == []


def test_a_password_is_in_no_result() -> None:
    lines = (
        "CREATE ROLE a SUPERUSER PASSWORD 'geheim42';",
        "-- postgres://a:geheim42@db/x",
        "SELECT 'password=geheim42 host=db';",
    )
    results = all_of(migrations("\n".join(lines)))
    assert len(results["passwords"].findings) == 3
    assert "geheim42" not in repr(results)


def test_placeholders_and_columns_are_no_passwords() -> None:
    texts: Sequence[str] = (
        "CREATE ROLE a PASSWORD '${app_password}'; CREATE ROLE b PASSWORD '{{ secret }}'; CREATE ROLE c PASSWORD NULL;",
        "CREATE TABLE logins (password text CHECK (password <> ''), kind text CHECK (kind IN ('password', 'token')));",
        "COMMENT ON COLUMN logins.password IS 'Hash of the password, by argon2.'; SELECT 'postgres://${u}:${p}@db/x';",
    )
    result = on_files("passwords", migrations(*texts))
    assert result.status is Status.PASSED, result.findings


def test_programs_are_not_applicable() -> None:
    files = read_pairs([("ae10_x.py", b"revision = 'ae10'\ndown_revision = None\n")])
    assert loud(all_of(files)) == []


def test_without_squawk_the_check_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checks.files.squawk.sysconfig.get_path", lambda name: "/nowhere")
    monkeypatch.setenv("PATH", "/nowhere")
    result = on_files("online-safety", migrations("SELECT 1;"))
    assert (result.status, result.summary) == (Status.COULD_NOT_RUN, "squawk is not installed")
    assert result.hint == "pip install squawk-cli"


def test_what_squawk_cannot_read_is_said() -> None:
    text = "-- Text that PostgreSQL reads.\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1 FROM';"
    result = on_files("online-safety", migrations(text))
    assert (result.status, "squawk cannot read" in result.summary) == (Status.WARNING, True)
