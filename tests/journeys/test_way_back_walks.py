"""Nothing to deploy, a hotfix meanwhile, the way back and what mends it, on a real database with a real runner."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.demo import acts
from tests.journeys.migration_files import FILES
from tests.journeys.routine import PATIENCE, menu
from tests.journeys.troupe import TEAM, Troupe, troupe
from tests.postgres import TestDatabase, database, postgres

__all__ = ["database", "postgres"]
WATCHED = TEAM.replace("[environments.production]\n", '[environments.production]\ndatabase = "env:PROD_URL"\n')
SETTINGS = WATCHED + FILES + '\n[scratch]\nserver = "none"\n'
SOON = 5.0


@pytest.fixture
def shop(tmp_path: Path, database: TestDatabase) -> Iterator[Troupe]:
    """Four tables to make, each with its way back; production has none of them."""
    (tmp_path / "migrations").mkdir()
    for number in range(8, 12):
        name = f"migrations/{number:05}_t{number}"
        (tmp_path / f"{name}.up.sql").write_text(f"CREATE TABLE t{number} (id bigint PRIMARY KEY);\n")
        (tmp_path / f"{name}.down.sql").write_text(f"DROP TABLE t{number};\n")
    database.execute(f"GRANT pg_read_all_data TO {database.monitor_role}")
    with troupe(tmp_path, SETTINGS, environ={"PROD_URL": database.monitor}) as playing:
        yield playing


def runs(play: Troupe, database: TestDatabase, *options: str) -> None:
    """The sample's runner, as an engineer starts it beside the bot."""
    source = ("--source", str(play.folder / "migrations"))
    command = [sys.executable, "-P", "-m", "bot.demo.sample.runner", *source, *options]
    done = subprocess.run(
        command, env={**os.environ, "DATABASE_URL": database.admin}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def in_channel(play: Troupe) -> list[str]:
    """What everybody sees in the deployments' and the stakeholders' channels."""
    rooms = [
        play.slack.workspace.messages[play.slack.workspace.channel_named(name).id] for name in ("#deploys", "#releases")
    ]
    return [message.text for room in rooms for message in room.values() if not message.ephemeral_to]


def test_nothing_to_deploy_is_told_to_the_starter_and_to_nobody_else(shop: Troupe, database: TestDatabase) -> None:
    ann = shop.person("ann")
    runs(shop, database)
    ann.types("/deploy start production")
    ann.hears("production has every migration already, up to 00011: there is nothing to deploy", timeout=PATIENCE)
    ann.types("/deploy start production 00009-00010")
    ann.hears("production has 00009–00010 already: there is nothing to deploy", timeout=PATIENCE)
    assert in_channel(shop) == []
    assert "No deployment is open" in (ann.types("/deploy status") or "")
    assert "aborted" not in (shop.person("bo").types("/deploy history") or "")


def test_what_a_hotfix_applied_is_out_of_the_range_of_who_comes_back(shop: Troupe, database: TestDatabase) -> None:
    ann, bo = shop.person("ann"), shop.person("bo")
    ann.types("/deploy start production")
    first = ann.sees("#deploys", "Production · migrations 00008–00011", timeout=PATIENCE)
    ann.types("/deploy park 1")
    first.becomes("parked", timeout=PATIENCE)
    bo.types("/deploy start production 00008-00009")
    bo.sees("#deploys", "Production · migrations 00008–00009", timeout=PATIENCE)
    runs(shop, database, "--target-version", "9")
    bo.types("/deploy abort 2")
    bo.modal("Abort", timeout=PATIENCE).fill("Why?", "it went in by hand").submit()
    first.becomes("migrations 00010–00011", timeout=PATIENCE)
    first.thread.sees("00008, 00009 went in with another deployment", timeout=PATIENCE)


def test_the_way_back_is_watched_and_the_corrective_deployment_takes_over(shop: Troupe, database: TestDatabase) -> None:
    ann, bo, dana, otto = (shop.person(name) for name in ("ann", "bo", "dana", "otto"))
    ann.types("/deploy start production")
    dashboard = ann.sees("#deploys", "Production · migrations 00008–00011", timeout=PATIENCE)
    menu(dana, dashboard, "Break the glass …")
    form = dana.modal("Break the glass", timeout=PATIENCE)
    form.fill("Why can it not wait?", "payments are down for everyone since 03:00").fill("Type", "production").submit()
    dashboard.becomes("sqlx migrate run --source migrations --target-version 00011", timeout=PATIENCE)
    runs(shop, database)
    seen_within(SOON, lambda: "4 of 4 applied" in dashboard.text())
    assert "sqlx migrate run" not in dashboard.text()
    menu(otto, dashboard, "Roll back …")
    form = otto.modal("Roll back", timeout=PATIENCE)
    assert "4 of 4 migrations have a down file" in form.text()
    form.choose("Which way back?", "Down files").fill("What happened?", "checkout is slow").submit()
    dashboard.becomes("0 of 4 undone", timeout=PATIENCE)
    assert "00011_t11.down.sql" in dashboard.text()
    assert "sqlx migrate revert --source migrations --target-version 0" in dashboard.text()
    assert "nothing is missing" not in dashboard.text()
    runs(shop, database, "--revert-to", "8")
    seen_within(SOON, lambda: "3 of 4 undone" in dashboard.text())
    runs(shop, database, "--revert-to", "0")
    dashboard.becomes("Everything is undone", timeout=PATIENCE)
    dana.presses("Complete …", in_=dashboard)
    form = dana.modal(timeout=PATIENCE)
    assert "production stays held until the corrective deployment starts" in form.text()
    assert "frees" not in form.text()
    assert form.fill("Notes", "all undone").submit() is None
    dashboard.becomes("Start the corrective deployment", timeout=PATIENCE)
    bo.presses("Start the corrective deployment", in_=dashboard)
    acts.wait_until(lambda: "no. 2" in bo.sees("#deploys", "preparing").text(), "the corrective deployment")
    dashboard.thread.sees("The corrective deployment has started", timeout=PATIENCE)
    assert "Start the corrective deployment" not in dashboard.text()


def seen_within(seconds: float, look: object) -> None:
    """By the wall: people watch the dashboard while a runner runs."""
    began = time.monotonic()
    acts.wait_until(look, "the dashboard following the runner")  # type: ignore[arg-type]
    assert time.monotonic() - began < seconds
