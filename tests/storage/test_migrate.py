from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from storage_samples import AT, a_deployment

from bot.core.journal import to_text
from bot.resources import migrations_folder
from bot.storage import MigrationRefused, Store, StoreFault


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "migrations"
    shutil.copytree(migrations_folder(), copy)
    return copy


def tables(state_file: Path) -> set[str]:
    rows = sqlite3.connect(state_file).execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {name for (name,) in rows}


def applied(state_file: Path) -> list[str]:
    return [name for (name,) in sqlite3.connect(state_file).execute("SELECT name FROM applied_migration ORDER BY name")]


def test_a_new_file_gets_every_table_and_a_second_start_nothing(state_file: Path, folder: Path) -> None:
    for _ in range(2):
        Store.open(state_file, migrations=folder).close()
    assert {"deployment", "journal", "private_text", "heartbeat"} <= tables(state_file)
    assert applied(state_file) == sorted(path.stem for path in folder.iterdir())


def test_every_table_is_strict(state_file: Path) -> None:
    Store.open(state_file).close()
    own = sqlite3.connect(state_file).execute(
        "SELECT name FROM pragma_table_list WHERE type = 'table' AND strict = 0 AND name NOT LIKE '%sqlite%'"
    )
    assert own.fetchall() == []


def test_a_later_migration_is_applied_to_a_file_in_use(state_file: Path, folder: Path) -> None:
    Store.open(state_file, migrations=folder).close()
    (folder / "90002_more.sql").write_text(
        "-- more; of it\nCREATE TABLE more (a TEXT) STRICT;\nCREATE TABLE most (a TEXT);"
    )
    with pytest.raises(MigrationRefused, match=r"lacks migration 90002_more .*start `gonogo run` once"):
        Store.open(state_file, read_only=True, migrations=folder)
    Store.open(state_file, migrations=folder).close()
    assert {"more", "most"} <= tables(state_file)
    Store.open(state_file, read_only=True, migrations=folder).close()


def test_a_migration_that_fails_leaves_the_file_as_it_was(state_file: Path, folder: Path) -> None:
    Store.open(state_file, migrations=folder).close()
    before = tables(state_file)
    (folder / "90002_good.sql").write_text("CREATE TABLE good (a TEXT);")
    (folder / "90003_bad.sql").write_text("CREATE TABLE half (a TEXT); CREATE TABLE journal (a TEXT);")
    with pytest.raises(StoreFault, match=r"gonogo\.db could not be brought up to date: table journal already exists"):
        Store.open(state_file, migrations=folder)
    assert tables(state_file) == before


def test_notices_of_before_keep_their_delivery_and_those_on_their_way_go_out_as_one(
    state_file: Path, folder: Path
) -> None:
    edited = folder / "00007_notices_edited.sql"
    later = edited.read_text()
    edited.unlink()
    store = Store.open(state_file, migrations=folder)
    deployment = store.write(a_deployment).id
    store.close()
    with sqlite3.connect(state_file) as connection:
        for event, state, sent in (("start", "sent", to_text(AT)), ("go", "pending", None)):
            connection.execute(
                "INSERT INTO outbox (id, key, sort, lane, template, facts, state, permalink, created_at, sent_at)"
                " VALUES (?1, ?1, 'post', 'C1', 'notice', '{}', ?2, 'https://x/1', ?4, ?3)",
                (event, state, sent, to_text(AT)),
            )
            connection.execute("INSERT INTO notice VALUES (?1, ?2, ?1, 'C1', ?1, ?3)", (event, deployment, to_text(AT)))
    edited.write_text(later)
    store = Store.open(state_file, migrations=folder)
    told = connection.execute("SELECT state, delivered_at, outbox_key FROM notice ORDER BY state DESC").fetchall()
    assert told == [("start", to_text(AT), "start"), ("go", None, "C1")]
    assert [(one.kind, one.subject) for one in store.read(lambda reader: reader.outbox.wanted(deployment))] == [
        ("notice", "C1")
    ]
    assert store.read(lambda reader: reader.said.open(AT)) == ()


@pytest.mark.parametrize("read_only", [True, False])
def test_a_changed_migration_is_refused(state_file: Path, folder: Path, read_only: bool) -> None:
    Store.open(state_file, migrations=folder).close()
    with (folder / "00001_initial.sql").open("a") as file:
        file.write("\n-- a harmless word")
    with pytest.raises(MigrationRefused, match=r"00001_initial was changed .*migrations/00001_initial\.sql as it was"):
        Store.open(state_file, read_only=read_only, migrations=folder)


@pytest.mark.parametrize("read_only", [True, False])
def test_a_file_of_a_newer_gonogo_is_refused(state_file: Path, folder: Path, read_only: bool) -> None:
    later = folder / "90002_later.sql"
    later.write_text("CREATE TABLE later (a TEXT);")
    Store.open(state_file, migrations=folder).close()
    later.unlink()
    with pytest.raises(MigrationRefused, match="90002_later, which this gonogo does not know"):
        Store.open(state_file, read_only=read_only, migrations=folder)


OPEN = """
import sys
from bot.storage import Store
print("ready", flush=True)
for path in sys.stdin:
    Store.open(path.strip()).close()
    print("opened", flush=True)
"""


def answers(children: list[subprocess.Popen[str]]) -> list[str]:
    return [child.stdout.readline() for child in children if child.stdout]


def test_processes_that_start_at_once_all_succeed(tmp_path: Path) -> None:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
    children = [subprocess.Popen([sys.executable, "-c", OPEN], **pipes) for _ in range(3)]
    assert answers(children) == ["ready\n"] * 3
    for race in range(10):
        state_file = tmp_path / f"{race}.db"
        for child in children:
            assert child.stdin is not None
            child.stdin.write(f"{state_file}\n")
        assert answers(children) == ["opened\n"] * 3
        assert applied(state_file) == sorted(path.stem for path in migrations_folder().glob("*.sql"))
    for child in children:
        child.communicate()
