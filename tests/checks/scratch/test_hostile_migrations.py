"""Migrations that mean harm, or never end: one sentence each, and the other checks go on."""

from __future__ import annotations

import time

from checks.base import Inputs, ScratchLimits, Status
from checks.catalogue import CATALOGUE
from checks.runner import run_checks
from tests.checks.check_samples import migrations, places
from tests.checks.scratch.scratch_samples import USERS, on


def test_a_loop_ends_at_the_time_limit_of_a_statement() -> None:
    loop = "SET statement_timeout = '1s';\nDO $$ BEGIN LOOP END LOOP; END $$;"
    result = on("embedded", "applies-to-scratch", USERS, loop)
    assert (result.status, places(result)[0][1:]) == (Status.FAILED, ("00002_b.sql", 2))
    assert "57014 canceling statement due to statement timeout" in result.summary


def test_a_loop_that_lifts_the_limit_ends_at_that_of_the_run_and_others_go_on() -> None:
    on("embedded", "scratch-database", USERS)
    loop = "SET statement_timeout = 0;\nDO $$ BEGIN LOOP END LOOP; END $$;"
    limits = ScratchLimits(time=9)
    inputs = Inputs(migrations=migrations(USERS, loop), scratch_server="embedded", scratch_limits=limits)
    wanted = [CATALOGUE[id_] for id_ in ("applies-to-scratch", "statement-risk", "syntax")]
    started = time.monotonic()
    results = {c.id: r for c, r in run_checks(wanted, inputs)}
    assert time.monotonic() - started < 40
    assert (results["applies-to-scratch"].status, results["applies-to-scratch"].summary) == (
        Status.COULD_NOT_RUN,
        "the scratch run was stopped at 00002_b.sql:2: 9 s, the limit",
    )
    assert results["statement-risk"].summary == results["applies-to-scratch"].summary
    assert results["syntax"].status is Status.PASSED


def test_a_function_that_never_ends_is_stopped() -> None:
    text = """CREATE FUNCTION forever() RETURNS int LANGUAGE plpgsql AS $$ BEGIN LOOP END LOOP; END $$;"""
    result = on("embedded", "function-bodies", USERS, text)
    assert (result.status, result.summary) == (
        Status.PASSED,
        "0 of 1 new function called with made-up values, 0 errors; 1 stopped after 5 s",
    )
