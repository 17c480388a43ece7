"""The time that the bot goes by, which a stand-in may move."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

CLOCK_VARIABLE = "GONOGO_CLOCK_FILE"


def clock() -> datetime:
    """Now in UTC, shifted by the seconds in the file that GONOGO_CLOCK_FILE names."""
    now = datetime.now(UTC)
    file = os.environ.get(CLOCK_VARIABLE)
    return now + timedelta(seconds=_shift(Path(file))) if file else now


def _shift(file: Path) -> float:
    try:
        return float(file.read_text(encoding="utf-8").strip() or 0)
    except (OSError, ValueError):
        return 0.0
