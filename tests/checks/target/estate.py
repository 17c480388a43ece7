"""A database with a bit of everything that target checks look at, and short ways to ask them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.base import DatabaseAddress, Inputs, MigrationSet, Result
from checks.catalogue import CATALOGUE
from checks.runner import run_checks
from tests.postgres import TestDatabase

ESTATE = """
CREATE TYPE order_status AS ENUM ('new', 'paid', 'sent');
CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL, deleted_at timestamptz);
CREATE UNIQUE INDEX users_email ON users (email) WHERE deleted_at IS NULL;
CREATE TABLE orders (id bigserial PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, status order_status NOT NULL,
  total numeric(10, 2) NOT NULL CHECK (total >= 0), at timestamptz NOT NULL DEFAULT now());
CREATE INDEX orders_user_id ON orders (user_id);
CREATE TABLE audit_log (id bigint GENERATED ALWAYS AS IDENTITY, at timestamptz NOT NULL, what text NOT NULL)
  PARTITION BY RANGE (at);
CREATE FUNCTION write_audit() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO audit_log (at, what) VALUES (now(), TG_TABLE_NAME); RETURN NEW; END $$;
CREATE TRIGGER orders_audit AFTER INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION write_audit();
CREATE VIEW active_users AS SELECT id, email FROM users WHERE deleted_at IS NULL;
CREATE MATERIALIZED VIEW daily_sales AS SELECT at::date AS day, sum(total) AS total FROM orders GROUP BY 1;
CREATE UNIQUE INDEX daily_sales_day ON daily_sales (day);
"""
# Six months around now; DO so that it is right whenever the test runs.
PARTITIONS = """
DO $$ BEGIN FOR n IN -1..5 LOOP EXECUTE format('CREATE TABLE audit_log_%s PARTITION OF audit_log
  FOR VALUES FROM (%L) TO (%L)', n + 1, date_trunc('month', now(), 'UTC') + n * interval '1 month',
  date_trunc('month', now(), 'UTC') + (n + 1) * interval '1 month'); END LOOP; END $$;
"""
ROWS = """
INSERT INTO users (email) SELECT 'u' || n FROM generate_series(1, 50) AS n;
INSERT INTO orders (user_id, status, total) SELECT 1 + n % 50, 'new', n FROM generate_series(1, 500) AS n;
REFRESH MATERIALIZED VIEW daily_sales;
"""


def build(database: TestDatabase, rows: bool = True) -> None:
    """The estate, with UTC as the database's zone, so that months begin where the test thinks."""
    database.execute(f"""ALTER DATABASE "{database.name}" SET timezone = 'UTC'""")
    database.execute(ESTATE)
    database.execute(PARTITIONS)
    if rows:
        database.execute(ROWS)
    database.execute(f"GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {database.monitor_role}")


def ask(check_id: str, database: TestDatabase, **inputs: Any) -> Result:
    """One check of the catalogue through the runner, as the login with pg_monitor; `options` are the check's own."""
    return ask_address(check_id, database.address, **inputs)


def ask_address(
    check_id: str, address: DatabaseAddress, options: Mapping[str, object] | None = None, **inputs: Any
) -> Result:
    settings = {check_id: options} if options else {}
    [(_, result)] = run_checks([CATALOGUE[check_id]], Inputs(target=address, options=settings, **inputs))
    return result


def messages(result: Result) -> list[str]:
    return [finding.message for finding in result.findings]


__all__ = ["MigrationSet", "ask", "ask_address", "build", "messages"]
