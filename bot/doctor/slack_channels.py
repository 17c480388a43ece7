"""Whether the bot is where it has to speak."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.core.policy import Project
from bot.doctor.finding import fault, ok, warning
from bot.doctor.slack_access import Session
from bot.slack.calling import Done, Refusal, attempt
from checks.result import Finding

AREA = "channels"


def ask_channels(session: Session, projects: Mapping[str, Project]) -> Iterator[Finding]:
    """Each channel of the settings once: it exists, it is not archived, the bot is in it."""
    for channel, use in _channels(projects).items():
        answer = attempt(lambda wanted=channel: session.client.conversations_info(channel=wanted))  # type: ignore[misc]
        if isinstance(answer, Done):
            yield _seen(session, answer.data["channel"], channel, use)
        elif isinstance(answer, Refusal):
            mend = f"copy the id from the channel's About page; in a private one type /invite @{session.bot_name} first"
            yield fault(AREA, f"Slack shows no channel {channel} ({use}): {answer.error}", mend)
        else:
            yield warning(AREA, f"nobody knows whether the bot is in {channel} ({use})", "mend the scopes, ask again")


def _seen(session: Session, found: Mapping[str, object], channel: str, use: str) -> Finding:
    name = f"#{found.get('name', channel)} ({channel}, {use})"
    if found.get("is_archived"):
        return fault(AREA, f"{name} is archived", "write the id of another channel, or unarchive it")
    if not found.get("is_member"):
        return fault(AREA, f"the bot is not in {name}", f"in that channel type /invite @{session.bot_name}")
    if found.get("is_ext_shared"):
        sentence = f"{name} is shared with another workspace, whose people read every deployment and can act on none"
        return warning(AREA, sentence, "use a channel of your own, unless that is what you want")
    return ok(AREA, f"the bot is in {name}")


def _channels(projects: Mapping[str, Project]) -> dict[str, str]:
    """Channel id and what it is for, the first use of each."""
    found: dict[str, str] = {}
    for project in projects.values():
        found.setdefault(project.channel, "deployments")
    for project in projects.values():
        for place in project.environments.values():
            for channel in place.stakeholders:
                found.setdefault(channel, f"stakeholders of {place.name}")
    return found
