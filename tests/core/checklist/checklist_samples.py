"""Checklists that the tests of this folder share."""

from __future__ import annotations

from pathlib import Path

from bot.core.checklist.items import Checklist, Kind
from bot.core.checklist.lint import lint
from bot.core.checklist.reader import parse, read
from bot.core.checklist.text import ChecklistError
from checks.result import Finding

ROOT = Path(__file__).parents[3]
DEFAULT_FILE = ROOT / "templates" / "checklists" / "migration-deployment.md"
GIVEN_FILE = ROOT / "tests" / "core" / "data" / "migration-deployment-checklist.md"

DEVELOPMENT, STAGING, PRODUCTION = Kind


def default_checklist() -> Checklist:
    return parse(DEFAULT_FILE.read_bytes(), DEFAULT_FILE.name)


def given_checklist() -> Checklist:
    """The file as it was given, without a single annotation."""
    return parse(GIVEN_FILE.read_bytes(), GIVEN_FILE.name)


def problems_of(text: str | bytes, known_checks: set[str] | None = None) -> list[Finding]:
    try:
        parse(text, "ops/list.md", known_checks)
    except ChecklistError as error:
        return list(error.problems)
    return []


def linted(text: str | bytes, known_checks: set[str] | None = None) -> tuple[Finding, ...]:
    """Errors and warnings of a text that can be read at all."""
    return lint(read(text, "l.md", known_checks))


def phases_of(text: str, kind: Kind = PRODUCTION) -> dict[str, str]:
    """Label to phase, of the items that apply in this kind."""
    return {item.label: str(item.phase(kind)) for item in parse(text).items if item.applies(kind)}
