"""Repositories as each tool's documentation writes them: read from a folder and from git, run on a real server."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from checks.base import Inputs, MigrationSet, Status
from checks.git import files_of_commit
from checks.layouts.reading import with_source
from checks.migrations import fingerprint, range_of, read_directory, read_pairs, select_range, what_it_says
from tests.checks.check_samples import on_files, run_one
from tests.checks.layouts.layout_samples import DETECTED, SETS, TIMES, VERSIONS, pairs_of, written


def committed(folder: Path) -> str:
    own = ["git", "-C", str(folder), "-c", "user.name=x", "-c", "user.email=x@example.com"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"]):
        subprocess.run([*own, *words], check=True, capture_output=True)
    return subprocess.run([*own, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.parametrize("tool", SETS)
def test_a_repository_is_read_as_it_is_from_a_folder_and_from_a_commit(tool: str, tmp_path: Path) -> None:
    written(tmp_path / "db", SETS[tool])
    given = tool if tool not in DETECTED else "auto"
    found = read_directory(tmp_path / "db", given)
    assert (found.tool, [file.version for file in found.ups]) == (tool, VERSIONS.get(tool, TIMES))
    assert found.ignored == ()
    assert what_it_says(found.ups[0]) == "Who buys"
    files = files_of_commit(tmp_path, committed(tmp_path), Path("db"), 10)
    assert fingerprint(read_pairs(files, given).files) == fingerprint(found.files)


@pytest.mark.parametrize("tool", SETS)
def test_the_files_apply_on_a_server_as_the_tool_runs_them_and_can_be_taken_back(tool: str) -> None:
    inputs = Inputs(migrations=read_pairs(pairs_of(tool), tool), scratch_server="embedded")
    applied = run_one("applies-to-scratch", inputs)
    assert applied.status is Status.PASSED, applied
    assert run_one("concurrently", inputs).status is Status.PASSED
    back = run_one("down-up", inputs)
    assert back.status is (Status.NOT_APPLICABLE if tool in ("prisma", "psql") else Status.PASSED), back


def fails(tool: str, name: str, text: str, with_metadata: str = "") -> tuple[Status, Status]:
    """What the files alone say of a file, and what the server says."""
    extra = [(f"{name.rpartition('/')[0]}/metadata.toml", with_metadata.encode())] if with_metadata else []
    files = read_pairs([*pairs_of(tool), (name, text.encode()), *extra], tool)
    inputs = Inputs(migrations=files, scratch_server="embedded")
    return run_one("concurrently", inputs).status, run_one("applies-to-scratch", inputs).status


_MORE = "CREATE INDEX CONCURRENTLY orders_note ON orders (note);\n"
_FAILED = (Status.FAILED, Status.FAILED)


@pytest.mark.parametrize(
    ("tool", "name", "text"),
    [
        ("goose", "00004_note.sql", f"-- +goose Up\n{_MORE}"),
        ("dbmate", "20261104000000_note.sql", f"-- migrate:up\n{_MORE}-- migrate:down transaction:false\n"),
        ("dbmate", "20261104000000_note.sql", f"-- migrate:up transaction:false\n{_MORE}ANALYZE orders;\n"),
        ("diesel", "2026-11-04-000000_note/up.sql", _MORE),
        ("prisma", "20261104000000_note/migration.sql", f"{_MORE}ANALYZE orders;\n"),
        ("liquibase", "sql/003_note.sql", f"--liquibase formatted sql\n--changeset a:1\n{_MORE}"),
        ("psql", "3.sql", f"BEGIN;\n{_MORE}COMMIT;\n"),
    ],
)
def test_what_needs_no_transaction_fails_where_the_tool_opens_one(tool: str, name: str, text: str) -> None:
    by_files, by_server = fails(tool, name, text)
    assert by_server is Status.FAILED
    # A BEGIN of the file's own is seen on a server alone.
    assert by_files is (Status.PASSED if tool == "psql" else Status.FAILED)


def test_metadata_of_diesel_without_the_key_says_no_transaction() -> None:
    """As diesel reads it: the key is false where the file is there without it."""
    name = "2026-11-04-000000_note/up.sql"
    assert fails("diesel", name, _MORE, "[own]\nkey = 1\n") == (Status.PASSED, Status.PASSED)
    assert fails("diesel", name, _MORE, "run_in_transaction = true\n") == _FAILED


@pytest.mark.parametrize("tool", ["goose", "dbmate", "liquibase"])
def test_one_file_is_a_way_there_and_a_way_back_with_the_lines_of_the_file(tool: str) -> None:
    found = read_pairs(pairs_of(tool))
    for up, down in zip(found.ups, found.downs, strict=True):
        whole = SETS[tool][up.name].encode()
        assert (up.version, up.name, up.source) == (down.version, down.name, down.source)
        assert up.sha256 == down.sha256 == hashlib.sha256(whole).hexdigest()
        parts = (whole.splitlines(), up.content.splitlines(), down.content.splitlines())
        for line, there, back in zip(*parts, strict=False):
            assert back.removesuffix(b";") in line
            assert there in (line, b"")
    down = found.downs[0].content
    assert b"CREATE TABLE" not in down
    assert b"DROP TABLE users;" in down


def test_metadata_of_diesel_is_in_the_fingerprint() -> None:
    files = read_pairs(pairs_of("diesel"))
    assert files.ups[2].source == b"".join(
        [
            SETS["diesel"]["2026-11-03-000000_orders_user/up.sql"].encode(),
            b"\n-- metadata.toml\n",
            b"run_in_transaction = false\n",
        ]
    )
    told = [(name, text.replace(b"false", b"true")) for name, text in pairs_of("diesel")]
    assert fingerprint(files.files) != fingerprint(read_pairs(told).files)


@pytest.mark.parametrize("tool", SETS)
def test_a_pinned_file_is_the_part_that_it_was(tool: str) -> None:
    """A deployment keeps the bytes of a file: after the folder moved on, they are the file again, up or down."""
    old = read_pairs(pairs_of(tool), tool)
    new = read_pairs([(n, t.replace(b"note text", b"note varchar")) for n, t in pairs_of(tool)], tool)
    assert new != old
    again = [with_source(file, kept.source, tool) for file, kept in zip(new.files, old.files, strict=True)]
    assert tuple(again) == old.files


@pytest.mark.parametrize("tool", SETS)
def test_a_range_is_of_the_versions_that_people_see(tool: str) -> None:
    found: MigrationSet = read_pairs(pairs_of(tool), tool)
    for words in (range_of(found.ups[1:]), "-".join(file.version for file in (found.ups[1], found.ups[-1]))):
        assert select_range(found, words).ups == found.ups[1:]


def test_versions_with_dashes_have_ranges() -> None:
    found = read_pairs([(f"{name}.sql", b"SELECT 1;") for name in ("a-users", "b-orders", "c")], "psql")
    assert [file.version for file in select_range(found, "a-users-b-orders").ups] == ["a-users", "b-orders"]
    assert [file.version for file in select_range(found, "b-orders").ups] == ["b-orders"]
    assert [file.version for file in select_range(found, "b-orders-").ups] == ["b-orders", "c"]


@pytest.mark.parametrize(
    ("tool", "name", "text", "hint"),
    [
        ("goose", "00004_Note.sql", "-- +goose Up\nSELECT 1;\n", "write its `-- +goose Down`"),
        ("diesel", "2026-11-04-000000_Note/up.sql", "SELECT 1;\n", "write 2026-11-04-000000_Note/down.sql"),
    ],
)
def test_names_and_ways_back_are_asked_for_as_the_tool_has_them(tool: str, name: str, text: str, hint: str) -> None:
    files = read_pairs([*pairs_of(tool), (name, text.encode())])
    assert [finding.hint for finding in on_files("down-files", files).findings] == [hint]
    named = on_files("file-names", files).findings
    assert [finding.message for finding in named] == ['"Note" is not named by the rule']
    assert on_files("file-names", read_pairs(pairs_of(tool))).status is Status.PASSED


def test_a_silenced_finding_in_the_way_back_is_silenced_at_its_own_line() -> None:
    text = "-- +goose Up\nSELECT 1;\n-- +goose Down\n-- gonogo: ignore transaction-control it is a drill\nCOMMIT;\n"
    found = on_files("transaction-control", read_pairs([("1_a.sql", text.encode())]))
    assert (found.status, found.summary) == (Status.PASSED, "nothing else found; 1 silenced: it is a drill")
    bare = on_files("transaction-control", read_pairs([("1_a.sql", text.replace("gonogo:", "").encode())]))
    assert [(finding.file, finding.line) for finding in bare.findings] == [("1_a.sql", 5)]
