"""Small rules that Slack's Block Kit limits are written with; texts, options, confirmation dialogs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Flaw:
    """What Slack finds wrong, and where."""

    message: str
    pointer: str

    def __str__(self) -> str:
        return f"[ERROR] {self.message} [json-pointer:{self.pointer}]"


Rule = Callable[[Any, str], Iterator[Flaw]]


def string(most: int | None = None, least: int = 0) -> Rule:
    def check(value: Any, pointer: str) -> Iterator[Flaw]:
        if not isinstance(value, str):
            yield Flaw("must provide a string", pointer)
        elif most is not None and len(value) > most:
            yield Flaw(f"must be less than {most + 1} characters", pointer)
        elif len(value) < least:
            yield Flaw(f"must be more than {least - 1} characters", pointer)

    return check


def boolean(value: Any, pointer: str) -> Iterator[Flaw]:
    if not isinstance(value, bool):
        yield Flaw("must provide a boolean", pointer)


def integer(least: int, most: int) -> Rule:
    def check(value: Any, pointer: str) -> Iterator[Flaw]:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            yield Flaw(f"must be a number between {least} and {most}", pointer)

    return check


def anything(_value: Any, _pointer: str) -> Iterator[Flaw]:
    """For parts that the stand-in does not judge."""
    yield from ()


def one_of(*allowed: str) -> Rule:
    def check(value: Any, pointer: str) -> Iterator[Flaw]:
        if value not in allowed:
            yield Flaw(f"must be a valid enum value: {', '.join(allowed)}", pointer)

    return check


def matching(pattern: str, wanted: str) -> Rule:
    def check(value: Any, pointer: str) -> Iterator[Flaw]:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            yield Flaw(f"must be {wanted}", pointer)

    return check


def list_of(rule: Rule, least: int, most: int) -> Rule:
    def check(value: Any, pointer: str) -> Iterator[Flaw]:
        if not isinstance(value, list):
            yield Flaw("must provide an array", pointer)
        elif len(value) > most:
            yield Flaw(f"no more than {most} items allowed", pointer)
        elif len(value) < least:
            yield Flaw(f"no fewer than {least} items allowed", pointer)
        else:
            for place, part in enumerate(value):
                yield from rule(part, f"{pointer}/{place}")

    return check


@dataclass(frozen=True)
class Shape:
    """An object: fields that must be there, fields that may be, and rules over the whole."""

    required: Mapping[str, Rule] = field(default_factory=dict)
    optional: Mapping[str, Rule] = field(default_factory=dict)
    whole: tuple[Rule, ...] = ()

    def __call__(self, value: Any, pointer: str) -> Iterator[Flaw]:
        if not isinstance(value, dict):
            yield Flaw("must provide an object", pointer)
            return
        for name in self.required:
            if value.get(name) is None:
                yield Flaw(f"missing required field: {name}", pointer)
        fields = {**self.required, **self.optional}
        for name, part in value.items():
            if name not in fields:
                yield Flaw(f"invalid additional property: {name}", pointer)
            elif part is not None:
                yield from fields[name](part, f"{pointer}/{name}")
        for rule in self.whole:
            yield from rule(value, pointer)


def typed(shapes: Mapping[str, Shape], allowed: frozenset[str] | None = None) -> Rule:
    """An object whose `type` chooses its shape; `allowed` are the types that fit at this place."""

    def check(value: Any, pointer: str) -> Iterator[Flaw]:
        if not isinstance(value, dict):
            yield Flaw("must provide an object", pointer)
            return
        kind = value.get("type")
        if not isinstance(kind, str) or kind not in shapes or (allowed is not None and kind not in allowed):
            yield Flaw(f"unsupported type: {kind}", f"{pointer}/type")
            return
        yield from shapes[kind](value, pointer)

    return check


IDENTIFIER = string(255)


def plain(most: int) -> Rule:
    return typed({"plain_text": text_shapes(most)["plain_text"]})


def text(most: int) -> Rule:
    """plain_text or mrkdwn."""
    return typed(text_shapes(most))


def text_shapes(most: int) -> dict[str, Shape]:
    """By type."""
    required = {"type": anything, "text": string(most, least=1)}
    return {"plain_text": Shape(required, {"emoji": boolean}), "mrkdwn": Shape(required, {"verbatim": boolean})}


CONFIRM = Shape(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)

SELECT_OPTION = Shape({"text": plain(75), "value": string(150, least=1)}, {"description": plain(75)})
OVERFLOW_OPTION = Shape(SELECT_OPTION.required, {"description": plain(75), "url": string(3000)})
CHOICE_OPTION = Shape({"text": text(75), "value": string(150, least=1)}, {"description": text(75)})
