"""`gonogo init`: what it writes works, in the settings, in Slack's manifest and on a real PostgreSQL."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import fastjsonschema
import psycopg
import pytest
from click.testing import CliRunner
from operating_samples import gonogo

from bot.__main__ import main
from bot.cli.init_files import role_text
from bot.core.checklist.items import Kind
from bot.demo.standin import StandIn
from bot.resources import manifest_file
from bot.settings import load, load_file
from checks.history.tools import tables_of
from tests.checks.layouts.layout_samples import DETECTED, SETS, written
from tests.postgres import TestDatabase

FILES = ("gonogo.toml", "manifest.json", "gonogo-role.sql")


def migrations(folder: Path, place: str = "db/migrations", name: str = "00001_users.sql") -> None:
    (folder / place).mkdir(parents=True)
    (folder / place / name).write_text("SELECT 1;\n")


def test_the_defaults_need_only_a_channel(tmp_path: Path) -> None:
    migrations(tmp_path)
    result = gonogo("init", "--yes", "--channel", "C0DEPLOYS")
    assert result.exit_code == 0, result.output
    project = load_file("gonogo.toml", {}).projects()["default"]
    assert (project.channel, project.command, project.has_migrations) == ("C0DEPLOYS", "/deploy", True)
    assert [(one.name, one.kind, one.after) for one in project.environments.values()] == [
        ("staging", Kind.STAGING, None),
        ("production", Kind.PRODUCTION, "staging"),
    ]
    written = tomllib.loads(Path("gonogo.toml").read_text())
    assert written["migrations"] == {"directory": "db/migrations", "tool": "sqlx"}
    assert written["environments"]["production"]["database"] == "env:PRODUCTION_DATABASE_URL"
    assert json.loads(Path("manifest.json").read_text()) == json.loads(manifest_file().read_text())
    assert "/deploy start production" in result.stdout
    assert "export PRODUCTION_DATABASE_URL=" in result.stdout


def test_an_editor_finds_the_schema_and_what_init_wrote_is_right_by_it() -> None:
    gonogo("init", "--yes", "--channel", "C0DEPLOYS", "--roles", "dba=U0DANA")
    text = Path("gonogo.toml").read_text()
    directive, place = text.splitlines()[0].split(" ")
    assert (directive, place) == ("#:schema", "./gonogo.schema.json")
    fastjsonschema.validate(json.loads(Path(place).read_text()), tomllib.loads(text))
    Path(place).write_text("{}")
    before = {path: path.read_bytes() for path in Path().iterdir() if path.name != place.removeprefix("./")}
    assert gonogo("init", "--schema").exit_code == 0
    assert json.loads(Path(place).read_text())["required"] == ["workspace"]
    assert before == {path: path.read_bytes() for path in before}


def test_five_questions_are_asked_until_they_are_understood() -> None:
    answers = ["#deploys", "C0DEPLOYS", "ship it", "ship", "qa", "qa:staging=service=qa, production=none", ""]
    answers += ["dba=Dana", "dba=U0DANA+@dba-team, backend=U0BO"]
    result = CliRunner().invoke(main, ["init"], input="\n".join(answers) + "\n")
    assert result.exit_code == 0, result.output
    for complaint in ("not a channel id", "not a slash command", "say what kind 'qa' is", "neither a user id"):
        assert complaint in result.output
    project = load_file("gonogo.toml", {}).projects()["default"]
    assert project.command == "/ship"
    assert [one.has_database for one in project.environments.values()] == [True, False]
    assert {role.name: role.members for role in project.roles.values()} == {
        "dba": ("U0DANA", "@dba-team"),
        "backend": ("U0BO",),
    }
    assert json.loads(Path("manifest.json").read_text())["features"]["slash_commands"][0]["command"] == "/ship"


def test_nobody_to_answer() -> None:
    result = CliRunner().invoke(main, ["init", "--channel", "C0DEPLOYS"], input="")
    assert result.exit_code == 1
    assert "there is nobody to answer" in result.stderr
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_overwritten_without_force(name: str) -> None:
    Path(name).write_text("mine")
    result = gonogo("init", "--yes", "--channel", "C0DEPLOYS")
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"nothing was written, since {name} would be overwritten" in result.stderr
    assert [path.name for path in Path().iterdir()] == [name]
    assert Path(name).read_text() == "mine"
    assert gonogo("init", "--yes", "--channel", "C0DEPLOYS", "--force").exit_code == 0
    assert Path(name).read_text() != "mine"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--channel", "general"), "is not a channel id"),
        ((), "--channel is missing"),
        (("--channel", "C0D", "--command", "/Deploy It"), "is not a slash command"),
        (("--channel", "C0D", "--environments", "qa"), "say what kind 'qa' is: qa:staging or qa:production"),
        (("--channel", "C0D", "--environments", "production=postgres://u:secret@h/d"), "does not belong in this file"),
        (("--channel", "C0D", "--environments", "staging,staging"), "is named twice"),
        (("--channel", "C0D", "--environments", " , "), "name one environment"),
        (("--channel", "C0D", "--migrations", "nowhere"), "is not a folder"),
        (("--channel", "C0D", "--roles", "dbo=U0DANA"), "the checklist knows no role 'dbo'; it has dba, backend"),
        (("--channel", "C0D", "--roles", "dba="), "say who dba is"),
    ],
)
def test_wrong_options_are_one_sentence_and_write_nothing(options: tuple[str, ...], words: str) -> None:
    result = gonogo("init", "--yes", *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr
    assert "secret" not in result.output
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    ("place", "name", "found"),
    [
        ("services/shop/migrations", "V1__a.sql", ("services/shop/migrations", "flyway")),
        ("db/migrate", "20261122140000_create_users.rb", ("db/migrate", "rails")),
        ("migrations", "1_a.up.sql", ("migrations", "golang-migrate")),
        ("node_modules/x/migrations", "00001_a.sql", None),
        ("docs", "00001_a.sql", None),
    ],
)
def test_migrations_are_found(tmp_path: Path, place: str, name: str, found: tuple[str, str] | None) -> None:
    migrations(tmp_path, place, name)
    assert gonogo("init", "--yes", "--channel", "C0DEPLOYS").exit_code == 0
    written = tomllib.loads(Path("gonogo.toml").read_text()).get("migrations")
    assert written == (None if found is None else {"directory": found[0], "tool": found[1]})


@pytest.mark.parametrize("tool", DETECTED)
def test_the_folder_and_the_tool_of_each_repository_are_found(tmp_path: Path, tool: str) -> None:
    place = "src/main/resources/db/changelog" if tool == "liquibase" else "db/migrations"
    written(tmp_path / place, SETS[tool])
    assert gonogo("init", "--yes", "--channel", "C0DEPLOYS").exit_code == 0
    settings = tomllib.loads(Path("gonogo.toml").read_text())
    assert settings["migrations"] == {"directory": place, "tool": tool}


def test_the_role_can_do_its_work_and_nothing_else(
    tmp_path: Path, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole first hour on the operator's side: init, the SQL, tokens, doctor without a fault."""
    migrations(tmp_path)
    with StandIn.start() as slack:
        slack.add_person("dana", "Dana Okafor", id="U0DANA")
        slack.add_person("bo", id="U0BO")
        options = ("--environments", "production=env:SHOP_URL", "--roles", "dba=U0DANA+U0BO")
        assert gonogo("init", "--yes", "--channel", "C0DEPLOYS", *options).exit_code == 0
        role = f"{database.name}_gonogo"
        sql = role_text("sqlx", role)
        assert Path("gonogo-role.sql").read_text() == role_text("sqlx")
        database.execute(
            "CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, description text NOT NULL,"
            " installed_on timestamptz NOT NULL DEFAULT now(), success boolean NOT NULL, checksum bytea NOT NULL,"
            " execution_time bigint NOT NULL); CREATE TABLE orders (id bigserial); CREATE SCHEMA billing;"
            " CREATE SEQUENCE billing.bills;"
        )
        for _ in range(2):
            database.execute(sql)
        database.execute(f"ALTER ROLE {role} PASSWORD 'pw'")
        try:
            address = database.server.conninfo_for(database.name, role, "pw")
            for name, value in {**slack.environment(), "SHOP_URL": address}.items():
                monkeypatch.setenv(name, value)
            result = gonogo("doctor")
            assert result.exit_code == 0, result.output
            assert not [line for line in result.stdout.splitlines() if line.startswith("warning  production")]
            assert f"as {role}" in result.stdout
            with psycopg.connect(address, autocommit=True) as connection:
                for forbidden in ("SELECT * FROM orders", "CREATE TABLE x ()", "DELETE FROM _sqlx_migrations"):
                    with pytest.raises(psycopg.Error):
                        connection.execute("SET default_transaction_read_only = off")
                        connection.execute(forbidden)
                assert connection.execute("SHOW statement_timeout").fetchall() == [("15s",)]
        finally:
            database.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_what_init_writes_starts_the_bot(tmp_path: Path) -> None:
    assert gonogo("init", "--yes", "--channel", "C0DEPLOYS", "--environments", "production=none").exit_code == 0
    tokens = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
    assert load("gonogo.toml", tokens).database_path == tmp_path / "gonogo.db"


def test_every_tool_has_a_history_table() -> None:
    from bot.settings.document import TOOLS

    assert all(tables_of(tool) for tool in TOOLS)
    assert tables_of("sqlx") == ["_sqlx_migrations"]
