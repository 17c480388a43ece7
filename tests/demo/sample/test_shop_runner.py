"""The runner writes what sqlx writes, says where it failed, and never says a password."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.sample import history
from bot.demo.sample.addresses import connect
from bot.demo.sample.history import SourceFault, SourceFile, split
from bot.demo.sample.mishaps import MIGRATIONS, copy_migrations
from bot.demo.sample.runner import MigrationFailed, revert, run


@pytest.fixture
def connection(database):
    with connect(database.url, "test") as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "1_first.up.sql").write_text("CREATE TABLE first (id bigint);\n")
    (tmp_path / "1_first.down.sql").write_text("DROP TABLE first;\n")
    return tmp_path


def runner(*arguments: str, url: str = "", stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "bot.demo.sample.runner", *arguments]
    variables = {"DATABASE_URL": url} if url else {}
    return subprocess.run(
        command, env={"PATH": "/usr/bin:/bin", **variables}, input=stdin, capture_output=True, text=True, check=False
    )


def test_rows_are_those_of_sqlx(connection) -> None:
    run(connection, MIGRATIONS)
    columns = connection.execute(
        "SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute"
        " WHERE attrelid = '_sqlx_migrations'::regclass AND attnum > 0 ORDER BY attnum"
    ).fetchall()
    assert columns == [
        ("version", "bigint", True),
        ("description", "text", True),
        ("installed_on", "timestamp with time zone", True),
        ("success", "boolean", True),
        ("checksum", "bytea", True),
        ("execution_time", "bigint", True),
    ]
    for version, row in history.read(connection).items():
        path = next(MIGRATIONS.glob(f"{version:05}_*.up.sql"))
        assert bytes(row.checksum) == hashlib.sha384(path.read_bytes()).digest()
        assert row.description == path.name[6 : -len(".up.sql")].replace("_", " ")
        assert row.success
        assert row.execution_time > 0


def test_a_run_from_the_shell_says_what_it_applied_and_a_second_has_nothing_to_do(database) -> None:
    first = runner("--source", str(MIGRATIONS), "--target-version", "9", url=database.url)
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines()[8].startswith("Applied 9/migrate index open orders (")
    assert len(first.stdout.splitlines()) == 9
    assert runner("--source", str(MIGRATIONS), url=database.url).stdout.startswith("Applied 10/migrate create daily")
    again = runner("--source", str(MIGRATIONS), url=database.url)
    assert (again.returncode, again.stdout, again.stderr) == (0, "Nothing to apply\n", "")


def test_a_failure_names_file_line_and_state_and_leaves_nothing(database, folder) -> None:
    (folder / "2_second.up.sql").write_text(
        "-- größer\nCREATE TABLE second (id bigint);\n\n-- why\nCREATE INDEX i\n    ON second (nothing);\n"
    )
    done = runner("--source", str(folder), url=database.url)
    assert done.returncode == 1
    assert done.stdout.startswith("Applied 1/migrate first (")
    assert done.stderr == 'error: 2_second.up.sql:5: column "nothing" does not exist [42703]\n'
    with connect(database.url, "test") as connection:
        assert list(history.read(connection)) == [1]
        assert connection.execute("SELECT to_regclass('second')").fetchone() == (None,)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("CREATE TABLE a (id bigint);\n\nCREATE TABEL b (id bigint);\n", "2_x.up.sql:3: syntax error"),
        ("-- c\n\nINSERT INTO first\nVALUES\n(1),\n('x');\n", "2_x.up.sql:6: invalid input syntax"),
        ("-- c\n\nSELECT 1;\n\n-- d\nDO $$ BEGIN\nRAISE 'no';\nEND $$;\n", "2_x.up.sql:6: no"),
        ("-- no-transaction\n\nVACUUM nothing;\n", '2_x.up.sql:3: relation "nothing" does not exist'),
        ("-- no-transaction\nSELECT 1;\nVACUUM first;\n", "2_x.up.sql:2: VACUUM cannot"),
    ],
)
def test_the_line_is_that_of_the_mistake(connection, folder, text: str, place: str) -> None:
    (folder / "2_x.up.sql").write_text(text)
    with pytest.raises(MigrationFailed) as failure:
        run(connection, folder)
    assert str(failure.value).startswith(place)
    assert list(history.read(connection)) == [1]


@given(st.lists(st.sampled_from(["", "-- größer; ja", "/* a;\nb */", "SELECT 1;", "SELECT\n'x\ny';", "SELECT 'ü;';"])))
def test_every_statement_knows_its_line(parts: list[str]) -> None:
    text = "\n".join(parts)
    file = SourceFile(Path("1_x.sql"), 1, "x", False, text.encode())
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines, 1) if line.startswith("SELECT")]
    found = [statement for statement in split(file) if statement.text.strip()]
    assert [statement.line for statement in found if statement.text.startswith("SELECT")] == starts


def test_a_concurrent_index_that_fails_stays_invalid_and_has_no_row(connection, folder) -> None:
    (folder / "2_twice.up.sql").write_text("INSERT INTO first VALUES (1), (1);\n")
    (folder / "3_unique.up.sql").write_text(
        "-- no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY first_id_key ON first (id);\n"
    )
    with pytest.raises(MigrationFailed, match="23505"):
        run(connection, folder)
    assert list(history.read(connection)) == [1, 2]
    assert connection.execute(
        "SELECT indisvalid FROM pg_index WHERE indexrelid = 'first_id_key'::regclass"
    ).fetchone() == (False,)


def test_history_and_folder_must_agree(connection, tmp_path) -> None:
    folder = copy_migrations(tmp_path / "copy")
    run(connection, folder, 3)
    changed = folder / "00002_create_users_and_products.up.sql"
    changed.write_bytes(changed.read_bytes() + b"\n")
    with pytest.raises(SourceFault, match=r"00002_create_users_and_products.up.sql: .*has been modified"):
        run(connection, folder)
    changed.unlink()
    with pytest.raises(SourceFault, match="migration 2 was previously applied but is missing"):
        run(connection, folder)
    connection.execute("UPDATE _sqlx_migrations SET success = false WHERE version = 1")
    with pytest.raises(SourceFault, match="migration 1 is partially applied"):
        run(connection, folder)
    assert list(history.read(connection)) == [1, 2, 3]


def test_revert_needs_every_down_file_before_it_begins(connection, folder) -> None:
    (folder / "2_b.up.sql").write_text("CREATE TABLE b (id bigint);")
    (folder / "3_c.up.sql").write_text("CREATE TABLE c (id bigint);")
    (folder / "3_c.down.sql").write_text("DROP TABLE c;")
    run(connection, folder)
    with pytest.raises(SourceFault, match=r"migration 2 has no \.down\.sql file; nothing was reverted"):
        revert(connection, folder, 0)
    assert list(history.read(connection)) == [1, 2, 3]
    assert revert(connection, folder, 2) == 1
    assert connection.execute("SELECT to_regclass('c')").fetchone() == (None,)


def test_two_runners_apply_each_file_once(database) -> None:
    said: list[str] = []
    faults: list[BaseException] = []

    def work() -> None:
        try:
            with connect(database.url, "test") as opened:
                run(opened, MIGRATIONS, say=said.append)
        except psycopg.Error as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert sorted(int(line.split("/")[0].split()[1]) for line in said if line.startswith("Applied")) == list(
        range(1, 11)
    )


def test_a_demo_can_rest_between_statements_and_after_a_version(database, folder) -> None:
    (folder / "2_b.up.sql").write_text("CREATE TABLE b (id bigint);")
    done = runner(
        "--source", str(folder), "--statement-delay", "0.01", "--pause-after", "1", url=database.url, stdin="\n"
    )
    lines = done.stdout.splitlines()
    assert [line.split(" (")[0] for line in lines] == [
        "Applied 1/migrate first",
        "Paused after 1; a line on standard input goes on",
        "Applied 2/migrate b",
    ]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:s3cr3t@127.0.0.1:1/shop",
        "postgresql://ann:s3cr3t@home@127.0.0.1:1/shop",
        "postgresql://ann:s3cr3t%ZZ@127.0.0.1:1/shop",
        "host=127.0.0.1 port=1 password=s3cr3t blank",
        "postgresql://ann:s3cr3t@[::1",
    ],
)
def test_no_password_is_ever_printed(folder, url: str) -> None:
    done = runner("--source", str(folder), url=url)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.splitlines()) == 1
    assert "s3cr3t" not in done.stdout + done.stderr


def test_wrong_use_is_one_sentence(folder, database) -> None:
    assert "the environment variable DATABASE_URL is not set" in runner("--source", str(folder)).stderr
    missing = runner("--source", str(folder / "nowhere"), url=database.url)
    assert missing.returncode == 1
    assert "is no folder; --source names the folder" in missing.stderr
    (folder / "00001_again.up.sql").write_text("SELECT 1;")
    twice = runner("--source", str(folder), url=database.url)
    assert "00001_again.up.sql" in twice.stderr
    assert "have the same version; rename one" in twice.stderr
