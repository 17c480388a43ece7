"""Words from Jinja2 templates, `templates/messages/NAME.j2`, of which a team may replace any by a file of its own.

Paragraphs (between empty lines) become section blocks. Everything a template prints is escaped, unless it is Safe
(field notes 2.5: HTML autoescape would turn quotes into entities that people read). A template has its facts and what
`_FILTERS` does with them: the sandbox keeps it from everything else of this process.
https://jinja.palletsprojects.com/en/stable/sandbox/
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.core.decision import short
from bot.resources import templates_folder
from bot.slack.messages.blocks import (
    SECTION_TEXT,
    Block,
    Rendered,
    Safe,
    bold,
    cut,
    day,
    day_and_time,
    link,
    mention,
    moment,
    rendered,
    section,
    user,
    within,
)
from bot.slack.messages.words import and_more, capital
from checks.result import counted

log = logging.getLogger(__name__)
FILTERS = {
    "bold": bold,
    "time": moment,
    "day": day,
    "day_time": day_and_time,
    "mention": mention,
    "short": short,
    "capital": capital,
    "count": counted,
    "cut": cut,
    "and_more": and_more,
}
GLOBALS = {"link": link}
Filled = tuple[Sequence[str], Mapping[str, Any]]
"""The names that a template was looked for under, and what it was given."""
_in_use: dict[str, Path] = {}
_heard: list[list[Filled]] = []


def ours() -> Path:
    """The folder of the words that ship."""
    return templates_folder() / "messages"


def use_own(folder: Path | None) -> None:
    """From now on a file of that folder stands in for ours of the same name; None: ours alone."""
    _in_use.clear()
    environment.cache_clear()
    if folder is not None:
        _in_use["own"] = folder


@contextmanager
def heard() -> Iterator[list[Filled]]:
    """What templates are filled with meanwhile."""
    found: list[Filled] = []
    _heard.append(found)
    try:
        yield found
    finally:
        _heard.remove(found)


def worded(template: str, facts: Mapping[str, Any], after: Iterable[Block] = (), words: str = "") -> Rendered:
    """Fill `<template>.j2`, with the blocks `after` it; of the set `words` where that has one of the name.

    Where the team's own fails, ours is said, and the log has why. Raises jinja2 errors for one of ours that asks for
    what is not there.
    """
    names = names_of(template, words)
    for each in _heard:
        each.append((names, facts))
    paragraphs = _filled(names, facts)
    shown = [section(within(paragraph, SECTION_TEXT)) for paragraph in paragraphs]
    return rendered("\n".join(paragraphs), [*shown, *after])


def names_of(template: str, words: str) -> list[str]:
    folder, _, name = template.rpartition("/")
    return [*([f"{folder}/{words}/{name}.j2"] if words else []), f"{template}.j2"]


def _filled(names: Sequence[str], facts: Mapping[str, Any]) -> list[str]:
    own = _in_use.get("own")
    if own is not None:
        try:
            found = paragraphs(environment(own), names, facts)
        except Exception:
            log.exception("the team's own words for %s fail; ours are said", names[-1])
        else:
            if found:
                return found
    return paragraphs(environment(None), names, facts)


def paragraphs(made: ImmutableSandboxedEnvironment, names: Sequence[str], facts: Mapping[str, Any]) -> list[str]:
    """What the first template that there is makes of the facts. Raises what it raises."""
    filled = made.select_template(names).render(facts)
    trimmed = ("\n".join(map(str.rstrip, each.strip().splitlines())) for each in filled.split("\n\n"))
    return [paragraph for paragraph in trimmed if paragraph]


@lru_cache(maxsize=2)
def environment(own: Path | None) -> ImmutableSandboxedEnvironment:
    """Kept for the life of the process: compiling a template takes longer than filling it a hundred times."""
    return made_for(own)


def made_for(own: Path | None) -> ImmutableSandboxedEnvironment:
    """Reads a file once: one that is changed later is tried at the next start."""
    made = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader([own.resolve(), ours()] if own else ours()),
        autoescape=False,
        finalize=_finalized,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= FILTERS
    made.globals = dict(GLOBALS)
    return made


def _finalized(value: object) -> object:
    if isinstance(value, Safe):
        return value
    if value is None:
        return ""
    if isinstance(value, datetime):
        return moment(value)
    return user(value, SECTION_TEXT) if isinstance(value, str) else value
