"""A team's own command: the Nagios convention, its arguments, its surroundings, and everything that goes wrong."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path

import pytest

from checks.base import DatabaseAddress, Inputs, MigrationFile, MigrationSet, Status
from checks.probes import check_for
from checks.runner import run_checks
from tests.checks.probes.probe_samples import ask, command, findings, program, shell

HIDDEN = "•••"


@pytest.mark.parametrize(
    ("code", "status"),
    [(0, Status.PASSED), (1, Status.WARNING), (2, Status.FAILED), (3, Status.COULD_NOT_RUN)],
)
def test_the_exit_code_decides(tmp_path: Path, code: int, status: Status) -> None:
    result = ask(shell(tmp_path, f"echo 'SMOKE - 18 of 18 | time=0.2s;1;2 ok=18'; echo second; exit {code}"))
    assert (result.status, result.summary) == (status, "SMOKE - 18 of 18")
    assert findings(result) == [("smoke", "second"), ("smoke", "time=0.2s;1;2"), ("smoke", "ok=18")]


def test_a_bar_without_performance_data_is_text(tmp_path: Path) -> None:
    assert ask(shell(tmp_path, "echo 'orders | products'")).summary == "orders | products"


def test_a_failure_names_something_even_when_nothing_was_printed(tmp_path: Path) -> None:
    result = ask(shell(tmp_path, "exit 2"))
    assert (result.status, result.summary, findings(result)) == (
        Status.FAILED,
        "nothing printed",
        [("smoke", "nothing printed")],
    )


def test_what_it_complains_of_is_told_when_it_prints_nothing_else(tmp_path: Path) -> None:
    result = ask(shell(tmp_path, "echo 'cannot reach shop' >&2; exit 2"))
    assert result.summary == "cannot reach shop"


def test_other_exit_codes_are_failures_and_say_so(tmp_path: Path) -> None:
    result = ask(shell(tmp_path, "echo 'curl: 22'; exit 22"))
    assert (result.status, result.summary) == (Status.FAILED, "curl: 22 (exit code 22)")
    assert result.hint == "a probe ends with 0 passed, 1 warning, 2 failed or 3 could not run"


def test_a_program_that_its_script_lacks(tmp_path: Path) -> None:
    result = ask(shell(tmp_path, "no-such-program-here"))
    assert result.status is Status.COULD_NOT_RUN
    assert result.summary.endswith("(exit code 127: a program in it was not found)")


def test_ended_by_a_signal(tmp_path: Path) -> None:
    result = ask(shell(tmp_path, "echo began; kill -SEGV $$"))
    assert (result.status, result.summary) == (Status.COULD_NOT_RUN, "began (ended by SIGSEGV)")


@pytest.mark.parametrize(
    ("text", "mode", "sentence"),
    [
        (None, 0, "there is no program ./probe in {folder}"),
        ("#!/bin/sh\n", 0o644, "./probe is not executable"),
        ("#!/no/such/shell\n", 0o755, "the first line of ./probe names an interpreter that does not exist"),
        ("echo ok\n", 0o755, "./probe is no program"),
    ],
)
def test_what_cannot_be_started(tmp_path: Path, text: str | None, mode: int, sentence: str) -> None:
    if text is not None:
        program(tmp_path, "probe", text, mode)
    result = ask(command(tmp_path, "./probe", "secret-argument"))
    assert (result.status, result.summary) == (Status.COULD_NOT_RUN, sentence.format(folder=tmp_path))
    assert result.hint


def test_a_missing_program_of_the_path_and_a_missing_folder(tmp_path: Path) -> None:
    assert ask(command(tmp_path, "no-such-program")).summary == "there is no program no-such-program on the PATH"
    assert ask(command(tmp_path / "gone", "true")).summary == f"the folder {tmp_path / 'gone'} does not exist"
    assert ask(command(tmp_path, "true", "a\0b")).summary == "true cannot be started: an argument holds a zero byte"


def test_arguments_are_filled_and_no_shell_reads_them(tmp_path: Path) -> None:
    files = tuple(MigrationFile(f"{n:05d}", f"{n:05d}_a.sql", b"") for n in (7, 8, 9))
    inputs = Inputs(
        migrations=MigrationSet(files, applied_through="00007"),
        options={"environment": "production", "deployment": "12"},
    )
    spec = command(tmp_path, "/bin/echo", "{environment}", "#{deployment}", "{range}", "{other}; $(id)", "a b")
    assert ask(spec, inputs).summary == "production #12 00008–00009 {other}; $(id) a b"


def test_a_placeholder_without_value_is_named(tmp_path: Path) -> None:
    result = ask(command(tmp_path, "/bin/echo", "{deployment}"))
    assert (result.status, result.summary) == (Status.COULD_NOT_RUN, "{deployment} has no value here")


def test_it_gets_a_clean_environment_a_closed_input_and_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("PGPASSWORD", "geheim")
    monkeypatch.setenv("REGION", "eu")
    script = 'env | cut -d= -f1 | sort | tr "\\n" " "; echo; pwd; wc -c </dev/stdin'
    result = ask(shell(tmp_path, script, env={"REGION": "env:REGION", "STAGE": "{environment}"}), in_production())
    names = set(result.summary.split()) - {"PWD", "SHLVL", "_", "OLDPWD"}
    assert names == {"PATH", "HOME", "LANG", "REGION", "STAGE", "GONOGO_PROBE"}
    assert [message for _, message in findings(result)] == [str(tmp_path), "0"]


def in_production() -> Inputs:
    return Inputs(options={"environment": "production"})


def test_a_variable_that_is_not_set_is_named(tmp_path: Path) -> None:
    result = ask(shell(tmp_path, "true", env={"TOKEN": "env:NO_SUCH_VARIABLE"}))
    assert result.summary == "the environment variable NO_SUCH_VARIABLE is not set"


def test_passwords_never_come_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMOKE_TOKEN", "t0k3n-value")
    monkeypatch.setenv("SHOP_URL", "postgresql://app:p@ss%20word@db/shop")
    script = (
        "echo \"login $SMOKE_TOKEN at $SHOP_URL\"; echo 'postgres://u:s3cret@h/db';"
        "echo 'password=hunter2 PGPASSWORD: \"hunter 3\"'; echo 'Authorization: Bearer abc.def';"
        "echo 'p@ss w/rd'; exit 2"
    )
    target = DatabaseAddress("production", "host=db user=u password='p@ss w/rd'")
    env = {"SMOKE_TOKEN": "env:SMOKE_TOKEN", "SHOP_URL": "env:SHOP_URL"}
    result = ask(shell(tmp_path, script, env=env), Inputs(target=target))
    shown = repr(result)
    for secret in ("t0k3n-value", "p@ss", "word@db", "s3cret", "hunter", "abc.def", "w/rd"):
        assert secret not in shown
    assert result.summary == f"login {HIDDEN} at {HIDDEN}"
    assert ("smoke", f"postgres://u:{HIDDEN}@h/db") in findings(result)
    assert ("smoke", f"password={HIDDEN} PGPASSWORD: {HIDDEN}") in findings(result)


def test_bytes_that_are_no_text_and_colours(tmp_path: Path) -> None:
    result = ask(shell(tmp_path, r"printf '\033[32mOK\033[0m \377\376 fine\000\a\n'"))
    assert (result.status, result.summary) == (Status.PASSED, "OK �� fine")


def test_the_summary_is_one_short_line(tmp_path: Path) -> None:
    result = ask(shell(tmp_path, "head -c 5000 /dev/zero | tr '\\0' x; echo; echo y"))
    assert len(result.summary) == 200
    assert result.summary.endswith("x…")


def test_a_hanging_probe_is_ended_and_told(tmp_path: Path) -> None:
    result = ask(shell(tmp_path, "echo began; sleep 600", timeout=1))
    assert result.status is Status.COULD_NOT_RUN
    assert result.summary == "not finished after 1 s, and ended; it last said: began"


def test_one_that_ignores_its_end_is_ended_too(tmp_path: Path) -> None:
    result = ask(shell(tmp_path, "trap '' TERM; echo $$; while :; do sleep 0.1; done", timeout=1))
    assert result.summary.startswith("not finished after 1 s")
    assert ends(int(result.summary.rpartition(" ")[2]))


FORKS = """
import os, sys, time
def leave(new_session):
    if os.fork():
        return
    if new_session:
        os.setsid()
    if os.fork():
        os._exit(0)
    with open(f"pid-{int(new_session)}", "w") as file:
        file.write(str(os.getpid()))
    time.sleep(600)
leave(False)
leave(True)
while not all(os.path.exists(f"pid-{n}") and os.path.getsize(f"pid-{n}") for n in (0, 1)):
    time.sleep(0.01)
print("children left", flush=True)
time.sleep(float(sys.argv[1]))
"""


@pytest.mark.parametrize(("seconds", "status"), [("0", Status.PASSED), ("600", Status.COULD_NOT_RUN)])
def test_nothing_it_forked_is_left_behind(tmp_path: Path, seconds: str, status: Status) -> None:
    """Forks that keep the pipe open, in its group and in a session of their own, delay nothing and end with it."""
    program(tmp_path, "forks.py", FORKS)
    started = time.monotonic()
    result = ask(command(tmp_path, "python3", "forks.py", seconds, timeout=3))
    assert result.status is status
    assert "children left" in result.summary
    assert time.monotonic() - started < 60, "the pipe that the forks hold was waited for"
    assert all(ends(int((tmp_path / f"pid-{n}").read_text())) for n in (0, 1))


def ends(pid: int) -> bool:
    """A killed process is gone as soon as it is scheduled once more."""
    for _ in range(500):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False


def test_100_mb_of_output_do_not_fill_memory(tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = ask(shell(tmp_path, "echo 'OK - 18 passed'; head -c 104857600 /dev/zero | tr '\\0' x; exit 1"))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert (result.status, result.summary) == (Status.WARNING, "18 passed")
    assert grown < 20 * 1024, f"{grown} kB more"


def test_half_a_password_at_the_cut_does_not_come_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMOKE_TOKEN", "tok-" + "q" * 50000)
    # Printed once whole on the second line and cut by the limit of 64 KiB within the third.
    script = 'echo "OK"; echo "1 $SMOKE_TOKEN"; echo "2 $SMOKE_TOKEN"; exit 2'
    result = ask(shell(tmp_path, script, env={"SMOKE_TOKEN": "env:SMOKE_TOKEN"}))
    assert result.summary == "OK"
    assert "qqq" not in repr(result)


def test_the_others_go_on(tmp_path: Path) -> None:
    specs = (
        shell(tmp_path, "sleep 600", timeout=1),
        command(tmp_path, "./missing"),
        shell(tmp_path, "echo fine"),
    )
    named = tuple(type(spec)(f"probe-{n}", spec.command, options=spec.options) for n, spec in enumerate(specs))
    found = run_checks([check_for(spec) for spec in named], Inputs(probes=named))
    statuses = [result.status for _, result in found]
    assert statuses == [Status.COULD_NOT_RUN, Status.COULD_NOT_RUN, Status.PASSED]


def test_the_same_verdict_has_the_same_hash_whatever_its_numbers(tmp_path: Path) -> None:
    def digest(words: str, code: int = 2) -> str:
        return ask(shell(tmp_path, f"echo '{words}'; exit {code}")).inputs_hash

    assert digest("3 of 18 failed in 1.2 s: login") == digest("4 of 18 failed in 11.93 s: login")
    assert digest("3 of 18 failed: login") != digest("3 of 18 failed: checkout")
    assert digest("checkout", 1) != digest("checkout", 2)


def test_a_command_may_say_when_the_backup_was_made_that_it_looked_at(tmp_path: Path) -> None:
    def digest(words: str) -> str:
        return ask(shell(tmp_path, f"echo '{words}'")).inputs_hash

    assert digest("OK - 41 GB | size=41GB made=1732241400").startswith("2024-11-22T02:10:00Z/")
    assert digest("OK - 41 GB | made=1732241400") != digest("OK - 41 GB | made=1732327800")


def test_a_wrong_option_is_named(tmp_path: Path) -> None:
    assert ask(shell(tmp_path, "true", timeout="long")).summary == "[probes.smoke] timeout is no number"
    assert ask(shell(tmp_path, "true", env=["A"])).summary == "[probes.smoke] env is no table"


def test_a_probe_that_acts_is_not_run_as_a_check(tmp_path: Path) -> None:
    result = ask(shell(tmp_path, "touch acted", confirm=True))
    assert result.status is Status.COULD_NOT_RUN
    assert not (tmp_path / "acted").exists()


def test_titles(tmp_path: Path) -> None:
    assert check_for(shell(tmp_path, "true")).title == "smoke"
    assert check_for(shell(tmp_path, "true", title="Smoke tests")).title == "Smoke tests"


def test_no_process_of_ours_is_a_zombie(tmp_path: Path) -> None:
    ask(shell(tmp_path, "true"))
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    states = [
        Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] for pid in children.read_text().split()
    ]
    assert "Z" not in states
