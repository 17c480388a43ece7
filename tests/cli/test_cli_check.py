"""`gonogo check` on real folders and a real PostgreSQL: what it prints, and its exit code."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from checks.base import Need
from checks.catalogue import CATALOGUE
from tests.checks.layouts.layout_samples import GOOSE, PSQL, written
from tests.cli.cli_samples import apply, gonogo, migrations
from tests.postgres import MONITOR_PASSWORD, TestDatabase

SCRIPT = Path(sys.executable).with_name("gonogo")


def test_clean_files_are_told_line_by_line_and_exit_0(tmp_path: Path) -> None:
    result = gonogo("check", "files", "--migrations", migrations(tmp_path), "--no-scratch")
    assert result.exit_code == 0, result.output
    *lines, total = result.stdout.splitlines()
    told = [line.split()[:2] for line in lines if not line.startswith(" ")]
    asked = [check.id for check in CATALOGUE.values() if check.needs is Need.FILES and check.is_set_up({})]
    assert [check for _, check in told] == asked
    assert "not set up" not in result.stdout
    assert result.stderr == ""
    assert ["passed", "syntax"] in told
    assert total.startswith(f"{len(told)} checks in ")
    assert f"{len([1 for status, _ in told if status == 'passed'])} passed" in total


def test_a_command_imports_what_it_needs(tmp_path: Path) -> None:
    only = "online-safety,dependency-order,ignore-comments"
    command = [sys.executable, "-X", "importtime", SCRIPT, "check", "files", "--migrations", migrations(tmp_path)]
    told = subprocess.run([*command, "--only", only], capture_output=True, text=True, check=True).stderr
    imported = {line.rpartition("|")[2].strip() for line in told.splitlines()}
    assert {"checks.files.syntax", "orjson", "pglast.parser"} <= imported
    heavy = {"pydantic", "rich", "slack_sdk", "slack_bolt", "psycopg", "holidays", "markdown_it", "jinja2", "sqlite3"}
    assert imported & {*heavy, "bot.settings.loading", "checks.target.schema", "checks.scratch.keys"} == set()


def test_a_failure_names_file_and_line_and_exits_1(tmp_path: Path) -> None:
    folder = migrations(tmp_path, v00002_orders="CREATE TABLE orders (\n  id bigint PRIMARY KEY,\n);\n")
    result = gonogo("check", "files", "--migrations", folder, "--no-scratch")
    assert result.exit_code == 1
    assert "failed         syntax" in result.stdout
    assert "    00002_orders.sql:3" in result.stdout
    assert "1 failed" in result.stdout.splitlines()[-1]


def test_a_reason_that_keeps_many_checks_from_running_is_said_once(tmp_path: Path) -> None:
    folder = migrations(tmp_path)
    (folder / "00003_umlaut.sql").write_bytes(b"-- Adds a shop.\nCREATE TABLE l\xe4den (id bigint PRIMARY KEY);\n")
    result = gonogo("check", "files", "--migrations", folder, "--no-scratch")
    lines = result.stdout.splitlines()
    [place] = [number for number, line in enumerate(lines) if line.startswith("could-not-run")]
    _, count, *_ = lines[place].split()
    assert "checks      " in lines[place] and lines[place].endswith(
        "00003_umlaut.sql:2 does not parse: not UTF-8: byte 0xe4"
    )
    assert lines[place + 1] == "    → iconv -f latin1 -t utf-8 00003_umlaut.sql"
    assert "online-safety, types-defined" in lines[place + 2]
    assert len(lines[place + 2].split(", ")) == int(count) > 5
    assert f"{count} could-not-run" in lines[-1]
    assert result.stdout.count("iconv") == 2  # the failed syntax says it too


def test_a_database_that_is_not_reached_is_said_once(tmp_path: Path) -> None:
    result = gonogo("check", "--url", "postgresql://reader:s3cret@127.0.0.1:1/shop")
    [line] = [line for line in result.stdout.splitlines() if line.startswith("could-not-run")]
    assert line.endswith("nothing answers at the address of the database")
    assert "s3cret" not in result.output
    assert result.exit_code == 1  # whether it is reached is a check itself, and fails


def test_only_what_is_named_runs_in_the_order_given(tmp_path: Path) -> None:
    folder = migrations(tmp_path, v00002_orders="")
    result = gonogo("check", "files", "--migrations", folder, "--only", "sequential-numbering, syntax")
    assert result.exit_code == 1
    checks = [line.split()[1] for line in result.stdout.splitlines() if line.startswith(("passed", "failed"))]
    assert checks == ["sequential-numbering", "syntax"]


def in_settings(folder: Path, text: str) -> None:
    (folder / "gonogo.toml").write_text(f'[workspace]\nchannel = "C0DEPLOYS"\n{text}')


def test_everything_that_files_can_answer_is_asked_on_the_configured_server(
    tmp_path: Path, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server of the team's, which has a role that ours would not have: so it was this one."""
    database.execute(f"ALTER ROLE {database.monitor_role} CREATEDB")
    monkeypatch.setenv("TRIAL_URL", database.monitor)
    asks = "DO $$ BEGIN ASSERT session_user ~ '_monitor$', session_user; END $$;"
    folder = migrations(tmp_path, v00004_asks=asks)
    in_settings(tmp_path, '[scratch]\nserver = "env:TRIAL_URL"\n[checks.stated-range]\nrange = "1-9"\n')
    told = json.loads(gonogo("check", "files", "--migrations", folder, "--json").stdout)["results"]
    found = {one["check"]: one["status"] for one in told}
    asked = [c for c in CATALOGUE.values() if c.needs in (Need.FILES, Need.SCRATCH) and not (c.option or c.also)]
    assert {check.id for check in asked} <= found.keys()
    assert (found["applies-to-scratch"], found["tables-created"], found["stated-range"]) == (*["passed"] * 2, "failed")
    only = ("--only", "applies-to-scratch,stated-range", "--json")
    there = gonogo("check", "--url", database.admin, "--migrations", folder, *only)
    summaries = {one["check"]: one["summary"] for one in json.loads(there.stdout)["results"]}
    assert (
        summaries["applies-to-scratch"]
        == "the scratch server is the server of the database, where nothing may be tried"
    )
    assert "stated-range" in summaries


@pytest.mark.parametrize(
    ("server", "told"),
    [
        ('"env:NOT_SET_HERE"', "no address for the scratch server: the environment variable NOT_SET_HERE is not set"),
        ('"none"', "'applies-to-scratch' cannot run on files: it needs a scratch server"),
    ],
)
def test_no_server_is_started_in_place_of_the_one_that_the_settings_name(
    tmp_path: Path, server: str, told: str
) -> None:
    in_settings(tmp_path, f"[scratch]\nserver = {server}\n")
    result = gonogo("check", "files", "--migrations", migrations(tmp_path), "--only", "applies-to-scratch")
    assert told in result.output
    assert result.exit_code == 2


def test_a_scratch_check_runs_on_files_alone_when_it_is_named(tmp_path: Path) -> None:
    folder = migrations(tmp_path)
    result = gonogo("check", "files", "--migrations", folder, "--only", "statement-risk,schema-validation")
    assert "warning        statement-risk" in result.stdout or "passed         statement-risk" in result.stdout
    assert "could-not-run  schema-validation" in result.stdout
    assert "no database is configured" in result.stdout
    assert (result.exit_code, result.stderr) == (2, "")


@pytest.mark.parametrize(
    ("statement", "files", "exit_code"),
    [
        ("ALTER TABLE events DETACH PARTITION events_2026 CONCURRENTLY;", "warning", 0),
        ("DROP TABLESPACE IF EXISTS fast;", "passed", 0),
        ("SELECT 1; DROP TABLESPACE IF EXISTS fast;", "failed", 1),
        ("REINDEX TABLE concurrently_used;", "not-applicable", 0),
    ],
)
def test_files_and_scratch_agree_on_what_flyway_runs_outside_of_a_transaction(
    tmp_path: Path, statement: str, files: str, exit_code: int
) -> None:
    (tmp_path / "V1__tables.sql").write_text(
        "CREATE TABLE concurrently_used (id int PRIMARY KEY);\n"
        "CREATE TABLE events (day date) PARTITION BY RANGE (day);\n"
        "CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');\n"
    )
    (tmp_path / "V2__change.sql").write_text(statement)
    only = "concurrently,applies-to-scratch"
    result = gonogo("check", "files", "--migrations", str(tmp_path), "--tool", "flyway", "--only", only)
    assert result.exit_code == exit_code, result.stdout
    told = {line.split()[1]: line.split()[0] for line in result.stdout.splitlines() if not line.startswith(" ")}
    assert told["concurrently"] == files, result.stdout
    assert told["applies-to-scratch"] == ("failed" if exit_code else "passed"), result.stdout


@pytest.mark.parametrize(("check", "lacks"), [("can-connect", "a database: "), ("schema-matches", "a database: ")])
def test_what_files_alone_cannot_answer_says_what_to_give(tmp_path: Path, check: str, lacks: str) -> None:
    result = gonogo("check", "files", "--migrations", migrations(tmp_path), "--only", check)
    assert result.exit_code == 2
    assert f"'{check}' cannot run on files: it needs {lacks}" in result.stderr


def test_a_table_of_the_settings_sets_a_check_up(tmp_path: Path) -> None:
    folder = migrations(tmp_path)
    table = '[checks.stated-range]\nrange = "00001-00004"\n[checks.changelog]\nfile = "CHANGES.md"\n'
    (tmp_path / "gonogo.toml").write_text(f'[workspace]\nchannel = "C0DEPLOYS"\n{table}')
    (tmp_path / "CHANGES.md").write_text("# Changes\n\nNothing yet.\n")
    told = gonogo("check", "files", "--migrations", folder, "--no-scratch").stdout.splitlines()
    assert [line.split()[0] for line in told if " stated-range " in line] == ["failed"]
    assert [line for line in told if " changelog " in line and "not set up" not in line]


def test_documents_come_from_the_repository_at_its_ref(tmp_path: Path) -> None:
    repository = tmp_path / "shop"
    repository.mkdir()
    migrations(repository)
    (repository / "runbook.md").write_text("# Backup of users and orders\n\npg_dump, then pg_restore.\n")
    git = ["git", "-C", str(repository), "-c", "user.name=Ann", "-c", "user.email=ann@shop.example"]
    for command in (["init", "--quiet", "-b", "main"], ["add", "."], ["commit", "--quiet", "-m", "all"]):
        subprocess.run([*git, *command], check=True)
    (repository / "runbook.md").unlink()
    (tmp_path / "gonogo.toml").write_text(
        '[workspace]\nchannel = "C0DEPLOYS"\n[migrations]\nrepository = "shop"\nref = "main"\n'
        'directory = "migrations"\n[checks.runbooks]\nfile = "runbook.md"\n'
    )
    result = gonogo("check", "files", "--json", "--only", "runbooks")
    [found] = json.loads(result.stdout)["results"]
    assert found["status"] in {"passed", "evidence", "warning"}, found


def test_a_database_is_compared_with_the_files_when_that_is_asked(tmp_path: Path, database: TestDatabase) -> None:
    apply(database)
    asked = ("check", "--url", database.monitor, "--migrations", migrations(tmp_path))
    result = gonogo(*asked, "--only", "schema-matches")
    assert (result.exit_code, result.stdout.split()[0]) == (0, "passed"), result.output
    database.execute("ALTER TABLE orders DROP COLUMN paid_at")
    assert gonogo(*asked, "--only", "schema-matches").exit_code == 1


def test_what_is_applied_is_not_judged_again(tmp_path: Path) -> None:
    folder = migrations(tmp_path, v00001_users="CREATE TABEL users ();\n")
    judged = ("check", "files", "--migrations", folder, "--only", "syntax")
    assert gonogo(*judged).exit_code == 1
    assert gonogo(*judged, "--applied-through", "1").exit_code == 0


def test_json_has_the_promised_shape(tmp_path: Path) -> None:
    folder = migrations(tmp_path, v00002_orders="CREATE TABEL orders ();\n")
    result = gonogo("check", "files", "--migrations", folder, "--json", "--only", "syntax")
    assert result.exit_code == 1
    [found] = json.loads(result.stdout)["results"]
    assert list(found) == ["check", "status", "summary", "hint", "took", "findings", "items"]
    assert (found["check"], found["status"]) == ("syntax", "failed")
    [finding] = found["findings"]
    assert set(finding) == {"object", "file", "line", "message", "hint", "severity"}
    assert (finding["file"], finding["line"]) == ("00002_orders.sql", 1)
    assert {
        "section": "Pre-Deployment / Development Environment",
        "label": "Review all migration files for syntax errors",
    } in (found["items"])


def test_items_come_from_the_checklist_in_use(tmp_path: Path) -> None:
    (tmp_path / "list.md").write_text("# Ours\n\n## Before\n\n### Files\n\n- [ ] They parse <!-- check: syntax -->\n")
    (tmp_path / "gonogo.toml").write_text('[workspace]\nchannel = "C0DEPLOYS"\n[checklist]\nfile = "list.md"\n')
    result = gonogo("check", "files", "--migrations", migrations(tmp_path), "--json", "--only", "syntax")
    [found] = json.loads(result.stdout)["results"]
    assert found["items"] == [{"section": "Before / Files", "label": "They parse"}]


def test_a_migrated_database_is_green(tmp_path: Path, database: TestDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    apply(database)
    monkeypatch.setenv("SHOP_DATABASE_URL", database.monitor)
    result = gonogo("check", "--url", "env:SHOP_DATABASE_URL", "--migrations", migrations(tmp_path), "--json")
    statuses = {found["check"]: found["status"] for found in json.loads(result.stdout)["results"]}
    assert {"could-not-run", "failed"}.isdisjoint(statuses.values()), statuses
    assert statuses["can-connect"] == statuses["migrations-completed"] == statuses["applies-to-scratch"] == "passed"
    assert result.exit_code == 0


def test_a_database_alone_is_green_without_files(database: TestDatabase) -> None:
    result = gonogo("check", "--url", database.monitor)
    assert result.exit_code == 0, result.output
    assert "passed         can-connect" in result.stdout
    assert "migrations-completed" not in result.stdout


def test_a_pending_migration_fails_the_completed_check(tmp_path: Path, database: TestDatabase) -> None:
    apply(database, 2)
    migrations(tmp_path)
    (tmp_path / "gonogo.toml").write_text(
        '[workspace]\nchannel = "C0DEPLOYS"\n[migrations]\ndirectory = "migrations"\n'
        '[environments.production]\ndatabase = "env:SHOP_DATABASE_URL"\n'
    )
    environ = os.environ | {"SHOP_DATABASE_URL": database.monitor}
    command = [SCRIPT, "check", "production", "--only", "migrations-completed,migrations-pending"]
    result = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert result.returncode == 1, result.stderr
    assert "failed         migrations-completed" in result.stdout
    assert "00003" in result.stdout
    assert MONITOR_PASSWORD not in result.stdout + result.stderr


def test_files_that_the_database_has_are_not_pending(tmp_path: Path, database: TestDatabase) -> None:
    apply(database, 2)
    folder = migrations(tmp_path, v00001_users="CREATE TABEL users ();\n")
    result = gonogo("check", "--url", database.monitor, "--migrations", folder, "--only", "syntax")
    assert result.exit_code == 0, result.output


def test_a_probe_of_the_settings_runs_beside_the_checks(tmp_path: Path) -> None:
    folder = migrations(tmp_path)
    (tmp_path / "smoke.sh").write_text('#!/bin/sh\necho "SMOKE OK - 18 passed in $1"\n')
    (tmp_path / "smoke.sh").chmod(0o755)
    probe = '[probes.smoke-tests]\nitem = "Run smoke tests"\ncommand = ["./smoke.sh", "{environment}"]\n'
    settings = f'[workspace]\nchannel = "C0DEPLOYS"\n[migrations]\ndirectory = "{folder}"\n{probe}'
    (tmp_path / "gonogo.toml").write_text(settings)
    result = gonogo("check", "production", "--only", "smoke-tests", "--json")
    [found] = json.loads(result.stdout)["results"]
    assert (found["status"], result.exit_code) == ("passed", 0)
    assert "18 passed in production" in found["summary"]
    assert found["items"] == [{"section": "Deployment / Production Deployment", "label": "Run smoke tests"}]


def test_files_come_from_the_repository_at_its_ref(tmp_path: Path) -> None:
    repository = tmp_path / "shop"
    repository.mkdir()
    folder = migrations(repository)
    git = ["git", "-C", str(repository), "-c", "user.name=Ann", "-c", "user.email=ann@shop.example"]
    for command in (["init", "--quiet", "-b", "main"], ["add", "."], ["commit", "--quiet", "-m", "migrations"]):
        subprocess.run([*git, *command], check=True)
    (folder / "00004_broken.sql").write_text("CREATE TABEL later ();\n")
    (tmp_path / "gonogo.toml").write_text(
        '[workspace]\nchannel = "C0DEPLOYS"\n'
        '[migrations]\nrepository = "shop"\nref = "main"\ndirectory = "migrations"\n'
    )
    result = gonogo("check", "files", "--no-scratch")
    assert result.exit_code == 0, result.output
    assert "3 files, 00001–00003" in result.stdout


def test_a_person_sees_a_bar_and_a_table(tmp_path: Path) -> None:
    command = [str(SCRIPT), "check", "files", "--no-scratch", "--migrations", str(migrations(tmp_path))]
    printed = on_terminal(command)
    assert "✓ passed" in printed
    assert "sequential-numbering" in printed
    assert "passed" in printed.splitlines()[-1]
    assert "0/" in printed


def on_terminal(command: list[str]) -> str:
    """What a command writes to a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, stdin=theirs, env=os.environ | {"COLUMNS": "100"}):
        os.close(theirs)
        written = b""
        while chunk := _read(ours):
            written += chunk
    os.close(ours)
    return written.decode()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""


def test_a_hostile_file_name_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    folder = migrations(tmp_path)
    (folder / "00004_\x1b[2Jgone.sql").write_text("SELECT 1;\n")
    result = gonogo("check", "files", "--migrations", folder)
    assert "\x1b" not in result.output


def test_a_tools_own_files_are_checked_and_those_of_another_are_refused_with_its_name(tmp_path: Path) -> None:
    folder = written(tmp_path, GOOSE)
    result = gonogo("check", "files", "--migrations", folder, "--only", "syntax,down-files,concurrently")
    assert (result.exit_code, result.stdout.count("passed  ")) == (0, 3), result.output
    refused = gonogo("check", "files", "--migrations", folder, "--tool", "sqlx")
    assert refused.exit_code == 2
    assert '--tool goose, or [migrations] tool = "goose"' in refused.stderr
    assert "Traceback" not in refused.output


def test_plain_sql_is_checked_where_somebody_says_that_psql_runs_it(tmp_path: Path) -> None:
    folder = written(tmp_path, PSQL)
    only = ("--only", "syntax,applies-to-scratch")
    result = gonogo("check", "files", "--migrations", folder, "--tool", "psql", *only)
    assert result.exit_code == 0, result.output
    guessed = gonogo("check", "files", "--migrations", folder, *only)
    assert guessed.exit_code == 2
    assert "give --tool psql for all, by their paths" in guessed.stderr
