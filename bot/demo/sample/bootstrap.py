"""What the sample's administrator does once: roles, an empty database, and believable rows."""

from __future__ import annotations

from pathlib import Path

import psycopg
from psycopg import sql

from bot.demo.sample.addresses import connect
from checks.scratchdb.server import Server

DATABASE = "shop"
HERE = Path(__file__).parent

_ROLES = (
    "CREATE ROLE migrator LOGIN PASSWORD {migrator}",
    "ALTER ROLE migrator SET lock_timeout = '10s'",
    "ALTER ROLE migrator SET idle_in_transaction_session_timeout = '10min'",
    "CREATE ROLE app LOGIN PASSWORD {app}",
    "ALTER ROLE app SET statement_timeout = '30s'",
    "CREATE ROLE gonogo LOGIN CONNECTION LIMIT 5 PASSWORD {gonogo}",
    "GRANT pg_monitor TO gonogo",
)
_GRANTS = (
    "REVOKE ALL ON DATABASE shop FROM PUBLIC",
    "GRANT CONNECT ON DATABASE shop TO gonogo",
    "GRANT CONNECT, TEMPORARY ON DATABASE shop TO app",
    "ALTER DEFAULT PRIVILEGES FOR ROLE migrator IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app",
    "ALTER DEFAULT PRIVILEGES FOR ROLE migrator IN SCHEMA public GRANT SELECT ON SEQUENCES TO gonogo",
)
_AFTER_MIGRATING = (
    "REVOKE INSERT, UPDATE, DELETE ON audit_log FROM app",
    "REVOKE ALL ON _sqlx_migrations FROM app",
    "GRANT SELECT ON _sqlx_migrations TO gonogo",
)


def create_roles(server: Server, passwords: dict[str, str]) -> None:
    """`migrator` owns, `app` reads and writes rows, `gonogo` reads statistics; none is a superuser."""
    literals = {role: sql.Literal(password) for role, password in passwords.items()}
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        for statement in _ROLES:
            connection.execute(sql.SQL(statement).format(**literals))


def create_database(server: Server) -> None:
    """An empty database of the migrator's; one of that name is dropped with everyone in it."""
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS shop WITH (FORCE)")
        connection.execute("CREATE DATABASE shop OWNER migrator")
    with psycopg.connect(server.conninfo_for(DATABASE), autocommit=True) as connection:
        for statement in _GRANTS:
            connection.execute(sql.SQL(statement))


def load_rows(migrator_url: str, app_url: str, environment: str, orders: int) -> None:
    """Grants what only exists after migrating, then fills the shop with `orders` orders, as the application."""
    with connect(migrator_url, "shop-bootstrap") as connection:
        for statement in _AFTER_MIGRATING:
            connection.execute(sql.SQL(statement))
    with connect(app_url, "shop-seed") as connection, connection.transaction():
        connection.execute("SELECT set_config('shop.orders', %s, true)", [str(orders)])
        connection.execute((HERE / "seed.sql").read_bytes())
        if environment == "production":
            connection.execute((HERE / "seed_production.sql").read_bytes())
    with connect(migrator_url, "shop-bootstrap") as connection:
        _refresh_views(connection)
        connection.execute("ANALYZE")


def _refresh_views(connection: psycopg.Connection) -> None:
    for (view,) in connection.execute("SELECT matviewname FROM pg_matviews ORDER BY matviewname").fetchall():
        connection.execute(sql.SQL("REFRESH MATERIALIZED VIEW {}").format(sql.Identifier(view)))
