"""One open page: what it shows, and what a person does on it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from nicegui import Client, ui

from bot.demo.local import LocalWorkspace
from bot.demo.page import pressing
from bot.demo.page.chrome import Unread
from bot.demo.page.frame import Frame
from bot.demo.page.message import CLOSE_FORM
from bot.demo.page.nodes import Act
from bot.demo.page.panel_desk import PanelDesk
from bot.demo.page.sight import HOME, Place, Sight
from bot.demo.standin.acts import typing
from bot.demo.standin.acts.clicks import use_message_shortcut
from bot.demo.standin.acts.hearing import reacts
from bot.demo.standin.acts.typing import type_command
from bot.demo.standin.modals import close_all, close_top, top_modal
from bot.demo.standin.model import User

PAINT_SECONDS = 0.05
logger = logging.getLogger(__name__)


class Desk:
    """Paints at most every `PAINT_SECONDS`; each piece only when it shows something else."""

    def __init__(self, local: LocalWorkspace, unread: Unread, place: Place, client: Client) -> None:
        self._local, self._unread = local, unread
        self._service, self._workspace = local.slack.service, local.slack.workspace
        self._client, self._loop = client, asyncio.get_running_loop()
        self._is_woken = False
        self.sight = Sight(place)
        self._panel_desk = PanelDesk(local, lambda looks: self._see(looks=looks))
        self._frame = Frame(self.act, self.write, self.reply)

    @property
    def viewer(self) -> User:
        return self._workspace.users[self.sight.place.viewer]

    # --- painting -----------------------------------------------------------------------------------------------

    def wake(self) -> None:
        """Asks for a repaint, from any thread."""
        if not self._is_woken and not self._loop.is_closed():
            self._is_woken = True
            self._loop.call_soon_threadsafe(self._loop.call_later, PAINT_SECONDS, self._woken)

    def _woken(self) -> None:
        self._is_woken = False
        self.paint()

    def paint(self) -> None:
        if self._client.is_deleted:
            return
        with self._client, self._workspace.lock:
            self._mark_read()
            self._frame.paint(self._local, self._unread, self.viewer, self.sight)

    def _mark_read(self) -> None:
        place = self.sight.place
        if place.at in self._workspace.channels:
            self._unread.read_channel(self.viewer, self._workspace.channels[place.at])
            if place.thread:
                self._unread.read_thread(self.viewer, place.at, place.thread)

    def _go(self, script: str = "", **changes: Any) -> None:
        """Another place, and what the browser does when it is there."""
        self.sight = replace(self.sight, place=replace(self.sight.place, **changes))
        self.paint()
        with self._client:
            ui.run_javascript(f"gonogo.remember({self.sight.place.query!r}); {script}")

    def _see(self, **changes: Any) -> None:
        self.sight = replace(self.sight, **changes)
        self.paint()

    # --- writing ------------------------------------------------------------------------------------------------

    async def write(self, text: str) -> None:
        """A message, or a slash command, into what is open."""
        await self._say(text, None, ".channel")

    async def reply(self, text: str) -> None:
        await self._say(text, self.sight.place.thread, ".thread")

    async def _say(self, text: str, thread: str | None, column: str) -> None:
        if self._local.progress:
            return
        self._news_are_read()
        channel = self._workspace.channels[self.sight.place.at]
        if text.startswith("/"):
            await self._done(partial(type_command, self._service, self.viewer, text, channel, thread))
        else:
            await self._done(partial(typing.say, self._service, self.viewer, text.strip(), channel, thread))
        with self._client:
            ui.run_javascript(f"gonogo.toEnd('{column} .scroller')")

    # --- acting -------------------------------------------------------------------------------------------------

    async def act(self, act: Act) -> None:
        """What a tree says that a person did."""
        do = act["do"]
        self._news_are_read()
        if do.startswith("panel-"):
            await self._panel_desk.act(act)
        else:
            await _DOING[do](self, act)

    def _news_are_read(self) -> None:
        """What happened to the bot is told until the next act."""
        if self._local.keeper is not None:
            self._local.keeper.forget()

    async def _done(self, work: Callable[[], Any]) -> Any:
        """Runs what waits for the app on a thread; what goes wrong is a sentence on the page."""
        try:
            return await asyncio.to_thread(work)
        except pressing.Missed as missed:
            self._see(toast=str(missed))
        except Exception:
            logger.exception("an act on the page failed")
            self._see(toast="That did not work; the log of gonogo demo says why.")
        return None

    # --- what a person can do -----------------------------------------------------------------------------------

    async def be(self, act: Act) -> None:
        """Another person's eyes. Channels are open to all; their direct messages are not."""
        at = self.sight.place.at
        room = self._workspace.channels.get(at)
        stays = at == HOME or (room is not None and act["user"] in room.members)
        elsewhere: dict[str, Any] = {} if stays else {"at": next(iter(self._workspace.channels)), "thread": ""}
        self._see(asked=None, file="", toast="")
        self._go("", viewer=act["user"], **elsewhere)
        if self.sight.place.at == HOME:
            await self._done(partial(typing.open_home, self._service, self.viewer))

    async def open(self, act: Act) -> None:
        at: str = act["place"]
        if at.startswith("@"):
            at = self._workspace.direct(self.viewer.id, at[1:]).id
        self._go("gonogo.toEnd('.channel .scroller')", at=at, thread="", side=False)
        if at == HOME:
            await self._done(partial(typing.open_home, self._service, self.viewer))

    async def thread(self, act: Act) -> None:
        self._go("gonogo.toStart('.thread .scroller')", at=act["channel"], thread=act["ts"], side=False)

    async def go_to(self, act: Act) -> None:
        """A link into the workspace: the message, in its thread where it has one."""
        room = self._workspace.channels.get(act["channel"])
        if room is None or (self.viewer.id not in room.members and room.kind != "public"):
            self._see(toast="You cannot see that conversation.")
            return
        thread = act["thread"] or self._thread_at(room.id, act["ts"])
        anchor = f"m-{act['ts'].replace('.', '-')}{'-t' if act['thread'] else ''}"
        self._go(f"gonogo.show({anchor!r})", at=room.id, thread=thread, side=False)

    def _thread_at(self, channel: str, ts: str) -> str:
        """The message's own thread, if it has one: whoever follows a link wants to see what is going on there."""
        return ts if len(self._workspace.in_thread(channel, ts)) > 1 else ""

    async def close_thread(self, _act: Act) -> None:
        self._go(thread="")

    async def toggle_panel(self, _act: Act) -> None:
        self._go(panel=not self.sight.place.panel)

    async def toggle_drawer(self, _act: Act) -> None:
        self._see(place=replace(self.sight.place, drawer=not self.sight.place.drawer, side=False))

    async def toggle_side(self, _act: Act) -> None:
        self._see(place=replace(self.sight.place, side=not self.sight.place.side, drawer=False))

    async def press(self, act: Act) -> None:
        """A button or a choice; one with a confirmation dialog asks first."""
        try:
            control = pressing.find(self._service, act)
        except pressing.Missed as missed:
            self._see(toast=str(missed))
            return
        self._see(toast="")
        if control.element.get("confirm") is not None:
            self._see(asked=(control, act.get("value")))
            return
        await self._done(partial(pressing.operate, self._service, self.viewer, control, act.get("value")))

    async def confirm(self, act: Act) -> None:
        asked = self.sight.asked
        self._see(asked=None)
        if asked is not None and act["yes"]:
            await self._done(partial(pressing.operate, self._service, self.viewer, *asked))

    async def submit(self, act: Act) -> None:
        view = self._workspace.views.get(act["view"])
        if view is None or view is not top_modal(self._workspace, self.viewer.id) or self.sight.busy:
            return
        self._see(busy=True)
        await self._done(partial(pressing.submit, self._service, self.viewer, view, act["values"]))
        self._see(busy=False)

    async def close_form(self, act: Act) -> None:
        if act["view"] in self._workspace.views:
            close = close_all if act["everything"] else close_top
            close(self._workspace, self.viewer.id)

    async def shortcut(self, act: Act) -> None:
        message = self._workspace.message(act["channel"], act["ts"])
        if message is not None:
            await self._done(partial(use_message_shortcut, self._service, self.viewer, message, act["name"]))

    async def react(self, act: Act) -> None:
        message = self._workspace.message(act["channel"], act["ts"])
        if message is not None:
            reacts(self._service, self.viewer, message, act["emoji"])

    async def read_file(self, act: Act) -> None:
        self._see(file=act["file"])

    async def dismiss(self, act: Act) -> None:
        """An ephemeral message is gone for good."""
        with self._workspace.changing():
            self._workspace.messages[act["channel"]].pop(act["ts"], None)

    async def forget_toast(self, _act: Act) -> None:
        self._see(toast="")


_DOING: dict[str, Callable[[Desk, Act], Any]] = {
    "be": Desk.be,
    "open": Desk.open,
    "thread": Desk.thread,
    "go-to": Desk.go_to,
    "close-thread": Desk.close_thread,
    "toggle-panel": Desk.toggle_panel,
    "toggle-drawer": Desk.toggle_drawer,
    "toggle-side": Desk.toggle_side,
    "press": Desk.press,
    "choose": Desk.press,
    "fill": Desk.press,
    "confirm": Desk.confirm,
    "submit": Desk.submit,
    CLOSE_FORM: Desk.close_form,
    "shortcut": Desk.shortcut,
    "react": Desk.react,
    "read-file": Desk.read_file,
    "dismiss": Desk.dismiss,
    "forget-toast": Desk.forget_toast,
}
