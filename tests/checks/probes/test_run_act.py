"""Short acts: run when told to, with progress as it is printed, within their time, and never as a check."""

from __future__ import annotations

from pathlib import Path

from checks.base import Inputs, ProbeSpec, Result, Status
from checks.probes.command import run_act
from tests.checks.probes.probe_samples import findings, shell


def act(spec: ProbeSpec) -> tuple[Result, list[str]]:
    lines: list[str] = []
    return run_act(spec, Inputs(), lines.append), lines


def test_an_act_tells_how_it_goes(tmp_path: Path) -> None:
    script = "for n in 1 2 3; do echo view $n; done; touch done; printf 'password=geheim'"
    result, lines = act(shell(tmp_path, script, confirm=True))
    assert lines == ["view 1", "view 2", "view 3", "password=•••"]
    assert (result.status, result.summary) == (Status.PASSED, "view 1")
    assert (tmp_path / "done").exists()
    assert result.took > 0


def test_progress_comes_while_it_runs(tmp_path: Path) -> None:
    """The act waits for a file that is only written once its first line arrived."""

    def on_output(line: str) -> None:
        (tmp_path / "seen").write_text(line)

    script = "echo started; until [ -s seen ]; do sleep 0.02; done; echo finished"
    result = run_act(shell(tmp_path, script, confirm=True, timeout=60), Inputs(), on_output)
    assert result.status is Status.PASSED


def test_a_failure_and_what_it_said(tmp_path: Path) -> None:
    result, lines = act(shell(tmp_path, "echo 'REFRESH failed'; echo 'lock timeout' >&2; exit 2", confirm=True))
    assert sorted(lines) == ["REFRESH failed", "lock timeout"]
    assert (result.status, findings(result)) == (Status.FAILED, [("smoke", "REFRESH failed")])


def test_one_that_takes_too_long(tmp_path: Path) -> None:
    result, lines = act(shell(tmp_path, "echo began; sleep 600", confirm=True, timeout=1))
    assert (result.status, lines) == (Status.COULD_NOT_RUN, ["began"])
    assert result.hint == "look at what it did until then before you try again"


def test_a_listener_that_fails_does_not_stop_it(tmp_path: Path) -> None:
    def broken(line: str) -> None:
        raise OSError(line)

    spec = shell(tmp_path, "echo a; echo b; touch done", confirm=True)
    assert run_act(spec, Inputs(), broken).status is Status.PASSED
    assert (tmp_path / "done").exists()


def test_nothing_is_raised(tmp_path: Path) -> None:
    assert act(shell(tmp_path, "true"))[0].summary == "[probes.smoke] is no act"
    missing = ProbeSpec("smoke", ("./gone",), options={"directory": str(tmp_path), "confirm": True})
    assert act(missing)[0].summary == f"there is no program ./gone in {tmp_path}"


def test_a_very_long_line_is_told_once_and_100_mb_end(tmp_path: Path) -> None:
    script = "head -c 20000 /dev/zero | tr '\\0' a; echo; echo next; head -c 104857600 /dev/zero | tr '\\0' '\\n'"
    result, lines = act(shell(tmp_path, script, confirm=True))
    assert result.status is Status.PASSED
    assert [line[:4] for line in lines] == ["aaaa", "next"]
    assert len(lines[0]) == 200
