"""`gonogo status|tick|hold|rollback|complete`: what is printed, and what the state file holds afterwards."""

from __future__ import annotations

import json
import os
import pwd
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from operating_samples import TEAM, Team, gonogo, join

from bot.cli.console import RESULTS, WAYS_BACK
from bot.core.deployment import Outcome, State
from bot.core.journal import from_text, to_text
from bot.core.team import Person
from bot.storage import Store
from bot.usecases.lifecycle.roll_back import CHOICES
from bot.usecases.locks import lock
from tests.chains import first_broken

KOLKATA = ZoneInfo("Asia/Kolkata")


def test_status_names_what_is_missing_and_the_ids_to_tick(team: Team) -> None:
    result = gonogo("status")
    assert result.exit_code == 0, result.output
    heading, *lines = result.stdout.splitlines()
    assert heading.startswith("1  production · 00008–00009  preparing, Ann Keller's since ")
    assert any("Database administrator: approval is missing · Dana Okafor" in line for line in lines)
    assert any("more: gonogo status 1" in line for line in lines)
    [one] = [line for line in gonogo("status", "1").stdout.splitlines() if "Rollback plan prepared" in line]
    assert one.endswith("[rollback-plan]")


def test_status_says_what_is_locked_until_when(team: Team) -> None:
    act, words = team.act("U0BO"), ("production", "moving the cluster", "tomorrow 09:00")
    team.write(lambda unit: lock(unit, team.project, act, *words))
    first, *_ = gonogo("status").stdout.splitlines()
    assert first.startswith("production is locked by Bo Larsen: moving the cluster, until 20")
    assert "production is locked by Bo Larsen: moving the cluster; until" in gonogo("status", "1").stdout


def test_status_without_deployments(team: Team) -> None:
    found = team.deployment()
    with sqlite3.connect(team.folder / "gonogo.db") as other:
        other.execute("UPDATE deployment SET state = 'aborted', holds_environment = 0 WHERE id = ?", (found.id,))
    assert gonogo("status").stdout == "No deployment is open.\n"


def test_a_tick_is_journalled_as_entered_at_the_console(team: Team) -> None:
    result = gonogo("tick", "1", "Rollback plan prepared", "--as", "ann")
    assert (result.exit_code, result.stdout) == (0, "✓ Rollback plan prepared\n"), result.output
    body = json.loads(team.journal()[-1])
    assert (body["event"], body["who"]) == ("item-done", "U0ANN")
    assert from_text(body["entered_at_console"]) >= from_text(body["at"])
    assert "Rollback plan prepared" not in gonogo("status", "1").stdout


@pytest.mark.parametrize("sudo", ["", "lea"])
def test_what_came_by_the_console_names_the_account_of_the_machine(
    team: Team, monkeypatch: pytest.MonkeyPatch, sudo: str
) -> None:
    """In the journal, in every export, in the record; the export verifies as ever."""
    monkeypatch.setenv("SUDO_USER", sudo)
    monkeypatch.setenv("USER", "somebody-else")
    account = pwd.getpwuid(os.getuid()).pw_name + (f", by sudo as {sudo} (as claimed)" if sudo else "")
    assert gonogo("tick", "1", "Rollback plan prepared", "--as", "ann").exit_code == 0
    assert json.loads(team.journal()[-1])["os_user"] == account
    words = f"item-done (Rollback plan prepared) for Ann Keller was entered at the console by os-user {account}"
    assert f"Remark: {words}" in gonogo("export", "1").stdout
    assert f'os_user"": ""{account}' in gonogo("export", "1", "--format", "csv").stdout
    assert gonogo("export", "1", "--format", "json", "--output", "e.json").exit_code == 0
    assert gonogo("verify", "e.json").exit_code == 0


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x" * 100_000, "This text (reason) is 100,000 characters long, and at most 3,000 are kept"),
        ("half \udcff of one", "This text (reason) holds U+DCFF at character 6, which is no character"),
    ],
)
def test_a_text_that_cannot_be_kept_is_refused(team: Team, text: str, sentence: str) -> None:
    before = team.journal()
    result = gonogo("tick", "1", "Rollback plan prepared", "--as", "ann", "--reason", text)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"gonogo: {sentence}")
    assert team.journal() == before


@pytest.mark.parametrize("at", ["9999-12-31T23:59", "9999-12-31T23:59-14:00", "0001-01-01T00:00+14:00"])
def test_an_act_at_the_end_of_time_is_refused(team: Team, at: str) -> None:
    result = gonogo("tick", "1", "Rollback plan prepared", "--as", "ann", "--at", at)
    assert (result.exit_code, result.exception.__class__) == (1, SystemExit)
    assert f"--at {at} is" in result.stderr


def test_what_is_printed_holds_nothing_that_steers_the_eye(team: Team) -> None:
    fooling = Person(TEAM, "U0ANN", "Ann \u202e\u2066\u200f Keller", "UTC", TEAM, False, True, team.started)
    team.write(lambda unit: unit.people.keep(fooling))
    told = gonogo("hold", "1", "--as", "U0ANN", "--reason", "x").output + gonogo("status").output
    told += gonogo("tick", "1", "nothing \u202e like it", "--as", "U0ANN").output
    assert "Ann     Keller" in told
    assert not set(told) & set("\u202e\u2066\u200f")


def test_all_items_or_none(team: Team) -> None:
    result = gonogo("tick", "1", "Rollback plan prepared", "Rolback pan", "--as", "U0ANN")
    assert result.exit_code == 1
    assert "Rolback pan" in result.stderr
    assert [body for body in team.journal() if "item-" in body] == []


def test_at_is_the_clock_of_the_environment(team: Team) -> None:
    there = team.started.astimezone(KOLKATA) + timedelta(minutes=61)
    same_day = there.date() == datetime.now(KOLKATA).date()
    text = f"{there:%H:%M}" if same_day else f"{there:%Y-%m-%dT%H:%M}"
    assert gonogo("tick", "1", "Rollback plan prepared", "--as", "Ann Keller", "--at", text).exit_code == 0
    with sqlite3.connect(team.folder / "gonogo.db") as other:
        [(at, entered)] = other.execute("SELECT at, entered_at FROM decision").fetchall()
    assert at == to_text(there.replace(second=0))
    assert entered > at


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2999-01-01T10:00", "is in the future: now it is"),
        ("2020-01-01T10:00+00:00", "is before deployment 1 started: "),
        ("noon", "is no time: write 14:05 for today in Asia/Kolkata"),
        ("25:00", "is no time"),
    ],
)
def test_times_that_cannot_be(team: Team, at: str, words: str) -> None:
    result = gonogo("tick", "1", "Rollback plan prepared", "--as", "ann", "--at", at)
    assert (result.exit_code, result.stdout) == (1, "")
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_clock_that_was_moved(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot of the demo runs on a moved clock: so does the console beside it, else the console says what is off."""
    tomorrow = to_text(datetime.now(UTC) + timedelta(days=1))
    with sqlite3.connect(team.folder / "gonogo.db") as other:
        other.execute("UPDATE deployment SET started_at = ?, last_act_at = ?", (tomorrow, tomorrow))
    behind = gonogo("tick", "1", "Rollback plan prepared", "--as", "ann")
    assert (behind.exit_code, behind.stdout) == (1, "")
    assert behind.stderr.startswith("gonogo: the clock here says ")
    assert ", and deployment 1 started later, " in behind.stderr
    assert "set the clock right" in behind.stderr
    (team.folder / "shift").write_text("90000")
    monkeypatch.setenv("GONOGO_CLOCK_FILE", str(team.folder / "shift"))
    assert gonogo("tick", "1", "Rollback plan prepared", "--as", "ann").stdout == "✓ Rollback plan prepared\n"
    [(at,)] = sqlite3.connect(team.folder / "gonogo.db").execute("SELECT at FROM decision").fetchall()
    assert at > tomorrow


def test_an_ambiguous_name_gets_the_candidates(team: Team) -> None:
    team.write(
        lambda unit: unit.people.keep(Person(TEAM, "U0ANN2", "Ann Otte", "UTC", TEAM, False, True, team.started))
    )
    result = gonogo("tick", "1", "Rollback plan prepared", "--as", "ann")
    assert result.exit_code == 1
    assert "more than one person: Ann Keller (U0ANN), Ann Otte (U0ANN2); write the id" in result.stderr
    assert gonogo("tick", "1", "Rollback plan prepared", "--as", "ann k").exit_code == 1
    assert gonogo("tick", "1", "Rollback plan prepared", "--as", "keller").exit_code == 0


def test_who_was_never_met_may_nothing(team: Team) -> None:
    result = gonogo("tick", "1", "Rollback plan prepared", "--as", "U0NOBODY")
    assert result.exit_code == 1
    assert "U0NOBODY was never seen in Slack" in result.stderr
    assert "nobody called 'zoe' was ever seen" in gonogo("hold", "1", "--as", "zoe", "--reason", "x").stderr


def test_the_same_rules_as_in_slack(team: Team) -> None:
    assert "is preparing now" in gonogo("hold", "1", "--as", "ann", "--reason", "x").stderr
    team.go()
    assert "Hold is for deployers" in gonogo("hold", "1", "--as", "bo", "--reason", "x").stderr
    refused = gonogo("hold", "1", "--as", "ann")
    assert (refused.exit_code, "Say why" in refused.stderr) == (1, True)
    assert gonogo("complete", "1", "--as", "bo", "--result", "partial", "--notes", "n").exit_code == 1
    assert team.deployment().state is State.DEPLOYING


def test_a_hold_and_a_rollback_by_on_call_and_its_completion(team: Team) -> None:
    team.go()
    held = gonogo("hold", "1", "--as", "ona", "--reason", "lock storm", "--finding", "23 sessions wait")
    assert (held.exit_code, held.stdout) == (0, "Recorded for Ona Reyes: deployment 1 is held now.\n")
    assert "Held by Ona Reyes: lock storm" in gonogo("status", "1").stdout
    assert gonogo("rollback", "1", "--as", "ona", "--how", "down", "--reason", "no way on").exit_code == 0
    assert team.deployment().state is State.ROLLING_BACK
    wrong = gonogo("complete", "1", "--as", "ann", "--result", "success")
    assert "A rollback ends as Rolled Back" in wrong.stderr
    done = gonogo("complete", "1", "--as", "ann", "--result", "rolled-back", "--notes", "both down files ran")
    assert (done.exit_code, done.stdout) == (0, "Deployment 1 is completed: Rolled Back.\n")
    kept = team.deployment().completion or {}
    assert (kept["notes"], kept["deployed_by"], kept["versions"]) == (
        "both down files ran",
        "Ann Keller",
        "00008–00009",
    )
    assert [json.loads(body)["event"] for body in team.journal()][-3:] == ["held", "rollback-opened", "completed"]


def test_the_six_fields_can_be_given(team: Team) -> None:
    team.go()
    fields = ("--date", "2026-11-20", "--deployed-by", "Ann and Bo", "--environment", "prod-eu", "--versions", "8")
    result = gonogo("complete", "1", "--as", "ann", "--result", "partial", "--notes", "9 waits", *fields)
    assert result.exit_code == 0, result.stderr
    kept = team.deployment().completion or {}
    assert [kept[name] for name in ("date", "deployed_by", "environment", "versions", "notes")] == [
        *("2026-11-20", "Ann and Bo", "prod-eu", "8", "9 waits")
    ]


def test_a_success_that_is_none_says_what_is_missing(team: Team) -> None:
    team.go()
    result = gonogo("complete", "1", "--as", "ann", "--result", "success")
    assert result.exit_code == 1
    assert "Not a Success yet:" in result.stderr
    assert "Run smoke tests" in result.stderr


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("7", "there is no deployment 7; open are 1 (production)"),
        ("biling/1", "there is no project 'biling'"),
        ("one", "'one' is no deployment: write its number, such as 12, or billing/12"),
    ],
)
def test_numbers_that_name_nothing(team: Team, number: str, words: str) -> None:
    result = gonogo("status", number)
    assert (result.exit_code, result.stdout) == (1, "")
    assert words in result.stderr


def test_beside_a_bot_that_writes(team: Team) -> None:
    """The bot has the file open; a writer that keeps its place for more than two seconds is told, not waited for."""
    running = Store.open(team.folder / "gonogo.db")
    assert gonogo("tick", "1", "Rollback plan prepared", "--as", "ann").exit_code == 0
    other = sqlite3.connect(team.folder / "gonogo.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    result = gonogo("tick", "1", "Deployment window scheduled", "--as", "ann")
    other.execute("ROLLBACK")
    assert result.exit_code == 1
    assert "is busy, nothing was recorded" in result.stderr
    chain = running.read(lambda reader: reader.journal.entries(f"{TEAM}/default/1"))
    assert first_broken(chain) is None
    running.close()


def test_no_state_file_is_made_by_a_question(tmp_path: Path) -> None:
    (tmp_path / "gonogo.toml").write_text('[workspace]\nchannel = "C0DEPLOYS"\n')
    for command in (("status",), ("tick", "1", "x", "--as", "ann"), ("export", "1"), ("backup", "copy.db")):
        result = gonogo(*command)
        assert (result.exit_code, result.stdout) == (1, ""), command
        assert "there is no state file" in result.stderr
    assert not (tmp_path / "gonogo.db").exists()


def test_that_there_is_no_state_file_is_told_before_anything_heavy_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "gonogo.toml").write_text('[workspace]\nchannel = "C0DEPLOYS"\n')
    asked = "import sys; from bot.__main__ import main\ntry: main(['status'])\nfinally: print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert "there is no state file" in told.stderr
    assert {"pydantic", "sqlite3", "rich", "markdown_it", "bot.storage", "checks.base"}.isdisjoint(told.stdout.split())


def test_an_address_is_no_place_for_the_state_and_is_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "gonogo.toml").write_text(
        '[workspace]\nchannel = "C0DEPLOYS"\n[database]\npath = "postgresql://bot:s3cret@db/state"\n'
    )
    result = gonogo("status")
    assert result.exit_code == 2
    assert result.stderr.startswith("gonogo.toml:4: database.path: is an address, and the bot's state is a file")
    assert "s3cret" not in result.output


def test_a_state_file_that_never_met_slack(tmp_path: Path) -> None:
    (tmp_path / "gonogo.toml").write_text('[workspace]\nchannel = "C0DEPLOYS"\n')
    Store.open(tmp_path / "gonogo.db").close()
    result = gonogo("status", "1")
    assert result.exit_code == 1
    assert "has met no Slack workspace yet" in result.stderr


def test_a_backup_is_a_state_file(team: Team) -> None:
    result = gonogo("backup", "copy.db")
    assert result.exit_code == 0
    assert "copy.db: " in result.stdout
    with sqlite3.connect("copy.db") as copy:
        assert copy.execute("SELECT count(*) FROM deployment").fetchall() == [(1,)]
    again = gonogo("backup", "copy.db")
    assert (again.exit_code, "never overwrites" in again.stderr) == (1, True)
    assert gonogo("backup", ".").exit_code == 0
    assert [path.name[:7] for path in Path().glob("gonogo-2*.db")] == ["gonogo-"]


def test_who_joined_is_a_deployer_here_too(team: Team) -> None:
    team.run(join, "U0BO")
    team.go()
    assert gonogo("hold", "1", "--as", "bo", "--reason", "my part").exit_code == 0
    assert datetime.now(UTC) >= team.deployment().last_act_at


def test_the_choices_are_those_of_the_use_cases() -> None:
    assert (tuple(Outcome), tuple(CHOICES)) == (RESULTS, WAYS_BACK)
