"""`python -m tests.bench [MODULE …]`: runs every bench module, prints its figures and the machine's context."""

from __future__ import annotations

import importlib
import os
import pkgutil
import platform
import sys
from collections.abc import Iterable

import tests.bench as package


def main(wanted: Iterable[str]) -> None:
    print(_context())
    chosen = set(wanted)
    names = [module.name for module in pkgutil.iter_modules(package.__path__) if not module.name.startswith("_")]
    for name in names:
        if chosen and name not in chosen:
            continue
        print(f"\n{name}")
        for label, value, unit in importlib.import_module(f"tests.bench.{name}").run():
            print(f"  {label:<64} {value:>10.2f} {unit}", flush=True)


def _context() -> str:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.platform()}, load {load}"


if __name__ == "__main__":
    main(sys.argv[1:])
