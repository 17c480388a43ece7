"""How settings and commands name an item."""

from __future__ import annotations

import pytest
from checklist_samples import default_checklist

from bot.core.checklist.items import ItemNotFound

CHECKLIST = default_checklist()


@pytest.mark.parametrize(
    ("reference", "item_id"),
    [
        ("smoke-tests", "smoke-tests"),
        ("Run smoke tests", "smoke-tests"),
        ("run  SMOKE tests", "smoke-tests"),
        ("Production Deployment / Run schema validation script", "schema-validation"),
        ("Pre-Deployment / Development Environment / Run schema validation script", "schema-validation-script"),
        ("Staging / SSL/TLS enabled", "staging-tls"),
        ("Staging/SSL / TLS enabled", "staging-tls"),
        ("Completion / Team notified", "team-notified"),
    ],
)
def test_by_id_by_section_and_label_and_by_label(reference: str, item_id: str) -> None:
    assert CHECKLIST.find(reference).id == item_id


def test_an_ambiguous_label_lists_its_candidates() -> None:
    with pytest.raises(ItemNotFound) as refusal:
        CHECKLIST.find("Run schema validation script")
    assert "names 2 items" in str(refusal.value)
    assert "Pre-Deployment / Development Environment / Run schema validation script" in str(refusal.value)
    assert "id schema-validation)" in str(refusal.value)


def test_an_unknown_one_suggests_the_nearest() -> None:
    with pytest.raises(ItemNotFound, match=r"Nearest: Run smoke tests \(id smoke-tests\)\."):
        CHECKLIST.find("Run smoke test")
    with pytest.raises(ItemNotFound, match=r"No item of this checklist is called 'zzzz qqqq'\.$"):
        CHECKLIST.find("zzzz qqqq")
    with pytest.raises(ItemNotFound, match="Nearest: backup"):
        CHECKLIST.item("bakup")
