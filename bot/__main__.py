"""The command line of gonogo: which command lies where. Each is imported when it is used, so that help is quick."""

from __future__ import annotations

import atexit
import gc

import click

from bot.cli.group import LazyGroup

# What a command imports stays: at the usual 700 objects the collector walks it some hundred times while it comes in.
gc.set_threshold(20_000, *gc.get_threshold()[1:])
atexit.register(gc.freeze)  # and when it ends, all of it goes at once

# Name, where its command lies, and its line in the help, which therefore imports none of them.
COMMANDS = {
    "init": ("bot.cli.init:init", "Write gonogo.toml, the manifest and the SQL of a role, after five questions."),
    "run": ("bot.cli.run:run", "Run the bot."),
    "demo": ("bot.cli.run:demo", "Try gonogo: sample databases, a local workspace, the real bot."),
    "check": ("bot.cli.check:check", "Run checks on files, an environment or a database."),
    "checks": ("bot.cli.checks:checks", "List the checks, or explain one."),
    "checklist": ("bot.cli.checklist:checklist", "Look at a checklist: lint it, or show how it is understood."),
    "preview": ("bot.cli.preview:preview", "Print every message as people read it, in your own words."),
    "doctor": ("bot.cli.run:doctor", "Say what is wrong with the installation, and the mend."),
    "status": ("bot.cli.console:status", "Show the open deployments, or what one still needs."),
    "tick": ("bot.cli.console:tick", "Say done for items."),
    "hold": ("bot.cli.console:hold", "Hold a deployment that runs."),
    "rollback": ("bot.cli.console:rollback", "Open the rollback of a deployment."),
    "complete": ("bot.cli.console:complete", "Complete a deployment."),
    "export": ("bot.cli.records:export", "Export a deployment, as Markdown or JSON."),
    "verify": ("bot.cli.proof:verify", "Verify that nothing in an export or a record was changed, and who signed it."),
    "verify-files": ("bot.cli.verify_files:verify_files", "Verify that a folder holds exactly what was approved."),
    "key": ("bot.cli.proof:key", "Make the key that signs records, or show its public half."),
    "backup": ("bot.cli.records:backup", "Copy the bot's state, also while it runs."),
    "forget": ("bot.cli.records:forget", "Erase the private texts of a person."),
}


@click.group(cls=LazyGroup, commands_at=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gonogo", message="gonogo %(version)s")
def main() -> None:
    """Go / no-go for PostgreSQL migrations, in Slack.

    Settings are read from gonogo.toml in the current folder, from the file that GONOGO_CONFIG names, or from --config.
    """


if __name__ == "__main__":
    main()
