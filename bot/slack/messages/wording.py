"""Words from Jinja2 templates, which a team may reword: `templates/messages/NAME.j2`.

Paragraphs (between empty lines) become section blocks. Everything a template prints is escaped, unless it is Safe
(field notes 2.5: HTML autoescape would turn quotes into entities that people read).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import TypeAdapter

from bot.resources import templates_folder
from bot.slack.messages import blocks, words
from bot.slack.messages.blocks import SECTION_TEXT, Block, Rendered, Safe, rendered, section, within
from checks.result import counted

Facts = TypeVar("Facts")


def worded(template: str, facts: Mapping[str, Any], after: Iterable[Block] = ()) -> Rendered:
    """Fill `templates/messages/<template>.j2`, with the blocks `after` it.

    Raises jinja2 errors for a template that asks for what is not there.
    """
    filled = environment().get_template(f"{template}.j2").render(facts)
    trimmed = ("\n".join(map(str.rstrip, each.strip().splitlines())) for each in filled.split("\n\n"))
    paragraphs = [paragraph for paragraph in trimmed if paragraph]
    blocks = [section(within(paragraph, SECTION_TEXT)) for paragraph in paragraphs]
    return rendered("\n".join(paragraphs), [*blocks, *after])


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Kept for the life of the process: compiling a template takes longer than filling it a hundred times."""
    made = Environment(
        loader=FileSystemLoader(templates_folder() / "messages"),
        autoescape=False,
        finalize=_finalized,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "bold": blocks.bold,
        "time": blocks.moment,
        "day": blocks.day,
        "day_time": blocks.day_and_time,
        "mention": blocks.mention,
        "short": words.short,
        "capital": words.capital,
        "count": counted,
        "cut": blocks.cut,
        "and_more": words.and_more,
    }
    made.globals["link"] = blocks.link
    return made


def _finalized(value: object) -> object:
    if isinstance(value, Safe):
        return value
    if value is None:
        return ""
    if isinstance(value, datetime):
        return blocks.moment(value)
    return blocks.user(value, SECTION_TEXT) if isinstance(value, str) else value


def frozen(kind: type[Facts], facts: Mapping[str, object]) -> Facts:
    """The facts of an outbox row (plain JSON, times as text) as a dataclass; keys it does not know are left out."""
    adapter = _ADAPTERS.setdefault(kind, TypeAdapter(kind))
    read: Facts = adapter.validate_python({name: value for name, value in facts.items() if value is not None})
    return read


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}
