"""Wrong use is one sentence and exit 2: no trace, no usage text, nothing on stdout, no password."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from bot.__main__ import main
from tests.cli.cli_samples import gonogo, migrations

WRONG = [
    ("chek", "No such command 'chek'. (Did you mean one of: 'check'"),
    ("check", "say what to check: files, an environment, or --url DSN"),
    ("check files", "say where the files are: --migrations DIR"),
    ("check files --migrations nowhere", "nowhere is not a folder"),
    ("check files --migrations migrations --tool sqlxx", "sqlx"),
    ("check files --migrations migrations --only sintax", "there is no check 'sintax'; did you mean 'syntax'?"),
    (
        "check files --migrations migrations --only can-connect",
        "'can-connect' cannot run on files: it needs a database",
    ),
    ("check files --migrations migrations --only ,", "--only names no check"),
    ("check files --migrations migrations --compare-with env:X", "--compare-with compares databases"),
    ("check files --url env:X", "'files' and --url are two places; give one"),
    ("check --url env:NOT_THERE", "the environment variable NOT_THERE is not set"),
    ("check --url postgresql://u:hunter2@x@h/d", "cannot be read as a URL or key=value line"),
    ("check --url hunter2", "cannot be read as a URL or key=value line"),
    ("check --url service=shop --applied-through 3", "--applied-through speaks of migration files"),
    ("check --url service=shop --compare-with staging", "there is no environment 'staging'"),
    ("check --url service=shop --compare-with postgresql+psycopg://u:hunter2@h/d", "write postgresql://"),
    ("check --url service=shop --only can-connect,conect", "there is no check 'conect'"),
    ("check production", "there is no such file; `gonogo init` writes one"),
    ("checks sintax", "there is no check 'sintax'; did you mean 'syntax'?"),
    ("checklist lint nowhere.md", "'nowhere.md' cannot be read: No such file or directory"),
    ("checklist show nowhere.md", "'nowhere.md' cannot be read"),
    ("run --config nowhere.toml", "nowhere.toml: there is no such file"),
    ("check --nonsense", "No such option '--nonsense'"),
]


@pytest.mark.parametrize(("typed", "sentence"), WRONG, ids=[typed for typed, _ in WRONG])
def test_wrong_use_is_one_sentence(tmp_path: Path, typed: str, sentence: str) -> None:
    migrations(tmp_path)
    result = gonogo(*typed.split())
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stdout == ""
    assert "Usage" not in result.stderr
    assert "Traceback" not in result.stderr
    assert "hunter2" not in result.stderr


SETTINGS = '[workspace]\nchannel = "C0DEPLOYS"\n[environments.production]\nafter = "staging"\n[environments.staging]\n'


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("check prodution", "there is no environment 'prodution'; did you mean 'production'?"),
        ("check qa", "there is no environment 'qa'; environments here: production, staging"),
        ("check billing/production", "there is no project 'billing'; projects here: default"),
        ("check production", "nothing can be checked on 'production': no database and no migration files"),
        ("check --url service=x --compare-with staging", "environment 'staging' has no database in gonogo.toml"),
        ("check --url service=x --compare-with stagin", "there is no environment 'stagin'; did you mean 'staging'?"),
    ],
)
def test_environments_are_those_of_the_settings(tmp_path: Path, typed: str, sentence: str) -> None:
    (tmp_path / "gonogo.toml").write_text(SETTINGS)
    result = gonogo(*typed.split())
    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr


def test_run_names_every_fault_at_once(tmp_path: Path) -> None:
    (tmp_path / "gonogo.toml").write_text('[workspace]\nchannel = "#deploys"\n[roles.dba]\nqorum = 1\n')
    result = gonogo("run")
    assert result.exit_code == 2
    assert result.stdout == ""
    places = [line.split(": ")[0] for line in result.stderr.splitlines()]
    assert places == ["gonogo.toml:2", "gonogo.toml:4", "SLACK_APP_TOKEN", "SLACK_BOT_TOKEN", "gonogo"]
    assert result.stderr.endswith("gonogo: 4 faults in the settings\n")


def test_gonogo_config_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other.toml").write_text(SETTINGS)
    monkeypatch.setenv("GONOGO_CONFIG", str(tmp_path / "other.toml"))
    assert "environments here: production, staging" in gonogo("check", "qa").stderr


def test_a_fault_of_our_own_shows_no_trace_and_no_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("connection to hunter2 failed")

    monkeypatch.setattr("bot.cli.formats.report.run_checks", broken)
    typed = ("check", "files", "--migrations", str(migrations(tmp_path)))
    result = gonogo(*typed)
    assert result.exit_code == 2
    assert result.stderr == "gonogo: a fault in gonogo itself (RuntimeError); the same with --debug shows its trace\n"
    assert "Traceback" in gonogo(*typed, "--debug").stderr


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys\nfrom bot.__main__ import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'psycopg', 'pglast', 'pydantic', 'slack_sdk', 'slack_bolt', 'rich', 'nicegui', 'markdown_it'}\n"
        "print('heavy:', sorted(heavy & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.endswith("heavy: []\n")
    for command in ("run", "demo", "check", "checks", "checklist"):
        assert f"\n  {command} " in result.stdout


def test_every_command_that_is_offered_is_there_and_says_what_it_does() -> None:
    for name in main.list_commands(click.Context(main)):
        result = gonogo(name, "--help")
        assert result.exit_code == 0, result.output
        assert result.stdout.startswith(f"Usage: main {name}")
        assert "--debug" in result.stdout


def test_bare_gonogo_shows_its_commands() -> None:
    result = gonogo()
    assert result.exit_code == 2
    assert result.stdout.startswith("Usage: ")


def test_a_probe_that_acts_is_left_to_slack(tmp_path: Path) -> None:
    probe = '[probes.fresh-views]\nitem = "Refresh materialized views"\ncommand = ["true"]\nconfirm = true\n'
    (tmp_path / "gonogo.toml").write_text(SETTINGS + '[migrations]\ndirectory = "migrations"\n' + probe)
    migrations(tmp_path)
    result = gonogo("check", "production", "--only", "fresh-views")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "'fresh-views' acts on the database (confirm = true); start it in Slack, in its phase" in result.stderr
