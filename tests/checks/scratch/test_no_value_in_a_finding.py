"""What migrations and rows hold stays there: no result repeats a value of theirs, and none what looks like a secret."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from checks.base import Inputs, Need, Result, Status
from checks.catalogue import CATALOGUE
from checks.masking import HIDDEN, Mask
from checks.runner import run_checks
from tests.checks.check_samples import migrations, on_scratch

PLANTED = "planted41"
BASE = f"""
CREATE TABLE people (
  id bigint PRIMARY KEY, email text NOT NULL UNIQUE DEFAULT '{PLANTED}', mood text CHECK (mood <> '{PLANTED}'),
  age int, deleted_at timestamptz
);
CREATE TYPE size AS ENUM ('s', 'l');
COMMENT ON TABLE people IS '{PLANTED}';
CREATE INDEX people_planted ON people (email) WHERE mood = '{PLANTED}';
CREATE VIEW some_people AS SELECT id FROM people WHERE email = '{PLANTED}' AND deleted_at IS NULL;
CREATE MATERIALIZED VIEW few_people AS SELECT id FROM people WHERE email = '{PLANTED}' WITH NO DATA;
CREATE FUNCTION remember() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO people (id, email) VALUES (7, '{PLANTED}'); RETURN NEW; END $$;
CREATE TABLE logs (at timestamptz NOT NULL, what text DEFAULT '{PLANTED}') PARTITION BY RANGE (at);
CREATE TABLE kinds (kind text, n int) PARTITION BY LIST (kind);
CREATE TABLE kinds_planted PARTITION OF kinds FOR VALUES IN ('{PLANTED}');
INSERT INTO people (id, email, mood) VALUES (1, '{PLANTED}', 'well');
"""
NEXT = (
    f"INSERT INTO people (id, email) VALUES (2, '{PLANTED}');",  # unique: the detail shows the key
    f"INSERT INTO people (id, email, mood) VALUES (2, 'x', '{PLANTED}');",  # check: the detail shows the row
    f"INSERT INTO people (id, email, mood) VALUES (NULL, '{PLANTED}', 'x');",  # not null: the detail shows the row
    f"INSERT INTO people (id, email, age) VALUES (3, 'x', '{PLANTED}');",  # the message itself shows the value
    f"SELECT '{PLANTED}'::timestamptz;",
    f"SELECT '{PLANTED}'::json;",
    f"INSERT INTO kinds VALUES ('other{PLANTED}', 1);",  # no partition: the detail shows the key
    f"ALTER TABLE people ADD COLUMN born date DEFAULT '{PLANTED}';",
    f"SELECT set_config('work_mem', '{PLANTED}', true);",
    f"SET work_mem = '{PLANTED}';",
    f"DO $$ BEGIN RAISE EXCEPTION 'password={PLANTED}'; END $$;",
    f"CREATE ROLE planted_role SUPERUSER PASSWORD '{PLANTED}';",
    f"UPDATE people SET email = '{PLANTED}' RETURNING nonsense;",
    f"UPDATE people SET email = $tag${PLANTED}$tag$ WHERE nonsense = E'\\n{PLANTED}';",
    f"SELECT * FROM people WHERE email = '{PLANTED} AND it never ends;",
    f"DELETE FROM people WHERE email LIKE '{PLANTED}%'; ALTER TABLE people ALTER mood TYPE int USING '{PLANTED}'::int;",
    f"CREATE TRIGGER t AFTER UPDATE ON people FOR EACH ROW EXECUTE FUNCTION remember('{PLANTED}');",
    f"ALTER TABLE people ADD CONSTRAINT c CHECK (email <> '{PLANTED}') NOT VALID, ALTER mood SET DEFAULT '{PLANTED}';",
    f"CREATE POLICY p ON people USING (email = '{PLANTED}'); CREATE STATISTICS planted ON age, mood FROM people;",
    f"BEGIN; PREPARE TRANSACTION '{PLANTED}'; COMMIT PREPARED '{PLANTED}';",
    f"LOCK TABLE people; COPY people FROM '/tmp/{PLANTED}' DELIMITER '{PLANTED}';",
    f"SELECT 1 / (length('{PLANTED}') - 9), 4111111111111111::int;",
)


def results(*texts: str) -> Iterator[tuple[str, Result]]:
    files = migrations(*texts, applied_through="00001")
    inputs = Inputs(migrations=files, scratch_server="embedded")
    wanted = [check for check in CATALOGUE.values() if check.needs in {Need.FILES, Need.SCRATCH}]
    for check, result in run_checks(wanted, inputs):
        yield check.id, result


@pytest.mark.parametrize("text", NEXT, ids=range(len(NEXT)))
def test_no_result_repeats_a_value(text: str) -> None:
    telling = {check: result for check, result in results(BASE, text) if PLANTED in repr(result)}
    assert telling == {}


def test_what_was_wrong_is_said_all_the_same() -> None:
    unique = on_scratch("applies-to-scratch", BASE, NEXT[0])
    assert unique.status is Status.FAILED
    assert '23505 duplicate key value violates unique constraint "people_email_key"' in unique.summary
    assert "Key (email)=(…) already exists." in repr(unique.findings)
    assert "INSERT INTO people (id, email) VALUES (2, '…')" in repr(unique.findings)
    wrong = on_scratch("applies-to-scratch", BASE, NEXT[3])
    assert '22P02 invalid input syntax for type integer: "…"' in wrong.summary
    dropped = on_scratch("applies-to-scratch", BASE, "ALTER TABLE people DROP COLUMN mood;", "DROP TABLE people;")
    assert "view some_people depends on table people" in repr(dropped.findings)


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-123456789012-abcdefGHIJ",
        "xapp-1-A0B1C2-3456789-abcdef0123456789",
        "ghp_0123456789abcdefghijABCDEFGHIJ012345",
        "github_pat_11ABCDEFG0abcdefghij_0123456789abcdefghij",
        "glpat-0123456789abcdefghij",
        "AKIAABCDEFGHIJKLMNOP",
        "sk_live_0123456789abcdefghijklmn",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijk",
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\nabc==\n-----END PRIVATE KEY-----",
        "Bearer x",
        "db.example:5432:shop:app:hunter2",
        "*:*:*:app:hunter2",
    ],
)
def test_what_looks_like_a_secret_is_masked(secret: str) -> None:
    masked = Mask()(f"it said {secret} and ended")
    assert (masked.startswith("it said "), masked.endswith(" and ended"), HIDDEN in masked) == (True, True, True)
    assert secret.splitlines()[-1].split()[-1].split(":")[-1] not in masked
