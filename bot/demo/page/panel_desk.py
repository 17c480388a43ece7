"""What one page does in the panel, and what its buttons do. Each blocks while it works."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial

from bot.demo.bot_process import BotKeeper
from bot.demo.local import LocalWorkspace
from bot.demo.page.nodes import Act
from bot.demo.page.sight import PanelLooks
from bot.demo.panel import Mishap, Panel

NOT_READY = "Not ready yet: the sample databases are still starting."
MOVES = {
    "45m": timedelta(minutes=45),
    "1h": timedelta(hours=1),
    "1d": timedelta(days=1),
    "7d": timedelta(days=7),
}
CONNECTED_SECONDS = 30.0


def do_in_panel(local: LocalWorkspace, act: Act) -> str:
    """What came of it, in a line. Raises Mishap in words for the person."""
    if local.panel is None:
        raise Mishap(NOT_READY)
    name = act["do"].removeprefix("panel-")
    if name == "clock":
        return _clock(local, act)
    if name in _TO_BOT:
        if local.keeper is None:
            raise Mishap(NOT_READY)
        return _TO_BOT[name](local, local.keeper)
    names, do, line = _TO_PANEL[name]
    given = [act["values"]["text"] if each == "text" else act[each] for each in names]
    return line.format(*given, done=do(local.panel, *given))


_RAN = "The runner has ended on {}: see its output."
_SAVED = "{} is saved. gonogo reads the files again every few minutes, and at go."
# By name: what of the act it is given, what it does, and the line about it.
_TO_PANEL: Mapping[str, tuple[tuple[str, ...], Callable[..., object], str]] = {
    "run": (("environment",), partial(Panel.run_migrations, slowly=False), _RAN),
    "run-slowly": (("environment",), partial(Panel.run_migrations, slowly=True), _RAN),
    "stop-database": (("environment",), Panel.stop_database, "{} is stopped; its data stay."),
    "start-database": (("environment",), Panel.start_database, "{} runs again."),
    "break-lock": (("environment",), Panel.lock, "orders on {} is locked (ACCESS EXCLUSIVE) until you release it."),
    "break-index": (("environment",), Panel.drop_index, "An index of orders is gone on {}."),
    "break-invalid": (("environment",), Panel.leave_invalid_index, "An INVALID index lies on orders on {}."),
    "release": (("environment",), Panel.release, "orders on {} is free again."),
    "mend": (("environment", "what"), Panel.mend, "Mended on {}."),
    "backup": (("environment",), Panel.take_backup, "Backup of {} taken: {done}"),
    "save": (("file", "text"), Panel.save, _SAVED),
    "undo": (("file",), Panel.undo, "{} is as it was."),
    "place": (("key",), Panel.place, "{done} now has the fault."),
}


def _clock(local: LocalWorkspace, act: Act) -> str:
    if act["to"] == "morning":
        local.clock.to_next_morning()
    else:
        local.clock.move(MOVES[act["to"]])
    return f"It is {local.clock.now:%A %d %B, %H:%M} now."


def _restart(local: LocalWorkspace, keeper: BotKeeper) -> str:
    keeper.restart()
    if not local.slack.sockets.wait_connected(timeout=CONNECTED_SECONDS):
        raise Mishap("The bot was restarted, but has not connected yet; its last words are below.")
    return "The bot was restarted; nothing is lost."


def _kill(_local: LocalWorkspace, keeper: BotKeeper) -> str:
    keeper.kill()
    return "The bot was killed; it is started again."


_TO_BOT: Mapping[str, Callable[[LocalWorkspace, BotKeeper], str]] = {"restart": _restart, "kill": _kill}
FAILED = "That did not work; the log of gonogo demo says why."
logger = logging.getLogger(__name__)


class PanelDesk:
    """`show` is told of every change of the looks."""

    def __init__(self, local: LocalWorkspace, show: Callable[[PanelLooks], None]) -> None:
        self._local, self._show = local, show
        self._looks = PanelLooks()

    async def act(self, act: Act) -> None:
        if act["do"] == "panel-file":
            self._see(replace(self._looks, file=act["value"]))
        elif act["do"] == "panel-environment":
            chosen = {**self._looks.environments, act["section"]: act["value"]}
            self._see(replace(self._looks, environments=chosen))
        else:
            await self._work(act)

    async def _work(self, act: Act) -> None:
        self._note("…", False)
        try:
            note = await asyncio.to_thread(do_in_panel, self._local, act)
        except Mishap as mishap:
            self._note(str(mishap), True)
        except Exception:
            logger.exception("an act of the panel failed")
            self._note(FAILED, True)
        else:
            self._note(note, False)

    def _note(self, note: str, went_wrong: bool) -> None:
        self._see(replace(self._looks, note=note, went_wrong=went_wrong))

    def _see(self, looks: PanelLooks) -> None:
        self._looks = looks
        self._show(looks)
