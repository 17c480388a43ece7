"""The shop's monitoring, read from its repository and asked for real; each a command in the Nagios convention.

python -m bot.demo.sample.monitoring alerts|dashboard ENVIRONMENT --addresses FILE --file ops/monitoring.toml
python -m bot.demo.sample.monitoring schedule JOB --file ops/crontab
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import click

from bot.demo.sample.addresses import AddressFault, State, Verdict, connect, from_file, report
from bot.demo.sample.backup import main as backup_commands
from bot.demo.sample.upkeep import main as upkeep_commands

FILE = click.option("--file", type=click.Path(path_type=Path), required=True, help="A file of the shop's repository.")
ADDRESSES = click.option("--addresses", type=click.Path(path_type=Path), required=True, help="addresses.json.")
_FIELD = re.compile(r"(?:\*|[0-9]+)(?:-[0-9]+)?(?:/[0-9]+)?(?:,[0-9]+)*")


@click.group(help="Monitoring of the shop.")
def main() -> None:
    pass


@main.command("alerts", help="Ask the query of every alert, and say which fire.")
@click.argument("environment")
@click.option("--only", default="", help="The name of one alert.")
@FILE
@ADDRESSES
def alerts(environment: str, only: str, file: Path, addresses: Path) -> None:
    report("ALERTS", lambda: judge_alerts(_table(file, "alerts", only), from_file(addresses, environment, "app")))


@main.command("dashboard", help="Ask the query of every panel of the dashboard.")
@click.argument("environment")
@click.option("--only", default="", help="The name of one panel.")
@FILE
@ADDRESSES
def dashboard(environment: str, only: str, file: Path, addresses: Path) -> None:
    report("DASHBOARD", lambda: show_panels(_table(file, "panels", only), from_file(addresses, environment, "app")))


def judge_alerts(rules: list[dict[str, Any]], address: str) -> Verdict:
    """Critical where one fires: its number is above its limit."""
    found = [(rule["name"], _number(address, rule), float(rule["above"]), rule.get("unit", "")) for rule in rules]
    told = [f"{name} {value:g}{unit} (limit {limit:g}{unit})" for name, value, limit, unit in found]
    firing = [words for words, (_, value, limit, _) in zip(told, found, strict=True) if value > limit]
    if firing:
        return Verdict(State.CRITICAL, f"{len(firing)} of {len(found)} alerts fire: {', '.join(firing)}")
    return Verdict(State.OK, f"{len(found)} of {len(found)} alerts answer, none fires: {', '.join(told)}")


def show_panels(panels: list[dict[str, Any]], address: str) -> Verdict:
    """Critical where the query of a panel is refused, by whoever calls."""
    told = [f"{panel['name']} {_number(address, panel):g}{panel.get('unit', '')}" for panel in panels]
    return Verdict(State.OK, f"{len(told)} of {len(panels)} panels have data: {', '.join(told)}")


def _table(file: Path, name: str, only: str) -> list[dict[str, Any]]:
    """Raises AddressFault with a sentence where the file has none."""
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8")).get(name, [])
    except (OSError, ValueError):
        raise AddressFault(f"{file.name} cannot be read") from None
    chosen = [one for one in found if only in ("", one["name"])]
    if not chosen:
        raise AddressFault(f"{file.name} has no {name} {only}".strip())
    return chosen


def _number(address: str, asked: dict[str, Any]) -> float:
    with connect(address, "shop-monitoring") as connection, connection.transaction():
        connection.execute("SET TRANSACTION READ ONLY")
        row = connection.execute(str(asked["query"]).encode()).fetchone()
    if row is None or row[0] is None:
        raise AddressFault(f"{asked['name']} gives no number")
    return float(row[0])


@main.command("schedule", help="When does the crontab run JOB?")
@click.argument("job")
@FILE
def schedule(job: str, file: Path) -> None:
    report("SCHEDULE", lambda: scheduled(job, file))


def scheduled(job: str, file: Path) -> Verdict:
    """Critical where no line of the crontab runs it, or its line has no five fields or names no command of ours."""
    known = {*upkeep_commands.commands, *backup_commands.commands}
    lines = [line for line in _read(file) if line and not line.startswith("#") and job in line.split()]
    if not lines:
        return Verdict(State.CRITICAL, f"{file.name} never runs {job}")
    fields = lines[0].split()
    if job not in known or not all(_FIELD.fullmatch(field) for field in fields[:5]):
        return Verdict(State.CRITICAL, f"{file.name}: “{lines[0]}” cannot be run")
    return Verdict(State.OK, f"{file.name}: {job} at {' '.join(fields[:5])}")


def _read(file: Path) -> list[str]:
    try:
        return [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    except OSError:
        raise AddressFault(f"{file.name} cannot be read") from None


if __name__ == "__main__":
    main()
