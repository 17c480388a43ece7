"""Migration files as each tool orders them; hostile folders end in a sentence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import migrations as reader
from checks.base import MigrationFile, MigrationSet, version_key
from checks.migrations import (
    MigrationsError,
    cut_to_range,
    fingerprint,
    pending,
    range_of,
    read_directory,
    read_pairs,
    select_range,
)


def read(*names: str, tool: str = "auto") -> MigrationSet:
    return read_pairs([(name, b"SELECT 1;") for name in names], tool)


def order(found: MigrationSet) -> list[str]:
    return [file.name for file in found.files]


@pytest.mark.parametrize(
    ("names", "tool"),
    [
        (["00001_users.sql", "00002_orders.sql"], "sqlx"),
        (["20261122140000_users.up.sql", "20261122140000_users.down.sql"], "golang-migrate"),
        (["00001_users.up.sql", "00001_users.down.sql"], "sqlx"),
        (["1_users.up.sql", "1_users.down.sql", "10_orders.up.sql"], "golang-migrate"),
        (["000001_users.up.sql", "000001_users.down.sql"], "golang-migrate"),
        (["V1__users.sql", "U1__users.sql", "R__views.sql"], "flyway"),
        (["20261122140000_create_users.rb"], "rails"),
    ],
)
def test_the_tool_is_known_by_the_names(names: list[str], tool: str) -> None:
    assert read(*names).tool == tool


def test_numbers_order_not_text() -> None:
    assert order(read("10_c.up.sql", "9_b.up.sql", "1_a.up.sql")) == ["1_a.up.sql", "9_b.up.sql", "10_c.up.sql"]


def test_down_files_follow_their_up_file() -> None:
    found = read("2_b.up.sql", "1_a.down.sql", "2_b.down.sql", "1_a.up.sql")
    assert order(found) == ["1_a.up.sql", "1_a.down.sql", "2_b.up.sql", "2_b.down.sql"]
    assert [file.name for file in found.downs] == ["1_a.down.sql", "2_b.down.sql"]


def test_flyway_orders_parts_and_puts_repeatables_last() -> None:
    found = read("R__a_view.sql", "V1.10__c.sql", "V1.9__b.sql", "V1_2__a.sql", "U1.9__b.sql")
    assert order(found) == ["V1_2__a.sql", "V1.9__b.sql", "U1.9__b.sql", "V1.10__c.sql", "R__a_view.sql"]


def test_alembic_follows_the_revisions() -> None:
    one = b"revision: str = 'aaa'\ndown_revision = None\n"
    two = b"revision = 'ccc'\ndown_revision = 'aaa'\n"
    merge = b"revision = 'bbb'\ndown_revision = ('ccc', 'aaa')\n"
    found = read_pairs([("versions/1.py", merge), ("versions/2.py", two), ("versions/3.py", one), ("env.py", b"x = 1")])
    assert (found.tool, [file.version for file in found.files]) == ("alembic", ["aaa", "ccc", "bbb"])


def test_django_lists_apps() -> None:
    text = b"from django.db import migrations\nclass Migration(migrations.Migration):\n    dependencies = []\n"
    pairs = [
        ("shop/migrations/0002_b.py", text),
        ("shop/migrations/0001_a.py", text),
        ("cart/migrations/0001_x.py", text),
    ]
    found = read_pairs([*pairs, ("shop/models.py", b"class Order: pass")])
    assert found.tool == "django"
    assert [file.version for file in found.files] == ["cart.0001_x", "shop.0001_a", "shop.0002_b"]


def test_what_the_tool_passes_over_is_kept_by_name() -> None:
    found = read("00001_a.sql", "00002-b.sql", "README.md", "seed.sql")
    assert (order(found), found.ignored) == (["00001_a.sql"], ("00002-b.sql", "seed.sql"))


def test_a_folder_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "00001_a.sql").write_bytes(b"\xef\xbb\xbfSELECT '\xe9';\r\n")
    (tmp_path / ".hidden.sql").write_bytes(b"")
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "00000_z.sql").write_bytes(b"SELECT 1;")
    [file] = read_directory(tmp_path).files
    assert file.content == b"\xef\xbb\xbfSELECT '\xe9';\r\n"


@pytest.mark.parametrize(
    "name", ["00001_a\n.sql", "00001_\x1b[31m.sql", "00001_a\tb.sql", "../00001_a.sql", "/00001_a.sql"]
)
def test_hostile_names_are_refused_on_one_line(name: str) -> None:
    with pytest.raises(MigrationsError) as caught:
        read(name, "00002_b.sql")
    assert str(caught.value).isprintable()


def test_undecodable_names_are_refused(tmp_path: Path) -> None:
    (tmp_path / "00001_a.sql").touch()
    (tmp_path / os.fsdecode(b"00002_\xff.sql")).touch()
    with pytest.raises(MigrationsError, match="undecodable characters"):
        read_directory(tmp_path)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "00001_a.sql").symlink_to(tmp_path / "secret")
    with pytest.raises(MigrationsError, match=r"00001_a.sql is a link that leads out of the folder"):
        read_directory(folder)


def test_a_link_inside_the_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "shared.txt").write_text("SELECT 1;")
    (tmp_path / "00001_a.sql").symlink_to("shared.txt")
    assert read_directory(tmp_path).files[0].content == b"SELECT 1;"


@pytest.mark.parametrize("target", ["nowhere.sql", "00001_a.sql"])
def test_a_link_to_nowhere_is_told(tmp_path: Path, target: str) -> None:
    (tmp_path / "00001_a.sql").symlink_to(target)
    with pytest.raises(MigrationsError, match=r"00001_a\.sql cannot be read"):
        read_directory(tmp_path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "00001_a.sql")
    with pytest.raises(MigrationsError, match="not a regular file"):
        read_directory(tmp_path)


def test_a_file_of_fifty_megabytes_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "00001_a.sql").open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    with pytest.raises(MigrationsError, match=r"00001_a\.sql has 50 MB; gonogo reads migration files of up to 20 MB"):
        read_directory(tmp_path)


def test_all_files_together_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_TOTAL_BYTES", 10)
    for n in (1, 2):
        (tmp_path / f"0000{n}_a.sql").write_bytes(b"SELECT 1;")
    with pytest.raises(MigrationsError, match="the migrations are more than"):
        read_directory(tmp_path)


def test_no_folder_and_no_migrations_are_told(tmp_path: Path) -> None:
    with pytest.raises(MigrationsError, match="is not a folder: set"):
        read_directory(tmp_path / "nothing")
    (tmp_path / "notes.sql").touch()
    with pytest.raises(MigrationsError, match="1 files, none named like a migration"):
        read_directory(tmp_path)
    with pytest.raises(MigrationsError, match=r"named as flyway does \(V1__create_users.sql\)"):
        read_directory(tmp_path, "flyway")
    with pytest.raises(MigrationsError, match="ruckus is no migration tool that gonogo knows"):
        read_directory(tmp_path, "ruckus")


TEN = read(*(f"{n:05d}_x.sql" for n in range(1, 11)))


@pytest.mark.parametrize(
    ("text", "versions", "through"),
    [
        ("00008-00010", ["00008", "00009", "00010"], "00007"),
        ("8–10", ["00008", "00009", "00010"], "00007"),
        ("00008..00009", ["00008", "00009"], "00007"),
        ("00001", ["00001"], None),
        (" 9- ", ["00009", "00010"], "00008"),
        ("-2", ["00001", "00002"], None),
    ],
)
def test_ranges(text: str, versions: list[str], through: str | None) -> None:
    found = select_range(TEN, text)
    assert ([file.version for file in found.files], found.applied_through) == (versions, through)
    cut = cut_to_range(TEN, text)
    assert [file.version for file in cut.pending] == versions
    assert cut.files[0].version == "00001"


@pytest.mark.parametrize("text", ["11", "00003-00001", "x-y", "00001-00099"])
def test_bad_ranges_are_told(text: str) -> None:
    with pytest.raises(MigrationsError, match=r"the range|no migration has version"):
        select_range(TEN, text)


def test_pending_is_what_history_lacks_however_it_writes_numbers() -> None:
    assert range_of(pending(TEN, ["1", "2", "0003"])) == "00004–00010"
    assert range_of(pending(TEN, [])) == "00001–00010"
    assert pending(TEN, [str(n) for n in range(1, 11)]) == ()


def test_the_fingerprint_is_of_version_name_and_bytes() -> None:
    import hashlib

    found = read_pairs([("00001_a.sql", b"SELECT 1;")])
    line = f"00001\t00001_a.sql\t{hashlib.sha256(b'SELECT 1;').hexdigest()}\n"
    assert fingerprint(found.files) == hashlib.sha256(line.encode()).hexdigest()


@given(st.sets(st.integers(0, 10**14), min_size=1, max_size=30), st.randoms())
def test_any_order_of_reading_gives_the_order_of_numbers(numbers: set[int], random: object) -> None:
    names = [f"{n}_x.sql" for n in numbers]
    random.shuffle(names)  # type: ignore[attr-defined]
    found = read(*names, tool="sqlx")
    assert [int(file.version) for file in found.files] == sorted(numbers)


@given(st.integers(0, 10**9), st.integers(1, 20))
def test_padding_does_not_matter(number: int, width: int) -> None:
    assert version_key(str(number)) == version_key(f"{number:0{width}d}")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("00008_add_tier.up.sql", "-- The loyalty programme. No row is rewritten.\nSELECT 1;", "The loyalty programme"),
        ("00009_open.sql", "-- no-transaction\n-- The list of\n-- open orders\nSELECT 1;", "The list of open orders"),
        ("00010_a.sql", "/* Revenue by day,\n * and currency. */\nSELECT 1;", "Revenue by day, and currency"),
        ("20260101120000_v1.2.sql", "-- +goose Up\n-- VAT 1.5 of orders\n\n-- more\nSELECT 1;", "VAT 1.5 of orders"),
        ("V2__add_loyalty_tier.sql", "-- Copyright 2026 Shop\nSELECT 1;", "add loyalty tier"),
        ("00011_drop-old.down.sql", "SELECT 1; -- not a header", "drop old"),
        ("00012_x.up.sql", "-- " + "word " * 60, " ".join(["word"] * 20) + "…"),
        ("00013_.sql", "", "00013"),
        ("00014_x.sql", "-- Import with password=hunter22 of the shop", "Import with password=••• of the shop"),
    ],
)
def test_what_a_file_says_of_itself(name: str, content: str, says: str) -> None:
    """Its header's first sentence, else the words of its name: what people read instead of file names."""
    assert (
        reader.what_it_says(MigrationFile(name.split("_", maxsplit=1)[0].lstrip("V"), name, content.encode())) == says
    )
