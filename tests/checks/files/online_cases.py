"""Statements that block a table in use, and what does the same without; the names of rules are squawk's or our own."""

from __future__ import annotations

from checks.base import Status
from tests.checks.files.file_case import Case, online

_WARNING = Status.WARNING

ONLINE: tuple[Case, ...] = (
    online(
        "require-concurrent-index-creation",
        "CREATE INDEX orders_user_id_idx ON orders (user_id);",
        "orders",
        "CREATE TABLE carts (user_id bigint);\nCREATE INDEX carts_user_id_idx ON carts (user_id);",
    ),
    online(
        "require-concurrent-index-deletion",
        "DROP INDEX orders_total_idx;",
        "orders_total_idx",
        "CREATE TABLE carts (id bigint);\nCREATE INDEX carts_id_idx ON carts (id);\nDROP INDEX carts_id_idx;",
        _WARNING,
    ),
    online("require-concurrent-reindex", "REINDEX TABLE orders;", "orders", "ANALYZE orders;"),
    online(
        "require-concurrent-partition-detach",
        "ALTER TABLE events DETACH PARTITION events_2026;",
        "events",
        "CREATE TABLE events_2027 PARTITION OF events FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');",
        _WARNING,
    ),
    online(
        "adding-foreign-key-constraint",
        "ALTER TABLE orders ADD CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id);",
        "orders",
        "ALTER TABLE orders ADD CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;",
    ),
    online(
        "constraint-missing-not-valid",
        "ALTER TABLE orders ADD CONSTRAINT orders_total_check CHECK (total >= 0);",
        "orders",
        "ALTER TABLE orders ADD CONSTRAINT orders_total_check CHECK (total >= 0) NOT VALID;",
    ),
    online(
        "constraint-missing-not-valid, validated too soon",
        "ALTER TABLE orders ADD CONSTRAINT c CHECK (total >= 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT c;",
        "orders",
        "CREATE TABLE carts (id bigint);\nALTER TABLE carts ADD CONSTRAINT c CHECK (id > 0) NOT VALID;\n"
        "ALTER TABLE carts VALIDATE CONSTRAINT c;",
        line=3,
    ),
    online(
        "disallowed-unique-constraint",
        "ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email);",
        "users",
        "CREATE TABLE tags (name text, CONSTRAINT tags_name_key UNIQUE (name));",
    ),
    online(
        "adding-required-field",
        "ALTER TABLE orders ADD COLUMN channel text NOT NULL;",
        "orders",
        "ALTER TABLE orders ADD COLUMN channel text NOT NULL DEFAULT 'web';",
    ),
    online(
        "adding-field-with-default",
        "ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid();",
        "orders",
        "ALTER TABLE orders ADD COLUMN token uuid;",
    ),
    online(
        "adding-not-nullable-field",
        "ALTER TABLE users ALTER COLUMN nickname SET NOT NULL;",
        "users",
        "ALTER TABLE users ALTER COLUMN email DROP NOT NULL;",
    ),
    online(
        "changing-column-type",
        "ALTER TABLE orders ALTER COLUMN user_id TYPE numeric;",
        "orders",
        "ALTER TABLE orders ADD COLUMN exact_total numeric;",
    ),
    online(
        "renaming-table", "ALTER TABLE users RENAME TO people;", "users", "CREATE VIEW people AS SELECT 1;", _WARNING
    ),
    online(
        "renaming-column",
        "ALTER TABLE users RENAME COLUMN email TO mail;",
        "users",
        "ALTER TABLE users ADD COLUMN mail text;",
        _WARNING,
    ),
    online(
        "ban-drop-view",
        "DROP VIEW totals;",
        "totals",
        "DROP VIEW totals;\nCREATE VIEW totals AS SELECT 0 AS total;",
        _WARNING,
    ),
    online(
        "refresh-without-concurrently",
        "REFRESH MATERIALIZED VIEW daily;",
        "daily",
        "CREATE MATERIALIZED VIEW weekly AS SELECT 1;\nREFRESH MATERIALIZED VIEW weekly;",
        _WARNING,
    ),
    online(
        "update-of-every-row",
        "UPDATE orders SET note = 'x';",
        "orders",
        "UPDATE orders SET note = 'x' WHERE id = 1;",
        _WARNING,
    ),
    online("lock-table", "LOCK TABLE orders;", "orders", "SELECT count(*) FROM orders;", _WARNING),
    online("rewrite", "ALTER TABLE orders SET UNLOGGED;", "orders", "CREATE UNLOGGED TABLE cache (id bigint);"),
    online("cluster", "CLUSTER orders USING orders_total_idx;", "orders", "ANALYZE orders;"),
    Case(
        "online-safety",
        "vacuum-full",
        ("-- no-transaction\nVACUUM FULL orders;",),
        ("orders", "00002_b.sql", 2),
        ("-- no-transaction\nVACUUM orders;",),
    ),
)
