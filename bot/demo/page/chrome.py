"""The frame of the page: who is looking, channels with their unread marks, the head of what is open."""

from __future__ import annotations

from bot.demo.page.message import avatar
from bot.demo.page.nodes import Node, button, cross, h
from bot.demo.sample.settings_file import PEOPLE
from bot.demo.standin.model import Channel, Posted, User
from bot.demo.standin.workspace import Workspace


class Unread:
    """The time of the last message that each person has seen, by channel and by thread (`channel/ts`)."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._read: dict[tuple[str, str], float] = {}

    def read_channel(self, user: User, channel: Channel) -> None:
        self._up_to(user, channel.id, self.in_channel(user, channel))

    def read_thread(self, user: User, channel: str, ts: str) -> None:
        self._up_to(user, f"{channel}/{ts}", self._workspace.in_thread(channel, ts))

    def count(self, user: User, channel: Channel) -> int:
        """Messages of others in the channel itself, and threads of it with something new."""
        return len(self._new(user, channel))

    def mentions(self, user: User, channel: Channel) -> int:
        """What deserves a number: direct messages, ephemeral ones, and messages that name the person."""
        return sum(
            1 for m in self._new(user, channel) if channel.kind == "im" or m.ephemeral_to or self._names(user, m)
        )

    def in_thread(self, user: User, parent: Posted) -> bool:
        """Whether the thread has something new."""
        since = self._read.get((user.id, f"{parent.channel}/{parent.ts}"), 0.0)
        thread = self._workspace.in_thread(parent.channel, parent.ts)
        seen = [m for m in thread if m.is_reply and m.ephemeral_to in (None, user.id)]
        return any(m.user != user.id and float(m.ts) > since for m in seen)

    def in_channel(self, user: User, channel: Channel) -> list[Posted]:
        """What stands in the channel itself, oldest first."""
        visible = self._workspace.visible_to(user.id, channel.id)
        return [m for m in visible if not m.is_reply]

    def _new(self, user: User, channel: Channel) -> list[Posted]:
        since = self._read.get((user.id, channel.id), 0.0)
        return [m for m in self.in_channel(user, channel) if m.user != user.id and float(m.ts) > since]

    def _names(self, user: User, message: Posted) -> bool:
        groups = [group for group in self._workspace.groups.values() if user.id in group.members]
        said = f"{message.text}{message.blocks or ''}"
        return f"<@{user.id}>" in said or any(f"<!subteam^{group.id}" in said for group in groups)

    def _up_to(self, user: User, place: str, seen: list[Posted]) -> None:
        latest = max((float(m.ts) for m in seen), default=0.0)
        self._read[user.id, place] = max(latest, self._read.get((user.id, place), 0.0))


DOES = {person.id: person.does for person in PEOPLE}


def switcher(workspace: Workspace, viewer: User, unread: Unread) -> Node:
    """The people at the top; one press and the page is theirs."""
    people = [user for user in workspace.users.values() if not user.is_bot]
    tabs = [_person(workspace, user, viewer, unread) for user in people]
    panel = button("Try-out panel", act={"do": "toggle-panel"}, class_="button panel-toggle wide-only")
    drawer = button("Try-out", act={"do": "toggle-drawer"}, class_="button panel-toggle narrow-only")
    sides = button("☰", act={"do": "toggle-side"}, class_="button icon sides-toggle", aria_label="Channels")
    return h(
        "header",
        sides,
        h("strong", "gonogo", class_="logo"),
        h("span", "local workspace", class_="logo-small"),
        h("nav", h("span", "You are", class_="you-are"), h("div", tabs, class_="people"), aria_label="Whose eyes"),
        panel,
        drawer,
        class_="top",
    )


def _person(workspace: Workspace, user: User, viewer: User, unread: Unread) -> Node:
    is_me = user.id == viewer.id
    waiting = sum(unread.mentions(user, room) for room in workspace.channels.values() if user.id in room.members)
    title = f"{user.real_name}: {DOES.get(user.id, '')}, {user.tz}"
    name = h("span", h("b", user.real_name.split()[0]), h("small", DOES.get(user.id, "")), class_="who")
    badge = h("span", str(waiting), class_="count", aria_label=f"{waiting} unread") if waiting and not is_me else None
    return button(
        avatar(user),
        name,
        badge,
        class_="person me" if is_me else "person",
        title=title,
        aria_pressed="true" if is_me else "false",
        act={"do": "be", "user": user.id},
        key=user.id,
    )


def sidebar(workspace: Workspace, viewer: User, place: str, unread: Unread) -> Node:
    """Channels, direct messages and the app, with what is unread."""
    rooms = [
        _entry("#", c.name, c.id, place, unread.count(viewer, c), unread.mentions(viewer, c))
        for c in workspace.channels.values()
        if c.name and viewer.id in c.members
    ]
    others = [user for user in workspace.users.values() if not user.is_bot and user.id != viewer.id]
    app = workspace.users[workspace.app.bot_user]
    return h(
        "div",
        h("div", h("strong", workspace.team.name), h("small", f"{viewer.real_name}"), class_="team"),
        _group("Channels", rooms),
        _group("Direct messages", [_direct(workspace, viewer, user, place, unread) for user in others]),
        _group("Apps", [_direct(workspace, viewer, app, place, unread)]),
        class_="side-list",
    )


def _group(title: str, entries: list[Node]) -> Node:
    return h("section", h("h2", title), h("ul", [h("li", entry) for entry in entries]))


def _direct(workspace: Workspace, viewer: User, other: User, place: str, unread: Unread) -> Node:
    channel = workspace.existing_direct(viewer.id, other.id)
    count = unread.count(viewer, channel) if channel else 0
    open_place = channel.id if channel else f"@{other.id}"
    here = open_place if place == f"@{other.id}" or (other.is_bot and place == "home") else place
    return _entry("◆" if other.is_bot else "●", other.real_name, open_place, here, count, count)


def _entry(sign: str, name: str, place: str, here: str, unread: int, number: int) -> Node:
    classes = " ".join(["entry", *(["here"] if place == here else []), *(["unread"] if unread else [])])
    badge = h("span", str(number), class_="count", aria_label=f"{number} unread") if number else None
    dot = h("span", class_="dot", aria_label="unread") if unread and not number else None
    return button(
        h("span", sign, class_="sign", aria_hidden="true"),
        h("span", name, class_="name"),
        badge,
        dot,
        class_=classes,
        aria_current="page" if place == here else None,
        act={"do": "open", "place": place},
    )


def channel_head(workspace: Workspace, channel: Channel, viewer: User) -> Node:
    """The name of what is open; the app has tabs."""
    if channel.kind == "im":
        other = other_of(workspace, channel, viewer)
        if other.is_bot:
            return app_head(workspace, "messages")
        about = DOES.get(other.id, "")
        return h("div", h("h1", other.real_name), h("p", about, class_="topic"), class_="head")
    members = h("small", f"{len(channel.members)} members")
    return h("div", h("h1", f"# {channel.name}"), h("p", channel.topic, class_="topic"), members, class_="head")


def app_head(workspace: Workspace, tab: str) -> Node:
    """The app's Home and Messages."""
    tabs = [
        button(words, act=act, class_=None, role="tab", aria_selected="true" if name == tab else "false")
        for name, words, act in (
            ("home", "Home", {"do": "open", "place": "home"}),
            ("messages", "Messages", {"do": "open", "place": f"@{workspace.app.bot_user}"}),
        )
    ]
    title = h("h1", workspace.app.name, h("span", "APP", class_="badge"))
    return h("div", title, h("div", tabs, role="tablist", class_="tabs"), class_="head")


def other_of(workspace: Workspace, channel: Channel, viewer: User) -> User:
    return workspace.users[next((id for id in channel.members if id != viewer.id), viewer.id)]


def thread_head(workspace: Workspace, parent: Posted) -> Node:
    channel = workspace.channels[parent.channel]
    place = f"# {channel.name}" if channel.name else "direct message"
    return h(
        "div",
        h("h1", "Thread"),
        h("p", place, class_="topic"),
        cross("Close thread", {"do": "close-thread"}),
        class_="head",
    )
