"""What the composer offers to complete: commands of the manifest with the usual words after them, and names."""

from __future__ import annotations

from bot.demo.standin.workspace import Workspace

AFTER = {
    "start production": "start a deployment",
    "start staging": "start a deployment of staging",
    "status": "where it stands",
    "blockers": "what is missing, and who can mend it",
    "complete": "the completion form",
    "abort": "give it up before go",
    "help": "all commands",
}


def suggestions(workspace: Workspace) -> list[dict[str, str]]:
    """{text, about}, commands first."""
    commands = [
        {"text": f"{command} {words}", "about": about}
        for command in workspace.app.commands
        for words, about in AFTER.items()
    ]
    people = [
        {"text": f"@{user.name}", "about": user.real_name}
        for user in workspace.users.values()
        if user.name != "slackbot"
    ]
    groups = [{"text": f"@{group.handle}", "about": group.name} for group in workspace.groups.values()]
    return [*commands, *people, *groups]
