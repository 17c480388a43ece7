"""Trials of the shop on a real database, each a command in the Nagios convention that leaves nothing behind.

python -m bot.demo.sample.trials integration|queries|views ENVIRONMENT --addresses FILE
"""

from __future__ import annotations

import time

import click
import psycopg
from psycopg import sql

from bot.demo.sample.addresses import State, Verdict, connect, on_address

SLOW_MS = 250.0
QUERIES = {
    "best sellers": "SELECT name FROM product_popularity ORDER BY units_sold DESC LIMIT 10",
    "orders of a customer": "SELECT id FROM orders WHERE user_id = 7 ORDER BY placed_at DESC LIMIT 20",
    "open orders of support": "SELECT id FROM orders WHERE status IN ('pending', 'paid') ORDER BY placed_at LIMIT 50",
    "products on sale": "SELECT sku, price_cents FROM active_products ORDER BY name",
    "revenue of a month": "SELECT day, revenue_cents FROM daily_revenue ORDER BY day DESC LIMIT 31",
}
REFUSED = {
    "an order of nobody": "INSERT INTO orders (order_number, user_id) VALUES ('TRIAL', -1)",
    "a negative price": "INSERT INTO products (sku, name, price_cents) VALUES ('TRIAL', 'Trial', -1)",
    "an address twice": "INSERT INTO users (email, display_name) SELECT email, 'Trial' FROM active_users LIMIT 1",
    "no pieces of a product": "UPDATE order_items SET quantity = 0 WHERE id = (SELECT min(id) FROM order_items)",
    "a change of the audit log": "DELETE FROM audit_log",
}


@click.group(help="Trials of the shop.")
def main() -> None:
    pass


@main.command("integration", help="What the application must not be able to do, tried as the application.")
@on_address("INTEGRATION", "app")
def integration(address: str) -> Verdict:
    """Each statement has to be refused; critical for the first that is not. All is rolled back."""
    with connect(address, "shop-integration") as connection:
        connection.execute("SET lock_timeout = '2s'")
        taken = [words for words, statement in REFUSED.items() if not _is_refused(connection, statement)]
    if taken:
        return Verdict(State.CRITICAL, f"the database takes {taken[0]}")
    return Verdict(State.OK, f"{len(REFUSED)} of {len(REFUSED)} refused: {', '.join(REFUSED)}")


def _is_refused(connection: psycopg.Connection, statement: str) -> bool:
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement.encode())
    except (psycopg.IntegrityError, psycopg.errors.InsufficientPrivilege):
        return True
    return False


@main.command("queries", help="Run each query that the shop cannot do without.")
@on_address("QUERIES", "app")
def queries(address: str) -> Verdict:
    """Critical where one gives no row or takes too long; the slowest is named."""
    with connect(address, "shop-queries") as connection:
        connection.execute("SET statement_timeout = '10s'")
        took = {words: _timed(connection, words) for words in QUERIES}
    empty = [words for words, (_, rows) in took.items() if not rows]
    slowest = max(took, key=lambda words: took[words][0])
    shown = f"slowest: {slowest}, {took[slowest][0]:.0f} ms"
    if empty:
        return Verdict(State.CRITICAL, f"{empty[0]}: no row")
    if took[slowest][0] > SLOW_MS:
        return Verdict(State.CRITICAL, f"{shown}, limit {SLOW_MS:.0f} ms")
    return Verdict(State.OK, f"{len(took)} of {len(QUERIES)} answered, {shown}")


def _timed(connection: psycopg.Connection, words: str) -> tuple[float, int]:
    """Milliseconds, and how many rows came."""
    start = time.perf_counter()
    rows = connection.execute(QUERIES[words].encode()).fetchall()
    return (time.perf_counter() - start) * 1000, len(rows)


_VIEWS = """
SELECT format('%I.%I', schemaname, matviewname), rtrim(definition, ';') FROM pg_matviews WHERE schemaname = 'public'
"""
_DIFFERING = "SELECT count(*) FROM ((TABLE {view} EXCEPT TABLE now) UNION ALL (TABLE now EXCEPT TABLE {view})) AS d"


@main.command("views", help="Compare each materialized view with what its definition gives now.")
@on_address("VIEWS", "migrator")
def views(address: str) -> Verdict:
    """A warning where rows differ: the view is older than its tables."""
    with connect(address, "shop-views") as connection, connection.transaction(force_rollback=True):
        connection.execute("SET TRANSACTION READ ONLY")
        found = connection.execute(_VIEWS).fetchall()
        differing = {str(name): _differing(connection, str(name), str(query)) for name, query in found}
    stale = [f"{name.removeprefix('public.')} ({rows} rows)" for name, rows in differing.items() if rows]
    if stale or not found:
        return Verdict(State.WARNING, f"older than its tables: {', '.join(stale)}" if found else "no materialized view")
    return Verdict(State.OK, f"{len(found)} of {len(found)} views have the rows that their definition gives now")


def _differing(connection: psycopg.Connection, name: str, query: str) -> int:
    """Both come from the catalog, which quotes what it has to."""
    compared = f"WITH now AS ({query}) {_DIFFERING.format(view=name)}"
    row = connection.execute(sql.SQL(compared)).fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    main()
