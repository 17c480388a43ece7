"""requirements.lock: what `make` installs is what pyproject.toml pins, byte for byte, from whichever index."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
ENTRIES = [entry.replace("\\\n", " ").split() for entry in re.split(r"\n(?=\S)", LOCK.strip())]


def locked() -> dict[str, Requirement]:
    lines = (" ".join(part for part in entry if not part.startswith("--hash=")) for entry in ENTRIES)
    return {canonicalize_name(found.name): found for found in map(Requirement, lines)}


def test_the_lock_holds_each_pin_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [pin for pins in project["optional-dependencies"].values() for pin in pins]
    pins = [Requirement(pin) for pin in [*project["dependencies"], *extras]]
    found = locked()
    differing = [
        str(pin)
        for pin in pins
        if pin.name != "gonogo" and found[canonicalize_name(pin.name)].specifier != pin.specifier
    ]
    assert differing == []


def test_each_line_has_hashes_and_no_line_a_host() -> None:
    without = [entry[0] for entry in ENTRIES if not any(re.fullmatch("--hash=sha256:[0-9a-f]{64}", p) for p in entry)]
    assert without == []
    assert not re.search(r"://|--\w*(?:index|links|host)", LOCK)


def test_what_runs_these_tests_is_what_was_locked() -> None:
    wrong = {}
    for name, found in locked().items():
        if found.marker is not None and not found.marker.evaluate():
            continue
        try:
            installed = version(name)
        except PackageNotFoundError:
            installed = "missing"
        if not found.specifier.contains(installed if installed != "missing" else "0"):
            wrong[name] = installed
    assert wrong == {}, "run make again, or make lock after a change of pyproject.toml"
