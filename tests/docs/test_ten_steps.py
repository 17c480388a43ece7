"""The ten steps of the README, done: from five answers to a deployment, on a stand-in made from the manifest."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest

from bot.demo.bot_process import BotProcess, gonogo
from bot.demo.sample.mishaps import copy_migrations
from bot.demo.standin import StandIn
from bot.settings import load_file
from checks.scratchdb.server import Server
from tests.docs.literate import ROOT, blocks
from tests.postgres import TestDatabase, make_database

README = ROOT / "README.md"
PASSWORD = "correct horse"


def _run(folder: Path, variables: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    quiet = {name: value for name, value in os.environ.items() if not name.startswith(("GONOGO_", "SLACK_"))}
    return subprocess.run(
        [gonogo(), *arguments],
        cwd=folder,
        env={**quiet, **variables},
        text=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )


def _init_command() -> list[str]:
    """Step 2, as the README has it."""
    found = [one for block in blocks(README) for one, _ in block.sessions() if one.startswith("gonogo init")]
    assert len(found) == 1
    return shlex.split(found[0])[1:]


@contextmanager
def _workspace(manifest: Path) -> Iterator[StandIn]:
    """Steps 3 to 6: the app installed from the manifest, and invited."""
    slack = StandIn.start(manifest, channels=("deploys1",))
    for name in ("ann", "dana"):
        slack.add_person(name, id=f"U0{name.upper()}")
    slack.add_group("dba-team", ["dana"])
    try:
        yield slack
    finally:
        threading.Thread(target=slack.stop, daemon=True).start()


@contextmanager
def _role_in(database: TestDatabase, sql: str) -> Iterator[str]:
    """Step 7 in one database; the address to export."""
    database.execute(sql)
    database.execute(f"ALTER ROLE gonogo PASSWORD '{PASSWORD}'")
    yield database.server.conninfo_for(database.name, "gonogo", PASSWORD)
    database.execute("DROP OWNED BY gonogo")


@pytest.fixture
def databases(postgres: Server) -> Iterator[list[TestDatabase]]:
    with make_database(postgres) as staging, make_database(postgres) as production:
        yield [staging, production]
    with psycopg.connect(postgres.conninfo, autocommit=True) as admin:
        admin.execute("DROP ROLE IF EXISTS gonogo")


def test_the_ten_steps_end_in_a_deployment(databases: list[TestDatabase], on_disk: Path) -> None:
    copy_migrations(on_disk / "migrations")
    assert _run(on_disk, {}, *_init_command()).returncode == 0
    sql = (on_disk / "gonogo-role.sql").read_text(encoding="utf-8")
    with ExitStack() as stack:
        slack = stack.enter_context(_workspace(on_disk / "manifest.json"))
        addresses = [stack.enter_context(_role_in(database, sql)) for database in databases]
        names = ("STAGING_DATABASE_URL", "PRODUCTION_DATABASE_URL")
        variables = {**slack.environment(), **dict(zip(names, addresses, strict=True))}
        looked = _run(on_disk, variables, "doctor")
        assert (looked.returncode, re.findall(r"^0 faults", looked.stdout, re.MULTILINE)) == (0, ["0 faults"]), (
            looked.stdout + looked.stderr
        )
        bot = BotProcess(on_disk / "gonogo.toml", variables, on_disk / "bot.log")
        stack.callback(bot.stop)
        bot.start()
        slack.wait_connected(timeout=30)
        slack.person("ann").types("/deploy start staging", in_="#deploys1")
        dashboard = slack.person("ann").sees("#deploys1", "Staging · migrations 00001–00010", timeout=30)
        assert "preparing" in dashboard.text()


def test_the_smallest_settings_are_enough(tmp_path: Path) -> None:
    smallest = next(block for block in blocks(README) if block.place == "smallest.toml")
    (tmp_path / "gonogo.toml").write_text(smallest.text)
    project = load_file(tmp_path / "gonogo.toml", {}).projects()["default"]
    assert (project.channel, sorted(project.environments)) == ("C0DEPLOYS1", ["development", "production", "staging"])
