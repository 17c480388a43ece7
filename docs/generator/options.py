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
# `text_option(context.options, ID, "key")`, `number_option(context, "key", 50)`
_CALL = re.compile(r"\b(?:\w+_)?option\((?P<given>[^()]*)\)")
_TEXT = re.compile(r"\"([\w-]+)\"")
_CONSTANT = re.compile(r"^([A-Z_]+) = \"([\w-]+)\"", re.MULTILINE)
_ID = re.compile(r"^ +id=\"?([\w-]+)\"?,$", re.MULTILINE)


@cache
def asked() -> frozenset[tuple[str, str]]:
    """(check, key) of every option that is asked for by name."""
    return frozenset(one for file in CHECKS.rglob("*.py") for one in _of(file.read_text(encoding="utf-8")))


def _of(text: str) -> Iterator[tuple[str, str]]:
    constants = dict(_CONSTANT.findall(text))
    here = [constants.get(found, found) for found in _ID.findall(text)]
    for call in _CALL.finditer(text):
        texts = _TEXT.findall(call["given"])
        named = [texts[0]] if len(texts) > 1 else [constants[name] for name in constants if name in call["given"]]
        if texts:
            yield from _owned(texts[-1], [check for check in named or here if check in CATALOGUE])


def _owned(key: str, checks: list[str]) -> Iterator[tuple[str, str]]:
    """A file with several checks asks for those that speak of the key, or for all where none does."""
    speaking = [check for check in checks if _speaks(check, key)]
    yield from ((check, key) for check in speaking or checks)


def _speaks(check: str, key: str) -> bool:
    found = CATALOGUE[check]
    return re.search(rf"\b{key}\b", f"{found.decides} {found.cost} {found.fix}") is not None


def options_of(check: str) -> dict[str, str]:
    """Keys with their words: those of docs/data/options.toml, or where the check explains them itself."""
    words: dict[str, str] = data("options.toml").get(check, {})
    more = sorted(key for found, key in asked() if found == check and key not in words)
    return words | dict.fromkeys(more, EXPLAINED)


def unexplained() -> list[str]:
    """Options that neither the data nor the check's own text speaks of."""
    words = data("options.toml")
    return sorted(
        f"{check}.{key}" for check, key in asked() if key not in words.get(check, {}) and not _speaks(check, key)
    )
