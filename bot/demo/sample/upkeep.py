"""Short acts and probes of the shop, each a command in the Nagios convention.

python -m bot.demo.sample.upkeep connectivity|services|refresh-views|create-partitions ENVIRONMENT --addresses FILE
"""

from __future__ import annotations

import time

import click
from psycopg import sql

from bot.demo.sample.addresses import State, Verdict, connect, on_address


@click.group(help="Short acts and probes of the shop.")
def main() -> None:
    pass


@main.command("connectivity", help="Log in as the application and read.")
@on_address("CONNECTIVITY", "app")
def connectivity(address: str) -> Verdict:
    """Can the application log in and read its tables? Reports how long that took."""
    start = time.perf_counter()
    with connect(address, "shop") as connection:
        connection.execute("SET statement_timeout = '5s'")
        connection.execute("SET lock_timeout = '2s'")
        user, products = connection.execute("SELECT current_user, count(*) FROM active_products").fetchone() or ("", 0)
    took = time.perf_counter() - start
    return Verdict(State.OK, f"logged in as {user} and read {products} products in {took * 1000:.0f} ms")


_WORK = {
    "shop": "SELECT count(*) FROM active_products",
    "reports": "SELECT count(*) FROM daily_revenue",
    "audit": "SELECT count(*) FROM audit_log WHERE changed_at > now() - interval '1 day'",
}


@main.command("services", help="Do the work of each service once.")
@on_address("SERVICES", "app")
def services(address: str) -> Verdict:
    """Each with a session of its own; the first that is refused is told by the caller."""
    for name, query in _WORK.items():
        with connect(address, name) as connection:
            connection.execute("SET statement_timeout = '5s'")
            connection.execute(query.encode())
    return Verdict(State.OK, f"{len(_WORK)} of {len(_WORK)} services answered: {', '.join(_WORK)}")


@main.command("refresh-views", help="Refresh every materialized view while it is read.")
@on_address("REFRESH", "migrator")
def refresh_views(address: str) -> Verdict:
    """Refreshes the materialized views of schema public, CONCURRENTLY."""
    with connect(address, "shop-upkeep") as connection:
        connection.execute("SET lock_timeout = '5s'")
        views = [str(row[0]) for row in connection.execute("SELECT matviewname FROM pg_matviews ORDER BY 1")]
        start = time.perf_counter()
        for view in views:
            connection.execute(sql.SQL("REFRESH MATERIALIZED VIEW CONCURRENTLY {}").format(sql.Identifier(view)))
    took = time.perf_counter() - start
    return Verdict(State.OK, f"{len(views)} of {len(views)} views refreshed in {took:.2f} s: {', '.join(views)}")


@main.command("create-partitions", help="Create the monthly partitions of the next twelve months that are missing.")
@on_address("PARTITIONS", "migrator")
def create_partitions(address: str) -> Verdict:
    """Makes sure that page_events has a partition for this month and the twelve after it."""
    with connect(address, "shop-upkeep") as connection:
        connection.execute("SET lock_timeout = '5s'")
        row = connection.execute("SELECT create_month_partitions('page_events', current_date, 13)").fetchone()
    made = row[0] if row else 0
    return Verdict(State.OK, f"page_events: 12 months ahead, {made} partitions created")


if __name__ == "__main__":
    main()
