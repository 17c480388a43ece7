"""What holds when Slack is down, after a year, and with several services: state file, console, export."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.demo import acts
from bot.demo.standin import Message
from tests.journeys.migration_files import FILES, three_files
from tests.journeys.routine import PATIENCE, completed, deploying, started
from tests.journeys.troupe import TEAM, Troupe, troupe

BILLING = """
[migrations]
directory = "billing-migrations"
tool = "sqlx"

[environments.production]
database_key = "7301/shop"
break_glass = ["@dba-team"]

[roles.dba]
item = "Database administrator approval"
kind = "approve"
members = ["@dba-team"]
"""


def console(play: Troupe, *words: str) -> str:
    """A command on the bot's machine, beside the running bot."""
    result = CliRunner(env={**play.slack.environment(), **play.environ}).invoke(
        main, [*words, "--config", str(play.folder / "gonogo.toml")]
    )
    assert result.exit_code == 0, result.output
    return result.output


def test_slack_down_for_three_hours(play: Troupe) -> None:
    dashboard = deploying(play)
    with play.slack.faults.outage():
        console(play, "tick", "1", "Run migration runner script", "--as", "U0ANN")
        console(play, "hold", "1", "--as", "U0ANN", "--reason", "no Slack, so nobody can look")
        assert "held" in console(play, "status", "1")
    play.slack.wait_connected(timeout=PATIENCE)
    dashboard.becomes("✋ Held by ann: no Slack, so nobody can look", timeout=PATIENCE)
    dashboard.thread.sees("✋ Held by ann", timeout=PATIENCE)
    play.person("ann").presses("Retry unchanged", in_=dashboard)
    dashboard.becomes("deploying", timeout=PATIENCE)


def test_an_audit_a_year_later(play: Troupe) -> None:
    ann = play.person("ann")
    dashboard = deploying(play)
    completed(play, dashboard)
    ann.presses("Close …", in_=dashboard)
    ann.modal("Close early", timeout=PATIENCE).fill("Why now?", "covered by the dashboards").submit()
    dashboard.becomes("closed", timeout=PATIENCE)
    head = head_in(dashboard)
    exported = play.folder / "audit.json"
    exported.write_text(console(play, "export", "1", "--format", "json"), encoding="utf-8")
    verified = CliRunner().invoke(main, ["verify", str(exported), "--head", head])
    assert verified.exit_code == 0, verified.output
    assert verified.output.startswith("complete up to ")
    tampered = exported.read_text(encoding="utf-8").replace("covered by the dashboards", "all was well")
    exported.write_text(tampered, encoding="utf-8")
    assert CliRunner().invoke(main, ["verify", str(exported)]).exit_code != 0


def head_in(dashboard: Message) -> str:
    closed = dashboard.thread.sees("The record is final", timeout=PATIENCE)
    return closed.text().rsplit("Record head ", 1)[1].split()[0]


def two_services(tmp_path: Path) -> str:
    three_files(tmp_path)
    (tmp_path / "billing-migrations").mkdir()
    (tmp_path / "billing-migrations" / "00001_init.sql").write_text("CREATE TABLE bills (id bigint PRIMARY KEY);\n")
    (tmp_path / "billing.toml").write_text(BILLING, encoding="utf-8")
    shop = TEAM.replace("[environments.production]", '[environments.production]\ndatabase_key = "7301/shop"')
    return shop + FILES + '\n[projects.billing]\nfile = "billing.toml"\n'


def test_two_services_on_one_database(tmp_path: Path) -> None:
    with troupe(tmp_path, two_services(tmp_path)) as play:
        bo, dana = play.person("bo"), play.person("dana")
        deploying(play)
        bo.types("/deploy start production 00001-00001 billing")
        billing = bo.sees("#deploys", "Production · migrations 00001", timeout=PATIENCE)
        acts.wait_until(lambda: "reading" not in billing.text(), "billing's files being read")
        assert "no. billing/1" in billing.text()
        dana.types("/deploy breakglass billing/1")
        form = dana.modal("Break the glass", timeout=PATIENCE)
        form.fill("Why can it not wait?", "invoices are not written since noon").fill("Type", "production")
        refused = form.submit() or {}
        assert "Another deployment holds the same database" in str(refused)
        assert "preparing" in billing.text()


@pytest.mark.parametrize("command", ["status", "blockers", "mine", "history", "help"])
def test_a_mention_in_the_thread_does_what_the_command_does(play: Troupe, command: str) -> None:
    ann = play.person("ann")
    dashboard = started(play)
    ann.says(f"@gonogo {command}", in_thread=dashboard)
    words = {
        "status": "To go:",
        "blockers": "To go:",
        "mine": "your deployment",
        "history": "preparing",
        "help": "/deploy",
    }
    ann.hears(words[command], timeout=PATIENCE)
