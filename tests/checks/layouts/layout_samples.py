"""A shop as each tool's own documentation writes it: a type, an index that needs no transaction, two tables, ways back.

`SETS` are the files by path.
"""

from __future__ import annotations

from pathlib import Path

from checks.layouts.programs import Pair

_USERS = "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);"
_ORDERS = "CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users (id), note text);"
_COUNT = """CREATE FUNCTION order_count() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  found bigint;
BEGIN
  SELECT count(*) INTO found FROM orders;
  RETURN found;
END $$;"""
_INDEX = "CREATE INDEX CONCURRENTLY orders_user ON orders (user_id);"
_GONE = "DROP INDEX CONCURRENTLY orders_user;"

GOOSE = {
    "00001_users.sql": f"-- Who buys.\n-- +goose Up\n{_USERS}\n\n-- +goose Down\nDROP TABLE users;\n",
    "00002_orders.sql": f"-- +goose Up\n{_ORDERS}\n-- +goose StatementBegin\n{_COUNT}\n-- +goose StatementEnd\n\n"
    "-- +goose Down\nDROP FUNCTION order_count();\nDROP TABLE orders;\n",
    "00003_orders_user.sql": f"-- +goose NO TRANSACTION\n-- +goose Up\n{_INDEX}\nANALYZE orders;\n"
    f"-- +goose Down\n{_GONE}\n",
}
DBMATE = {
    "20261101000000_users.sql": f"-- Who buys.\n-- migrate:up\n{_USERS}\n\n-- migrate:down\nDROP TABLE users;\n",
    "20261102000000_orders.sql": f"-- migrate:up\n{_ORDERS}\n{_COUNT}\n\n"
    "-- migrate:down\nDROP FUNCTION order_count();\nDROP TABLE orders;\n",
    "20261103000000_orders_user.sql": f"-- migrate:up transaction:false\n{_INDEX}\n\n"
    f"-- migrate:down transaction:false\n{_GONE}\n",
}
DIESEL = {
    "2026-11-01-000000_users/up.sql": f"-- Who buys.\n{_USERS}\n",
    "2026-11-01-000000_users/down.sql": "DROP TABLE users;\n",
    "2026-11-02-000000_orders/up.sql": f"{_ORDERS}\n{_COUNT}\n",
    "2026-11-02-000000_orders/down.sql": "DROP FUNCTION order_count();\nDROP TABLE orders;\n",
    "2026-11-03-000000_orders_user/up.sql": f"{_INDEX}\n",
    "2026-11-03-000000_orders_user/down.sql": f"{_GONE}\n",
    "2026-11-03-000000_orders_user/metadata.toml": "run_in_transaction = false\n",
}
PRISMA = {
    "migration_lock.toml": '# It should be added in your version-control system\nprovider = "postgresql"\n',
    "20261101000000_users/migration.sql": f"-- Who buys.\n-- CreateTable\n{_USERS}\n",
    "20261102000000_orders/migration.sql": f"-- CreateTable\n{_ORDERS}\n\n{_COUNT}\n",
    "20261103000000_orders_user/migration.sql": f"-- CreateIndex\n{_INDEX}\n",
}
_LIQUIBASE_ORDERS = f"""--liquibase formatted sql

--changeset dana:orders splitStatements:false
--comment: what they buy
{_ORDERS}
{_COUNT}
--rollback DROP FUNCTION order_count();
--rollback DROP TABLE orders

--changeset dana:orders-mysql dbms:mysql
ALTER TABLE orders ENGINE=InnoDB;

--changeset omar:orders-user runInTransaction:false
{_INDEX}
ANALYZE orders;
/* liquibase rollback
{_GONE}
*/
"""
LIQUIBASE = {
    "db.changelog-master.yaml": "databaseChangeLog:\n  - includeAll:\n      path: sql/\n",
    "sql/001_users.sql": f"-- liquibase formatted sql\n\n-- changeset dana:1\n-- Who buys.\n{_USERS}\n"
    "-- rollback DROP TABLE users;\n",
    "sql/002_orders.sql": _LIQUIBASE_ORDERS,
}
PSQL = {
    "1/users.sql": f"\\set ON_ERROR_STOP on\n\\echo users\n-- Who buys.\n{_USERS}\n",
    "2/a_orders.sql": f"BEGIN;\n{_ORDERS}\n{_COUNT}\nCOMMIT;\n",
    "2/b_orders_user.sql": f"{_INDEX}\nANALYZE orders;\n",
}
GOLANG = {
    "20261101000000_users.up.sql": f"-- Who buys.\n{_USERS}\n",
    "20261101000000_users.down.sql": "DROP TABLE users;\n",
    "20261102000000_orders.up.sql": f"BEGIN;\n{_ORDERS}\n{_COUNT}\nCOMMIT;\n",
    "20261102000000_orders.down.sql": "BEGIN;\nDROP FUNCTION order_count();\nDROP TABLE orders;\nCOMMIT;\n",
    "20261103000000_orders_user.up.sql": f"{_INDEX}\n",
    "20261103000000_orders_user.down.sql": f"{_GONE}\n",
}
SETS = {
    "goose": GOOSE,
    "dbmate": DBMATE,
    "diesel": DIESEL,
    "prisma": PRISMA,
    "liquibase": LIQUIBASE,
    "psql": PSQL,
    "golang-migrate": GOLANG,
}
# psql has no sign of its own: who has such files says so.
DETECTED = tuple(tool for tool in SETS if tool != "psql")
VERSIONS = {
    "goose": ["00001", "00002", "00003"],
    "liquibase": ["001", "002"],
    "psql": ["1/users", "2/a_orders", "2/b_orders_user"],
}
TIMES = ["20261101000000", "20261102000000", "20261103000000"]


def pairs_of(tool: str) -> list[Pair]:
    return [(name, text.encode()) for name, text in SETS[tool].items()]


def written(folder: Path, files: dict[str, str]) -> Path:
    """The files of a set in a folder, which is made."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    return folder
