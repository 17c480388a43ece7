"""The tables of docs/architecture.md that are import-linter's contracts in pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

from docs.generator.markdown import table

ROOT = Path(__file__).resolve().parents[2]
_PLACE = re.compile(r"(?<=<!-- layers, made by `make docs` -->\n).*?(?=\n<!-- end of layers -->)", re.DOTALL)


def architecture_page() -> str:
    """The page as it is, with its tables of layers made anew."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    return _PLACE.sub(lambda _: _tables(), page)


def _tables() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    layers = [
        [str(number), _names(part.strip() for part in layer.split("|"))]
        for contract in contracts
        if contract["type"] == "layers"
        for number, layer in enumerate(contract["layers"], 1)
    ]
    rules = [
        [contract["name"], _names(contract["source_modules"]), _names(contract["forbidden_modules"])]
        for contract in contracts
        if contract["type"] == "forbidden"
    ]
    return f"{table(['layer', 'rooms'], layers)}\n\n{table(['rule', 'these', 'never import'], rules)}"


def _names(modules: Iterable[str]) -> str:
    return ", ".join(f"`{module}`" for module in modules)
