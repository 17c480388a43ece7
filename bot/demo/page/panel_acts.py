"""What the buttons of the panel do. Each blocks while it works and gives a line for the person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from bot.demo.bot_keeper import BotKeeper
from bot.demo.local import LocalWorkspace
from bot.demo.page.nodes import Act
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
    return _ACTS[act["do"].removeprefix("panel-")](local, local.panel, act)


def _run(_local: LocalWorkspace, panel: Panel, act: Act) -> str:
    panel.run_migrations(act["environment"], slowly=False)
    return f"The runner has ended on {act['environment']}: see its output."


def _run_slowly(_local: LocalWorkspace, panel: Panel, act: Act) -> str:
    panel.run_migrations(act["environment"], slowly=True)
    return f"The runner has ended on {act['environment']}: see its output."


def _backup(_local: LocalWorkspace, panel: Panel, act: Act) -> str:
    return f"Backup of {act['environment']} taken: {panel.take_backup(act['environment'])}"


def _stop_database(_local: LocalWorkspace, panel: Panel, act: Act) -> str:
    panel.stop_database(act["environment"])
    return f"{act['environment']} is stopped; its data stay."


def _start_database(_local: LocalWorkspace, panel: Panel, act: Act) -> str:
    panel.start_database(act["environment"])
    return f"{act['environment']} runs again."


def _lock(_local: LocalWorkspace, panel: Panel, act: Act) -> str:
    panel.lock(act["environment"])
    return f"orders on {act['environment']} is locked (ACCESS EXCLUSIVE) until you release it."


def _drop_index(_local: LocalWorkspace, panel: Panel, act: Act) -> str:
    panel.drop_index(act["environment"])
    return f"An index of orders is gone on {act['environment']}."


def _leave_invalid(_local: LocalWorkspace, panel: Panel, act: Act) -> str:
    panel.leave_invalid_index(act["environment"])
    return f"An INVALID index lies on orders on {act['environment']}."


def _release(_local: LocalWorkspace, panel: Panel, act: Act) -> str:
    panel.release(act["environment"])
    return f"orders on {act['environment']} is free again."


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
    "run": _run,
    "run-slowly": _run_slowly,
    "backup": _backup,
    "stop-database": _stop_database,
    "start-database": _start_database,
    "break-lock": _lock,
    "break-index": _drop_index,
    "break-invalid": _leave_invalid,
    "release": _release,
    "mend": _mend,
    "save": _save,
    "undo": _undo,
    "place": _place,
    "clock": _clock,
    "restart": _restart,
    "kill": _kill,
}
