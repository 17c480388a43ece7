"""docs/settings.md: every table and key of gonogo.toml, from the pydantic models that read it."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.core.item import DEFAULT_SECONDS
from bot.settings.document import KINDS, ROLE_KINDS, TOOLS, MainDocument
from checks.catalogue import CATALOGUE
from checks.probes.backups.listings import READERS
from docs.generator.markdown import anchor, data, page, table
from docs.generator.options import options_of

# What each small language of the settings is called, by the name of its parser.
FORMS: Mapping[str, str] = {
    "command_to_copy": "a line, or a list of arguments",
    "_line_of_text": "text",
    "_state_path": "path of a file",
    "seconds": "duration: `45s`, `30m`, `24h`, `14d`, `2w`",
    "size": "size: `512MB`, `4GB`",
    "zone": "time zone",
    "channel": "channel id",
    "member": "user id or `@group`",
    "hearer": "channel id or user id",
    "notice_event": "event",
    "database_reference": "`env:NAME` or `service=NAME`",
    "quiet_hours": "span of hours, or `none`",
    "working_days": "days: `Mon-Fri`, `Sun-Thu`, `Mon,Wed`",
    "holiday_codes": "list of codes, or `none`",
    "command": "slash command",
    "window": "days and hours",
    "scratch_baseline": "`target`, `env:NAME`, `service=NAME`, or a path",
    "scratch_server": "`embedded`, `none`, `env:NAME`, `service=NAME`, `bin:FOLDER`",
    "web_address": "web address",
    "commit_address": "web address with `{commit}` in it",
    "_tool": ", ".join(f"`{tool}`" for tool in TOOLS),
    "_kind": ", ".join(f"`{kind}`" for kind in KINDS),
    "_role_kind": ", ".join(f"`{kind}`" for kind in ROLE_KINDS),
    "_threshold": "number, or a relation such as `> 0.5`",
    "_addresses": "one web address, or a list",
    "_reader": ", ".join(f"`{reader}`" for reader in READERS),
    "_variables": "list of names, or a table",
    "_anchor": "list of text",
}
_PLAIN = {str: "text", bool: "`true` or `false`", int: "whole number", float: "number", date: "day", object: "anything"}


@dataclass(frozen=True)
class Setting:
    """One key of one table, as the model has it."""

    table: str
    key: str
    field: FieldInfo


def settings() -> Iterator[Setting]:
    """Every key that a person can write; tables inside tables are named `environments.NAME`."""
    yield from _of(MainDocument, "")


def _of(model: type[BaseModel], place: str) -> Iterator[Setting]:
    for name, field in model.model_fields.items():
        key = field.alias or name
        inner, is_named = model_inside(field.annotation)
        if inner is None or place:
            yield Setting(place, key, field)
        if inner is not None:
            yield from _of(inner, ".".join(filter(None, [place, key, "NAME" if is_named else ""])))


def model_inside(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """The model of a table inside, and whether people name such tables."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    found = [model_inside(part)[0] for part in get_args(annotation)]
    model = next((part for part in found if part), None)
    return model, get_origin(annotation) is dict


def tables() -> list[str]:
    """Names of the tables, in the order of the model; those with free keys too."""
    free = {"freshness": "freshness", "checks": "checks.ID"}
    names = [setting.table or free[setting.key] for setting in settings()]
    return list(dict.fromkeys(names))


def settings_page() -> str:
    """The page."""
    words = data("settings.toml")
    order = [name for name in words if name in tables()]
    sections = [_section(name, words[name]) for name in order]
    return page("# Settings", _INTRO, _contents(order), *sections, _variables())


_INTRO = """gonogo reads `gonogo.toml` from the current folder, from the file that `GONOGO_CONFIG` names, or from
`--config`. Paths are relative to that file. An unknown key is refused; `gonogo doctor` and `gonogo run` name every
fault of the file at once, with its line and the mend. No password and no token stands in the file: addresses of
databases are names of environment variables or libpq services.

A file with every table filled in is in the [example](example.toml); the smallest one is in the
[README](../README.md#install-it-in-your-workspace)."""


def _contents(names: list[str]) -> str:
    return " · ".join(f"[`[{name}]`](#{anchor(name)})" for name in names) + " · [variables](#variables)"


def _section(name: str, words: Mapping[str, Any]) -> str:
    head = f"## {name}\n\n{words['_about']}"
    if name == "freshness":
        return f"{head}\n\n{_freshness()}"
    if name == "checks.ID":
        return f"{head}\n\n{_options()}"
    rows = [_row(setting, words.get(setting.key, {})) for setting in settings() if setting.table == name]
    return f"{head}\n\n{table(['key', 'what', 'form', 'default', 'example'], rows)}"


def _row(setting: Setting, words: Mapping[str, str]) -> list[str]:
    example = f"`{setting.key} = {words['example']}`" if "example" in words else ""
    form = form_of(setting.field.annotation, setting.field.metadata)
    return [f"`{setting.key}`", words.get("says", ""), form, _default(setting.field), example]


def form_of(annotation: Any, metadata: typing.Sequence[Any] = ()) -> str:
    """A type in words. Raises KeyError for a parser that FORMS does not know: give it a word there."""
    parser = next((one.func.__name__ for one in metadata if hasattr(one, "func")), None)
    if parser:
        return FORMS[parser]
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return form_of(parts[0], parts[1:])
    if origin in (Union, types.UnionType):
        return form_of(next(part for part in parts if part is not types.NoneType))
    if origin in (list, tuple):
        return f"list of {form_of(parts[0])}" if model_inside(parts[0])[0] is None else "list of tables"
    if origin is dict:
        return "table"
    return _PLAIN[annotation] + _bounds(metadata)


def _bounds(metadata: typing.Sequence[Any]) -> str:
    low = next((one.ge for one in metadata if hasattr(one, "ge")), None)
    high = next((one.le for one in metadata if hasattr(one, "le")), None)
    return f", {low} to {high}" if low is not None and high is not None else ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    value = field.default
    if value is None or value in ([], {}):
        return "–"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`"


def _freshness() -> str:
    rows = [[f"`{name}`", AGES[name], _span(seconds)] for name, seconds in DEFAULT_SECONDS.items()]
    return table(["class", "what", "default"], rows) + '\n\nExample: `backup = "12h"`.'


AGES = {
    "backup": "Checks and lines about backups.",
    "restore": "Checks and lines about restoring.",
    "staging": "What is asked of the environment before.",
    "approval": "Approvals and reviews.",
    "check": "Every other check of a database or a probe. An answer about the files holds while the files hold.",
}


def _span(seconds: int) -> str:
    days, hours = seconds // 86400, seconds // 3600
    return f"`{days}d`" if days > 1 else f"`{hours}h`"


def _options() -> str:
    rows = [
        [f"[`{check}`](checks.md#{anchor(check)})", f"`{key}`", says]
        for check in CATALOGUE
        for key, says in options_of(check).items()
    ]
    return table(["check", "key", "what"], rows)


def _variables() -> str:
    rows = [[f"`{name}`", says] for name, says in data("variables.toml").items()]
    known = table(["variable", "what"], rows)
    rest = "Beside them those that the file names, such as `env:PRODUCTION_DATABASE_URL`, and what libpq and git read."
    return f"## variables\n\n{known}\n\n{rest}"
