"""Archives of pg_dump that lie on this machine: what they are, how old, how large beside the one before."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from checks.base import Status
from tests.checks.probes.dumping import SHOP, dump, read, set_age
from tests.checks.probes.probe_samples import findings
from tests.postgres import TestDatabase

HOUR = 3600


@pytest.fixture
def shop(database: TestDatabase) -> TestDatabase:
    database.execute(SHOP)
    return database


@pytest.mark.parametrize("form", ["custom", "tar", "directory"])
def test_each_form_that_pg_restore_lists(shop: TestDatabase, tmp_path: Path, form: str) -> None:
    dump(shop, tmp_path / "shop.dump", f"--format={form}", age=12 * HOUR)
    result = read(tmp_path)
    assert result.status is Status.PASSED
    when = r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"
    assert re.fullmatch(
        rf"pg_dump shop.dump \({form}, 4 tables\) dump {when}, [\d.]+ kB, 12 h old, no error", result.summary
    )


def test_an_old_one(shop: TestDatabase, tmp_path: Path) -> None:
    dump(shop, tmp_path / "shop.dump", age=30 * HOUR)
    assert read(tmp_path).status is Status.FAILED
    assert read(tmp_path, str(tmp_path / "*.dump"), max_age=48 * HOUR).status is Status.PASSED


def test_a_smaller_one_than_before(shop: TestDatabase, tmp_path: Path) -> None:
    dump(shop, tmp_path / "a.dump", age=25 * HOUR)
    dump(shop, tmp_path / "b.dump", "--schema-only", age=HOUR)
    result = read(tmp_path)
    assert result.status is Status.WARNING
    assert "of the one before" in result.summary


def test_a_broken_one(shop: TestDatabase, tmp_path: Path) -> None:
    path = dump(shop, tmp_path / "shop.dump")
    path.write_bytes(path.read_bytes()[:60])
    result = read(tmp_path)
    assert result.status is Status.FAILED
    assert "shop.dump: pg_restore: " in findings(result)[0][1]


@pytest.mark.parametrize(("content", "why"), [(b"", "is empty"), (b"hello", "not a dump of pg_dump")])
def test_what_is_no_dump(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "shop.dump").write_bytes(content)
    result = read(tmp_path)
    assert result.status is Status.FAILED
    assert any(why in message for _, message in findings(result))


def test_none_there(tmp_path: Path) -> None:
    result = read(tmp_path, "backups/*.dump")
    assert (result.status, result.summary) == (Status.COULD_NOT_RUN, "there is no backups/*.dump")


def test_sql_that_ends_and_sql_that_was_cut(shop: TestDatabase, tmp_path: Path) -> None:
    path = dump(shop, tmp_path / "shop.sql", "--format=plain")
    assert read(tmp_path, "*.sql").status is Status.PASSED
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "its end is missing" in read(tmp_path, "*.sql").summary
    zipped = tmp_path / "shop.sql.gz"
    zipped.write_bytes(gzip.compress(whole))
    set_age(zipped, 60)
    assert "(SQL, gzip) dump" in read(tmp_path, "*.gz").summary
    zipped.write_bytes(gzip.compress(b"hello"))
    assert read(tmp_path, "*.gz").status is Status.FAILED


def test_a_newer_pg_dump_than_any_pg_restore_here(shop: TestDatabase, tmp_path: Path) -> None:
    path = dump(shop, tmp_path / "shop.dump")
    head = bytearray(path.read_bytes())
    # The version of the format stands behind the magic word: 1.99 is none that any pg_restore knows.
    head[6] = 99
    path.write_bytes(head)
    result = read(tmp_path)
    assert result.status is Status.COULD_NOT_RUN
    assert result.summary.startswith("shop.dump is of a newer pg_dump than this pg_restore (unsupported version (1.99)")


def test_a_pg_restore_of_the_settings(shop: TestDatabase, tmp_path: Path) -> None:
    dump(shop, tmp_path / "shop.dump")
    assert read(tmp_path, pg_restore=str(shop.server.bin_dir / "pg_restore")).status is Status.PASSED
    assert read(tmp_path, pg_restore="/no/pg_restore").status is Status.COULD_NOT_RUN
