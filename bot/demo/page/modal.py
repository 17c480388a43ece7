"""What lies over the page: the app's forms, confirmation dialogs, a file."""

from __future__ import annotations

from bot.demo.page.blocks import blocks
from bot.demo.page.markdown import markdown
from bot.demo.page.message import file_address
from bot.demo.page.mrkdwn import Writer
from bot.demo.page.nodes import Act, Node, h
from bot.demo.page.surface import view_surface
from bot.demo.standin.model import JSON, StoredFile, User, View
from bot.demo.standin.workspace import Workspace

CLOSE_FORM = "close-form"


def modal(workspace: Workspace, viewer: User, view: View, depth: int, busy: bool) -> Node:
    """The form on top of the stack; `depth` is how many lie in it, itself too."""
    surface, writer = view_surface(workspace, viewer, view), Writer(workspace, viewer)
    body, title_id = view.body, f"title-{view.id}"
    close = writer.plain(body.get("close")) or ("Back" if depth > 1 else "Cancel")
    back: Act = {"do": CLOSE_FORM, "view": view.id, "everything": False}
    cross: Act = {"do": CLOSE_FORM, "view": view.id, "everything": True}
    submit = _submit(writer, body, busy)
    form = h(
        "form",
        _heading(writer.plain(body["title"]), title_id, workspace.app.name, cross),
        h("div", _warning(view), blocks(surface, body["blocks"], view), class_="dialog-body", tabindex="-1"),
        h("footer", h("button", close, type="button", class_="button", act=back), submit),
        act={"do": "submit", "view": view.id},
        novalidate="",
    )
    return h("dialog", form, class_="modal", aria_labelledby=title_id, key=view.id, act=back)


def _heading(title: str, title_id: str, by: str, cross: Act) -> Node:
    sign = h("div", "go", class_="avatar app", aria_hidden="true") if by else None
    button = h("button", "✕", type="button", class_="button icon", act=cross, aria_label="Close")
    return h("header", sign, h("h2", title, id=title_id), button)


def _submit(writer: Writer, body: JSON, busy: bool) -> Node | None:
    if not body.get("submit"):
        return None
    label = f"{writer.plain(body['submit'])}{' …' if busy else ''}"
    return h("button", label, type="submit", class_="button primary", aria_disabled="true" if busy else None)


def _warning(view: View) -> Node | None:
    return h("p", view.warning, class_="error", role="alert") if view.warning else None


def confirmation(workspace: Workspace, viewer: User, dialog: JSON, label: str) -> Node:
    """A button's confirmation dialog."""
    writer = Writer(workspace, viewer)
    style = dialog.get("style", "primary")
    no: Act = {"do": "confirm", "yes": False}
    yes = h(
        "button",
        writer.plain(dialog["confirm"]),
        type="button",
        class_=f"button {style}",
        act={"do": "confirm", "yes": True},
    )
    body = h("div", h("div", writer.text(dialog["text"]), class_="text"), class_="dialog-body")
    return h(
        "dialog",
        _heading(writer.plain(dialog["title"]), "title-confirm", "", no),
        body,
        h("footer", h("button", writer.plain(dialog["deny"]), type="button", class_="button", act=no), yes),
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
    download = h("a", "Download", class_="button", href=file_address(file), download=file.name)
    return h(
        "dialog",
        _heading(file.title, "title-file", "", close),
        h("div", shown, class_="dialog-body", tabindex="0"),
        h("footer", download, h("button", "Close", type="button", class_="button primary", act=close)),
        class_="modal wide",
        aria_labelledby="title-file",
        key=f"file-{file.id}",
        act=close,
    )
