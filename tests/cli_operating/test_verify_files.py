"""`gonogo verify-files`: the runner's folder holds what was approved, by state, export, record or fingerprint."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from operating_samples import FILES, Team, gonogo, pin_files

from bot.core.deployment import State, fingerprint

OLDER = {"00007_users.sql": b"CREATE TABLE users (id bigint);\n"}


@pytest.fixture
def runner(tmp_path: Path, team: Team) -> Path:
    """The folder that a runner reads, for a deployment that got go."""
    pin_files(team)
    team.go()
    folder = tmp_path / "runner"
    folder.mkdir()
    for name, content in {**OLDER, **FILES}.items():
        (folder / name).write_bytes(content)
    return folder


def approvals(team: Team, folder: Path) -> dict[str, tuple[str, ...]]:
    """Every way to say what was approved."""
    for form in ("md", "json"):
        assert gonogo("export", "1", "--format", form, "--output", folder / f"record.{form}").exit_code == 0
    pinned = team.deployment().fingerprint
    assert pinned
    ways = {"fingerprint": pinned, "record": folder / "record.md", "export": folder / "record.json"}
    given = {name: ("--approved", str(way)) for name, way in ways.items()}
    return {"environment": ("production",), "number": ("1",), **given}


def test_what_was_approved_is_known_by_each_way(team: Team, runner: Path, tmp_path: Path) -> None:
    for way, words in approvals(team, tmp_path).items():
        result = gonogo("verify-files", *words, "--migrations", runner)
        assert result.exit_code == 0, (way, result.output)
        assert result.stdout.startswith("as approved  ")
        assert result.stdout.endswith(": 2 files, 00008_orders.sql, 00009_paid.sql\n")


def test_each_file_that_differs_is_named(team: Team, runner: Path, tmp_path: Path) -> None:
    ways = approvals(team, tmp_path)
    (runner / "00008_orders.sql").write_bytes(b"DROP TABLE users;\n")
    (runner / "00009_paid.sql").unlink()
    (runner / "00010_more.sql").write_bytes(b"SELECT 1;\n")
    for way, words in ways.items():
        result = gonogo("verify-files", *words, "--migrations", runner)
        assert result.exit_code == 1, way
        if way == "fingerprint":
            assert "is that of no range of the files there: give the export or the record" in result.stdout
            continue
        heading, *lines = result.stdout.splitlines()
        assert heading.startswith("NOT AS APPROVED  deployment 1")
        assert lines[0].startswith("  00008_orders.sql changed: approved sha-256 8f733907d4bf…, here ")
        assert lines[1:] == ["  00009_paid.sql missing", "  00010_more.sql extra: nobody approved it"]


def test_a_later_file_is_extra_unless_the_runner_stops_before_it(team: Team, runner: Path, tmp_path: Path) -> None:
    (runner / "00010_more.sql").write_bytes(b"SELECT 1;\n")
    for words in approvals(team, tmp_path).values():
        result = gonogo("verify-files", *words, "--migrations", runner)
        assert (result.exit_code, "00010_more.sql extra" in result.stdout) == (1, True)
        assert gonogo("verify-files", *words, "--migrations", runner, "--ignore-later").exit_code == 0


def test_a_file_within_the_range_is_extra_always(team: Team, runner: Path) -> None:
    ways = approvals(team, runner.parent)
    (runner / "00008_odd.sql").write_bytes(b"SELECT 1;\n")
    for way in ways.keys() - {"fingerprint"}:
        result = gonogo("verify-files", *ways[way], "--migrations", runner, "--ignore-later")
        assert result.exit_code == 1 and "00008_odd.sql extra" in result.stdout, way


@pytest.mark.parametrize(
    ("state", "sentence"),
    [(State.HELD, "is held"), (State.ROLLING_BACK, "is being rolled back"), (State.PREPARING, "has no go yet")],
)
def test_without_go_nothing_is_approved(team: Team, runner: Path, state: State, sentence: str) -> None:
    found = team.deployment()
    go_at = None if state is State.PREPARING else found.go_at
    team.write(lambda unit: unit.deployments.save(replace(found, state=state, go_at=go_at)))
    result = gonogo("verify-files", "production", "--migrations", runner)
    assert (result.exit_code, result.stdout) == (1, f"NOT APPROVED  deployment 1, production {sentence}\n")


def test_an_environment_without_a_deployment_has_nothing_approved(team: Team, runner: Path) -> None:
    result = gonogo("verify-files", "staging", "--migrations", runner)
    assert result.exit_code == 1 and "has no deployment under way" in result.stdout


def test_what_was_taken_out_of_the_range_is_no_extra(team: Team, runner: Path) -> None:
    found = team.deployment()
    [first, last] = team.write(lambda unit: unit.files.of(found.id))  # type: ignore[misc]
    cut = replace(found, facts=replace(found.facts, taken_out=last.version), fingerprint=fingerprint([first]))

    def work(unit: object) -> None:
        unit.files.pin(found.id, [first])  # type: ignore[attr-defined]
        unit.deployments.save(cut)  # type: ignore[attr-defined]

    team.write(work)
    assert gonogo("verify-files", "production", "--migrations", runner).exit_code == 0


def test_an_approval_that_was_changed_is_refused(team: Team, runner: Path, tmp_path: Path) -> None:
    approvals(team, tmp_path)
    for name in ("record.md", "record.json"):
        text = (tmp_path / name).read_text()
        (tmp_path / name).write_text(text.replace("8f733907d4bf", "000000000000"))
        result = gonogo("verify-files", "--approved", tmp_path / name, "--migrations", runner)
        assert (result.exit_code, "was changed after it was written" in result.stderr) == (1, True)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "say what was approved"),
        (("production", "--approved", "0" * 64), "say what was approved"),
        (("--approved", "nowhere.json"), "cannot be read"),
        (("production",), "say which folder the runner reads"),
        (("production", "--migrations", "nowhere"), "nowhere is not a folder"),
    ],
)
def test_wrong_use_is_a_sentence(team: Team, runner: Path, words: tuple[str, ...], sentence: str) -> None:
    folder = () if "--migrations" in words or words == ("production",) else ("--migrations", str(runner))
    result = gonogo("verify-files", *words, *folder)
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    assert sentence in result.stderr
