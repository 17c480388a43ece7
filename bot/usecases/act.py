"""Who acts and when, and what they are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Act:
    """One act of one person. `at` is the time of the act, `entered_at` of its entry (they differ at the console).

    `team` is the bot's workspace, `home_team` the person's own as the verified request said.
    """

    who: str
    at: datetime
    team: str
    home_team: str = ""
    entered_at: datetime | None = None
    console: bool = False

    @property
    def entered(self) -> datetime:
        return self.entered_at or self.at


@dataclass(frozen=True)
class Answer:
    """What the person is told privately; empty where the repaint of the clicked message says it.

    `offers` are buttons below it: a verb with what it is about (deployment, role, subject, extra) and its words.
    """

    text: str = ""
    deployment_id: str | None = None
    offers: tuple[Mapping[str, str], ...] = ()
