"""What one page shows at the moment, besides what the workspace holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.demo.page.panel_pieces import PanelLooks
from bot.demo.page.places import Place
from bot.demo.page.pressing import Control


@dataclass(frozen=True)
class Sight:
    """`asked` is a control that waits for its confirmation, and the value that was chosen."""

    place: Place
    asked: tuple[Control, Any] | None = None
    file: str = ""  # the id of the file that is read
    toast: str = ""
    busy: bool = False  # a form is being submitted
    looks: PanelLooks = field(default_factory=PanelLooks)
