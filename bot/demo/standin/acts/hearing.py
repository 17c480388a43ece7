"""What the app hears of messages and of people, as far as it is in the channel and its manifest asks for it."""

from __future__ import annotations

from bot.demo.standin.api.shapes import group_json, message_json, user_json
from bot.demo.standin.model import JSON, Channel, Posted, User, UserGroup
from bot.demo.standin.service import Service, announce

CHANNEL_TYPES = {"public": "channel", "private": "group"}


def app_hears(service: Service, message: Posted) -> None:
    """message events, for the app's own messages too, and app_mention for others' that name it."""
    workspace = service.workspace
    channel = workspace.channels[message.channel]
    if workspace.app.bot_user not in channel.members or message.ephemeral_to:
        return
    said: JSON = {**message_json(message, workspace), "channel": channel.id, "event_ts": message.ts}
    announce(service, {**said, "channel_type": CHANNEL_TYPES.get(channel.kind, channel.kind)})
    mentioned = f"<@{workspace.app.bot_user}>" in message.text and message.user != workspace.app.bot_user
    if mentioned and channel.kind != "im":
        announce(service, {**said, "type": "app_mention"})


def sits(service: Service, channel: Channel, user: User, event: str) -> None:
    """member_joined_channel or member_left_channel: whichever happened; nobody is told of a channel without the app."""
    with service.workspace.changing():
        others = [each for each in channel.members if each != user.id]
        channel.members[:] = [*others, user.id] if event == "member_joined_channel" else others
    if service.workspace.app.bot_user in channel.members:
        _moved(service, {"type": event, "user": user.id, "channel": channel.id, "channel_type": "C"}, team=user.team_id)


def archives(service: Service, channel: Channel, *, archived: bool) -> None:
    """channel_archive or channel_unarchive, to an app that is in it."""
    with service.workspace.changing():
        channel.archived = archived
    if service.workspace.app.bot_user in channel.members:
        _moved(service, {"type": "channel_archive" if archived else "channel_unarchive", "channel": channel.id})


def regroups(service: Service, group: UserGroup, members: list[str]) -> None:
    """subteam_members_changed with who came and went, and subteam_updated with the group as it is now."""
    before = list(group.members)
    with service.workspace.changing():
        group.members[:] = members
    added = [each for each in members if each not in before]
    removed = [each for each in before if each not in members]
    lists = {"added_users": added, "removed_users": removed}
    counts = {f"{name}_count": str(len(users)) for name, users in lists.items()}
    team = service.workspace.team.id
    _moved(service, {"type": "subteam_members_changed", "subteam_id": group.id, **lists, **counts}, team_id=team)
    _moved(service, {"type": "subteam_updated", "subteam": {**group_json(group, service.workspace), "users": members}})


def changes(service: Service, user: User, **fields: object) -> None:
    """user_change, with the person as they are now."""
    with service.workspace.changing():
        for name, value in fields.items():
            setattr(user, name, value)
    _moved(service, {"type": "user_change", "user": user_json(user, service.workspace)})


def _moved(service: Service, event: JSON, **more: str) -> None:
    """Nobody hears of it while no app is connected: such an event is a hint, and one may be lost."""
    if service.sockets.connections:
        announce(service, {**event, **more, "event_ts": f"{service.workspace.now():.6f}"})
