"""What a button carries: the verb as action_id, and its target as value.

The format is for ever: old messages keep old buttons. Unknown keys are ignored, missing ones are empty.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

_KEYS = {
    "deployment": "d",
    "item": "i",
    "section": "c",
    "role": "r",
    "subject": "s",
    "notice": "n",
    "extra": "x",
}
_NAMES = {key: name for name, key in _KEYS.items()}


@dataclass(frozen=True)
class Target:
    """What a click is about. `subject` is the digest of what a decision decides."""

    deployment: str = ""
    item: str = ""
    section: str = ""
    role: str = ""
    subject: str = ""
    notice: str = ""
    extra: str = ""


def encode(target: Target) -> str:
    """`d=…|i=…`: only what is set. Raises ValueError when a part holds a separator."""
    parts = {name: text for name, text in asdict(target).items() if text}
    if any("|" in text for text in parts.values()):
        raise ValueError("a target's parts hold no '|'")
    return "|".join(f"{_KEYS[name]}={text}" for name, text in parts.items())


def decode(value: str) -> Target:
    """The target that `encode` wrote; anything else gives an empty one, never an error."""
    pairs = (part.split("=", 1) for part in value.split("|") if "=" in part)
    return Target(**{_NAMES[key]: text for key, text in pairs if key in _NAMES})
