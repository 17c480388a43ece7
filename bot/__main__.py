"""The command line of gonogo: which command lies where. Each is imported when it is used, so that help is quick."""

from __future__ import annotations

import click

from bot.cli.group import LazyGroup

COMMANDS = {
    "init": "bot.cli.init:init",
    "run": "bot.cli.run:run",
    "demo": "bot.cli.demo:demo",
    "check": "bot.cli.check:check",
    "checks": "bot.cli.checks:checks",
    "checklist": "bot.cli.checklist:checklist",
    "doctor": "bot.cli.doctor:doctor",
    "status": "bot.cli.console:status",
    "tick": "bot.cli.console:tick",
    "hold": "bot.cli.console:hold",
    "rollback": "bot.cli.console:rollback",
    "complete": "bot.cli.console:complete",
    "export": "bot.cli.export:export",
    "verify": "bot.cli.verify:verify",
    "backup": "bot.cli.backup:backup",
}


@click.group(cls=LazyGroup, commands_at=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gonogo", message="gonogo %(version)s")
def main() -> None:
    """Go / no-go for PostgreSQL migrations, in Slack.

    Settings are read from gonogo.toml in the current folder, from the file that GONOGO_CONFIG names, or from --config.
    """


if __name__ == "__main__":
    main()
