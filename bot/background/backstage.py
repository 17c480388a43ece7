"""What background work stands on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.core.refusal import NotYetKnown
from bot.core.team import Project
from bot.settings.inputs import AnchorCommand, Sources
from bot.usecases.act import Act
from bot.usecases.books.units import Store

BOT = "gonogo"


@dataclass(frozen=True)
class Backstage:
    """The store, facts and secret sides of the settings, a clock, and a folder for clones of repositories.

    `sources(project, environment)` gives None for what the settings do not name. `look_up` fetches people and groups
    in the background; what needed them is tried again later.
    """

    store: Store
    projects: Mapping[str, Project]
    sources: Callable[[str, str], Sources | None]
    clock: Callable[[], datetime]
    cache: Path
    look_up: Callable[[NotYetKnown], None] = lambda _missing: None
    anchor: AnchorCommand | None = None

    def act_on(self, deployment_id: str) -> Act:
        """Something the bot does by itself, now."""
        deployment = self.store.read(lambda reader: reader.deployments.get(deployment_id))
        return Act(BOT, self.clock(), deployment.team)
