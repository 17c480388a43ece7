"""What of the range is applied, as the target's history said last."""

from __future__ import annotations

from bot.usecases.situation.snapshot import Situation


def applied_and_not(situation: Situation) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """File names of the range that history has, and those it lacks; both empty where no history is read."""
    history = situation.deployment.history
    if history is None:
        return (), ()
    ups = [file for file in situation.files if not file.is_down]
    has = set(history.applied)
    return tuple(one.name for one in ups if one.version in has), tuple(
        one.name for one in ups if one.version not in has
    )
