"""Every hint with SQL of a target's checks is typed on a real server, and what it mends is gone then."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from checks.base import DatabaseAddress, Inputs, Result, Status
from checks.catalogue import CATALOGUE
from checks.runner import run_checks
from checks.targetdb.baseline import take
from tests.checks.check_samples import migrations
from tests.checks.hints.odd_names import Estate, odd_estate
from tests.checks.hints.typed import checks_with_typed_hints, statements_of, typed_hints
from tests.postgres import TestDatabase, make_database

SUPERUSER = {
    "foreign-keys-enforced": "the trigger of a foreign key is the server's own",
    "triggers-enabled": "the same, and session_replication_role",
    "security-hardening": "rights of a superuser are taken by one",
    "replication": "a slot asks for REPLICATION",
    "can-connect": "a role is made",
}
"""What the owner of the objects may not do; every other hint runs as that owner, who is no superuser."""
WHO = {"migration-timeouts": "mig"}
"""A role may set its own."""
STAYS = {
    "index-usage": "the counters have to move",
    "materialized-views-fresh": "its job has to run again",
    "refresh-schedule": "shows the runs of the job that failed",
    "partition-job": "shows the same",
    "foreign-key-orphans": "shows the rows",
}


@dataclass
class Typing:
    """Asks checks, types what they say to type, and counts it."""

    estate: Estate
    connection: psycopg.Connection
    options: dict[str, Any]
    typed: Counter[str] = field(default_factory=Counter)
    as_superuser: set[str] = field(default_factory=set)
    baseline: Mapping[str, object] | None = None

    def ask(self, *ids: str) -> Iterator[tuple[str, Result]]:
        address = self.estate.database.address
        inputs = Inputs(migrations=FILES, target=address, options=self.options, baseline=self.baseline, since=SINCE)
        for check, result in run_checks([CATALOGUE[id_] for id_ in ids], inputs):
            assert "itself failed" not in result.summary, (check.id, result)
            yield check.id, result

    def type_all(self, *ids: str) -> None:
        """Every hint of each check; then none of those that mend is there any more."""
        self.type_found(*ids)
        left = {id_: list(typed_hints(result)) for id_, result in self.ask(*ids)}
        assert not {id_: hints for id_, hints in left.items() if hints and id_ not in STAYS}

    def type_found(self, *ids: str) -> None:
        """Once what several checks say."""
        found = [(hint, id_) for id_, result in self.ask(*ids) for hint in typed_hints(result)]
        for hint in dict.fromkeys(hint for hint, _ in found):
            self.type(next(id_ for one, id_ in found if one == hint), hint)
        self.typed.update({id_ for _, id_ in found} - set(self.typed))

    def type(self, id_: str, hint: str) -> None:
        """Statement by statement, as psql does, each in a transaction of its own; as the owner where that will do."""
        assert "…" not in hint, hint
        self.typed[id_] += 1
        for statement in statements_of(hint):
            try:
                self.connection.execute(
                    f"SET SESSION AUTHORIZATION {self.estate.roles[WHO.get(id_, 'owner')]}".encode()
                )
                _run(self.connection, statement)
            except InsufficientPrivilege:
                assert id_ in SUPERUSER, (id_, hint)
                self.as_superuser.add(id_)
                self.connection.execute("RESET SESSION AUTHORIZATION")
                _run(self.connection, statement)


def _run(connection: psycopg.Connection, statement: str) -> None:
    try:
        connection.execute(statement.encode())
    except InsufficientPrivilege:
        raise
    except psycopg.Error as fault:
        pytest.fail(f"{statement}: {fault}")


FILES = migrations("CREATE TABLE a (id int);", "CREATE TABLE b (id int);")
SINCE = "2026-01-01T00:00:00Z"
GRANTS = ("query-plans", "key-overflow", "migrations-pending")
READERS = ("foreign-key-orphans", "partition-usage", "sequences-behind")
JOBS = ("refresh-schedule", "partition-job")
DAILY = '"My Shop"."group"'


@pytest.fixture(params=["18", pytest.param("15", marks=pytest.mark.postgres15)])
def estate(request: pytest.FixtureRequest) -> Iterator[Estate]:
    server = request.getfixturevalue("postgres" if request.param == "18" else "postgres15")
    with make_database(server) as database, odd_estate(database) as made:
        yield made


def test_every_hint_of_a_target_runs_as_it_stands(estate: Estate, capsys: pytest.CaptureFixture[str]) -> None:
    expected = checks_with_typed_hints("target") | set(GRANTS)
    with estate.session() as connection:
        typing = Typing(estate, connection, _options(estate))
        # First what lets the checks look at all, then what they say, then of the jobs that those hints have made.
        typing.type_all(*GRANTS)
        _the_rights(typing)
        _grant_the_rest(estate)
        typing.baseline = _baseline(estate)
        rest = expected - {*GRANTS, *JOBS, "can-connect", "migration-permissions"}
        typing.type_all(*(id_ for id_ in CATALOGUE if id_ in rest))
        _the_owners(typing)
        _the_jobs(typing)
        _the_locks(typing)
        _the_login(typing)
    assert set(typing.typed) == expected
    assert typing.as_superuser == set(SUPERUSER)
    with capsys.disabled():
        print(f"\n{sum(typing.typed.values())} hints of {len(typing.typed)} checks typed")


def _options(estate: Estate) -> dict[str, Any]:
    role = {"role": estate.migrator}
    return {
        "critical-queries": {"queries": ['SELECT * FROM "My Shop"."order"'], "allow_row_reads": True},
        "materialized-views-accurate": {"views": [DAILY], "allow_row_reads": True},
        "migration-permissions": role,
        "migration-timeouts": role,
        "lock-conflicts": {"transaction_seconds": 0},
        "foreign-key-orphans": {"tables": ["Lost"]},
    }


def _the_rights(typing: Typing) -> None:
    """One at a time, until those that read rows say what they find."""
    for id_ in READERS:
        while any(hint.startswith("GRANT") for _, result in typing.ask(id_) for hint in typed_hints(result)):
            typing.type_found(id_)


def _grant_the_rest(estate: Estate) -> None:
    """So that rows may be read where a check was allowed to."""
    monitor = estate.database.monitor_role
    with estate.session("owner") as owner:
        owner.execute(f'GRANT SELECT ON ALL TABLES IN SCHEMA "My Shop" TO {monitor}'.encode())


def _baseline(estate: Estate) -> Mapping[str, object]:
    """As of a day on which an index was read that is not read since, while its table is read from end to end."""
    baseline = take(estate.database.address)
    index = baseline["indexes"]['"My Shop"."Not Read"']
    baseline["indexes"]['"My Shop"."Not Read"'] = index | {"scans": 500}
    with estate.session() as connection:
        connection.execute('DO $$ BEGIN FOR i IN 1..60 LOOP PERFORM count(*) FROM "My Shop"."order"; END LOOP; END $$')
        connection.execute("SELECT pg_stat_force_next_flush()")
    return baseline


def _the_jobs(typing: Typing) -> None:
    """pg_cron and pg_partman need a server of their own kind: their tables and functions are here as they make them."""
    with typing.estate.session() as connection:
        connection.execute(
            'CREATE SCHEMA "Part Man"; CREATE PROCEDURE "Part Man".run_maintenance_proc() LANGUAGE sql AS \'SELECT 1\';'
            "INSERT INTO pg_extension SELECT 99, 'pg_partman', 10, n.oid, false, '5', NULL, NULL FROM pg_namespace n"
            " WHERE nspname = 'Part Man'"
        )
        typing.type_all(*JOBS)
        for (command,) in connection.execute("SELECT command FROM cron.job").fetchall():
            for statement in statements_of(command):
                _run(connection, statement)
        connection.execute("INSERT INTO cron.job_run_details SELECT jobid, 1, 'failed', now(), now() FROM cron.job")
        typing.type_all(*JOBS, "materialized-views-fresh")


def _the_locks(typing: Typing) -> None:
    """One session waits for another, both of the owner, who may end them."""
    address = typing.estate.database.server.conninfo_for(
        typing.estate.database.name, typing.estate.roles["owner"].strip('"'), "x"
    )
    for id_ in ("blocking", "migration-progress", "lock-conflicts"):
        with closing(psycopg.connect(address)) as holds, closing(psycopg.connect(address)) as waits:
            holds.execute('LOCK TABLE "My Shop"."order"')
            waits.pgconn.send_query(b'BEGIN; LOCK TABLE "My Shop"."order"')
            while next(typing.ask("blocking"))[1].status is Status.PASSED:
                assert not waits.pgconn.error_message
            [(_, result)] = typing.ask(id_)
            for hint in typed_hints(result):
                typing.type(id_, hint)
            [(_, after)] = typing.ask("blocking")
            assert after.status is Status.PASSED


def _the_login(typing: Typing) -> None:
    """The checks' own login is a superuser: the role of the hint is none."""
    database: TestDatabase = typing.estate.database
    address = DatabaseAddress("production", database.admin)
    [(_, result)] = run_checks([CATALOGUE["can-connect"]], Inputs(target=address))
    try:
        for hint in typed_hints(result):
            typing.type("can-connect", hint)
        database.execute(f"ALTER ROLE gonogo PASSWORD 'x'; GRANT CONNECT ON DATABASE \"{database.name}\" TO gonogo")
        own = replace(address, conninfo=database.server.conninfo_for(database.name, "gonogo", "x"))
        [(_, result)] = run_checks([CATALOGUE["can-connect"]], Inputs(target=own))
        assert result.status is Status.PASSED, result
    finally:
        database.execute("DROP OWNED BY gonogo; DROP ROLE gonogo")


def _the_owners(typing: Typing) -> None:
    """No membership is given away; the owner before uses the table as it did, and owns it no more."""
    app, owner = typing.estate.roles["app"], typing.estate.roles["owner"]
    typing.estate.database.execute(
        'CREATE TABLE "My Shop"."App\'s" (id serial PRIMARY KEY, "what" text);'
        f'ALTER TABLE "My Shop"."App\'s" OWNER TO {app}; GRANT USAGE ON SCHEMA "My Shop" TO {app};'
        f"GRANT {app} TO {owner}"
    )
    for _, result in typing.ask("migration-permissions"):
        assert not [hint for hint in typed_hints(result) if re.search(r"GRANT [^ ]+ TO", hint)]
    typing.type_found("migration-permissions")  # says twenty at a time
    typing.type_all("migration-permissions")
    with typing.estate.session("app") as app:
        app.execute('INSERT INTO "My Shop"."App\'s" ("what") VALUES (\'x\')')
        with pytest.raises(InsufficientPrivilege):
            app.execute('DROP TABLE "My Shop"."App\'s"')
