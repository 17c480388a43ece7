"""Readers of pgBackRest, WAL-G and Barman: what they print decides, by the same limits."""

from __future__ import annotations

import contextlib
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.base import CannotRun, Result, Status
from checks.probes.backups.inventory import Backup, Inventory, Limits, judge
from checks.probes.backups.listings import READERS, WrongShape
from tests.checks.probes.listings import DAY, GB, HOUR, barman_backup, pgbackrest, pgbackrest_backup, walg_backup
from tests.checks.probes.probe_samples import ask, command, findings, shell


def read(folder: Path, reader: str, listing: object, **options: object) -> Result:
    (folder / "listing.json").write_text(json.dumps(listing))
    return ask(command(folder, "cat", "listing.json", reader=reader, **options))


def test_a_fresh_backup_of_pgbackrest(tmp_path: Path) -> None:
    result = read(tmp_path, "pgbackrest", [pgbackrest(pgbackrest_backup(30 * HOUR), pgbackrest_backup(12 * HOUR))])
    assert result.status is Status.PASSED
    when = r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"
    assert re.fullmatch(rf"pgBackRest shop full {when}, 41 GB, 12 h old, no error, aes-256-cbc", result.summary)


@pytest.mark.parametrize(
    ("stanza", "status", "message"),
    [
        (pgbackrest(pgbackrest_backup(25 * HOUR)), Status.FAILED, "25 h old (at most 24 h)"),
        (pgbackrest(pgbackrest_backup(HOUR, error=True)), Status.FAILED, "page checksum errors"),
        (pgbackrest(code=2, message="no valid backups"), Status.FAILED, "no finished backup"),
        (pgbackrest(code=1, message="missing stanza path"), Status.FAILED, "missing stanza path"),
        (pgbackrest(pgbackrest_backup(HOUR, size=0)), Status.FAILED, "is empty"),
        (
            pgbackrest(pgbackrest_backup(25 * HOUR), pgbackrest_backup(HOUR, size=10 * GB)),
            Status.WARNING,
            "10 GB is 24% of the one before (41 GB)",
        ),
        (pgbackrest(pgbackrest_backup(-HOUR)), Status.WARNING, "ended in the future: a clock is wrong"),
    ],
)
def test_what_is_wrong_with_one(tmp_path: Path, stanza: object, status: Status, message: str) -> None:
    result = read(tmp_path, "pgbackrest", [stanza])
    assert result.status is status
    assert message in result.summary
    assert any(message in said and place == "pgBackRest shop" for place, said in findings(result))


def test_an_incremental_one_is_compared_with_its_kind(tmp_path: Path) -> None:
    stanza = pgbackrest(pgbackrest_backup(25 * HOUR), pgbackrest_backup(HOUR, kind="incr", size=GB))
    assert read(tmp_path, "pgbackrest", [stanza]).status is Status.PASSED


def test_limits_are_settings(tmp_path: Path) -> None:
    stanza = pgbackrest(pgbackrest_backup(30 * HOUR), pgbackrest_backup(25 * HOUR, size=20 * GB))
    assert read(tmp_path, "pgbackrest", [stanza], max_age=26 * 3600, min_ratio=0.4).status is Status.PASSED
    assert read(tmp_path, "pgbackrest", [stanza], max_age=26 * 3600).status is Status.WARNING


def test_encryption_where_it_is_required(tmp_path: Path) -> None:
    plain, sealed = pgbackrest(pgbackrest_backup(HOUR), cipher="none"), pgbackrest(pgbackrest_backup(HOUR))
    result = read(tmp_path, "pgbackrest", [plain], encrypted=True)
    assert (result.status, findings(result)) == (Status.FAILED, [("pgBackRest shop", "not encrypted")])
    assert read(tmp_path, "pgbackrest", [plain]).status is Status.PASSED
    assert read(tmp_path, "pgbackrest", [sealed], encrypted=True).status is Status.PASSED
    unsaid = read(tmp_path, "wal-g", [walg_backup(HOUR)], encrypted=True)
    assert (unsaid.status, unsaid.summary.partition(": ")[0]) == (
        Status.WARNING,
        "the listing does not say whether it is encrypted",
    )


def test_the_worst_of_several_stanzas_decides(tmp_path: Path) -> None:
    stanzas = [pgbackrest(pgbackrest_backup(HOUR)), pgbackrest(pgbackrest_backup(3 * DAY), name="billing")]
    result = read(tmp_path, "pgbackrest", stanzas)
    assert result.status is Status.FAILED
    assert result.summary.startswith("3 d old (at most 24 h): pgBackRest billing full")
    assert "(and 1 other)" in result.summary


def test_a_regular_schedule(tmp_path: Path) -> None:
    days = [walg_backup((n + 0.4) * DAY) for n in range(20)]
    result = read(tmp_path, "wal-g", days, every=DAY)
    assert result.status is Status.PASSED
    assert result.summary.endswith("daily for 14 of 14 days")
    young = read(tmp_path, "wal-g", days[:6], every=DAY)
    assert young.summary.endswith("daily for 5 of 5 days")


@pytest.mark.parametrize(("lost", "message"), [([3], "1 of the last 14 days"), ([3, 4, 9], "3 of the last 14 days")])
def test_a_hole_in_the_schedule(tmp_path: Path, lost: list[int], message: str) -> None:
    days = [walg_backup((n + 0.4) * DAY) for n in range(20) if n not in lost]
    result = read(tmp_path, "wal-g", days, every=DAY)
    assert result.status is Status.WARNING
    assert f"{message} without a backup" in result.summary


def test_wal_g(tmp_path: Path) -> None:
    delta = walg_backup(5 * HOUR, "base_000000010000000000000009_D_000000010000000000000002")
    result = read(tmp_path, "wal-g", [walg_backup(29 * HOUR), delta])
    assert result.status is Status.PASSED
    assert re.match(r"WAL-G delta \d{4}-.* UTC, 41 GB, 5 h old", result.summary)
    old = {
        "backup_name": "base_1",
        "time": "2020-01-01T00:00:00Z",
        "wal_file_name": "",
        "finish_time": "0001-01-01T00:00:00Z",
    }
    assert "WAL-G full 2020-01-01 00:00 UTC" in read(tmp_path, "wal-g", [old]).summary


def test_wal_g_prints_nothing_where_there_is_nothing(tmp_path: Path) -> None:
    result = ask(shell(tmp_path, "echo 'INFO: No backups found' >&2", reader="wal-g"))
    assert (result.status, result.summary) == (Status.FAILED, "no finished backup: WAL-G")


def test_barman(tmp_path: Path) -> None:
    running = barman_backup(0, "STARTED")
    result = read(tmp_path, "barman", {"main": [running, barman_backup(7 * HOUR)], "_INFO": ["hello"]})
    assert result.status is Status.PASSED
    assert re.match(r"Barman main rsync \d{4}-.* UTC, 41 GB, 7 h old, no error", result.summary)
    failed = read(tmp_path, "barman", {"main": [barman_backup(1, "FAILED"), barman_backup(7 * HOUR)]})
    assert failed.status is Status.WARNING
    assert "status FAILED" in failed.summary
    assert read(tmp_path, "barman", {"main": []}).summary == "no finished backup: Barman main"


def test_barman_check_in_the_words_of_nagios(tmp_path: Path) -> None:
    words = "server main has issues * main FAILED: WAL archive"
    result = ask(
        shell(tmp_path, f"echo 'BARMAN CRITICAL - {words}'; echo 'main.WAL archive: FAILED'; exit 2", reader="barman")
    )
    assert (result.status, result.summary) == (Status.FAILED, words)
    assert findings(result) == [("smoke", "main.WAL archive: FAILED")]


@pytest.mark.parametrize("reader", ["pgbackrest", "wal-g", "barman"])
@pytest.mark.parametrize(
    "printed", ["", "no json", "3", '{"main": 3}', "[3]", '[{"name": "x"}]', "[[]]", "null", "[" * 20000]
)
def test_what_is_no_listing_is_no_pass(tmp_path: Path, reader: str, printed: str) -> None:
    (tmp_path / "listing.json").write_text(printed)
    result = ask(command(tmp_path, "cat", "listing.json", reader=reader))
    assert result.status in {Status.COULD_NOT_RUN, Status.FAILED}
    assert "the check itself failed" not in result.summary


KEYS = st.sampled_from(
    ["name", "status", "backup", "repo", "timestamp", "stop", "info", "label", "type", "code", "main"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=8),
    max_leaves=30,
)


@given(st.sampled_from(sorted(READERS)), JSON)
def test_any_json_is_read_or_refused(reader: str, listing: object) -> None:
    with contextlib.suppress(CannotRun, WrongShape, KeyError):
        for inventory in READERS[reader][1](json.dumps(listing)):
            with contextlib.suppress(CannotRun):
                judge([inventory], Limits(every=DAY, encrypted=True), datetime.now(UTC))


def test_the_tool_complains(tmp_path: Path) -> None:
    said = "ERROR: [055]: unable to open /etc/pgbackrest.conf, repo1-cipher-pass=geheim"
    result = ask(shell(tmp_path, f"echo '{said}' >&2; exit 55", reader="pgbackrest"))
    assert result.status is Status.COULD_NOT_RUN
    assert result.summary == f"the backup tool ended with exit code 55: {said.replace('geheim', '•••')}"
    assert result.hint == "try it yourself: pgbackrest info --output=json"


def test_a_long_listing_is_read_whole(tmp_path: Path) -> None:
    backups = [pgbackrest_backup((1000 - n) * HOUR) for n in range(1000)]
    result = read(tmp_path, "pgbackrest", [pgbackrest(*backups)], every=HOUR)
    assert len((tmp_path / "listing.json").read_text()) > 400_000
    assert result.status is Status.PASSED
    assert result.summary.endswith("hourly for 14 of 14 hours")


def test_an_unknown_reader(tmp_path: Path) -> None:
    result = ask(shell(tmp_path, "true", reader="tape"))
    assert result.summary == "[probes.smoke] reader is none of pgbackrest, wal-g, barman"


def test_the_hash_of_a_verdict_does_not_hang_on_its_age_but_on_which_backup_it_is() -> None:
    def digest(age: int, made: datetime = MADE) -> str:
        inventory = Inventory("pgBackRest shop", (Backup("F1", "full", made, 1),))
        return judge([inventory], Limits(), MADE + timedelta(hours=age)).inputs_hash

    assert digest(25) == digest(40) != digest(1)
    assert digest(40).startswith("2026-11-22T02:10:00Z/")
    assert digest(40) != digest(41, MADE + timedelta(hours=1)), "an answer about another backup is another"


MADE = datetime(2026, 11, 22, 2, 10, tzinfo=UTC)
