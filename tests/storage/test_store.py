from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from storage_samples import AT, a_deployment

from bot.storage import Store, StoreFault
from bot.storage.database import Unit
from tests.chains import first_broken


def note(unit: Unit, n: int = 0) -> None:
    unit.journal.append("c", "noted", AT, {"n": n}, {"name": "Ann"})


def entries(store: Store) -> int:
    return len(store.read(lambda reader: reader.journal.entries("c")))


def test_a_unit_that_raises_leaves_nothing(store: Store) -> None:
    def half(unit: Unit) -> None:
        a_deployment(unit)
        note(unit)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.write(half)
    assert (store.read(lambda reader: reader.deployments.open()), entries(store)) == ((), 0)
    store.write(note)
    assert entries(store) == 1


def test_threads_that_write_at_once_lose_nothing(store: Store) -> None:
    def work(n: int) -> None:
        if n % 3 == 0:
            with pytest.raises(ZeroDivisionError):
                store.write(lambda unit: (note(unit, n), 1 // 0))
        else:
            store.write(lambda unit: note(unit, n))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(90)))
    chain = store.read(lambda reader: reader.journal.entries("c"))
    assert (len(chain), first_broken(chain)) == (60, None)


def test_two_stores_on_one_file_write_beside_each_other(store: Store, state_file: Path) -> None:
    console = Store.open(state_file)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: (store, console)[n % 2].write(lambda unit: note(unit, n)), range(40)))
    console.close()
    chain = store.read(lambda reader: reader.journal.entries("c"))
    assert (len(chain), first_broken(chain)) == (40, None)


def test_a_reader_sees_one_moment(store: Store) -> None:
    def look_twice(reader: Unit) -> tuple[int, int]:
        before = len(reader.journal.entries("c"))
        thread = threading.Thread(target=lambda: store.write(note))
        thread.start()
        thread.join()
        return before, len(reader.journal.entries("c"))

    assert store.read(look_twice) == (0, 0)
    assert entries(store) == 1


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        store.read(note)
    assert entries(store) == 0


def test_more_readers_than_connections_all_get_their_turn(store: Store) -> None:
    store.write(note)
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(lambda _: entries(store), range(100))) == [1] * 100


def test_listeners_hear_of_commits_only_and_cannot_spoil_them(store: Store) -> None:
    heard = threading.Event()

    def broken() -> None:
        raise RuntimeError("listener")

    store.on_commit(broken)
    store.on_commit(heard.set)
    with pytest.raises(ZeroDivisionError):
        store.write(lambda _: 1 // 0)
    assert not heard.is_set()
    assert store.write(lambda _: "done") == "done"
    assert heard.is_set()


def test_a_unit_inside_another_is_refused_not_a_deadlock(store: Store) -> None:
    with pytest.raises(RuntimeError, match="inside another"):
        store.write(lambda _: store.write(note))
    store.write(note)


def test_a_file_that_another_process_keeps_busy_is_told(store: Store, state_file: Path) -> None:
    other = sqlite3.connect(state_file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreFault, match="is busy, nothing was recorded: try again"):
        store.write(note)
    other.close()
    store.write(note)


def test_a_start_waits_longer_than_a_click_for_one_that_migrates(
    state_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store.open(state_file).close()
    monkeypatch.setattr("bot.storage.sqlite.BUSY_SECONDS", 0.05)
    other = sqlite3.connect(state_file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.4, other.close).start()
    Store.open(state_file).close()


def test_a_closed_store_says_so(state_file: Path) -> None:
    store = Store.open(state_file)
    store.close()
    with pytest.raises(StoreFault, match="closed"):
        store.write(note)
    with pytest.raises(StoreFault, match="closed"):
        entries(store)


def test_a_store_for_reading_reads_and_does_not_write(store: Store, state_file: Path) -> None:
    store.write(note)
    reader = Store.open(state_file, read_only=True)
    assert entries(reader) == 1
    with pytest.raises(StoreFault, match="reading only"):
        reader.write(note)
    reader.close()


def test_what_cannot_be_opened_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreFault, match=r"no state file .*nowhere\.db: mend \[database\] path"):
        Store.open(tmp_path / "nowhere.db", read_only=True)
    with pytest.raises(StoreFault, match=r"folder .*missing for the state file does not exist"):
        Store.open(tmp_path / "missing" / "gonogo.db")
    (tmp_path / "text.db").write_text("no database, by any means, however long this text may be" * 20)
    for read_only in (True, False):
        with pytest.raises(StoreFault, match=r"text\.db cannot be (read|opened for writing): file is not a database"):
            Store.open(tmp_path / "text.db", read_only=read_only)


def test_the_file_is_durable_and_held_to_its_keys(store: Store, state_file: Path) -> None:
    assert sqlite3.connect(state_file).execute("PRAGMA journal_mode").fetchone() == ("wal",)
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        store.write(lambda unit: unit.troubles.keep_baseline("nowhere", "{}", AT))


def test_a_backup_is_whole_and_never_overwrites(store: Store, tmp_path: Path) -> None:
    store.write(note)
    store.backup(tmp_path / "backup.db")
    store.write(note)
    with pytest.raises(StoreFault, match="exists already"):
        store.backup(tmp_path / "backup.db")
    with pytest.raises(StoreFault, match="missing does not exist"):
        store.backup(tmp_path / "missing" / "backup.db")
    restored = Store.open(tmp_path / "backup.db")
    assert (entries(restored), entries(store)) == (1, 2)
    restored.close()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


WRITER = """
import sys
from datetime import UTC, datetime
from bot.storage import Store
store = Store.open(sys.argv[1])
at = datetime.now(UTC)
def unit_of_three(unit):
    for part in range(3):
        unit.journal.append("c", "noted", at, {"part": part}, {"name": "Ann"})
        if part == 1:
            print("inside", flush=True)
while True:
    store.write(unit_of_three)
    print("committed", flush=True)
"""


@pytest.mark.parametrize("lines", [2, 3, 7])
def test_a_killed_writer_leaves_whole_units_and_every_committed_one(state_file: Path, lines: int) -> None:
    child = subprocess.Popen([sys.executable, "-c", WRITER, str(state_file)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    seen = [child.stdout.readline() for _ in range(lines)]
    os.kill(child.pid, signal.SIGKILL)
    seen += child.stdout.readlines()
    child.wait()
    store = Store.open(state_file)
    chain = store.read(lambda reader: reader.journal.entries("c"))
    store.close()
    assert (len(chain) % 3, first_broken(chain)) == (0, None)
    assert seen.count("committed\n") <= len(chain) // 3 <= seen.count("inside\n")


def test_a_copy_is_a_store_of_its_own_and_is_gone_afterwards(store: Store) -> None:
    store.write(note)
    with store.copy() as copied:
        copied.write(lambda unit: note(unit, 2))
        assert (entries(copied), entries(store)) == (2, 1)
    with pytest.raises(StoreFault):
        copied.write(note)


def test_state_and_copies_are_their_owners_alone(store: Store, state_file: Path, tmp_path: Path) -> None:
    """They hold the SQL of a team, at times with passwords."""
    state_file.chmod(0o644)
    again = Store.open(state_file)
    again.write(lambda unit: unit.heartbeats.beat("x", AT, "{}"))
    again.backup(tmp_path / "copy.db")
    beside = [state_file.with_name(state_file.name + suffix) for suffix in ("", "-wal", "-shm")]
    assert {file: file.stat().st_mode & 0o777 for file in (*beside, tmp_path / "copy.db")} == dict.fromkeys(
        (*beside, tmp_path / "copy.db"), 0o600
    )
    again.close()


@pytest.mark.parametrize("length", [0, 100, 5000])
def test_a_state_file_that_lost_its_end_is_refused(store: Store, state_file: Path, length: int) -> None:
    """It is never taken for a new installation."""
    store.close()
    state_file.write_bytes(state_file.read_bytes()[:length])
    with pytest.raises(StoreFault, match=r"is empty|cannot be opened|could not be brought up to date|cannot be read"):
        Store.open(state_file)
    assert state_file.stat().st_size == length


def test_whoever_only_reads_an_emptied_state_hears_the_same(store: Store, state_file: Path) -> None:
    store.close()
    state_file.write_bytes(b"")
    for attempt in (partial(Store.open, read_only=True), Store.beside):
        with pytest.raises(StoreFault, match="is empty"):
            attempt(state_file)
