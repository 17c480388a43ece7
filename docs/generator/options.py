"""Options of checks: what the code of each asks for under `[checks.ID]`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from checks.catalogue import CATALOGUE
from docs.generator.markdown import data

CHECKS = Path(__file__).resolve().parents[2] / "checks"
EXPLAINED = "see what it decides"
_WORD = re.compile(r"[\w-]+")


@cache
def asked() -> frozenset[tuple[str, str]]:
    """(check, key) of every option that is asked for by name."""
    return frozenset(one for file in CHECKS.rglob("*.py") for one in _of(ast.parse(file.read_text(encoding="utf-8"))))


def _of(module: ast.Module) -> Iterator[tuple[str, str]]:
    """Of `text_option(context.options, ID, "key")`, `number_option(context, "key", 50)`: the check that is named, else
    each whose function leads to the call within the file.
    """
    parts = {name: part for part in module.body for name in _names(part)}
    texts = {name: text for name, part in parts.items() if (text := _text(getattr(part, "value", None)))}
    checks = [(check, _led_to(run, parts)) for check, run in _checks(module, texts)]
    for name, part in parts.items():
        for call in _calls(part, "option"):
            written = [text for given in call.args if _WORD.fullmatch(text := _text(given))]
            constant = [check for given in call.args if (check := texts.get(_name(given), "")) in CATALOGUE]
            owners = written[:-1] or constant or [check for check, led_to in checks if name in led_to]
            yield from ((check, key) for check in owners for key in written[-1:] if check in CATALOGUE)


def _checks(module: ast.Module, texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Id and name of the function of each `Check(id=…, run=…)`, and of each function below a `@…check(…)`."""
    for call in _calls(module, "Check"):
        given = {one.arg: one.value for one in call.keywords}
        yield texts.get(_name(given.get("id")), ""), _name(given.get("run"))
    for part in module.body:
        if isinstance(part, ast.FunctionDef) and any(_calls(one, "check") for one in part.decorator_list):
            yield part.name.replace("_", "-"), part.name


def _calls(part: ast.AST, name: str) -> Iterator[ast.Call]:
    """Calls of a function of that name, or of one that ends in it after an underscore."""
    for node in ast.walk(part):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and f"_{node.func.id}".endswith(f"_{name}"):
            yield node


def _led_to(name: str, parts: Mapping[str, ast.stmt]) -> set[str]:
    """Names of the file's own that this one comes to, and itself."""
    found, waiting = set(), [name]
    while waiting:
        one = waiting.pop()
        if one in parts and one not in found:
            found.add(one)
            waiting += [node.id for node in ast.walk(parts[one]) if isinstance(node, ast.Name)]
    return found


def _names(part: ast.stmt) -> list[str]:
    if isinstance(part, ast.FunctionDef | ast.ClassDef):
        return [part.name]
    return [target.id for target in getattr(part, "targets", []) if isinstance(target, ast.Name)]


def _name(node: ast.expr | None) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


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
