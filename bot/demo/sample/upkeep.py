"""Short acts and probes of the shop, each a command in the Nagios convention.

python -m bot.demo.sample.upkeep connectivity|refresh-views|create-partitions ENVIRONMENT --addresses FILE
"""

from __future__ import annotations

import time
from pathlib import Path

import click
import psycopg
from psycopg import sql

from bot.demo.sample.addresses import State, Verdict, address_of, address_options, connect, report


@click.group(help="Short acts and probes of the shop.")
def main() -> None:
    pass


@main.command("connectivity", help="Log in as the application and read.")
@address_options
def connectivity_command(environment: str, addresses: Path | None, database_url: str) -> None:
    report("CONNECTIVITY", lambda: connectivity(address_of(environment, addresses, database_url, "app")))


@main.command("refresh-views", help="Refresh every materialized view while it is read.")
@address_options
def refresh_views_command(environment: str, addresses: Path | None, database_url: str) -> None:
    report("REFRESH", lambda: refresh_views(address_of(environment, addresses, database_url, "migrator")))


@main.command("create-partitions", help="Create the monthly partitions of the next twelve months that are missing.")
@address_options
def create_partitions_command(environment: str, addresses: Path | None, database_url: str) -> None:
    report("PARTITIONS", lambda: create_partitions(address_of(environment, addresses, database_url, "migrator")))


def connectivity(address: str) -> Verdict:
    """Can the application log in and read its tables? Reports how long that took."""
    start = time.perf_counter()
    with connect(address, "shop") as connection:
        connection.execute("SET statement_timeout = '5s'")
        connection.execute("SET lock_timeout = '2s'")
        user, products = connection.execute("SELECT current_user, count(*) FROM active_products").fetchone() or ("", 0)
    took = time.perf_counter() - start
    return Verdict(State.OK, f"logged in as {user} and read {products} products in {took * 1000:.0f} ms")


def refresh_views(address: str) -> Verdict:
    """Refreshes the materialized views of schema public, CONCURRENTLY."""
    with connect(address, "shop-upkeep") as connection:
        connection.execute("SET lock_timeout = '5s'")
        views = [str(row[0]) for row in connection.execute("SELECT matviewname FROM pg_matviews ORDER BY 1")]
        start = time.perf_counter()
        for view in views:
            _refresh(connection, view)
    took = time.perf_counter() - start
    return Verdict(State.OK, f"{len(views)} of {len(views)} views refreshed in {took:.2f} s: {', '.join(views)}")


def create_partitions(address: str) -> Verdict:
    """Makes sure that page_events has a partition for this month and the twelve after it."""
    with connect(address, "shop-upkeep") as connection:
        connection.execute("SET lock_timeout = '5s'")
        row = connection.execute("SELECT create_month_partitions('page_events', current_date, 13)").fetchone()
    made = row[0] if row else 0
    return Verdict(State.OK, f"page_events: 12 months ahead, {made} partitions created")


def _refresh(connection: psycopg.Connection, view: str) -> None:
    connection.execute(sql.SQL("REFRESH MATERIALIZED VIEW CONCURRENTLY {}").format(sql.Identifier(view)))


if __name__ == "__main__":
    main()
