"""The clean set of ten files gives no warning in any scratch check, and its known faults are found."""

from __future__ import annotations

import pytest

from checks.base import Inputs, Need, Status
from checks.catalogue import CATALOGUE
from checks.runner import run_checks
from tests.checks.check_samples import places, run_one
from tests.checks.scratch.scratch_samples import shop, shop_with

GOOD = (Status.PASSED, Status.EVIDENCE, Status.NOT_APPLICABLE)


@pytest.mark.parametrize("through", [None, "00007"])
def test_the_clean_set_gives_no_warning(server: str, through: str | None) -> None:
    inputs = Inputs(migrations=shop(through), scratch_server=server)
    checks = [check for check in CATALOGUE.values() if check.needs is Need.SCRATCH and check.has_inputs(inputs)]
    results = {check.id: result for check, result in run_checks(checks, inputs)}
    assert {id_: r.summary for id_, r in results.items() if r.status not in GOOD} == {}
    assert results["statement-risk"].status is Status.PASSED
    assert results["down-up"].status is Status.PASSED
    assert results["maintenance-needed"].summary.startswith("online change only: ")


def test_its_evidence_has_numbers() -> None:
    inputs = Inputs(migrations=shop(), scratch_server="embedded")
    assert run_one("fk-index", inputs).summary == "5 foreign keys, each with an index"
    assert run_one("soft-delete", inputs).summary == (
        "soft delete on 2 tables: users (hidden in 1 view), products (hidden in 2 views)"
    )
    assert run_one("partition-rows", inputs).summary.startswith(
        "page_events: 37 partitions, one the default, a row in each of 36"
    )
    assert "rows are lost with 7 tables, 1 column" in run_one("down-up", inputs).summary


def test_a_blocking_index_of_the_shop_is_found(server: str) -> None:
    files = shop_with("blocking_index", "00007")
    result = run_one("statement-risk", Inputs(migrations=files, scratch_server=server))
    assert (result.status, places(result)) == (Status.WARNING, [("orders", "00009_index_open_orders.up.sql", 3)])
    assert "00009 holds SHARE on orders (size unknown) and builds an index on it" in result.summary


def test_a_view_of_the_shop_without_unique_index_is_found(server: str) -> None:
    inputs = Inputs(migrations=shop_with("no_unique_index", "00007"), scratch_server=server)
    place = [("daily_revenue", "00010_create_daily_revenue.up.sql", 3)]
    for check_id in ("matview-unique-index", "matview-refresh"):
        result = run_one(check_id, inputs)
        assert (result.status, places(result)) == (Status.WARNING, place)


def test_a_function_of_the_shop_with_an_unknown_label_is_not_read_before_it_runs() -> None:
    """PostgreSQL looks at the body of a SQL function when it is made: the files stop there."""
    files = shop_with("unknown_label", "00007")
    result = run_one("statement-risk", Inputs(migrations=files, scratch_server="embedded"))
    assert result.status is Status.COULD_NOT_RUN
    assert "the files do not apply: 00008_add_loyalty_tier.up.sql:" in result.summary
