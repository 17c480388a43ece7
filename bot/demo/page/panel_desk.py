"""What one page does in the panel: what it looks at, and what its buttons start."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from bot.demo.local import LocalWorkspace
from bot.demo.page.nodes import Act
from bot.demo.page.panel_acts import do_in_panel
from bot.demo.page.panel_pieces import PanelLooks
from bot.demo.panel import Mishap

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
