"""Users, channels, messages, views and files as the Web API shows them."""

from __future__ import annotations

import copy
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.demo.standin.model import JSON, Channel, Posted, StoredFile, User, UserGroup, View
from bot.demo.standin.workspace import Workspace


def user_json(user: User, workspace: Workspace) -> JSON:
    offset = datetime.fromtimestamp(workspace.clock(), ZoneInfo(user.tz)).utcoffset()
    return {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.name,
        "deleted": user.deleted,
        "real_name": user.real_name,
        "tz": user.tz,
        "tz_label": user.tz.rpartition("/")[2].replace("_", " "),
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "profile": {"real_name": user.real_name, "display_name": user.display_name or user.name, "team": user.team_id},
        "is_admin": user.is_admin,
        "is_owner": False,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "is_restricted": user.is_restricted,
        "is_ultra_restricted": user.is_ultra_restricted,
        "is_stranger": user.team_id != workspace.team.id,
        "updated": 0,
    }


def group_json(group: UserGroup, workspace: Workspace) -> JSON:
    return {
        "id": group.id,
        "team_id": workspace.team.id,
        "is_usergroup": True,
        "name": group.name,
        "handle": group.handle,
        "description": "",
        "date_delete": 0,
        "user_count": len(group.members),
    }


def channel_json(channel: Channel, workspace: Workspace) -> JSON:
    shared = any(workspace.users[u].team_id != workspace.team.id for u in channel.members if u in workspace.users)
    shown: JSON = {
        "id": channel.id,
        "created": channel.created,
        "is_archived": channel.archived,
        "is_im": channel.kind == "im",
        "is_mpim": False,
        "is_channel": channel.kind in ("public", "private"),
        "is_group": channel.kind == "private",
        "is_private": channel.kind != "public",
        "is_ext_shared": shared,
        "is_shared": shared,
        "context_team_id": workspace.team.id,
    }
    if channel.kind == "im":
        other = next((u for u in channel.members if u != workspace.app.bot_user), workspace.app.bot_user)
        return {**shown, "user": other, "is_open": True}
    named = {"name": channel.name, "name_normalized": channel.name, "num_members": len(channel.members)}
    return {**shown, **named, "topic": {"value": channel.topic}, "is_member": workspace.app.bot_user in channel.members}


def message_json(message: Posted, workspace: Workspace, with_metadata: bool = False) -> JSON:
    """A message as history and clicks show it; metadata only where it is asked for."""
    shown: JSON = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
    shown["team"] = message.team
    if message.bot_id:
        shown |= {"bot_id": message.bot_id, "app_id": message.app_id}
        shown["bot_profile"] = bot_json(workspace)
    optional = {
        "blocks": copy.deepcopy(message.blocks),
        "thread_ts": message.thread_ts,
        "edited": message.edited,
        "metadata": copy.deepcopy(message.metadata) if with_metadata else None,
    }
    shown |= {name: value for name, value in optional.items() if value is not None}
    if message.files:
        shown["files"] = [file_json(workspace.files[file], workspace) for file in message.files]
    if message.reactions:
        shown["reactions"] = [{"name": name, "users": u, "count": len(u)} for name, u in message.reactions.items()]
    if message.pinned:
        shown["pinned_to"] = [message.channel]
    return shown | _thread_fields(message, workspace)


def _thread_fields(message: Posted, workspace: Workspace) -> JSON:
    if message.is_reply:
        parent = workspace.message(message.channel, message.thread_ts or "")
        return {"parent_user_id": parent.user} if parent else {}
    thread = workspace.in_thread(message.channel, message.ts)
    replies = [reply for reply in thread if reply.is_reply and not reply.ephemeral_to]
    if not replies:
        return {}
    users = list(dict.fromkeys(reply.user for reply in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users_count": len(users),
        "reply_users": users,
        "latest_reply": replies[-1].ts,
    }


def bot_json(workspace: Workspace) -> JSON:
    app = workspace.app
    return {"id": app.bot_id, "app_id": app.id, "name": app.name, "deleted": False, "team_id": workspace.team.id}


def view_json(view: View, workspace: Workspace, state: JSON) -> JSON:
    defaults: JSON = {
        "private_metadata": "",
        "callback_id": "",
        "title": None,
        "submit": None,
        "close": None,
        "clear_on_close": False,
        "notify_on_close": False,
    }
    return {
        **defaults,
        **copy.deepcopy(view.body),
        "id": view.id,
        "team_id": workspace.team.id,
        "state": {"values": state},
        "hash": view.hash,
        "root_view_id": view.root_view_id,
        "previous_view_id": view.previous_view_id,
        "app_id": workspace.app.id,
        "app_installed_team_id": workspace.team.id,
        "bot_id": workspace.app.bot_id,
    }


def file_json(file: StoredFile, workspace: Workspace) -> JSON:
    link = f"{workspace.url}/files/{file.id}/{file.name}"
    return {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "filetype": file.name.rpartition(".")[2],
        "user": file.user,
        "size": file.size,
        "mode": "hosted",
        "is_external": False,
        "url_private": link,
        "permalink": link,
        "channels": list(file.channels),
    }
