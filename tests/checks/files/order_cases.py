"""What the server itself refuses, or undoes: types, order, transactions, CONCURRENTLY."""

from __future__ import annotations

from checks.base import Status
from tests.checks.files.file_case import Case

_INDEX = "CREATE INDEX CONCURRENTLY orders_user_id_idx ON orders (user_id);"
_WARNING = Status.WARNING


def _type(
    rule: str, broken: tuple[str, ...], name: str, twin: tuple[str, ...], line: int = 1, refused: bool = True
) -> Case:
    return Case("types-defined", rule, broken, (name, "00002_b.sql", line), twin, refused=refused)


def _order(rule: str, broken: tuple[str, ...], name: str, line: int = 1) -> Case:
    return Case("dependency-order", rule, broken, (name, "00002_b.sql", line), tuple(reversed(broken)), refused=True)


def _alone(rule: str, broken: str, place: tuple[str, str, int], twin: str, tool: str = "sqlx") -> Case:
    return Case("concurrently", rule, (broken,), place, (twin,), tool=tool, refused=True)


def _control(rule: str, broken: str, place: tuple[str, str, int], twin: str, tool: str, status: Status) -> Case:
    return Case("transaction-control", rule, (broken,), place, (twin,), status, tool=tool)


_ENUM = "CREATE TYPE size AS ENUM ('s', 'm');"
_SIZED = "CREATE TABLE shirts (\n  id int,\n  size size NOT NULL DEFAULT '{}'\n);"
_LIST = "CREATE TABLE shirts (size size,\n  CHECK (size IN ('s', '{}')));"

ORDER: tuple[Case, ...] = (
    _type("later", (_SIZED.format("s"), _ENUM), "size", (_ENUM, _SIZED.format("s")), 3),
    _type("label of a default", (_ENUM + _SIZED.format("xl"),), "size", (_ENUM + _SIZED.format("m"),), 3),
    _type("label of a check", (_ENUM + _LIST.format("xl"),), "size", (_ENUM + _LIST.format("m"),), 2),
    _type("label of a cast", ("SELECT\n'awful'::mood;",), "mood", ("SELECT 'bad'::mood, 'x'::text;",), 2),
    _type(
        "label in a body",
        ("CREATE FUNCTION f() RETURNS mood LANGUAGE sql AS $$\n  SELECT 'awful'::public.mood\n$$;",),
        "mood",
        ("CREATE FUNCTION f() RETURNS mood LANGUAGE sql AS $$\n  SELECT 'bad'::public.mood\n$$;",),
        2,
    ),
    _type(
        "label of an index",
        ("\nALTER TABLE users ADD m mood;\nCREATE INDEX i ON users (id)\nWHERE m = 'awful';",),
        "mood",
        ("\nALTER TABLE users ADD m mood;\nCREATE INDEX i ON users (id)\nWHERE m = 'good';",),
        4,
    ),
    _type(
        "label added in the same transaction",
        ("ALTER TYPE mood ADD VALUE 'fine';\nUPDATE users SET mood = 'fine'::mood;",),
        "mood",
        ("ALTER TYPE mood ADD VALUE 'fine';", "UPDATE users SET mood = 'fine'::mood;"),
        2,
    ),
    Case(
        "types-defined",
        "nowhere, empty target",
        ("CREATE TABLE places (at geometry);",),
        ("geometry", "00001_a.sql", 1),
        ("CREATE TYPE geometry AS (x int, y int);\nCREATE TABLE places (at geometry);",),
        before=(),
        refused=True,
    ),
    Case(
        "types-defined",
        "nowhere, target in use",
        ("CREATE TABLE places (at geometry);",),
        ("geometry", "00002_b.sql", 1),
        ("DO $$ BEGIN CREATE TYPE size AS ENUM ('s'); END $$;\nCREATE TABLE shirts (id int, size size, u users);",),
        _WARNING,
        refused=True,
    ),
    _order(
        "table",
        ("CREATE TABLE lines (\n  cart bigint REFERENCES carts (id));", "CREATE TABLE carts (id bigint PRIMARY KEY);"),
        "carts",
        2,
    ),
    _order("view", ("CREATE VIEW a AS SELECT * FROM b;", "CREATE VIEW b AS SELECT 1 AS n;"), "b"),
    _order("type", ("CREATE TABLE t (s size);", _ENUM), "size"),
    _order(
        "sequence", ("CREATE TABLE t (id bigint);\nSELECT * FROM numbers;", "CREATE SEQUENCE numbers;"), "numbers", 2
    ),
    _order(
        "trigger's function",
        (
            "CREATE TRIGGER t BEFORE UPDATE ON orders\nFOR EACH ROW EXECUTE FUNCTION touch();",
            "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;",
        ),
        "touch",
    ),
    _order(
        "SQL function's body",
        (
            "CREATE FUNCTION n() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM carts';",
            "CREATE TABLE carts (id int);",
        ),
        "carts",
    ),
    _order("call", ("SELECT fill(1);", "CREATE FUNCTION fill(n int) RETURNS int LANGUAGE sql AS 'SELECT n';"), "fill"),
    _alone("sqlx", f"-- An index.\n{_INDEX}", ("orders_user_id_idx", "00002_b.sql", 2), f"-- no-transaction\n{_INDEX}"),
    _alone(
        "sqlx, two statements",
        f"-- no-transaction\n{_INDEX}\nSELECT 1;",
        ("orders_user_id_idx", "00002_b.sql", 2),
        f"-- no-transaction\n{_INDEX}",
    ),
    _alone(
        "drop",
        "DROP INDEX CONCURRENTLY orders_total_idx;",
        ("orders_total_idx", "00002_b.sql", 1),
        "-- no-transaction\nDROP INDEX CONCURRENTLY orders_total_idx;",
    ),
    _alone("vacuum", "VACUUM orders;", ("VACUUM orders", "00002_b.sql", 1), "-- no-transaction\nVACUUM orders;"),
    _alone(
        "detach",
        "ALTER TABLE events DETACH PARTITION events_2026 CONCURRENTLY;",
        ("events", "00002_b.sql", 1),
        "-- no-transaction\nALTER TABLE events DETACH PARTITION events_2026 CONCURRENTLY;",
    ),
    _alone("golang-migrate", f"SELECT 1;\n{_INDEX}", ("orders_user_id_idx", "2_b.up.sql", 2), _INDEX, "golang-migrate"),
    _alone("flyway", f"SELECT 1;\n{_INDEX}", ("orders_user_id_idx", "V2__b.sql", 2), _INDEX, "flyway"),
    _control("commit", "SELECT 1;\nCOMMIT;", ("COMMIT", "00002_b.sql", 2), "SELECT 1;", "sqlx", Status.FAILED),
    _control("begin", "BEGIN;\nSELECT 1;", ("BEGIN", "00002_b.sql", 1), "SAVEPOINT a;\nSELECT 1;", "sqlx", _WARNING),
    _control("flyway", "SELECT 1;\nROLLBACK;", ("ROLLBACK", "V2__b.sql", 2), "SELECT 1;", "flyway", Status.FAILED),
    _control(
        "left open",
        "BEGIN;\nSELECT 1;",
        ("BEGIN", "2_b.up.sql", 1),
        "BEGIN;\nSELECT 1;\nCOMMIT;",
        "golang-migrate",
        Status.FAILED,
    ),
    _control(
        "not begun",
        "SELECT 1;\nCOMMIT;",
        ("COMMIT", "2_b.up.sql", 2),
        "BEGIN;\nSELECT 1;\nCOMMIT;",
        "golang-migrate",
        _WARNING,
    ),
)
