"""The standing parts of a page, what each shows, and what the composer offers to complete."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from nicegui import ui

from bot.demo.local import LocalWorkspace
from bot.demo.page.blocks import blocks, view_surface
from bot.demo.page.chrome import Unread, app_head, channel_head, other_of, sidebar, switcher, thread_head
from bot.demo.page.message import at, confirmation, message, modal, reading, replies_of
from bot.demo.page.nodes import Node, cross, h
from bot.demo.page.panel_view import panel_view
from bot.demo.page.pieces import Acted, Composer, Tree, Trees
from bot.demo.page.sight import HOME, Sight
from bot.demo.standin.modals import top_modal
from bot.demo.standin.model import Channel, Posted, User
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


STATIC = Path(__file__).parent / "static"
Drawn = tuple[str, Any, Callable[[], Node]]
Send = Callable[[str], Any]


def load_looks() -> None:
    """Style and script, before anything is drawn."""
    ui.add_head_html('<link rel="stylesheet" href="/static/workspace.css"><script src="/static/page.js"></script>')
    ui.query(".nicegui-content").classes("page-content")


class Frame:
    """Made once for a page; `paint` brings it up to date."""

    def __init__(self, act: Acted, write: Send, reply: Send) -> None:
        with _box("workspace") as self._whole:
            self._top = Tree(act)
            with _box("columns"):
                with _box("side", "nav", "Channels and direct messages"):
                    self._side = Tree(act)
                with _box("channel", "section", "Conversation"):
                    self._channel_head = Tree(act)
                    self._progress = Tree(act)
                    self._messages = Trees(_scroller("Messages", "end"), act)
                    self._composer = Composer(write, "composer")
                with _box("thread", "aside", "Thread") as self._thread:
                    self._thread_head = Tree(act)
                    self._replies = Trees(_scroller("Thread", "start"), act)
                    self._reply_composer = Composer(reply, "reply")
                with _box("panel", "aside", "Try-out panel, not part of Slack") as self._panel_box:
                    self._panel = Tree(act)
            self._over = Tree(act)
            self._toast = Tree(act)

    def paint(self, local: LocalWorkspace, unread: Unread, viewer: User, sight: Sight) -> None:
        workspace, place = local.slack.workspace, sight.place
        shown = {"with-side": place.side, "with-panel": place.panel, "with-drawer": place.drawer}
        self._whole.classes(
            add=" ".join(name for name, is_shown in shown.items() if is_shown),
            remove=" ".join(name for name, is_shown in shown.items() if not is_shown),
        )
        self._top.show(switcher(workspace, viewer, unread))
        self._side.show(sidebar(workspace, viewer, place.at, unread))
        self._progress.show(_progress(local.progress))
        if local.progress:
            self._paint_shut(workspace, viewer, sight)
        else:
            self._paint_channel(workspace, viewer, unread, sight)
            self._paint_thread(workspace, viewer, sight)
        if place.panel or place.drawer:
            self._panel.show(panel_view(local, sight.looks))
        self._over.show(_over(workspace, viewer, sight))
        self._toast.show(_toast(sight.toast))

    def _paint_shut(self, workspace: Workspace, viewer: User, sight: Sight) -> None:
        """What is being prepared is not shown: nobody can act on half a past."""
        room = workspace.channels.get(sight.place.at)
        self._channel_head.show(channel_head(workspace, room, viewer) if room else app_head(workspace, "home"))
        self._messages.show([])
        self._thread.set_visibility(False)
        self._composer.set_visibility(room is not None)
        self._composer.set(
            f"Message {_name(workspace, room, viewer)}" if room else "", [], "In a moment you can type here"
        )

    def _paint_channel(self, workspace: Workspace, viewer: User, unread: Unread, sight: Sight) -> None:
        self._composer.set_visibility(sight.place.at != HOME)
        if sight.place.at == HOME:
            self._channel_head.show(app_head(workspace, "home"))
            self._messages.show([_home(workspace, viewer)])
            return
        channel = workspace.channels[sight.place.at]
        self._channel_head.show(channel_head(workspace, channel, viewer))
        drawn = list(_with_days(workspace, viewer, unread.in_channel(viewer, channel), unread))
        name = _name(workspace, channel, viewer)
        self._messages.show(drawn or [_beginning(name if channel.name else f"your messages with {name}")])
        self._composer.set(f"Message {name}", suggestions(workspace))

    def _paint_thread(self, workspace: Workspace, viewer: User, sight: Sight) -> None:
        parent = workspace.message(sight.place.at, sight.place.thread)
        self._thread.set_visibility(parent is not None)
        if parent is None:
            self._replies.show([])
            return
        self._thread_head.show(thread_head(workspace, parent))
        thread = [parent, *replies_of(workspace, viewer, parent)]
        self._replies.show([_drawn(workspace, viewer, each, True, False) for each in thread])
        self._reply_composer.set("Reply …", [each for each in suggestions(workspace) if each["text"].startswith("@")])


def _name(workspace: Workspace, channel: Channel, viewer: User) -> str:
    return f"#{channel.name}" if channel.name else other_of(workspace, channel, viewer).real_name


def _box(name: str, tag: str = "div", label: str = "") -> ui.element:
    box = ui.element(tag).classes(name)
    if label:
        box.props["aria-label"] = label
    return box


def _scroller(label: str, follow: str) -> ui.element:
    """A log: screen readers hear what is new."""
    scroller = _box("scroller", label=label)
    scroller.props.update({"role": "log", "tabindex": "0", "data-follow": follow})
    return scroller


def _drawn(workspace: Workspace, viewer: User, posted: Posted, in_thread: bool, unread: bool) -> Drawn:
    """With a stamp of everything that a message's looks depend on."""
    replies = [] if in_thread else [reply.ts for reply in replies_of(workspace, viewer, posted)]
    state = workspace.states.get(f"{viewer.id}|{posted.channel}/{posted.ts}")
    now = at(str(workspace.now()), viewer).date()
    stamp = (
        viewer.id,
        posted.text,
        posted.blocks,
        repr(state),
        replies,
        unread,
        now,
        posted.pinned,
        repr(posted.reactions),
    )
    return f"{posted.ts}", stamp, lambda: message(workspace, viewer, posted, in_thread, unread)


def _with_days(workspace: Workspace, viewer: User, messages: list[Posted], unread: Unread) -> Iterator[Drawn]:
    """The messages of a channel, a line where a day begins."""
    day = ""
    for posted in messages:
        if day != (day := f"{at(posted.ts, viewer):%A %d %B}"):
            yield f"day {day}", day, lambda day=day: h("div", h("span", day), class_="day")  # type: ignore[misc]
        yield _drawn(workspace, viewer, posted, False, unread.in_thread(viewer, posted))


def _beginning(name: str) -> Drawn:
    return "beginning", name, lambda: h("p", f"This is the beginning of {name}.", class_="empty")


def _home(workspace: Workspace, viewer: User) -> Drawn:
    view = workspace.views.get(workspace.homes.get(viewer.id, ""))
    if view is None:
        return "home", viewer.id, lambda: h("p", "The app has not published this page yet.", class_="empty")
    stamp = (viewer.id, view.hash)
    return (
        "home",
        stamp,
        lambda: h("div", blocks(view_surface(workspace, viewer, view), view.body["blocks"]), class_="home"),
    )


def _over(workspace: Workspace, viewer: User, sight: Sight) -> Node | None:
    """At most one dialog: what was asked last lies on top."""
    if sight.asked is not None:
        control = sight.asked[0]
        return confirmation(workspace, viewer, control.element["confirm"], control.element["action_id"])
    if sight.file in workspace.files:
        return reading(workspace.files[sight.file])
    view = top_modal(workspace, viewer.id)
    return modal(workspace, viewer, view, len(workspace.modals[viewer.id]), sight.busy) if view else None


def _progress(words: str) -> Node | None:
    return (
        h("p", h("span", class_="spinner", aria_hidden="true"), words, class_="progress", role="status")
        if words
        else None
    )


def _toast(words: str) -> Node | None:
    close = cross("Dismiss", {"do": "forget-toast"})
    return h("div", words, close, class_="toast", role="alert") if words else None
