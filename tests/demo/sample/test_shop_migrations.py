"""The ten files run as an ordinary login on both versions, and back again, step by step."""

from __future__ import annotations

import subprocess

import psycopg
import pytest

from bot.demo.sample.addresses import connect
from bot.demo.sample.history import read_folder
from bot.demo.sample.mishaps import MIGRATIONS
from bot.demo.sample.runner import revert, run


def schema_of(database) -> list[str]:
    """The schema as its server's own pg_dump writes it, without the lines that differ at each dump.

    The pg_dump of another version will not do: that of 18 shows what 15.20 keeps for itself in attoptions.
    """
    command = [database.bin_dir / "pg_dump", "--schema-only", "--exclude-table=_sqlx_migrations", database.url]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [line for line in text.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))]


def test_there_are_ten_files_with_their_twins() -> None:
    ups, downs = read_folder(MIGRATIONS)
    assert list(ups) == list(downs) == list(range(1, 11))
    assert ups[9].description == "index open orders"
    assert [version for version, file in ups.items() if not file.in_transaction] == [9]


def test_every_file_goes_up_down_and_up_to_the_same_schema(any_database) -> None:
    schemas = [schema_of(any_database)]
    for version in range(1, 11):
        with connect(any_database.url, "test") as connection:
            assert run(connection, MIGRATIONS, version) == 1
        schemas.append(schema_of(any_database))
        assert schemas[-1] != schemas[-2]
    for version in range(9, -1, -1):
        with connect(any_database.url, "test") as connection:
            assert revert(connection, MIGRATIONS, version) == 1
        assert schema_of(any_database) == schemas[version], f"down of {version + 1} left something"
    with connect(any_database.url, "test") as connection:
        assert run(connection, MIGRATIONS) == 10
    assert schema_of(any_database) == schemas[10]


def test_needs_no_superuser_and_no_extension(any_database) -> None:
    with connect(any_database.url, "test") as connection:
        run(connection, MIGRATIONS)
        assert connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (False,)
        assert connection.execute("SELECT array_agg(extname::text) FROM pg_extension").fetchone() == (["plpgsql"],)


@pytest.fixture
def migrated(any_database) -> psycopg.Connection:
    with connect(any_database.url, "test") as connection:
        run(connection, MIGRATIONS)
        yield connection


def test_soft_deleted_addresses_and_skus_may_be_used_again(migrated) -> None:
    user = "INSERT INTO users (email, display_name) VALUES (%s, 'Ada')"
    migrated.execute(user, ["Ada@example.com"])
    with pytest.raises(psycopg.errors.UniqueViolation):
        migrated.execute(user, ["ada@example.com"])
    migrated.execute("UPDATE users SET deleted_at = now()")
    migrated.execute(user, ["ada@example.com"])
    assert migrated.execute("SELECT email FROM active_users").fetchall() == [("ada@example.com",)]
    assert migrated.execute("SELECT count(*) FROM users").fetchone() == (2,)


def test_triggers_keep_updated_at_and_the_audit_log(migrated) -> None:
    migrated.execute(
        "INSERT INTO products (sku, name, price_cents, updated_at) VALUES ('OAK-1', 'Oak bowl', 1, '2020-01-01')"
    )
    migrated.execute("UPDATE products SET price_cents = 2, updated_at = '2020-01-01'")
    assert migrated.execute("SELECT updated_at > '2026-01-01' FROM products").fetchone() == (True,)
    migrated.execute("DELETE FROM products")
    log = migrated.execute(
        "SELECT action::text, old_row ->> 'price_cents', new_row ->> 'price_cents' FROM audit_log ORDER BY id"
    ).fetchall()
    assert log == [("INSERT", None, "1"), ("UPDATE", "1", "2"), ("DELETE", "2", None)]


def test_page_events_find_their_month_in_utc_whatever_the_session(migrated) -> None:
    migrated.execute("SET timezone = 'America/Los_Angeles'")
    migrated.execute("INSERT INTO page_events (occurred_at, path) VALUES ('2026-03-01 00:00:00+00', '/')")
    migrated.execute("INSERT INTO page_events (occurred_at, path) VALUES ('2031-01-01 00:00:00+00', '/')")
    found = migrated.execute("SELECT tableoid::regclass::text FROM page_events ORDER BY occurred_at").fetchall()
    assert found == [("page_events_2026_03",), ("page_events_default",)]


def test_partitions_are_created_where_they_are_missing_in_any_time_zone(migrated) -> None:
    migrated.execute("SET timezone = 'America/Los_Angeles'; SET datestyle = 'German'")
    create = "SELECT create_month_partitions('page_events', '2028-11-15', 4)"
    assert migrated.execute(create).fetchone() == (2,)
    assert migrated.execute(create).fetchone() == (0,)
    migrated.execute("SET timezone = 'UTC'; SET datestyle = 'ISO'")
    bound = "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = 'page_events_2029_02'"
    assert migrated.execute(bound).fetchone() == (
        "FOR VALUES FROM ('2029-02-01 00:00:00+00') TO ('2029-03-01 00:00:00+00')",
    )


def test_loyalty_tiers_begin_at_their_sums(migrated) -> None:
    tiers = migrated.execute(
        "SELECT loyalty_tier_for(s)::text FROM unnest(ARRAY[9999, 10000, 49999, 50000, 99999, 100000]) AS s"
    ).fetchall()
    assert [tier for (tier,) in tiers] == ["none", "bronze", "bronze", "silver", "silver", "gold"]


def test_views_can_be_refreshed_while_they_are_read(migrated) -> None:
    for view in ("product_popularity", "daily_revenue"):
        migrated.execute(f"REFRESH MATERIALIZED VIEW CONCURRENTLY {view}".encode())
