"""The sample's checks and acts: commands that decide by what the databases hold."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bot.demo.sample import mishaps
from bot.demo.sample.addresses import connect
from bot.demo.sample.databases import SampleDatabases
from bot.demo.sample.mishaps import (
    DUPLICATE_NAMES,
    FAULTS,
    MIGRATIONS,
    NO_UNIQUE_INDEX,
    UNKNOWN_LABEL,
    copy_migrations,
    place,
)
from bot.demo.sample.runner import MigrationFailed, revert, run
from bot.demo.sample.settings_file import GROUPS, PEOPLE, ROLES, Places, write_settings

PROJECT = mishaps.HERE / "project"
DEFAULT_CHECKLIST = Path(__file__).parents[3] / "templates" / "checklists" / "migration-deployment.md"


@pytest.fixture(scope="module")
def settings(databases: SampleDatabases) -> dict:
    places = Places(MIGRATIONS, databases.addresses_file, databases.directory / "backups")
    return tomllib.loads(write_settings(databases.directory, places).read_text())


def ask(settings: dict, probe: str, environment: str) -> tuple[int, str]:
    """Exit code and output of a probe, started as the bot starts it: no shell, no secrets in the arguments."""
    command = [part.replace("{environment}", environment) for part in settings["probes"][probe]["command"]]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    assert len(done.stdout.splitlines()) == 1, done.stdout + done.stderr
    return done.returncode, done.stdout.strip()


def command(module: str, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-P", "-m", f"bot.demo.sample.{module}", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.strip()


def test_smoke_tests_pass_and_leave_no_order(settings, databases) -> None:
    code, line = ask(settings, "smoke-tests", "production")
    assert (code, line.startswith("SMOKE OK - 5 of 5 passed in ")) == (0, True)
    with connect(databases.migrator_urls["production"], "test") as connection:
        left = connection.execute("SELECT count(*) FROM orders WHERE order_number = 'SMOKE-TEST'").fetchone()
    assert left == (0,)


def test_smoke_tests_name_the_step_that_fails(settings, databases) -> None:
    lock = mishaps.lock_table(databases.migrator_urls["production"])
    try:
        code, line = ask(settings, "smoke-tests", "production")
    finally:
        lock.release()
    assert (code, line) == (2, "SMOKE CRITICAL - place an order: canceling statement due to lock timeout [55P03]")
    with connect(databases.migrator_urls["production"], "test") as connection:
        connection.execute("ALTER TABLE orders DISABLE TRIGGER orders_write_audit_row")
        broken = ask(settings, "smoke-tests", "production")
        connection.execute("ALTER TABLE orders ENABLE TRIGGER orders_write_audit_row")
    assert broken == (
        2,
        "SMOKE CRITICAL - find both in the audit log: the order left 0 rows in audit_log instead of 2",
    )


def test_connectivity_follows_the_server(settings, databases) -> None:
    assert ask(settings, "shop-login", "development")[1].startswith("CONNECTIVITY OK - logged in as app and read ")
    databases.stop_database("development")
    code, line = ask(settings, "shop-login", "development")
    databases.start_database("development")
    assert (code, line.startswith("CONNECTIVITY CRITICAL - cannot connect to 127.0.0.1:")) == (2, True)
    assert databases.passwords["development"]["app"] not in line


def test_acts_do_what_they_say(settings, databases) -> None:
    with connect(databases.migrator_urls["production"], "test") as connection:
        connection.execute("UPDATE products SET deleted_at = now() WHERE id = 2")
        stale = connection.execute("SELECT count(*) FROM product_popularity WHERE product_id = 2").fetchone()
        code, line = ask(settings, "fresh-views", "production")
        fresh = connection.execute("SELECT count(*) FROM product_popularity WHERE product_id = 2").fetchone()
        connection.execute("UPDATE products SET deleted_at = NULL WHERE id = 2")
    assert (stale, fresh) == ((1,), (0,))
    assert (code, line.startswith("REFRESH OK - 1 of 1 views refreshed in ")) == (0, True)
    code, line = ask(settings, "month-partitions", "production")
    assert (code, line.startswith("PARTITIONS OK - page_events: 12 months ahead, ")) == (0, True)


def test_trials_of_the_shop_decide_by_what_the_database_does(databases) -> None:
    addresses = ("--addresses", str(databases.addresses_file))
    with connect(databases.migrator_urls["development"], "test") as connection:
        assert command("trials", "integration", "development", *addresses)[1].startswith(
            "INTEGRATION OK - 5 of 5 refused"
        )
        connection.execute("GRANT DELETE ON audit_log TO app")
        taken = command("trials", "integration", "development", *addresses)
        connection.execute("REVOKE DELETE ON audit_log FROM app")
        assert taken == (2, "INTEGRATION CRITICAL - the database takes a change of the audit log")
        assert command("trials", "views", "development", *addresses)[1].startswith("VIEWS OK - 2 of 2 views")
        connection.execute("UPDATE products SET deleted_at = now() WHERE id = 2")
        stale = command("trials", "views", "development", *addresses)
        connection.execute("UPDATE products SET deleted_at = NULL WHERE id = 2")
        assert stale == (1, "VIEWS WARNING - older than its tables: product_popularity (1 rows)")
    assert command("trials", "queries", "development", *addresses)[1].startswith("QUERIES OK - 5 of 5 answered, ")
    missing = 'relation "daily_revenue" does not exist [42P01]'
    assert command("trials", "queries", "staging", *addresses) == (2, f"QUERIES CRITICAL - {missing}")
    assert command("upkeep", "services", "staging", *addresses) == (2, f"SERVICES CRITICAL - {missing}")
    assert command("upkeep", "services", "development", *addresses)[0] == 0


def test_the_monitoring_of_the_repository_is_asked_for_real(databases) -> None:
    addresses = ("--addresses", str(databases.addresses_file), "--file", str(PROJECT / "ops/monitoring.toml"))
    assert command("monitoring", "dashboard", "development", *addresses)[1].startswith("DASHBOARD OK - 4 of 4 panels")
    with connect(databases.migrator_urls["development"], "test") as connection:
        assert command("monitoring", "alerts", "development", *addresses)[1].startswith(
            "ALERTS OK - 3 of 3 alerts answer"
        )
        paid = "id = (SELECT min(id) FROM payments WHERE status = 'captured')"
        row = connection.execute(f"UPDATE payments SET status = 'failed' WHERE {paid} RETURNING id").fetchone()
        only = command("monitoring", "alerts", "development", *addresses, "--only", "paid orders without a payment")
        connection.execute("UPDATE payments SET status = 'captured' WHERE id = %s", row)
    assert only == (2, "ALERTS CRITICAL - 1 of 1 alerts fire: paid orders without a payment 1 (limit 0)")
    crontab = ("--file", str(PROJECT / "ops/crontab"))
    assert command("monitoring", "schedule", "take", *crontab) == (0, "SCHEDULE OK - crontab: take at 0 1 * * *")
    assert command("monitoring", "schedule", "drill", *crontab) == (2, "SCHEDULE CRITICAL - crontab never runs drill")


def test_a_backup_is_judged_by_age_and_bytes_and_restored_for_real(settings, databases, tmp_path) -> None:
    assert ask(settings, "nightly-backup", "production")[1].startswith("BACKUP CRITICAL - no backup of production in ")
    backups = databases.directory / "backups"
    addresses = str(databases.addresses_file)
    code, line = command("backup", "take", "production", "--addresses", addresses, "--directory", str(backups))
    assert (code, line.startswith("BACKUP OK - pg_dump 18")) == (0, True)
    judged, made = ask(settings, "nightly-backup", "production")[1].split(" | ")
    assert judged.endswith("entries readable, sha-256 as taken")
    code, line = ask(settings, "restore-drill", "production")
    assert (code, line.endswith(f"rows as backed up | {made}")) == (0, True), line
    assert "8 tables" in line
    old = command("backup", "check", "production", "--directory", str(backups), "--max-age", "0")
    assert (old[0], "older than 0 h; take another backup" in old[1]) == (2, True)
    dump = next(backups.glob("*.dump"))
    dump.write_bytes(dump.read_bytes()[:-1])
    assert "was changed since it was taken" in ask(settings, "nightly-backup", "production")[1]
    dump.unlink()
    assert "is gone; take another backup" in ask(settings, "restore-drill", "production")[1]


def test_a_drill_finds_a_table_that_lost_rows(settings, databases) -> None:
    backups = databases.directory / "backups"
    command("backup", "take", "staging", "--addresses", str(databases.addresses_file), "--directory", str(backups))
    manifest = next(backups.glob("staging-*.json"))
    manifest.write_text(manifest.read_text().replace('"orders": 4000', '"orders": 4001'))
    code, line = ask(settings, "restore-drill", "staging")
    assert (code, "orders has 4000 rows instead of 4001 | made=" in line) == (2, True), line


def test_wrong_use_is_unknown() -> None:
    assert command("smoke") == (
        3,
        "SMOKE UNKNOWN - no database named; give ENVIRONMENT and --addresses FILE, or --database-url env:NAME",
    )
    assert command("smoke", "--database-url", "env:NOT_SET_ANYWHERE")[0] == 3
    assert command("upkeep", "connectivity", "x", "--addresses", "/nowhere.json")[0] == 3


def test_settings_name_people_items_and_folders_that_exist(settings, databases) -> None:
    known = {person.id for person in PEOPLE} | {f"@{group.handle}" for group in GROUPS}
    checklist = DEFAULT_CHECKLIST.read_text()
    for table in settings["roles"].values():
        assert set(table["members"]) <= known
    for table in (*settings["roles"].values(), *settings["probes"].values()):
        named = checklist.count(f"- [ ] {table['item']} ") + checklist.count(f"<!-- id: {table['item']};")
        assert named == 1, table["item"]
    assert (databases.directory / settings["migrations"]["directory"]).resolve() == MIGRATIONS
    assert settings["environments"]["production"]["after"] == "staging"
    assert {role.key for role in ROLES} == set(settings["roles"])
    assert not any(p in str(settings) for roles in databases.passwords.values() for p in roles.values())


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.key)
def test_a_fault_is_placed(fault, tmp_path) -> None:
    folder = copy_migrations(tmp_path / "copy")
    place(fault, folder)
    differing = {path.name for path in folder.iterdir() if path.read_bytes() != (MIGRATIONS / path.name).read_bytes()}
    assert differing == {path.name for path in fault.folder.iterdir()}
    assert (folder / fault.file).read_text() == (fault.folder / fault.file).read_text()


def test_an_unknown_label_stops_the_run_anywhere(database, tmp_path) -> None:
    folder = copy_migrations(tmp_path / "copy")
    place(UNKNOWN_LABEL, folder)
    with connect(database.url, "test") as connection, pytest.raises(MigrationFailed) as failure:
        run(connection, folder)
    text = (UNKNOWN_LABEL.folder / UNKNOWN_LABEL.file).read_text()
    line = text[: text.index("'platinum'")].count("\n") + 1
    words = 'invalid input value for enum public.loyalty_tier: "platinum" [22P02]'
    assert str(failure.value) == f"00008_add_loyalty_tier.up.sql:{line}: {words}"


def test_without_its_unique_index_the_view_cannot_be_refreshed(database, tmp_path) -> None:
    folder = copy_migrations(tmp_path / "copy")
    place(NO_UNIQUE_INDEX, folder)
    with connect(database.url, "test") as connection:
        run(connection, folder)
    code, line = command("upkeep", "refresh-views", "--database-url", database.url)
    assert (code, line.endswith("[55000]")) == (2, True)


def test_duplicate_names_pass_staging_and_break_production(databases, tmp_path) -> None:
    folder = copy_migrations(tmp_path / "copy")
    place(DUPLICATE_NAMES, folder)
    with connect(databases.migrator_urls["staging"], "test") as connection:
        assert run(connection, folder, 9) == 2
        assert revert(connection, folder, 7) == 2
    with connect(databases.migrator_urls["production"], "test") as connection:
        with pytest.raises(MigrationFailed, match=r"00009_index_open_orders\.up\.sql:.*Clay mirror.*\[23505\]"):
            run(connection, folder, 9)
        invalid = connection.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid").fetchall()
        assert invalid == [("products_name_active_key",)]
        connection.execute("DROP INDEX CONCURRENTLY products_name_active_key")
        assert revert(connection, folder, 7) == 1
