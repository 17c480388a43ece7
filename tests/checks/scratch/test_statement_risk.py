"""What a pending statement locks and does, against the size of the table on the target."""

from __future__ import annotations

import pytest

from checks.base import NOTE, DatabaseAddress, Result, Status
from tests.checks.check_samples import places
from tests.checks.scratch.scratch_samples import ORDERS, USERS, on
from tests.postgres import TestDatabase

TABLES = f"{USERS}\n{ORDERS}"
BLOCK = 8192


def sized(database: TestDatabase, **gigabytes: float) -> DatabaseAddress:
    """A target whose catalog says that tables are so large; no row is needed for that."""
    database.execute(TABLES)
    for table, size in gigabytes.items():
        pages = int(size * 1024**3 / BLOCK)
        database.execute(f"UPDATE pg_class SET relpages = {pages} WHERE relname = '{table}'")
    return database.address


def risk(server: str, text: str, target: DatabaseAddress | None = None, check_id: str = "statement-risk") -> Result:
    return on(server, check_id, TABLES, text, through="00001", target=target)


REWRITE = "-- wider\nALTER TABLE orders ALTER COLUMN total TYPE numeric(20, 2);"


def test_a_rewrite_of_a_large_table_fails_with_its_size(server: str, database: TestDatabase) -> None:
    result = risk(server, REWRITE, sized(database, orders=41))
    assert (result.status, places(result)) == (Status.FAILED, [("orders", "00002_b.sql", 2)])
    assert result.findings[0].message == "00002 holds ACCESS EXCLUSIVE on orders (41 GB) and rewrites it"
    assert result.hint.startswith("add a column of the new type")


@pytest.mark.parametrize(("size", "status"), [(41, Status.FAILED), (0.5, Status.WARNING), (0.05, Status.PASSED)])
def test_the_size_class_decides(database: TestDatabase, size: float, status: Status) -> None:
    assert risk("embedded", REWRITE, sized(database, orders=size)).status is status


def test_size_classes_are_a_setting(database: TestDatabase) -> None:
    options = {"statement-risk": {"small_mb": 60_000, "large_mb": 90_000}}
    target = sized(database, orders=41)
    result = on("embedded", "statement-risk", TABLES, REWRITE, through="00001", target=target, options=options)
    assert result.status is Status.PASSED
    wrong = on("embedded", "statement-risk", TABLES, REWRITE, options={"statement-risk": {"large_mb": "big"}})
    assert (wrong.status, wrong.hint) == (Status.COULD_NOT_RUN, "large_mb = 1000")


def test_without_a_target_the_size_is_unknown_and_a_warning(server: str) -> None:
    assert risk(server, REWRITE).status is Status.WARNING
    twin = risk(server, "ALTER TABLE orders ADD COLUMN note text NOT NULL DEFAULT '';")
    assert twin.status is Status.PASSED
    assert "00002 takes ACCESS EXCLUSIVE on orders for a moment" in twin.summary


CASES = [
    ("CREATE INDEX orders_user ON orders (user_id);", "SHARE", "builds an index on it", "CREATE INDEX CONCURRENTLY"),
    ("ALTER TABLE orders ADD CHECK (total > 0);", "ACCESS EXCLUSIVE", "scans it", "ADD CONSTRAINT … NOT VALID"),
    ("ALTER TABLE orders ADD UNIQUE (total);", "ACCESS EXCLUSIVE", "builds an index on it", "CREATE UNIQUE INDEX"),
    ("ALTER TABLE users ALTER deleted_at SET NOT NULL;", "ACCESS EXCLUSIVE", "scans it", "ADD CONSTRAINT … CHECK"),
    ("ALTER TABLE orders ADD n float DEFAULT random();", "ACCESS EXCLUSIVE", "rewrites it", "ADD COLUMN without this"),
    ("ALTER TABLE orders ADD s bigserial;", "ACCESS EXCLUSIVE", "rewrites it", "ADD COLUMN without its sequence"),
    (
        "ALTER TABLE orders ADD twice bigint GENERATED ALWAYS AS (total * 2) STORED;",
        "ACCESS EXCLUSIVE",
        "rewrites it",
        "ADD a plain COLUMN",
    ),
    ("ALTER TABLE orders ADD n int CHECK (n > 0);", "ACCESS EXCLUSIVE", "scans it", "ADD COLUMN alone, then ADD CONST"),
    ("CLUSTER orders USING orders_pkey;", "ACCESS EXCLUSIVE", "rewrites it", "pg_repack"),
    ("-- no-transaction\nVACUUM FULL orders;", "ACCESS EXCLUSIVE", "rewrites it", "pg_repack"),
    ("REINDEX TABLE orders;", "SHARE", "builds an index on it", "REINDEX CONCURRENTLY"),
    (
        "ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users (id);",
        "SHARE ROW EXCLUSIVE",
        "scans it; users waits too",
        "ADD CONSTRAINT … NOT VALID",
    ),
    (
        "DO $$ BEGIN EXECUTE 'ALTER TABLE orders ALTER total TYPE text'; END $$;",
        "ACCESS EXCLUSIVE",
        "rewrites it",
        "plan maintenance mode",
    ),
]


@pytest.mark.parametrize(("text", "mode", "work", "hint"), CASES)
def test_locks_and_work_are_seen_and_a_safe_form_is_told(
    server: str, text: str, mode: str, work: str, hint: str
) -> None:
    result = risk(server, text)
    assert result.status is Status.WARNING, result.summary
    table = result.findings[0].object
    assert result.findings[0].message == f"00002 holds {mode} on {table} (size unknown) and {work}"
    assert result.hint.startswith(hint)


TWINS = [
    "-- no-transaction\nCREATE INDEX CONCURRENTLY orders_user ON orders (user_id);",
    "ALTER TABLE orders ADD CHECK (total > 0) NOT VALID;",
    "ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;",
    "ALTER TABLE users ALTER email TYPE varchar;",
    "ALTER TABLE orders ADD n timestamptz DEFAULT now();",
    "-- no-transaction\nVACUUM orders;",
    "-- no-transaction\nREINDEX TABLE CONCURRENTLY orders;",
    "TRUNCATE orders;",
    "DROP TABLE orders;",
    "CREATE TABLE more AS SELECT * FROM orders; CREATE INDEX ON more (id); ALTER TABLE more ALTER id TYPE text;",
    "CREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint REFERENCES orders (id));",
    "CREATE MATERIALIZED VIEW m AS SELECT * FROM orders; CREATE UNIQUE INDEX ON m (id); REFRESH MATERIALIZED VIEW m;",
]


@pytest.mark.parametrize("text", TWINS)
def test_safe_forms_and_new_tables_are_silent(server: str, text: str) -> None:
    result = risk(server, text)
    assert result.status is Status.PASSED, result.summary


def test_validating_in_a_file_of_its_own_is_silent() -> None:
    texts = (
        "ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID;",
        "ALTER TABLE orders VALIDATE CONSTRAINT c;",
    )
    result = on("embedded", "statement-risk", TABLES, *texts, through="00001")
    assert result.status is Status.PASSED


def test_a_lock_kept_while_another_table_is_worked_on_is_found(server: str) -> None:
    result = risk(server, "ALTER TABLE users ADD note text;\n\nUPDATE orders SET total = 0;")
    assert (result.status, places(result)) == (Status.WARNING, [("orders", "00002_b.sql", 3)])
    expected = (
        "00002 still holds ACCESS EXCLUSIVE on users (size unknown) while it changes rows of orders (size unknown)"
    )
    assert result.findings[0].message == expected


def test_a_renamed_table_is_looked_up_by_the_name_that_the_target_knows(database: TestDatabase) -> None:
    text = "ALTER TABLE orders RENAME TO purchases;\nALTER TABLE purchases ALTER total TYPE text;"
    result = risk("embedded", text, sized(database, orders=2))
    assert "00002 holds ACCESS EXCLUSIVE on orders (2 GB) and rewrites it" in result.summary


def test_partitions_count_together(database: TestDatabase) -> None:
    parts = """CREATE TABLE hits (at date NOT NULL, n int) PARTITION BY RANGE (at);
CREATE TABLE hits_1 PARTITION OF hits FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE hits_2 PARTITION OF hits DEFAULT;"""
    database.execute(parts)
    database.execute(f"UPDATE pg_class SET relpages = {1024**3 // BLOCK} WHERE relname IN ('hits_1', 'hits_2')")
    text = "ALTER TABLE hits ALTER n TYPE bigint;"
    result = on("embedded", "statement-risk", parts, text, through="00001", target=database.address)
    assert result.status is Status.FAILED
    assert "00002 holds ACCESS EXCLUSIVE on hits (2 GB) and rewrites it" in result.summary
    assert len(places(result)) == 1


def test_a_short_lock_on_a_large_table_wants_a_lock_timeout(database: TestDatabase) -> None:
    target = sized(database, users=5)
    bare = risk("embedded", "ALTER TABLE users ADD note text;", target)
    assert (bare.status, places(bare)) == (Status.WARNING, [("users", "00002_b.sql", 1)])
    assert "lock_timeout" in bare.hint
    twin = risk("embedded", "SET LOCAL lock_timeout = '5s';\nALTER TABLE users ADD note text;", target)
    assert (twin.status, twin.summary[-19:]) == (Status.PASSED, ", with lock_timeout")


def test_a_lone_statement_of_golang_migrate_is_seen() -> None:
    texts = (TABLES, "CREATE INDEX orders_user ON orders (user_id);")
    result = on("embedded", "statement-risk", *texts, through="1", tool="golang-migrate")
    assert places(result) == [("orders", "2_b.up.sql", 1)]


def test_an_ignored_finding_is_silent_and_its_reason_shown() -> None:
    result = risk("embedded", f"-- gonogo: ignore statement-risk orders is archived first\n{REWRITE}")
    assert result.status is Status.PASSED
    assert "orders is archived first" in result.summary


def test_the_target_is_asked_without_a_lock_on_its_tables(database: TestDatabase) -> None:
    target = sized(database, orders=41)
    with database.connect() as other, other.transaction():
        other.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
        assert "(41 GB)" in risk("embedded", REWRITE, target).summary


def test_a_target_that_does_not_answer_leaves_the_size_unknown() -> None:
    gone = DatabaseAddress("production", "host=127.0.0.1 port=1 dbname=x")
    result = risk("embedded", REWRITE, gone)
    assert (result.status, "size unknown" in result.summary) == (Status.WARNING, True)


def test_maintenance_is_needed_for_a_rewrite_of_a_large_table(database: TestDatabase) -> None:
    target = sized(database, orders=41)
    result = risk("embedded", REWRITE, target, "maintenance-needed")
    reason = "00002 holds ACCESS EXCLUSIVE on orders (41 GB) and rewrites it: maintenance mode needed"
    assert (result.status, result.summary) == (Status.WARNING, reason)


def test_maintenance_is_not_applicable_for_an_online_change(database: TestDatabase) -> None:
    target = sized(database, orders=41, users=41)
    result = risk("embedded", "ALTER TABLE users ADD note text;", target, "maintenance-needed")
    assert result.status is Status.NOT_APPLICABLE
    assert result.summary.startswith("online change only: 00002 takes ACCESS EXCLUSIVE on users (41 GB) for a moment")


def test_maintenance_is_a_person_s_where_no_size_is_known() -> None:
    result = risk("embedded", REWRITE, None, "maintenance-needed")
    assert (result.status, result.summary.endswith("a person decides, no target is configured")) == (
        Status.EVIDENCE,
        True,
    )


def test_nothing_pending_is_not_applicable() -> None:
    result = on("embedded", "statement-risk", TABLES, through="00001")
    assert (result.status, result.summary) == (Status.NOT_APPLICABLE, "no file is pending")


def test_a_file_that_sets_its_isolation_level_still_applies(server: str) -> None:
    text = "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;\nALTER TABLE orders ALTER total TYPE text;"
    assert "rewrites it" in risk(server, text).summary


def observed(result: Result) -> list[tuple[str, int | None, str]]:
    return [(note.file, note.line, note.message) for note in result.findings if note.severity == NOTE]


def test_what_each_file_does_is_noted_the_heaviest_first(database: TestDatabase) -> None:
    texts = (
        "ALTER TABLE users ADD tier text NOT NULL DEFAULT 'gold-4711';",
        "-- no-transaction\nCREATE INDEX CONCURRENTLY orders_user ON orders (user_id);",
        f"CREATE TABLE notes (id bigint);\n{REWRITE}",
        "CREATE MATERIALIZED VIEW revenue AS SELECT sum(total) FROM orders;",
    )
    target = sized(database, orders=41, users=2)
    result = on("embedded", "statement-risk", TABLES, *texts, through="00001", target=target)
    assert result.status is Status.FAILED
    rewrites = "rewrites it under ACCESS EXCLUSIVE, blocks reads and writes until it ends"
    assert observed(result) == [
        ("00004_d.sql", 3, f"ALTER TABLE orders (41 GB) ALTER COLUMN TYPE: {rewrites}"),
        ("00002_b.sql", 1, "ALTER TABLE users (2 GB) ADD COLUMN: no rewrite, no scan, ACCESS EXCLUSIVE for a moment"),
        ("00003_c.sql", 2, "CREATE INDEX CONCURRENTLY on orders (41 GB): blocks nobody"),
        ("00005_e.sql", None, "new materialized view revenue: no lock on what is there"),
    ]
    assert "4711" not in str(result.findings)


WORDS = [
    ("UPDATE orders SET total = 0;", "UPDATE orders (size unknown): blocks nobody but writers of the same rows"),
    (
        "CREATE TABLE lines (order_id bigint REFERENCES orders (id));",
        "CREATE TABLE tied to orders: SHARE ROW EXCLUSIVE for a moment",
    ),
    (
        "ALTER TABLE users ADD note text;\nUPDATE orders SET total = 0;",
        "UPDATE orders (size unknown): changes rows of it while ACCESS EXCLUSIVE on users (size unknown) is still "
        "held, blocks reads and writes until it ends",
    ),
    ("COMMENT ON TABLE orders IS 'sold';", "no lock on any table that is there"),
]


@pytest.mark.parametrize(("text", "words"), WORDS)
def test_a_note_says_who_waits(text: str, words: str) -> None:
    assert observed(risk("embedded", text))[0][2] == words


def test_a_silenced_complaint_leaves_what_was_observed() -> None:
    result = risk("embedded", f"-- gonogo: ignore statement-risk orders is archived first\n{REWRITE}")
    assert (result.status, len(observed(result)), len(result.findings)) == (Status.PASSED, 1, 1)
