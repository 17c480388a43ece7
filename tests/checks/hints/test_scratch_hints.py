"""Every hint with SQL about files is typed into the next file, and what it mends is gone with it."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from checks.base import Inputs, Result
from checks.catalogue import CATALOGUE
from checks.files import CHECKS as FILES_CHECKS
from checks.runner import run_checks
from checks.scratchdb.database import BINARIES, EMBEDDED
from tests.checks.check_samples import migrations
from tests.checks.hints.typed import checks_with_typed_hints, statements_of, typed_hints
from tests.postgres import POSTGRES_15

OF_THE_STATEMENT = {"statement-risk", "maintenance-needed", "online-safety"}
"""They say how to write the statement that the file has, by its kind alone."""
MESSAGE = {"matview-refresh"}
NEW_KEY = re.compile(r"COMMENT ON COLUMN .*\.id IS")
"""A key that a hint added has no comment yet."""
ODD = r"""
CREATE SCHEMA "My Shop";
CREATE TYPE "My Shop"."Mood" AS ENUM ('so so', 'it''s fine', 'bad');
CREATE TABLE "My Shop"."User" ("Id" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "Wert" int);
CREATE TABLE "order" (id bigint PRIMARY KEY, "user Id" bigint, "a""b" int DEFAULT 0, "deletedAt" timestamptz,
  CONSTRAINT "User's" FOREIGN KEY ("user Id") REFERENCES "My Shop"."User",
  CONSTRAINT "a > b" CHECK ("a""b" > 5));
CREATE TABLE "My Shop"."select" (id int, "Big" int);
CREATE TABLE "My Shop"."No Key" ("Big" int);
CREATE TABLE "My Shop"."Base" ("Big" int);
CREATE TABLE "My Shop"."Child" () INHERITS ("My Shop"."Base");
ALTER TABLE "My Shop"."Base" ADD CONSTRAINT "is Big" CHECK ("Big" > 0) NOT VALID;
ALTER TABLE "My Shop"."select" ADD CONSTRAINT "Late" CHECK ("Big" > 0) NOT VALID;
CREATE TABLE "My Shop"."Event Log" ("At" int NOT NULL, "who" bigint REFERENCES "My Shop"."User")
  PARTITION BY RANGE ("At");
CREATE TABLE "My Shop"."Log 1" PARTITION OF "My Shop"."Event Log" FOR VALUES FROM (1) TO (10);
CREATE TABLE "My Shop"."Log 2" PARTITION OF "My Shop"."Event Log" FOR VALUES FROM (20) TO (30);
CREATE TABLE "My Shop"."by Mood" ("Mood" "My Shop"."Mood" NOT NULL) PARTITION BY LIST ("Mood");
CREATE TABLE "My Shop"."so so" PARTITION OF "My Shop"."by Mood" FOR VALUES IN ('so so');
CREATE INDEX "Half" ON ONLY "My Shop"."Event Log" ("At");
ALTER TABLE ONLY "My Shop"."Event Log" ADD CONSTRAINT "One" UNIQUE ("At", "who");
CREATE FUNCTION "My Shop"."Touch It"() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER "before" BEFORE INSERT ON "order" FOR EACH ROW EXECUTE FUNCTION "My Shop"."Touch It"();
ALTER TABLE "order" DISABLE TRIGGER "before";
CREATE MATERIALIZED VIEW "My Shop"."Daily" AS SELECT "Id" FROM "My Shop"."User" WITH NO DATA;
CREATE UNIQUE INDEX ON "My Shop"."Daily" ("Id");
CREATE UNLOGGED TABLE "My Shop"."Lost" (id bigint PRIMARY KEY);
CREATE POLICY "Some" ON "My Shop"."Lost" USING (true);
DO $$ DECLARE c record; BEGIN FOR c IN SELECT attrelid::regclass AS of, attname FROM pg_attribute WHERE attnum > 0
  AND attname <> 'Wert' AND attrelid IN (SELECT oid FROM pg_class WHERE relkind IN ('r', 'p') AND oid > 16383
  AND relnamespace::regnamespace::text !~ '^pg_')
  LOOP EXECUTE format('COMMENT ON COLUMN %s.%I IS ''x''', c.of, c.attname); END LOOP; END $$;
"""
ODD_18 = r"""
ALTER TABLE "My Shop"."select" ADD CONSTRAINT "Never" CHECK ("Big" < 9) NOT ENFORCED;
ALTER TABLE "My Shop"."No Key" ADD COLUMN "To" bigint CONSTRAINT "Loose" REFERENCES "My Shop"."User" NOT ENFORCED;
COMMENT ON COLUMN "My Shop"."No Key"."To" IS 'x';
ALTER TABLE "My Shop"."No Key" ADD CONSTRAINT "not Null" NOT NULL "Big" NOT VALID;
"""


def ask(server: str, ids: Iterable[str], *texts: str) -> dict[str, Result]:
    inputs = Inputs(migrations=migrations(*texts), scratch_server=server, options={"comments": {"columns": True}})
    return {check.id: result for check, result in run_checks([CATALOGUE[id_] for id_ in ids], inputs)}


@pytest.mark.parametrize("major", [18, pytest.param(15, marks=pytest.mark.postgres15)])
def test_every_hint_of_scratch_runs_in_the_next_file(major: int, capsys: pytest.CaptureFixture[str]) -> None:
    if major == 15 and not (POSTGRES_15 / "postgres").exists():
        pytest.skip("PostgreSQL 15 is not installed: apt-get install postgresql-15")
    server, odd = (EMBEDDED, ODD + ODD_18) if major == 18 else (f"{BINARIES}{POSTGRES_15}", ODD)
    expected = checks_with_typed_hints("scratch") - OF_THE_STATEMENT - MESSAGE
    found = {id_: list(typed_hints(result)) for id_, result in ask(server, expected, odd).items()}
    hints = dict.fromkeys(hint for told in found.values() for hint in told)
    assert not [hint for hint in hints if "…" in hint.replace("'…'", "")]
    assert all(found.values()), [id_ for id_, told in found.items() if not told]
    mends = "".join(f"{statement};\n" for hint in hints for statement in statements_of(hint))
    after = ask(server, ["applies-to-scratch", *expected], odd, mends)
    assert after["applies-to-scratch"].summary.startswith("2 of 2 applied"), after["applies-to-scratch"]
    left = [hint for result in after.values() for hint in typed_hints(result)]
    assert [hint for hint in left if not NEW_KEY.match(hint)] == []
    with capsys.disabled():
        print(f"\n{len(hints)} hints of {len(found)} checks typed")


def test_an_extension_is_made_as_the_hint_says() -> None:
    text = "CREATE TABLE a (id bigint PRIMARY KEY, x citext);"
    typed = {id_ for id_ in checks_with_typed_hints("files") if id_ not in OF_THE_STATEMENT}
    [(check, before)] = run_checks([CATALOGUE["types-defined"]], Inputs(migrations=migrations(text)))
    assert typed == {check.id}
    assert {check.id for check in FILES_CHECKS} >= typed
    [hint] = typed_hints(before)
    files = migrations(hint, text)
    inputs = Inputs(migrations=files, scratch_server=EMBEDDED)
    results = run_checks([CATALOGUE["types-defined"], CATALOGUE["applies-to-scratch"]], inputs)
    assert {result.status.value for _, result in results} == {"passed"}
