"""The clock that the panel moves: the bot reads its file, the stand-in is shifted with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.demo.standin import StandIn

MORNING = 9  # o'clock


class MovableClock:
    """`file` holds the seconds that the workspace's time is ahead of the machine's, as text."""

    def __init__(self, file: Path, slack: StandIn, zone: str) -> None:
        self.file, self._slack, self._zone = file, slack, ZoneInfo(zone)
        self._write()

    @property
    def now(self) -> datetime:
        """The workspace's time, in its zone."""
        return datetime.fromtimestamp(self._slack.workspace.now(), self._zone)

    @property
    def ahead(self) -> timedelta:
        return timedelta(seconds=self._slack.shift)

    def move(self, by: timedelta) -> None:
        """Moves the time on, for the bot and for the workspace."""
        self._slack.move_clock(by.total_seconds())
        self._write()

    def to_next_morning(self) -> None:
        """9:00 of the workspace's next day."""
        now = self.now
        tomorrow = (now + timedelta(days=1)).replace(hour=MORNING, minute=0, second=0, microsecond=0)
        self.move(tomorrow - now)

    def _write(self) -> None:
        unfinished = self.file.with_suffix(".part")
        unfinished.write_text(f"{self._slack.shift:.3f}", encoding="utf-8")
        unfinished.replace(self.file)
