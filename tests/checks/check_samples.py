"""Short ways to run one check over files written in the test."""

from __future__ import annotations

from dataclasses import replace

from checks.base import NOTE, Inputs, MigrationSet, Result
from checks.catalogue import CATALOGUE
from checks.migrations import read_pairs
from checks.runner import run_checks

USERS = "CREATE TABLE users (\n  id bigint PRIMARY KEY,\n  email text NOT NULL\n);"
AUDIT = """CREATE TABLE audit (id bigint GENERATED ALWAYS AS IDENTITY, what text NOT NULL);
CREATE FUNCTION write_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO audit (what) VALUES (NEW.{column}::text);
  RETURN NEW;
END $$;
CREATE TRIGGER users_audit AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION write_audit();"""


def migrations(*texts: str, tool: str = "sqlx", applied_through: str | None = None) -> MigrationSet:
    """Files 00001_a.sql, 00002_b.sql … with the given texts."""
    pairs = [(f"{n:05d}_{chr(96 + n)}.sql", text.encode()) for n, text in enumerate(texts, 1)]
    if tool == "golang-migrate":
        pairs = [(f"{n}_{chr(96 + n)}.up.sql", text.encode()) for n, text in enumerate(texts, 1)]
    if tool == "flyway":
        pairs = [(f"V{n}__{chr(96 + n)}.sql", text.encode()) for n, text in enumerate(texts, 1)]
    return replace(read_pairs(pairs, tool), applied_through=applied_through)


def run_one(check_id: str, inputs: Inputs) -> Result:
    """The result of one check of the catalogue, through the runner."""
    [(_, result)] = run_checks([CATALOGUE[check_id]], inputs)
    return result


def on_files(check_id: str, files: MigrationSet) -> Result:
    return run_one(check_id, Inputs(migrations=files))


def on_scratch(check_id: str, *texts: str, tool: str = "sqlx", server: str = "embedded") -> Result:
    return run_one(check_id, Inputs(migrations=migrations(*texts, tool=tool), scratch_server=server))


def places(result: Result) -> list[tuple[str, str, int | None]]:
    """Object, file and line of each complaint."""
    complaints = (finding for finding in result.findings if finding.severity != NOTE)
    return [(finding.object, finding.file, finding.line) for finding in complaints]
