"""Options of checks: what the code of each asks for under `[checks.ID]`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from checks.catalogue import CATALOGUE
from docs.generator.markdown import data

CHECKS = Path(__file__).resolve().parents[2] / "checks"
EXPLAINED = "see what it decides"
# `text_option(context.options, ID, "key")`; whose it is stands as a name or as text.
_ASKED = re.compile(r"\b(?:\w+_)?option\(\s*[\w.]+,\s*([\w.]+|\"[\w-]+\"),\s*\"(\w+)\"")
_OWN = re.compile(r"^(?:ID|CHECK_ID) = \"([\w-]+)\"|^    id=\"([\w-]+)\"", re.MULTILINE)


@cache
def asked() -> frozenset[tuple[str, str]]:
    """(check, key) of every option that is asked for by name."""
    return frozenset(one for file in CHECKS.rglob("*.py") for one in _of(file.read_text(encoding="utf-8")))


def _of(text: str) -> Iterator[tuple[str, str]]:
    own = _OWN.search(text)
    for whose, key in _ASKED.findall(text):
        check = whose.strip('"') if whose.startswith('"') else (own[1] or own[2]) if own else ""
        if check in CATALOGUE:
            yield check, key


def options_of(check: str) -> dict[str, str]:
    """Keys with their words: those of docs/data/options.toml, or where the check explains them itself."""
    words: dict[str, str] = data("options.toml").get(check, {})
    more = sorted(key for found, key in asked() if found == check and key not in words)
    return words | dict.fromkeys(more, EXPLAINED)


def unexplained() -> list[str]:
    """Options that neither the data nor the check's own text speaks of."""
    texts = {check.id: f"{check.decides} {check.cost} {check.fix}" for check in CATALOGUE.values()}
    return sorted(
        f"{check}.{key}"
        for check, key in asked()
        if key not in data("options.toml").get(check, {}) and not re.search(rf"\b{key}\b", texts[check])
    )
