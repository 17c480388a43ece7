"""Phases of a list whose headings say nothing: by the order of its items, around the one that runs the migrations."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.core.checklist_words import Phase

_RUN = re.compile(
    r"\b(?:run|apply|execute|start|perform)\b.*\bmigrat|\bdeploy\b|\bgo live\b|\brelease to\b|\bmaintenance mode\b",
    re.IGNORECASE,
)
_REHEARSAL = re.compile(
    r"\b(?:tests?|local|locally|staging|scratch|dev|development|dry|sample|plan)\b|^(?:review|schedule|prepare|check)\b",
    re.IGNORECASE,
)
_AFTERWARDS = re.compile(
    r"^monitor\b|\bafter (?:the )?(?:deploy|release|migration)|\bpost-?deploy|\bnext day\b|\bwithin \d|\bday \d",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^(?:notify|announce|document|update|close|archive)\b|\blessons\b|\bretro|\bchange-?log|\brelease notes",
    re.IGNORECASE,
)


def flat_phases(labels: Sequence[str]) -> tuple[Phase, ...]:
    """A phase for each label. Before the first one that runs anything real all is preparation."""
    start = next((index for index, label in enumerate(labels) if _runs(label)), len(labels))
    return tuple(Phase.PREPARE if index < start else _later(label) for index, label in enumerate(labels))


def _runs(label: str) -> bool:
    return bool(_RUN.search(label)) and not _REHEARSAL.search(label)


def _later(label: str) -> Phase:
    if _AFTERWARDS.search(label):
        return Phase.VERIFY
    return Phase.CLOSE if _CLOSING.search(label) else Phase.DEPLOY
