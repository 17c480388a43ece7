"""DESIGN, *Go*: how old an answer may be. Each row reads like a sentence of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.checklist.items import Item
from bot.core.decision import CheckResult
from bot.core.item import is_stale, max_age
from checks.result import Status

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PLAIN = Item("rollback-plan", "Rollback plan prepared", 1, "pre", {})
BACKUP = replace(PLAIN, id="backup", label="Database backup completed")
RESTORE = replace(PLAIN, id="backup-restorable", label="Backup verified and restorable", valid_days=30)
STAGING = replace(PLAIN, id="staging-schema", label="Validate schema matches development")

AGES: dict[str, tuple[Item, str, dict[str, int], timedelta]] = {
    "a backup 24 hours": (BACKUP, "dump-files", {}, 24 * HOUR),
    "also by the name of its check": (PLAIN, "nightly-backup", {}, 24 * HOUR),
    "a restore drill 30 days": (replace(RESTORE, valid_days=None), "drill", {}, 30 * DAY),
    "also by the name of its check, backup or not": (BACKUP, "restore-backup", {}, 30 * DAY),
    "what staging answers 14 days": (STAGING, "schema-matches@staging", {}, 14 * DAY),
    "any other check 24 hours": (PLAIN, "plan-there", {}, 24 * HOUR),
    "as long as the item is valid": (replace(PLAIN, valid_days=90), "plan-there", {}, 90 * DAY),
    "a setting overrides valid": (RESTORE, "drill", {"restore": 7 * 24 * 3600}, 7 * DAY),
    "the setting of a class overrides the default": (BACKUP, "dump-files", {"backup": 3600}, HOUR),
    "also for another item of the class": (replace(PLAIN, id="final-backup"), "a", {"backup": 3600}, HOUR),
    "and not for one of no class": (PLAIN, "plan-there", {"backup": 3600}, 24 * HOUR),
    "the setting of another class does not": (BACKUP, "dump-files", {"restore": 3600}, 24 * HOUR),
    "an item's setting is nearer than its class": (
        BACKUP,
        "dump-files",
        {"backup": 60, "dump-files": 120},
        2 * HOUR / 60,
    ),
    "the check's setting is nearer than the item's": (PLAIN, "plan-there", {PLAIN.id: 60, "plan-there": 3600}, HOUR),
    "the item's setting": (PLAIN, "plan-there", {PLAIN.id: 60, "check": 3600}, HOUR / 60),
    "a setting of none at all is no setting": (PLAIN, "plan-there", {"plan-there": 0}, 0 * DAY),
}


@pytest.mark.parametrize(("item", "check", "settings", "age"), AGES.values(), ids=AGES)
def test_an_answer_holds_for(item: Item, check: str, settings: dict[str, int], age: timedelta) -> None:
    assert max_age(item, check, settings) == age


def answered(ago: timedelta, fingerprint: str | None = None) -> CheckResult:
    return CheckResult("r", "run", "d", "a", Status.PASSED, "fine", NOW - ago, fingerprint=fingerprint)


SECOND = timedelta(seconds=1)
STALE: dict[str, tuple[CheckResult, str | None, bool]] = {
    "just now": (answered(0 * DAY), None, False),
    "at exactly 24 hours": (answered(24 * HOUR), None, False),
    "a second later": (answered(24 * HOUR + SECOND), None, True),
    "of files, while the fingerprint holds": (answered(400 * DAY, "f"), "f", False),
    "of other files": (answered(0 * DAY, "f"), "g", True),
    "of files, where none are read now": (answered(0 * DAY, "f"), None, True),
}


@pytest.mark.parametrize(("result", "fingerprint", "stale"), STALE.values(), ids=STALE)
def test_an_answer_is_asked_for_again(result: CheckResult, fingerprint: str | None, stale: bool) -> None:
    assert is_stale(PLAIN, result, fingerprint, {}, NOW) is stale
