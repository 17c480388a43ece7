"""templates/gonogo.schema.json: gonogo.toml for editors, from the models that read it and the words of its page.

Draft 7, since that is what taplo and Even Better TOML read: https://taplo.tamasfe.dev/configuration/using-schemas.html.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from bot.core.item import DEFAULT_SECONDS
from bot.settings.document import KINDS, ROLE_KINDS, TOOLS, MainDocument
from bot.settings.words import NOTICE_EVENTS
from checks.catalogue import CATALOGUE
from checks.probes.backups.listings import READERS
from docs.generator.markdown import data
from docs.generator.options import options_of
from docs.generator.settings_page import AGES, FORMS, model_inside

_TEXT: Mapping[str, Any] = {"type": "string"}
_TEXTS: Mapping[str, Any] = {"type": "array", "items": {"type": "string"}}
_REFERENCE = r"env:[A-Za-z_][A-Za-z0-9_]*|service=[\w.-]+"
# What each small language is in JSON, by the name of its parser; text where nothing stands here.
SHAPES: Mapping[str, Mapping[str, Any]] = {
    "command_to_copy": {"anyOf": [_TEXT, _TEXTS]},
    "seconds": {"type": "string", "pattern": "^[0-9]+[smhdw]$"},
    "size": {"type": "string", "pattern": "^[0-9]+ ?[MGmg][Bb]$"},
    "channel": {"type": "string", "pattern": "^[CG][A-Z0-9]{2,20}$"},
    "database_reference": {"type": "string", "pattern": f"^({_REFERENCE})$"},
    "holiday_codes": {"anyOf": [{"enum": ["none"]}, _TEXTS]},
    "command": {"type": "string", "pattern": "^/[a-z0-9][a-z0-9_-]{0,30}$"},
    "notice_event": {"enum": list(NOTICE_EVENTS)},
    "_tool": {"enum": list(TOOLS)},
    "_kind": {"enum": list(KINDS)},
    "_role_kind": {"enum": list(ROLE_KINDS)},
    "_reader": {"enum": list(READERS)},
    "_threshold": {"type": ["number", "string"]},
    "_addresses": {"anyOf": [_TEXT, _TEXTS]},
    "_variables": {"anyOf": [_TEXTS, {"type": "object", "additionalProperties": {"type": "string"}}]},
    "_anchor": _TEXTS,
}


class _Schema(GenerateJsonSchema):
    """Pydantic's own, but for the small languages and for null, which TOML does not have."""

    def function_plain_schema(self, schema: Any) -> JsonSchemaValue:
        parser = schema["function"]["function"].__name__
        if parser not in FORMS:
            raise KeyError(parser)
        return dict(SHAPES.get(parser, _TEXT))

    def nullable_schema(self, schema: Any) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


def settings_schema() -> str:
    """The schema, as it is kept in the repository."""
    made = MainDocument.model_json_schema(schema_generator=_Schema, ref_template="#/definitions/{model}")
    definitions: dict[str, Any] = made.pop("$defs")
    for model, place in {MainDocument: "", **dict(_models(MainDocument, ""))}.items():
        _describe(made if not place else definitions[model.__name__], place)
    for one in (made, *definitions.values()):
        one.pop("description", None)  # a docstring, which is for whoever reads the code
    for value in made["properties"].values():
        value.pop("default", None)
    made["properties"]["checks"] = _checks()
    made["properties"]["freshness"]["properties"] = {name: _age(name) for name in DEFAULT_SECONDS}
    about = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "gonogo.toml"}
    return (
        json.dumps({**about, **_clean(made), "definitions": _clean(definitions)}, indent=1, ensure_ascii=False) + "\n"
    )


def _models(model: type[BaseModel], place: str) -> Iterator[tuple[type[BaseModel], str]]:
    """Each model inside with the name of its table on the page."""
    for name, field in model.model_fields.items():
        found, is_named = model_inside(field.annotation)
        if found is not None:
            below = ".".join(filter(None, [place, field.alias or name, "NAME" if is_named else ""]))
            yield found, below
            yield from _models(found, below)


def _describe(table: dict[str, Any], place: str) -> None:
    """The page's words for each key, and its example; of a table inside what the table is about."""
    words = data("settings.toml")
    for key, value in table["properties"].items():
        told = words.get(place, {}).get(key, {})
        below = next((name for name in (f"{place}.{key}".strip("."), f"{key}.NAME", f"{key}.ID") if name in words), "")
        if says := told.get("says") or (words[below]["_about"] if below else ""):
            value["description"] = _plain(says)
        if "example" in told:
            value["examples"] = [tomllib.loads(f"value = {told['example']}", parse_float=float)["value"]]


def _checks() -> dict[str, Any]:
    """A table for each check that has options; what they hold is the checks' own affair."""
    tables = {
        check: {
            "type": "object",
            "description": CATALOGUE[check].title,
            "properties": {key: {"description": _plain(says)} for key, says in options.items()},
        }
        for check in CATALOGUE
        if (options := options_of(check))
    }
    about = _plain(data("settings.toml")["checks.ID"]["_about"])
    return {"type": "object", "description": about, "properties": tables, "additionalProperties": {"type": "object"}}


def _age(name: str) -> dict[str, Any]:
    return {**SHAPES["seconds"], "description": AGES[name]}


def _plain(text: str) -> str:
    """Without links: they lead from page to page."""
    return re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text)


def _clean(part: Any) -> Any:
    """Without titles that pydantic makes up and defaults that nobody writes; days as text, as editors see them."""
    if isinstance(part, dict):
        kept = {key: value for key, value in part.items() if key != "title" or isinstance(value, dict)}
        return {key: _clean(value) for key, value in kept.items() if key != "default" or value not in (None, {}, [])}
    if isinstance(part, list | tuple):
        return [_clean(one) for one in part]
    return part if isinstance(part, str | int | float | bool) or part is None else str(part)
