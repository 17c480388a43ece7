"""A person in the workspace, who types, reads, presses and is told things."""

from __future__ import annotations

from bot.demo.standin.acts import hearing, typing
from bot.demo.standin.acts.clicks import use_message_shortcut
from bot.demo.standin.acts.typing import type_command
from bot.demo.standin.modals import top_modal
from bot.demo.standin.model import Channel, User
from bot.demo.standin.people.form import Form, Home
from bot.demo.standin.people.message import (
    PATIENCE,
    PRESSED,
    Control,
    Message,
    Surface,
    Thread,
    newest,
    option_called,
    squeezed,
    wait_for_one,
)
from bot.demo.standin.reading import transcript
from bot.demo.standin.service import Service

Place = Message | Thread | Form | Home
CHOSEN = frozenset({"overflow", "static_select", "radio_buttons", "checkboxes", "datepicker", "users_select"})


class Person:
    """Acts block until the app acknowledged, so call them off the event loop when embedded."""

    def __init__(self, service: Service, user: User) -> None:
        self.service, self.user = service, user
        self.confirmation = ""  # what the last confirmation dialog asked

    def __repr__(self) -> str:
        return f"<Person {self.user.name}>"

    @property
    def id(self) -> str:
        return self.user.id

    # --- writing ------------------------------------------------------------------------------------------------

    def types(self, command: str, in_: str = "#deploys", in_thread: Message | Thread | None = None) -> str | None:
        """A slash command; gives what this person was told at once, or None."""
        channel = self._writable(in_ if in_thread is None else in_thread.channel)
        told = type_command(self.service, self.user, command, channel, _thread_ts(in_thread))
        return Message(self.service, self.user, told).text() if told else None

    def says(self, text: str, in_: str = "#deploys", in_thread: Message | Thread | None = None) -> Message:
        """A message in a channel ("#deploys"), a direct message ("@gonogo"), or a reply in a thread."""
        channel = self._writable(in_ if in_thread is None else in_thread.channel)
        return Message(
            self.service, self.user, typing.say(self.service, self.user, text, channel, _thread_ts(in_thread))
        )

    # --- reading ------------------------------------------------------------------------------------------------

    def sees(self, where: str | Thread, containing: str = "", timeout: float = PATIENCE) -> Message:
        """The newest message that reads so (waiting for it). AssertionError with what there is to read."""
        if isinstance(where, Thread):
            return Thread(self.service, self.user, where.channel, where.ts).sees(containing, timeout)
        channel = self._channel(where)

        def look() -> Message | None:
            return newest([m for m in self._messages(channel) if not m.posted.is_reply], containing)

        found = self.service.workspace.wait_for(look, timeout)
        if found is None:
            shown = transcript(self.service.workspace, channel, self.user)
            raise AssertionError(f"{self.user.name} sees nothing that reads {containing!r} in {where}:\n{shown}")
        return found

    def told(self) -> list[str]:
        """What only this person was told, oldest first: ephemeral messages and the app's direct messages."""
        return [message.text() for message in self._private()]

    def hears(self, containing: str = "", timeout: float = PATIENCE) -> Message:
        """The newest private message that reads so, waiting for it."""
        found = self.service.workspace.wait_for(lambda: newest(self._private(), containing), timeout)
        if found is None:
            everything = "\n".join(f"- {text}" for text in self.told()) or "(nothing)"
            raise AssertionError(f"{self.user.name} was never told {containing!r}, but:\n{everything}")
        return found

    def transcript(self, where: str = "#deploys") -> str:
        return transcript(self.service.workspace, self._channel(where), self.user)

    # --- acting -------------------------------------------------------------------------------------------------

    def presses(
        self, label: str, in_: Place, beside: str | None = None, confirm: bool = True, timeout: float = PATIENCE
    ) -> str | None:
        """Presses a button by its words, waiting for it; gives Slack's warning when the app was silent.

        A confirmation dialog is pressed through, or (`confirm=False`) declined; `confirmation` has its words.
        """
        surface, control = wait_for_one(self.service, lambda: self._surfaces(in_), label, beside, PRESSED, timeout)
        if not self._confirms(surface, control, confirm):
            return None
        return surface.act(control.block_id, control.element, None)

    def chooses(
        self,
        menu: str,
        *options: str,
        in_: Place,
        beside: str | None = None,
        confirm: bool = True,
        timeout: float = PATIENCE,
    ) -> str | None:
        """Chooses in a menu, called by its placeholder or label ("⋯" for the overflow menu)."""
        surface, control = wait_for_one(self.service, lambda: self._surfaces(in_), menu, beside, CHOSEN, timeout)
        chosen = [option_called(control.element, each, surface.reader()) for each in options]
        if not self._confirms(surface, control, confirm):
            return None
        several = control.element["type"] == "checkboxes"
        return surface.act(control.block_id, control.element, chosen if several else chosen[0])

    def modal(self, titled: str = "", timeout: float = PATIENCE) -> Form:
        """The form on top, waiting for it. AssertionError when none opens."""
        form = self.service.workspace.wait_for(lambda: self._top_form(titled), timeout)
        if form is None:
            raise AssertionError(f"no form {titled!r} opened for {self.user.name}; told: {self.told()[-3:]}")
        return form

    def has_modal(self) -> bool:
        return top_modal(self.service.workspace, self.user.id) is not None

    def opens_home(self) -> Home:
        """Clicks on the app's Home tab."""
        typing.open_home(self.service, self.user)
        return Home(self.service, self.user)

    def home(self, containing: str = "", timeout: float = PATIENCE) -> str:
        """The App Home page as text, waiting until it reads so. AssertionError with what it reads."""
        page, wanted = Home(self.service, self.user), squeezed(containing)
        shown = lambda: page.view is not None and wanted in squeezed(page.text())  # noqa: E731
        if not self.service.workspace.wait_for(shown, timeout):
            raise AssertionError(f"the home page never read {containing!r}; it reads:\n{page.text() or '(nothing)'}")
        return page.text()

    def uses_shortcut(self, name: str, on: Message) -> str | None:
        """A message's shortcut; gives Slack's warning when the app was silent."""
        return use_message_shortcut(self.service, self.user, on.posted, name)

    def reacts(self, emoji: str, on: Message) -> None:
        """Puts an emoji such as "pushpin" under a message; a second time takes it away."""
        hearing.reacts(self.service, self.user, on.posted, emoji)

    # --- inside -------------------------------------------------------------------------------------------------

    def _channel(self, where: str) -> Channel:
        if where.startswith("@"):
            return self.service.workspace.direct(self.user.id, self.service.workspace.user_named(where).id)
        return self.service.workspace.channel_named(where)

    def _writable(self, where: str) -> Channel:
        channel = self._channel(where)
        if self.user.id not in channel.members:
            raise LookupError(f"{self.user.name} is not in {where}, so cannot write there")
        return channel

    def _messages(self, channel: Channel) -> list[Message]:
        visible = self.service.workspace.visible_to(self.user.id, channel.id)
        return [Message(self.service, self.user, message) for message in visible]

    def _private(self) -> list[Message]:
        everywhere = [m for c in list(self.service.workspace.channels.values()) for m in self._messages(c)]
        direct = {c.id for c in self.service.workspace.channels.values() if c.kind == "im"}
        private = [m for m in everywhere if m.posted.ephemeral_to or (m.channel in direct and m.posted.bot_id)]
        return sorted(private, key=lambda message: float(message.ts))

    def _top_form(self, titled: str) -> Form | None:
        view = top_modal(self.service.workspace, self.user.id)
        form = Form(self.service, self.user, view.id) if view else None
        return form if form and titled in form.title else None

    def _surfaces(self, in_: Place) -> list[Surface]:
        if isinstance(in_, Thread):
            return list(Thread(self.service, self.user, in_.channel, in_.ts).messages())
        if isinstance(in_, Message):
            return [in_.as_seen_by(self.user)]
        return [in_]

    def _confirms(self, surface: Surface, control: Control, confirm: bool) -> bool:
        dialog = control.element.get("confirm")
        if dialog is None:
            return True
        self.confirmation = "\n".join(surface.reader().text(dialog[part]) for part in ("title", "text"))
        return confirm


def _thread_ts(in_thread: Message | Thread | None) -> str | None:
    if isinstance(in_thread, Message):
        return in_thread.posted.thread_ts or in_thread.ts
    return in_thread.ts if in_thread else None
