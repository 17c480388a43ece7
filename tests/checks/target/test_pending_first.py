"""A schema that differs only since files wait to be applied: the person is told to apply them, not to write others."""

from __future__ import annotations

import pytest

from checks.base import Inputs, Status
from tests.checks.check_samples import migrations, run_one
from tests.checks.history_samples import sqlx_history
from tests.postgres import TestDatabase

FILES = migrations(
    "CREATE TYPE mood AS ENUM ('good'); CREATE TABLE users (id bigint);", "ALTER TYPE mood ADD VALUE 'bad';"
)


@pytest.mark.parametrize("check", ["schema-validation", "enum-labels"])
def test_what_is_pending_is_told_first(check: str, database: TestDatabase) -> None:
    database.execute(FILES.ups[0].text)
    sqlx_history(database, FILES.ups[:1])
    inputs = Inputs(migrations=FILES, scratch_server="embedded", target=database.address)
    told = run_one(check, inputs)
    assert told.summary.startswith("1 file not applied yet (00002): enum mood")
    assert (told.status, told.hint) == (Status.FAILED, "run what is pending, then ask again")
    database.execute(f"REVOKE SELECT ON _sqlx_migrations FROM {database.monitor_role}")
    unread = run_one(check, inputs)
    assert unread.summary.startswith("enum mood"), "without SELECT nobody can tell what is pending"
    database.execute(FILES.ups[1].text)
    assert run_one(check, inputs).status is Status.PASSED
