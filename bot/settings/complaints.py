"""Pydantic's errors as sentences: what is wrong in the words of gonogo.toml, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.settings import document
from bot.settings.faults import Source, did_you_mean, quoted
from bot.settings.positions import Path
from checks.result import Finding, Unusable

_TABLES: Mapping[str, type[BaseModel]] = {
    "workspace": document.MainWorkspaceTable,
    "database": document.DatabaseTable,
    "checklist": document.ChecklistTable,
    "migrations": document.MigrationsTable,
    "scratch": document.ScratchTable,
    "slack": document.PaceTable,
    "record": document.RecordTable,
}
_NAMED_TABLES: Mapping[str, type[BaseModel]] = {
    "environments": document.EnvironmentTable,
    "audiences": document.AudienceTable,
    "roles": document.RoleTable,
    "escalation": document.EscalationTable,
    "probes": document.ProbeTable,
    "projects": document.ProjectTable,
    "accepted": document.AcceptedTable,
}
_MISSING: Mapping[Path, str] = {
    ("workspace",): 'write [workspace] and below it channel = "C0…", the id of the channel for deployments',
    ("workspace", "channel"): 'write channel = "C0…", the id of the channel for deployments',
    ("checklist", "file"): 'write file = "ops/checklist.md", or leave [checklist] out for the one of gonogo',
    ("migrations", "directory"): 'write directory = "db/migrations", the folder of the files',
    ("accepted", "reason"): 'write reason = "…": why this is accepted; without one it is not',
    ("accepted", "fingerprint"): "let `gonogo check … --accept REASON` write the entry",
}
_SHAPES: Mapping[str, str] = {
    "string_type": "must be text in quotes",
    "bool_type": "must be true or false, without quotes",
    "int_type": "must be a whole number, without quotes",
    "float_type": "must be a number, without quotes",
    "list_type": 'must be a list in brackets, such as ["…"]',
    "too_short": "must hold at least one text",
}
_LIMITS = {
    "greater_than_equal": ("is too small", "write at least"),
    "greater_than": ("is too small", "write more than"),
    "less_than_equal": ("is too large", "write at most"),
}


def complain(error: ValidationError, source: Source) -> Iterator[Finding]:
    for detail in error.errors(include_url=False):
        path = tuple(part for part in detail["loc"] if part != "[key]")
        yield source.fault(path, *_words(detail, path))


def _words(detail: ErrorDetails, path: Path) -> tuple[str, str]:
    kind = detail["type"]
    if kind == "missing":
        return "is missing", _MISSING.get(tuple(part for part in path if isinstance(part, str)), "")
    if kind == "extra_forbidden":
        return _unknown(path)
    if kind == "value_error":
        error: Unusable = detail["ctx"]["error"]
        return error.sentence, error.hint
    return _shape(detail, path)


def _shape(detail: ErrorDetails, path: Path) -> tuple[str, str]:
    kind = detail["type"]
    if kind.startswith("date_"):
        return f"{quoted(detail['input'])} is not a day", "write it without quotes, such as 2026-12-18"
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return "must be a table", f"write [{path[0]}] on a line of its own" if len(path) == 1 else ""
    if kind in _LIMITS:
        sentence, mend = _LIMITS[kind]
        return f"{quoted(detail['input'])} {sentence}", f"{mend} {next(iter(detail['ctx'].values()))}"
    return _SHAPES.get(kind, detail["msg"][:1].lower() + detail["msg"][1:]), ""


def _unknown(path: Path) -> tuple[str, str]:
    key = str(path[-1])
    known = _keys_beside(path)
    home = next((table for table, model in _TABLES.items() if key in _keys(model)), None)
    if key in known:
        return "is a setting of the main file alone", "move it there"
    if near := did_you_mean(key, known):
        return "is not a setting", near
    if home and path[:-1] != (home,):
        return "does not belong here", f"move it below [{home}]"
    return "is not a setting", f"known here: {', '.join(known)}"


def _keys_beside(path: Path) -> list[str]:
    """The settings that may stand where `path` stands."""
    if len(path) == 1:
        return _keys(document.MainDocument)
    if "freezes" in path:
        return _keys(document.FreezeTable)
    table = str(path[0])
    return _keys(_TABLES.get(table) or _NAMED_TABLES.get(table) or document.MainDocument)


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]
