"""Smoke tests of the shop: what the application does all day, done once as the application and rolled back.

python -m bot.demo.sample.smoke --database-url env:APP_DATABASE_URL
"""

from __future__ import annotations

import time
from collections.abc import Callable

import click
import psycopg

from bot.demo.sample.addresses import State, Verdict, connect, on_address

Row = tuple[object, ...]


@click.command(help="Buy something in the shop of ENVIRONMENT, and take it back.")
@on_address("SMOKE", "app")
def main(address: str) -> Verdict:
    """Five steps in one transaction that is rolled back; the first that fails is named."""
    start = time.perf_counter()
    with connect(address, "shop-smoke") as connection, connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL lock_timeout = '2s'")
        connection.execute("SET LOCAL statement_timeout = '10s'")
        for words, step in STEPS:
            problem = _try(connection, step)
            if problem:
                return Verdict(State.CRITICAL, f"{words}: {problem}")
    words = ", ".join(words for words, _ in STEPS)
    return Verdict(State.OK, f"{len(STEPS)} of {len(STEPS)} passed in {time.perf_counter() - start:.2f} s: {words}")


def _try(connection: psycopg.Connection, step: Callable[[psycopg.Connection], str]) -> str:
    try:
        return step(connection)
    except psycopg.Error as error:
        return f"{error.diag.message_primary or 'the connection was lost'} [{error.sqlstate}]"


def _browse(connection: psycopg.Connection) -> str:
    return "" if _value(connection, "SELECT count(*) FROM active_products") else "no product is on sale"


def _order(connection: psycopg.Connection) -> str:
    connection.execute(
        "INSERT INTO orders (order_number, user_id, total_cents)"
        " SELECT 'SMOKE-TEST', u.id, p.price_cents FROM (SELECT id FROM active_users ORDER BY id LIMIT 1) AS u,"
        " (SELECT price_cents FROM active_products ORDER BY id LIMIT 1) AS p"
    )
    connection.execute(
        "INSERT INTO order_items (order_id, product_id, unit_price_cents)"
        " SELECT o.id, p.id, p.price_cents FROM orders AS o,"
        " (SELECT id, price_cents FROM active_products ORDER BY id LIMIT 1) AS p WHERE o.order_number = 'SMOKE-TEST'"
    )
    lines = _value(connection, "SELECT count(*) FROM order_items WHERE order_id = (" + _SMOKE_ORDER + ")")
    return "" if lines == 1 else f"the order has {lines} lines instead of 1"


def _pay(connection: psycopg.Connection) -> str:
    connection.execute(
        "INSERT INTO payments (order_id, provider_reference, status, amount_cents)"
        " SELECT id, 'SMOKE-TEST', 'captured', total_cents FROM orders WHERE order_number = 'SMOKE-TEST'"
    )
    connection.execute("UPDATE orders SET status = 'paid' WHERE order_number = 'SMOKE-TEST'")
    status = _value(connection, "SELECT status::text FROM orders WHERE order_number = 'SMOKE-TEST'")
    return "" if status == "paid" else f"the order is {status} instead of paid"


def _audit(connection: psycopg.Connection) -> str:
    rows = _value(
        connection,
        "SELECT count(*) FROM audit_log WHERE table_name = 'orders' AND row_id = (" + _SMOKE_ORDER + ")",
    )
    return "" if rows == 2 else f"the order left {rows} rows in audit_log instead of 2"


def _popular(connection: psycopg.Connection) -> str:
    rows = _value(connection, "SELECT count(*) FROM product_popularity WHERE units_sold > 0")
    return "" if rows else "product_popularity has no sold product"


def _value(connection: psycopg.Connection, query: str) -> object:
    row: Row | None = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


_SMOKE_ORDER = "SELECT id FROM orders WHERE order_number = 'SMOKE-TEST'"

STEPS: tuple[tuple[str, Callable[[psycopg.Connection], str]], ...] = (
    ("browse products", _browse),
    ("place an order", _order),
    ("pay it", _pay),
    ("find both in the audit log", _audit),
    ("read the best sellers", _popular),
)


if __name__ == "__main__":
    main()
