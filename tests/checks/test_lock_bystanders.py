"""Beside the target checks: whatever else asks a target neither waits for a migration nor makes it wait."""

from __future__ import annotations

from checks.base import Inputs, Status
from checks.catalogue import CATALOGUE
from checks.history.reading import read_history
from checks.runner import run_checks
from checks.targetdb.baseline import take
from checks.targetdb.live import read_live
from checks.targetdb.session import Target
from tests.checks.check_samples import migrations
from tests.checks.history_samples import sqlx_history
from tests.checks.target.estate import ESTATE, build
from tests.checks.target.test_target_bystander import FILES, Watch, migration_holds_everything
from tests.postgres import TestDatabase

# Checks of a scratch database that look at the target as well: sizes, labels, the whole schema.
ALSO_TARGET = ["statement-risk", "maintenance-needed", "schema-validation", "enum-labels"]


def test_scratch_checks_ask_a_locked_target_without_waiting(database: TestDatabase) -> None:
    build(database)
    inputs = _inputs(database)
    with migration_holds_everything(database), Watch(database) as watch:
        found = {check.id: result for check, result in run_checks([CATALOGUE[i] for i in ALSO_TARGET], inputs)}
    assert watch.seen == set()
    assert [
        i for i, result in found.items() if "itself failed" in result.summary or "not finished" in result.summary
    ] == []
    assert found["schema-validation"].status is Status.COULD_NOT_RUN
    assert "ACCESS EXCLUSIVE" in found["schema-validation"].summary
    assert "orders" in found["statement-risk"].summary
    assert found["statement-risk"].status is not Status.COULD_NOT_RUN


def test_history_baseline_and_live_view_are_read_beside_the_lock(database: TestDatabase) -> None:
    build(database)
    sqlx_history(database, FILES.ups[:1])
    database.execute(f"GRANT SELECT ON _sqlx_migrations TO {database.monitor_role}")
    target = Target(database.address)
    with migration_holds_everything(database), Watch(database) as watch:
        history = read_history(database.address, "sqlx")
        baseline = take(database.address)
        with target.session("live") as session:
            live = read_live(session)
    target.close()
    assert watch.seen == set()
    assert [row.version for row in history.rows] == ["1"]
    assert "public.orders" in baseline["tables"]
    assert "AccessExclusiveLock on orders" in live.blocked[0].line


def _inputs(database: TestDatabase) -> Inputs:
    files = migrations(ESTATE, "ALTER TABLE orders ALTER id TYPE numeric;", applied_through="00001")
    return Inputs(migrations=files, target=database.address, scratch_server="embedded")
