"""A row with deleted_at set is hidden and still there; where no row can be tried, definitions say what they can."""

from __future__ import annotations

import pytest

from checks.base import Status
from tests.checks.check_samples import places
from tests.checks.scratch.scratch_samples import USERS, on

ACTIVE = "CREATE VIEW active_users AS SELECT * FROM users"
KEPT = """CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  UPDATE users SET deleted_at = now() WHERE id = OLD.id;
  RETURN NULL;
END $$;
CREATE TRIGGER users_keep {} DELETE ON users FOR EACH ROW EXECUTE FUNCTION keep();"""
# No text passes both.
NO_ROW = """CREATE DOMAIN odd AS text CHECK (VALUE LIKE 'x%' AND VALUE LIKE 'y%');
CREATE TABLE notes (id bigint PRIMARY KEY, body odd NOT NULL, deleted_at timestamptz);"""


def test_a_view_that_shows_deleted_rows_is_found(server: str) -> None:
    result = on(server, "soft-delete", USERS, f"\n{ACTIVE};", through="00001")
    assert (result.status, places(result)) == (Status.WARNING, [("active_users", "00002_b.sql", 2)])
    twin = on(server, "soft-delete", USERS, f"{ACTIVE} WHERE deleted_at IS NULL;", through="00001")
    assert (twin.status, twin.summary) == (Status.PASSED, "soft delete on 1 table: users (hidden in 1 view)")


@pytest.mark.parametrize(
    "view",
    [
        "CREATE VIEW broken AS SELECT email FROM users WHERE deleted_at IS NULL OR id > 0",
        "CREATE VIEW counted AS SELECT count(*) FROM users",
        "CREATE MATERIALIZED VIEW stored AS SELECT count(*) FROM users",
    ],
)
def test_views_are_judged_by_what_they_show_and_not_by_their_text(view: str) -> None:
    assert on("embedded", "soft-delete", USERS, view + ";").status is Status.WARNING


@pytest.mark.parametrize(
    "view",
    [
        "CREATE VIEW all_users AS SELECT * FROM users",
        "CREATE VIEW counted AS SELECT count(*) FROM users WHERE deleted_at IS NULL",
        "CREATE TABLE o (id bigint PRIMARY KEY, u bigint REFERENCES users (id)); "
        "CREATE VIEW names AS SELECT o.id, users.email FROM o JOIN users ON users.id = o.u",
    ],
)
def test_views_that_may_show_deleted_rows_are_silent(view: str) -> None:
    assert on("embedded", "soft-delete", USERS, view + ";").status is Status.PASSED


def test_a_unique_index_that_deleted_rows_occupy_is_found(server: str) -> None:
    result = on(server, "soft-delete", USERS, "\nCREATE UNIQUE INDEX by_email ON users (email);", through="00001")
    assert (result.status, places(result)) == (Status.WARNING, [("by_email", "00002_b.sql", 2)])
    twin = "CREATE UNIQUE INDEX by_email ON users (email) WHERE deleted_at IS NULL;"
    assert on(server, "soft-delete", USERS, twin, through="00001").status is Status.PASSED


def test_soft_delete_by_another_column_and_of_rows_with_foreign_keys() -> None:
    text = """CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users (id),
  is_gone boolean NOT NULL DEFAULT false);
CREATE VIEW current_notes AS SELECT * FROM notes WHERE NOT is_gone;"""
    result = on("embedded", "soft-delete", USERS, text, options={"soft-delete": {"column": "is_gone"}})
    assert result.summary == "soft delete on 1 table: notes (hidden in 1 view)"


def test_a_schema_without_soft_delete_is_not_applicable() -> None:
    assert on("embedded", "soft-delete", "CREATE TABLE t (id int);").status is Status.NOT_APPLICABLE


def test_a_trigger_after_delete_keeps_nothing_and_one_before_does(server: str) -> None:
    lost = on(server, "soft-delete", USERS, f"\n{KEPT.format('AFTER')}", through="00001")
    assert (lost.status, places(lost)) == (Status.FAILED, [("users", "00002_b.sql", 6)])
    told = "DELETE on users takes the row away: trigger users_keep sets deleted_at of a row that is gone"
    assert lost.findings[0].message == told
    assert "BEFORE DELETE" in lost.hint
    kept = on(server, "soft-delete", USERS, KEPT.format("BEFORE"), through="00001")
    assert (kept.status, kept.summary) == (Status.PASSED, "soft delete on 1 table: users (kept on DELETE, no view)")


@pytest.mark.parametrize(("kind", "status"), [("INSTEAD", Status.PASSED), ("ALSO", Status.FAILED)])
def test_a_rule_on_delete_is_tried_too(kind: str, status: Status) -> None:
    rule = f"CREATE RULE keep AS ON DELETE TO users DO {kind} UPDATE users SET deleted_at = now() WHERE id = OLD.id;"
    assert on("embedded", "soft-delete", USERS, rule, through="00001").status is status


def test_a_trigger_that_writes_an_archive_does_not_promise_that_the_row_stays() -> None:
    archive = """CREATE TABLE gone (id bigint PRIMARY KEY, removed_at timestamptz);
CREATE FUNCTION archive() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO gone VALUES (OLD.id, coalesce(OLD.deleted_at, now())); RETURN OLD;
END $$;
CREATE TRIGGER users_archive AFTER DELETE ON users FOR EACH ROW EXECUTE FUNCTION archive();"""
    assert on("embedded", "soft-delete", USERS, archive, through="00001").status is Status.PASSED


def test_a_row_that_goes_when_it_is_marked_is_found() -> None:
    sweep = """CREATE FUNCTION sweep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  DELETE FROM users WHERE deleted_at IS NOT NULL; RETURN NULL;
END $$;
CREATE TRIGGER users_sweep AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION sweep();"""
    result = on("embedded", "soft-delete", USERS, sweep, through="00001")
    assert (result.status, result.findings[0].message) == (
        Status.FAILED,
        "a row of users is gone once its deleted_at is set: something deletes it",
    )


@pytest.mark.parametrize(
    "view", ["SELECT * FROM notes", "SELECT id, deleted_at FROM notes WHERE id > 0 ORDER BY deleted_at"]
)
def test_without_a_test_row_a_view_is_judged_by_its_definition(view: str, server: str) -> None:
    result = on(server, "soft-delete", NO_ROW, f"\nCREATE VIEW current_notes AS {view};", through="00001")
    assert (result.status, places(result)) == (Status.WARNING, [("current_notes", "00002_b.sql", 2)])
    assert result.findings[0].message == (
        "view current_notes shows rows of notes whose deleted_at is set: no condition of its definition names it"
    )


def test_without_a_test_row_a_view_that_filters_is_evidence_and_no_pass(server: str) -> None:
    view = "CREATE VIEW current_notes AS SELECT * FROM notes WHERE deleted_at IS NULL;"
    result = on(server, "soft-delete", NO_ROW, view, through="00001")
    assert result.status is Status.EVIDENCE
    assert result.summary == (
        "soft delete on 1 table: notes (1 view names deleted_at in a condition; not tried, "
        'no test row: 23514 value for domain odd violates check constraint "odd_check")'
    )


def test_a_view_that_the_test_row_does_not_reach_is_judged_by_its_definition() -> None:
    far = "CREATE VIEW far AS SELECT * FROM users WHERE email LIKE '%@example.com';"
    result = on("embedded", "soft-delete", USERS, far, through="00001")
    assert (result.status, places(result)) == (Status.WARNING, [("far", "00002_b.sql", 1)])
    near = "CREATE VIEW near AS SELECT * FROM users WHERE email LIKE '%@example.com' AND deleted_at IS NULL;"
    twin = on("embedded", "soft-delete", USERS, near, through="00001")
    told = "soft delete on 1 table: users (1 view names deleted_at in a condition and is not reached by a test row)"
    assert (twin.status, twin.summary) == (Status.PASSED, told)


def test_a_unique_index_with_the_key_in_it_takes_no_value() -> None:
    """What foreign keys over two columns ask for: no other row could ever have the same."""
    text = "CREATE UNIQUE INDEX users_email_id ON users (email, id);"
    assert on("embedded", "soft-delete", USERS, text, through="00001").status is not Status.WARNING
