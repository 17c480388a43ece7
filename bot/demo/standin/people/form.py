"""Handles on modals and on App Home, as one person sees them."""

from __future__ import annotations

from typing import Any

from bot.demo.standin.acts.clicks import click_view, submit
from bot.demo.standin.modals import choose, close_all, close_top
from bot.demo.standin.model import JSON, User, View
from bot.demo.standin.people.message import PATIENCE, Control, controls, matching, option_called, wait_until_read
from bot.demo.standin.reading import Reader, reader_of
from bot.demo.standin.service import Service

TYPED = frozenset({"plain_text_input"})


class Form:
    """A modal of one person. It follows updates of its view."""

    def __init__(self, service: Service, user: User, view_id: str) -> None:
        self.service, self.user, self.view_id = service, user, view_id

    @property
    def view(self) -> View:
        return self.service.workspace.views[self.view_id]

    @property
    def is_open(self) -> bool:
        return self.view_id in self.service.workspace.modals.get(self.user.id, [])

    @property
    def title(self) -> str:
        return self.reader().text(self.view.body.get("title"))

    def text(self) -> str:
        """Title, everything readable, errors, and the buttons below."""
        with self.service.workspace.lock:
            reader, body = self.reader(), self.view.body
            errors = [f"! {label}: {sentence}" for label, sentence in self.errors().items()]
            ending = [f"[{reader.text(body[name])}]" for name in ("close", "submit") if body.get(name)]
            warning = [f"! {self.view.warning}"] if self.view.warning else []
            return "\n".join([self.title, *reader.lines(self.blocks()), *errors, *warning, " ".join(ending)]).strip()

    def becomes(self, containing: str, timeout: float = PATIENCE) -> Form:
        """Waits until the form reads so. AssertionError with what it reads."""
        wait_until_read(self.service, self.text, "the form", containing, timeout)
        return self

    def errors(self) -> dict[str, str]:
        """The errors shown, by the label of their field."""
        labels = {b["block_id"]: self.reader().text(b.get("label")) for b in self.blocks()}
        return {labels[block_id]: sentence for block_id, sentence in self.view.errors.items()}

    def labels(self) -> list[str]:
        """The labels of all fields."""
        return [self.reader().text(block["label"]) for block in self.blocks() if block["type"] == "input"]

    def value(self, label: str) -> str:
        """What a field holds, in words ("" when empty)."""
        control, reader = self._control(label, None), self.reader()
        return reader.value_words(reader.chosen(control.block_id, control.element))

    def fill(self, label: str, text: str) -> Form:
        """Types into a field."""
        control = self._control(label, TYPED)
        self._set(control, text or None)
        return self

    def choose(self, label: str, *options: str) -> Form:
        """Chooses in a select, radio buttons, checkboxes or a picker: exactly these options."""
        control = self._control(label, None)
        chosen = [option_called(control.element, each, self.reader()) for each in options]
        several = control.element["type"] == "checkboxes"
        if not several and len(chosen) != 1:
            raise AssertionError(f"{label!r} takes one option, not {len(chosen)}")
        self._set(control, chosen if several else chosen[0])
        return self

    def presses(self, label: str, beside: str | None = None) -> str | None:
        """Presses a button inside the form; gives Slack's warning when the app was silent."""
        control = self._control(label, frozenset({"button"}), beside)
        return self.act(control.block_id, control.element, None)

    def submit(self) -> dict[str, str] | None:
        """Submits; None when accepted, else the errors by label ("" for Slack's own warning)."""
        if self.view.body.get("submit") is None:
            raise AssertionError(f"the form {self.title!r} has nothing to submit")
        refused = submit(self.service, self.user, self.view)
        return (self.errors() or refused) if refused else None

    def cancel(self, everything: bool = False) -> None:
        """The close button, or (`everything`) the cross, which closes the whole stack."""
        close = close_all if everything else close_top
        close(self.service.workspace, self.user.id)

    def _control(self, label: str, kinds: frozenset[str] | None, beside: str | None = None) -> Control:
        if not self.is_open:
            raise AssertionError(f"the form {self.title!r} is closed")
        fitting = matching(controls(self.blocks(), self.reader()), label, beside, kinds)
        if len(fitting) != 1:
            raise AssertionError(f"{len(fitting)} fields or buttons are called {label!r} in:\n{self.text()}")
        return fitting[0]

    def _set(self, control: Control, value: Any) -> None:
        """Fields of inputs stay on the form; others tell the app."""
        block = next(block for block in self.blocks() if block["block_id"] == control.block_id)
        if block["type"] == "input":
            choose(self.service.workspace, self.user.id, self.view_id, control.block_id, control.element, value)
        else:
            self.act(control.block_id, control.element, value)

    # --- a surface ----------------------------------------------------------------------------------------------

    def blocks(self) -> list[JSON]:
        blocks: list[JSON] = self.view.body["blocks"]
        return blocks

    def reader(self) -> Reader:
        return reader_of(self.service.workspace, self.user, self.view_id, self.blocks())

    def act(self, block_id: str, element: JSON, value: Any) -> str | None:
        return click_view(self.service, self.user, self.view, block_id, element, value)


class Home:
    """The App Home page of one person; empty until the app has published one."""

    def __init__(self, service: Service, user: User) -> None:
        self.service, self.user = service, user

    @property
    def view(self) -> View | None:
        workspace = self.service.workspace
        return workspace.views.get(workspace.homes.get(self.user.id, ""))

    def text(self) -> str:
        with self.service.workspace.lock:
            return "\n".join(self.reader().lines(self.blocks()))

    def blocks(self) -> list[JSON]:
        blocks: list[JSON] = self.view.body["blocks"] if self.view else []
        return blocks

    def reader(self) -> Reader:
        return reader_of(self.service.workspace, self.user, self.view.id if self.view else "", self.blocks())

    def act(self, block_id: str, element: JSON, value: Any) -> str | None:
        if self.view is None:
            raise AssertionError("the app has published no home page for this person")
        return click_view(self.service, self.user, self.view, block_id, element, value)
