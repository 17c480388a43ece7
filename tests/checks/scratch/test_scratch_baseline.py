"""Scratch databases that begin with a schema dump: a file of the repository, or of a database."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from checks.base import DatabaseAddress, Inputs, MigrationSet, Result, ScratchStart, Status
from checks.catalogue import CATALOGUE
from checks.runner import run_checks
from checks.targetdb import dump
from tests.checks.check_samples import migrations
from tests.postgres import POSTGRES_15, TestDatabase

OLD = "CREATE TABEL nothing of this applies any more;"
WANTED = ("applies-to-scratch", "tables-created", "statement-risk", "primary-keys", "down-up")
SCHEMA = """\\restrict abc
SET transaction_timeout = 0;
SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
CREATE SCHEMA public;
ALTER SCHEMA public OWNER TO somebody;
CREATE TYPE public.mood AS ENUM ('good');
CREATE TABLE public.users (id bigint NOT NULL, email text, mood public.mood);
ALTER TABLE public.users OWNER TO somebody;
ALTER TABLE ONLY public.users ADD CONSTRAINT users_pkey PRIMARY KEY (id);
COMMENT ON EXTENSION plpgsql IS 'PL/pgSQL';
GRANT SELECT ON TABLE public.users TO reporting;
ALTER DEFAULT PRIVILEGES FOR ROLE somebody IN SCHEMA public GRANT SELECT ON TABLES TO reporting;
\\unrestrict abc
"""
PENDING = "CREATE TABLE orders (id bigint PRIMARY KEY, owner bigint REFERENCES users);"


def run(inputs: Inputs, *wanted: str) -> dict[str, Result]:
    return {check.id: result for check, result in run_checks([CATALOGUE[one] for one in wanted or WANTED], inputs)}


def started(folder: Path, schema: str, files: MigrationSet, version: str = "", server: str = "embedded") -> Inputs:
    (folder / "schema.sql").write_text(schema)
    start = ScratchStart("schema.sql", version=version)
    return Inputs(migrations=files, scratch_server=server, scratch_start=start, options={"folder": str(folder)})


VERSIONS = ["embedded", pytest.param(f"bin:{POSTGRES_15}", marks=pytest.mark.postgres15)]


@pytest.mark.parametrize("server", VERSIONS)
def test_files_before_the_dump_need_not_apply(tmp_path: Path, server: str) -> None:
    alter = "ALTER TABLE users ALTER id TYPE int;"
    files = migrations(OLD, OLD, PENDING, alter, applied_through="00002")
    found = run(started(tmp_path, SCHEMA, files, server=server))
    assert found["applies-to-scratch"].summary.startswith("2 of 2 applied in "), found["applies-to-scratch"]
    assert found["tables-created"].summary.startswith("1 of 1 tables present")
    assert [finding.object for finding in found["primary-keys"].findings] == []
    assert "holds ACCESS EXCLUSIVE on users (size unknown) and rewrites it" in found["statement-risk"].summary
    assert found["down-up"].status is Status.NOT_APPLICABLE
    again = run(started(tmp_path, SCHEMA, files, server=server), "applies-to-scratch")["applies-to-scratch"]
    other = run(started(tmp_path, f"{SCHEMA}CREATE TABLE x ();", files, server=server), "applies-to-scratch")
    assert again.inputs_hash == found["applies-to-scratch"].inputs_hash != other["applies-to-scratch"].inputs_hash


def test_a_role_that_is_not_on_the_team_s_server_does_not_matter(tmp_path: Path, database: TestDatabase) -> None:
    files = migrations(OLD, PENDING, applied_through="00001")
    found = run(started(tmp_path, SCHEMA, files, server=database.server.conninfo), "applies-to-scratch")
    assert found["applies-to-scratch"].status is Status.PASSED, found
    assert "could not be made" not in found["applies-to-scratch"].summary


def test_the_dump_s_own_history_tells_which_files_it_has(tmp_path: Path) -> None:
    """As dbmate and Rails write it, on a set whose target is not known."""
    rows = "INSERT INTO public._sqlx_migrations VALUES (1, 'a', now(), true, '', 0), (2, 'b', now(), true, '', 0);"
    ddl = """CREATE TABLE public._sqlx_migrations (version bigint PRIMARY KEY, description text,
  installed_on timestamptz, success boolean, checksum bytea, execution_time bigint);"""
    found = run(started(tmp_path, f"{SCHEMA}{ddl}{rows}", migrations(OLD, OLD, PENDING)), "applies-to-scratch")
    assert found["applies-to-scratch"].summary.startswith("1 of 1 applied in "), found


@pytest.mark.parametrize(
    ("version", "through", "told"),
    [
        ("", None, "nothing tells which migrations schema.sql has"),
        ("00002", "00001", "schema.sql has 00002_b.sql already, which is pending: nothing can be tried on it"),
    ],
)
def test_a_dump_that_settles_nothing_is_told(tmp_path: Path, version: str, through: str | None, told: str) -> None:
    files = migrations(OLD, OLD, PENDING, applied_through=through)
    found = run(started(tmp_path, SCHEMA, files, version))
    assert {(result.status, result.summary) for result in found.values()} == {(Status.COULD_NOT_RUN, told)}
    set_by_hand = run(started(tmp_path, SCHEMA, replace(files, applied_through=None), "00002"), "applies-to-scratch")
    assert set_by_hand["applies-to-scratch"].status is Status.PASSED


def test_what_the_server_lacks_for_the_dump_is_named_where_a_file_needs_it(tmp_path: Path) -> None:
    schema = f"{SCHEMA}CREATE EXTENSION pgcrypto;\nCREATE TABLE public.s (id uuid DEFAULT public.gen_salt_id());\n"
    schema += "CREATE EXTENSION dblink;\n"
    fine = run(started(tmp_path, schema, migrations(OLD, PENDING, applied_through="00001")))
    assert fine["applies-to-scratch"].status is Status.PASSED
    assert fine["applies-to-scratch"].summary.endswith("; 3 statements of the dump could not be made")
    assert ("schema.sql", 16) in {(finding.file, finding.line) for finding in fine["applies-to-scratch"].findings}
    needing = migrations(OLD, "ALTER TABLE s ADD note text;", applied_through="00001")
    told = {result.summary for result in run(started(tmp_path, schema, needing), *WANTED[:4]).values()}
    lack = "the scratch server lacks extension pgcrypto, which schema.sql:16 needs"
    assert len(told) == 1 and lack in told.pop()


def test_a_file_after_the_dump_that_reaches_out_is_not_run(tmp_path: Path) -> None:
    files = migrations("COPY t TO PROGRAM 'id';", "COPY users TO PROGRAM 'id';", applied_through="00001")
    found = run(started(tmp_path, SCHEMA, files), "applies-to-scratch")["applies-to-scratch"]
    assert found.summary == "nothing was tried: 00002_b.sql:1 reaches for a program of the server"


def of_database(database: TestDatabase, files: MigrationSet, kind: str = "staging", login: str = "") -> Inputs:
    address = DatabaseAddress(kind, login or database.monitor, kind)
    return Inputs(migrations=files, scratch_server="embedded", scratch_start=ScratchStart(address=address))


def test_the_schema_of_a_database_is_taken_by_a_login_that_only_reads(
    database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.execute(f"{'CREATE TABLE users (id bigint PRIMARY KEY);'} INSERT INTO users VALUES (4711);")
    files = migrations(OLD, PENDING, applied_through="00001")
    inputs = of_database(database, files)
    refused = run(inputs, "applies-to-scratch")["applies-to-scratch"]
    assert (
        refused.summary
        == f"{database.monitor_role} may not read table users of staging, so its schema cannot be dumped"
    )
    assert refused.hint == f"GRANT pg_read_all_data TO {database.monitor_role};"
    database.execute(f"GRANT pg_read_all_data TO {database.monitor_role}")
    assert run(inputs, "applies-to-scratch")["applies-to-scratch"].status is Status.PASSED
    with database.connect() as other, other.transaction():
        other.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
        waits = run(inputs, "applies-to-scratch")["applies-to-scratch"]
    assert waits.summary == "a table of staging is locked, and no dump waits behind it"
    monkeypatch.setattr(dump, "MOST_RELATIONS", 1)
    large = run(inputs, "applies-to-scratch")["applies-to-scratch"]
    assert large.summary == "staging has 2 relations, too many to lock at once for a dump"
    monkeypatch.setattr(dump, "MOST_RELATIONS", 10_000)
    monkeypatch.setattr(dump, "_SHARE_OF_LOCKS", 10**6)
    assert "a dump of staging would take 2 locks, and all its sessions share " in run(inputs)["down-up"].summary


def test_no_dump_is_taken_of_a_production_or_by_a_superuser(database: TestDatabase) -> None:
    files = migrations(OLD, PENDING, applied_through="00001")
    told = run(of_database(database, files, "production"))
    assert {result.summary for result in told.values()} == {
        "the schema of production is not dumped, since pg_dump locks every table of it"
    }
    admin = run(of_database(database, files, login=database.admin))["applies-to-scratch"]
    assert admin.summary == "postgres is a superuser of staging: its schema is dumped by a read-only login alone"
    nowhere = run(Inputs(migrations=files, scratch_server="embedded", scratch_start=ScratchStart()))
    assert nowhere["down-up"].summary == '[scratch] baseline = "target" needs the database of an environment'
