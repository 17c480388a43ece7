"""One message as nodes, and what lies over the page: the app's forms, confirmation dialogs, a file."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.demo.page.blocks import blocks, menu, message_surface, view_surface
from bot.demo.page.nodes import Act, Node, button, cross, h
from bot.demo.page.writing import EMOJI, Writer, markdown
from bot.demo.standin.model import JSON, Posted, StoredFile, User, View
from bot.demo.standin.mrkdwn import readable, unescape
from bot.demo.standin.workspace import Workspace


def message(workspace: Workspace, viewer: User, posted: Posted, in_thread: bool = False, unread: bool = False) -> Node:
    """A message as `viewer` sees it; in its thread it does not point to its thread."""
    author = workspace.users[posted.user]
    forget: Act = {"do": "dismiss", "channel": posted.channel, "ts": posted.ts}
    body = [
        h("p", "◉ Only visible to you", class_="only-you") if posted.ephemeral_to else None,
        h("p", "📌 Pinned", class_="only-you") if posted.pinned else None,
        h("div", _said(workspace, viewer, posted), class_="said"),
        [_file(workspace.files[file]) for file in posted.files],
        _reactions(workspace, viewer, posted),
        None if in_thread else _thread_link(workspace, viewer, posted, unread),
        button("Dismiss message", act=forget, class_="link") if posted.ephemeral_to else None,
    ]
    return h(
        "article",
        avatar(author),
        h("div", _byline(author, posted, viewer), body, class_="body"),
        None if posted.ephemeral_to else _tools(workspace, posted, in_thread),
        class_="message ephemeral" if posted.ephemeral_to else "message",
        id=f"m-{posted.ts.replace('.', '-')}{'-t' if in_thread else ''}",
        aria_label=f"{author.real_name}, {clock_time(posted.ts, viewer)}",
        tabindex="-1",
    )


def avatar(user: User) -> Node:
    """Two letters on the person's own colour; the app has a sign."""
    letters = "".join(word[0] for word in user.real_name.split()[:2]).upper()
    hue = sum(ord(letter) * (place + 7) for place, letter in enumerate(user.id)) * 47 % 360
    if user.is_bot:
        return h("div", "go" if user.name != "slackbot" else "i", class_="avatar app", aria_hidden="true")
    return h("div", letters, class_="avatar", style=f"--hue: {hue}", aria_hidden="true")


def clock_time(ts: str, viewer: User) -> str:
    return f"{at(ts, viewer):%H:%M}"


def at(ts: str, viewer: User) -> datetime:
    return datetime.fromtimestamp(float(ts), ZoneInfo(viewer.tz))


def _byline(author: User, posted: Posted, viewer: User) -> Node:
    name = unescape(author.real_name) if author.name != "slackbot" else "workspace"
    badge = h("span", "APP", class_="badge") if author.is_bot else None
    stamp = h("time", clock_time(posted.ts, viewer), title=f"{at(posted.ts, viewer):%A %d %B %Y, %H:%M:%S}")
    edited = h("small", "(edited)") if posted.edited and not author.is_bot else None
    return h("div", h("strong", name), badge, stamp, edited, class_="byline")


def _said(workspace: Workspace, viewer: User, posted: Posted) -> list[Node]:
    if posted.blocks:
        return blocks(message_surface(workspace, viewer, posted), posted.blocks)
    return [h("div", Writer(workspace, viewer).mrkdwn(posted.text), class_="text")] if posted.text else []


def _file(file: StoredFile) -> Node:
    size = f"{file.size} bytes" if file.size < 1000 else f"{file.size / 1000:.1f} kB"
    return h(
        "div",
        h("span", "📄", class_="file-sign", aria_hidden="true"),
        h("div", h("strong", file.title), h("small", f"{file.name} · {size}"), class_="file-name"),
        button("View", act={"do": "read-file", "file": file.id}, aria_label=f"View {file.title}"),
        _download(file),
        class_="file",
    )


def _download(file: StoredFile) -> Node:
    return h("a", "Download", class_="button", href=f"/slack/files/{file.id}/{file.name}", download=file.name)


def replies_of(workspace: Workspace, viewer: User, posted: Posted) -> list[Posted]:
    """What this viewer finds in the message's thread, without the message."""
    thread = workspace.in_thread(posted.channel, posted.ts)
    return [each for each in thread if each.is_reply and each.ephemeral_to in (None, viewer.id)]


PUSHPIN = "pushpin"


def _reactions(workspace: Workspace, viewer: User, posted: Posted) -> Node | None:
    if not posted.reactions:
        return None
    pills = [
        button(
            f"{EMOJI.get(name, f':{name}:')} {len(users)}",
            act=_react(posted, name),
            class_="reaction mine" if viewer.id in users else "reaction",
            title=", ".join(workspace.users[user].real_name for user in users if user in workspace.users),
        )
        for name, users in posted.reactions.items()
    ]
    return h("div", pills, class_="reactions")


def _react(posted: Posted, emoji: str) -> Act:
    return {"do": "react", "channel": posted.channel, "ts": posted.ts, "emoji": emoji}


def _thread_link(workspace: Workspace, viewer: User, posted: Posted, unread: bool) -> Node | None:
    replies = replies_of(workspace, viewer, posted)
    if posted.is_reply or not replies:
        return None
    last = readable(f"<!date^{int(float(replies[-1].ts))}^{{date_pretty}} at {{time}}|>", workspace, viewer)
    count = f"{len(replies)} {'reply' if len(replies) == 1 else 'replies'}"
    new = h("span", "new", class_="new") if unread else None
    about = h("small", f"last reply {last}")
    return button(h("b", count), new, about, act=_open_thread(posted), class_="thread-link")


def _open_thread(posted: Posted) -> Act:
    return {"do": "thread", "channel": posted.channel, "ts": posted.ts}


def _tools(workspace: Workspace, posted: Posted, in_thread: bool) -> Node | None:
    act: Act = {"do": "shortcut", "channel": posted.channel, "ts": posted.ts}
    shortcuts = [each for each in workspace.app.shortcuts if each["type"] == "message"]
    named = [(each["name"], {**act, "name": each["callback_id"]}) for each in shortcuts]
    reply = button("Reply", act=_open_thread(posted), aria_label="Reply in thread")
    return h(
        "div",
        None if in_thread or posted.is_reply else reply,
        button("📌", act=_react(posted, PUSHPIN), class_="button icon", aria_label="React with 📌"),
        menu("Message menu", named, "⋮") if named else None,
        class_="tools",
    )


CLOSE_FORM = "close-form"


def modal(workspace: Workspace, viewer: User, view: View, depth: int, busy: bool) -> Node:
    """The form on top of the stack; `depth` is how many lie in it, itself too."""
    surface, writer = view_surface(workspace, viewer, view), Writer(workspace, viewer)
    body, title_id = view.body, f"title-{view.id}"
    close = writer.plain(body.get("close")) or ("Back" if depth > 1 else "Cancel")
    back: Act = {"do": CLOSE_FORM, "view": view.id, "everything": False}
    warning = h("p", view.warning, class_="error", role="alert") if view.warning else None
    form = h(
        "form",
        _heading(writer.plain(body["title"]), title_id, {**back, "everything": True}, workspace.app.name),
        h("div", warning, blocks(surface, body["blocks"], view), class_="dialog-body", tabindex="-1"),
        h("footer", button(close, act=back), _submit(writer, body, busy)),
        act={"do": "submit", "view": view.id},
        novalidate="",
    )
    return h("dialog", form, class_="modal", aria_labelledby=title_id, key=view.id, act=back)


def _heading(title: str, title_id: str, close: Act, by: str = "") -> Node:
    sign = h("div", "go", class_="avatar app", aria_hidden="true") if by else None
    return h("header", sign, h("h2", title, id=title_id), cross("Close", close))


def _submit(writer: Writer, body: JSON, busy: bool) -> Node | None:
    if not body.get("submit"):
        return None
    label = f"{writer.plain(body['submit'])}{' …' if busy else ''}"
    return h("button", label, type="submit", class_="button primary", aria_disabled="true" if busy else None)


def confirmation(workspace: Workspace, viewer: User, dialog: JSON, label: str) -> Node:
    """A button's confirmation dialog."""
    writer = Writer(workspace, viewer)
    no: Act = {"do": "confirm", "yes": False}
    look = f"button {dialog.get('style', 'primary')}"
    yes = button(writer.plain(dialog["confirm"]), act={"do": "confirm", "yes": True}, class_=look)
    return h(
        "dialog",
        _heading(writer.plain(dialog["title"]), "title-confirm", no),
        h("div", h("div", writer.text(dialog["text"]), class_="text"), class_="dialog-body"),
        h("footer", button(writer.plain(dialog["deny"]), act=no), yes),
        class_="modal small",
        role="alertdialog",
        aria_labelledby="title-confirm",
        key=f"confirm-{label}",
        act=no,
    )


def reading(file: StoredFile) -> Node:
    """A file for reading; Markdown is drawn."""
    close: Act = {"do": "read-file", "file": ""}
    text = (file.content or b"").decode(errors="replace")
    shown = markdown(text) if file.name.endswith(".md") else h("pre", text)
    return h(
        "dialog",
        _heading(file.title, "title-file", close),
        h("div", shown, class_="dialog-body", tabindex="0"),
        h("footer", _download(file), button("Close", act=close, class_="button primary")),
        class_="modal wide",
        aria_labelledby="title-file",
        key=f"file-{file.id}",
        act=close,
    )
