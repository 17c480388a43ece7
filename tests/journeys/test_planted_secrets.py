"""Secrets planted wherever gonogo passes by: they are in nothing that is sent, logged, kept or exported."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.demo import acts
from checks.scratchdb.cluster import HOST
from tests.journeys.routine import PATIENCE, is_quiet
from tests.journeys.troupe import TEAM, Troupe, troupe
from tests.postgres import TestDatabase, database, postgres  # noqa: F401

NAMES = (
    "dsn",
    "pgpass",
    "service",
    "probe",
    "bearer",
    "header",
    "url",
    "value",
    "role",
    "row",
    "detail",
    "raised",
)
PLANTED = {name: f"planted-{name}-7h3Qz" for name in NAMES}
PROBES = """
[probes.smoke-tests]
item = "Run performance tests on sample data"
command = ["./smoke.sh", "{environment}"]
env = ["SMOKE_TOKEN"]

[probes.health]
item = "Test soft delete functionality"
http = "http://127.0.0.1:1/health?token=@header@"
headers = { Authorization = "Bearer env:SMOKE_TOKEN" }
"""
SMOKE = """#!/bin/sh
echo "CRITICAL - called with $SMOKE_TOKEN, Authorization: Bearer @bearer@, postgres://app:@url@@db/shop"
echo "db.example:5432:shop:app:@pgpass@"
env
exit 2
"""
DATABASES = """
[migrations]
directory = "migrations"
tool = "sqlx"

[scratch]
server = "embedded"
"""
APPLIED = "CREATE TABLE people (id bigint PRIMARY KEY, email text UNIQUE, note text CHECK (note <> ''));"
NEXT = """
INSERT INTO people VALUES (1, '@value@', 'x');
CREATE ROLE planted_reader PASSWORD '@role@';
DO $$ BEGIN RAISE WARNING 'password=@raised@'; END $$;
INSERT INTO people VALUES (2, '@value@', '@detail@');
"""


def planted(text: str) -> str:
    """The text with the secret of that name in place of each `@name@`."""
    for name, secret in PLANTED.items():
        text = text.replace(f"@{name}@", secret)
    return text


@pytest.fixture
def play(tmp_path: Path, database: TestDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[Troupe]:  # noqa: F811
    logging.getLogger("bot").setLevel(logging.INFO)
    (tmp_path / "migrations").mkdir()
    for number, text in ((7, APPLIED), (8, NEXT), (9, "ALTER TABLE people ADD COLUMN age int;")):
        (tmp_path / "migrations" / f"0000{number}_x{number}.sql").write_text(planted(text), encoding="utf-8")
    (tmp_path / "smoke.sh").write_text(planted(SMOKE), encoding="utf-8")
    (tmp_path / "smoke.sh").chmod(0o755)
    with reachable(database, tmp_path) as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        settings = planted(TEAM + DATABASES + PROBES)
        settings = settings.replace("[environments.staging]", '[environments.staging]\ndatabase = "service=staging"')
        settings = settings.replace(
            "[environments.production]", '[environments.production]\ndatabase = "env:PRODUCTION_DATABASE_URL"'
        )
        with troupe(tmp_path, settings, environ=variables) as playing:
            yield playing


class reachable:
    """Logins with planted passwords: one in an address, one in `.pgpass`, one in a service file."""

    def __init__(self, found: TestDatabase, folder: Path) -> None:
        self.database, self.folder = found, folder

    def __enter__(self) -> Mapping[str, str]:
        name, port = self.database.name, self.database.server.port
        with psycopg.connect(self.database.admin, autocommit=True) as admin:
            for way in ("dsn", "pgpass", "service"):
                admin.execute(f"CREATE ROLE {name}_{way} LOGIN PASSWORD '{PLANTED[way]}' IN ROLE pg_monitor".encode())
            admin.execute(planted(f"{APPLIED} INSERT INTO people VALUES (1, '@value@', '@row@');").encode())
        files = {"PGPASSFILE": self.folder / "pgpass", "PGSERVICEFILE": self.folder / "pg_service.conf"}
        files["PGPASSFILE"].write_text(f"{HOST}:{port}:*:{name}_pgpass:{PLANTED['pgpass']}\n", encoding="utf-8")
        files["PGPASSFILE"].chmod(0o600)
        service = f"[staging]\nhost={HOST}\nport={port}\ndbname={name}\nuser={name}_service\n"
        files["PGSERVICEFILE"].write_text(f"{service}password={PLANTED['service']}\n", encoding="utf-8")
        address = f"postgresql://{name}_dsn:{PLANTED['dsn']}@{HOST}:{port}/{name}"
        secrets = {"PRODUCTION_DATABASE_URL": address, "SMOKE_TOKEN": PLANTED["probe"]}
        return secrets | {key: str(path) for key, path in files.items()}

    def __exit__(self, *_: object) -> None:
        with psycopg.connect(self.database.admin, autocommit=True) as admin:
            for way in ("dsn", "pgpass", "service"):
                admin.execute(f"DROP OWNED BY {self.database.name}_{way}".encode())
                admin.execute(f"DROP ROLE {self.database.name}_{way}".encode())


def told(play: Troupe, text: str) -> set[str]:
    """Which of the planted secrets, and of Slack's tokens, a text holds."""
    tokens = {"bot token": play.slack.bot_token, "app token": play.slack.app_token}
    return {name for name, secret in {**PLANTED, **tokens}.items() if secret in text}


def kept(state: Path) -> str:
    """Every text of the state but the files themselves, which are evidence."""
    with sqlite3.connect(state) as connection:
        lines = [line for line in connection.iterdump() if not line.startswith('INSERT INTO "file_content"')]
    return "\n".join(lines)


def exported(play: Troupe, form: str) -> str:
    done = CliRunner().invoke(main, ["export", "1", "--format", form, "--config", str(play.folder / "gonogo.toml")])
    assert done.exit_code == 0, done.output
    if form != "json":
        return done.output
    found = json.loads(done.output)
    return json.dumps({**found, "files": [{**file, "base64": ""} for file in found["files"]]})


@pytest.mark.timeout(240)
def test_planted_secrets_are_in_nothing(play: Troupe, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    ann = play.person("ann")
    ann.types("/deploy start production 00008-00009")
    dashboard = ann.sees("#deploys", "Production · migrations 00008–00009", timeout=PATIENCE)
    acts.wait_until(lambda: is_quiet(dashboard), "the end of the checks", 120)
    assert "called with" in dashboard.thread.text()
    ann.types("/deploy blockers")
    ann.presses("See everything", in_=dashboard)
    seen = ann.modal(timeout=PATIENCE).text()
    ann.types("/deploy start staging 00008-00009")
    staging = ann.sees("#deploys", "Staging · migrations 00008–00009", timeout=PATIENCE)
    acts.wait_until(lambda: is_quiet(staging), "the end of the checks", 120)
    sent = [json.dumps(call.args) for call in play.slack.calls.entries]
    assert len(sent) > 20
    posted = [(file.content or b"").decode("utf-8", "replace") for file in play.slack.workspace.files.values()]
    log = "\n".join(record.getMessage() + str(record.exc_info or "") for record in caplog.records)
    places = {
        "sent": "\n".join([*sent, *posted, seen]),
        "logged": log + caplog.text,
        "kept": kept(play.folder / "gonogo.db"),
        **{form: exported(play, form) for form in ("md", "json", "csv", "html")},
    }
    assert all(places.values())
    assert {place: told(play, text) for place, text in places.items() if told(play, text)} == {}
