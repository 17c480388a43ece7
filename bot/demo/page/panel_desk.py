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
Doing = Callable[[LocalWorkspace, Panel, Act], str]


def do_in_panel(local: LocalWorkspace, act: Act) -> str:
    """What came of it, in a line. Raises Mishap in words for the person."""
    if local.panel is None:
        raise Mishap(NOT_READY)
    name = act["do"].removeprefix("panel-")
    if name not in _ON_ENVIRONMENT:
        return _ACTS[name](local, local.panel, act)
    do, line = _ON_ENVIRONMENT[name]
    do(local.panel, act["environment"])
    return line.format(act["environment"])


_RAN = "The runner has ended on {}: see its output."
_ON_ENVIRONMENT: Mapping[str, tuple[Callable[[Panel, str], object], str]] = {
    "run": (partial(Panel.run_migrations, slowly=False), _RAN),
    "run-slowly": (partial(Panel.run_migrations, slowly=True), _RAN),
    "stop-database": (Panel.stop_database, "{} is stopped; its data stay."),
    "start-database": (Panel.start_database, "{} runs again."),
    "break-lock": (Panel.lock, "orders on {} is locked (ACCESS EXCLUSIVE) until you release it."),
    "break-index": (Panel.drop_index, "An index of orders is gone on {}."),
    "break-invalid": (Panel.leave_invalid_index, "An INVALID index lies on orders on {}."),
    "release": (Panel.release, "orders on {} is free again."),
}


def _backup(_local: LocalWorkspace, panel: Panel, act: Act) -> str:
    return f"Backup of {act['environment']} taken: {panel.take_backup(act['environment'])}"


def _mend(_local: LocalWorkspace, panel: Panel, act: Act) -> str:
    panel.mend(act["environment"], act["what"])
    return f"Mended on {act['environment']}."


def _save(_local: LocalWorkspace, panel: Panel, act: Act) -> str:
    panel.save(act["file"], act["values"]["text"])
    return f"{act['file']} is saved. gonogo reads the files again every few minutes, and at go."


def _undo(_local: LocalWorkspace, panel: Panel, act: Act) -> str:
    panel.undo(act["file"])
    return f"{act['file']} is as it was."


def _place(_local: LocalWorkspace, panel: Panel, act: Act) -> str:
    return f"{panel.place(act['key'])} now has the fault."


def _clock(local: LocalWorkspace, _panel: Panel, act: Act) -> str:
    if act["to"] == "morning":
        local.clock.to_next_morning()
    else:
        local.clock.move(MOVES[act["to"]])
    return f"It is {local.clock.now:%A %d %B, %H:%M} now."


def _keeper(local: LocalWorkspace) -> BotKeeper:
    if local.keeper is None:
        raise Mishap(NOT_READY)
    return local.keeper


def _restart(local: LocalWorkspace, _panel: Panel, _act: Act) -> str:
    _keeper(local).restart()
    if not local.slack.sockets.wait_connected(timeout=CONNECTED_SECONDS):
        raise Mishap("The bot was restarted, but has not connected yet; its last words are below.")
    return "The bot was restarted; nothing is lost."


def _kill(local: LocalWorkspace, _panel: Panel, _act: Act) -> str:
    _keeper(local).kill()
    return "The bot was killed; it is started again."


_ACTS: Mapping[str, Doing] = {
    "backup": _backup,
    "mend": _mend,
    "save": _save,
    "undo": _undo,
    "place": _place,
    "clock": _clock,
    "restart": _restart,
    "kill": _kill,
}


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
