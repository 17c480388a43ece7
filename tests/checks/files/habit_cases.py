"""Habits that make files readable and reversible: names, comments, down files, what is destroyed."""

from __future__ import annotations

from checks.base import Status
from tests.checks.files.file_case import Case

_WARNING = Status.WARNING
_LONG = "a_name_that_is_longer_than_any_name_in_postgresql_may_ever_be_today"


def _name(rule: str, broken: str, name: str, twin: str, line: int = 1) -> Case:
    return Case("naming-conventions", rule, (broken,), (name, "00002_b.sql", line), (twin,), _WARNING)


def _lost(rule: str, broken: str, name: str, twin: str) -> Case:
    place = (name, "00002_b.sql", 2)
    return Case("destructive-statements", rule, (f"\n{broken}",), place, (twin,), _WARNING)


def _relabelled(first: str, kept: str, using: str = "mood::text::mood") -> str:
    """The type of users.mood made anew with other labels, the column switched in line 3."""
    return f"""{first}ALTER TYPE mood RENAME TO mood_old; CREATE TYPE mood AS ENUM ({kept});
ALTER TABLE users ALTER mood DROP DEFAULT;
ALTER TABLE users ALTER mood TYPE mood USING {using};
ALTER TABLE users ALTER mood SET DEFAULT 'good'; DROP TYPE mood_old;"""


def _swapped(kept: str) -> str:
    """The same with the new type made under a name of its own, and renamed at the end."""
    return f"""CREATE TYPE mood_new AS ENUM ({kept}); ALTER TABLE users ALTER mood DROP DEFAULT;

ALTER TABLE users ALTER mood TYPE mood_new USING (CASE WHEN mood = 'bad' THEN 'good' ELSE mood::text END)::mood_new;
DROP TYPE mood; ALTER TYPE mood_new RENAME TO mood;"""


def _label(rule: str, broken: str, twin: str) -> Case:
    place = ("mood", "00002_b.sql", 3)
    return Case("destructive-statements", rule, (broken,), place, (twin,), _WARNING)


HABITS: tuple[Case, ...] = (
    _name("table", 'CREATE TABLE "UserCarts" (id int);', "UserCarts", "CREATE TABLE user_carts (id int);"),
    _name("column", 'CREATE TABLE carts (\n  "userId" int);', "userId", "CREATE TABLE carts (user_id int);", 2),
    _name(
        "added column", 'ALTER TABLE users ADD "lastSeen" date;', "lastSeen", "ALTER TABLE users ADD last_seen date;"
    ),
    _name("index", 'CREATE INDEX "idx-orders" ON orders (id);', "idx-orders", "CREATE INDEX ON orders (id);"),
    _name(
        "constraint",
        'CREATE TABLE t (id int,\n  CONSTRAINT "Positive" CHECK (id > 0));',
        "Positive",
        "CREATE TABLE t (id int CONSTRAINT positive CHECK (id > 0));",
        2,
    ),
    _name("type", """CREATE TYPE "Size" AS ENUM ('s');""", "Size", "CREATE TYPE size AS ENUM ('s');"),
    _name("rename", 'ALTER TABLE users RENAME TO "People";', "People", "ALTER TABLE users RENAME TO people;"),
    _name("63 bytes", f"CREATE TABLE {_LONG} (id int);", _LONG[:63], f"CREATE TABLE {_LONG[:63]} (id int);"),
    _lost("table", "DROP TABLE orders CASCADE;", "orders", "CREATE TABLE carts (id int);\nDROP TABLE carts;"),
    _lost(
        "column", "ALTER TABLE users DROP COLUMN nickname;", "users", "ALTER TABLE users ALTER nickname SET DEFAULT '';"
    ),
    _lost("truncate", "TRUNCATE orders;", "orders", "CREATE TABLE carts (id int);\nTRUNCATE carts;"),
    _lost("delete", "DELETE FROM orders;", "orders", "DELETE FROM orders WHERE id = 1;"),
    _label("enum label", _relabelled("", "'good'"), _relabelled("", "'good', 'bad', 'fine'")),
    _label("enum label swapped", _swapped("'good'"), _swapped("'bad', 'good'")),
    _label(
        "enum label beside a renamed one",
        _relabelled("ALTER TYPE mood RENAME VALUE 'bad' TO 'poor'; ", "'good'"),
        _relabelled("ALTER TYPE mood RENAME VALUE 'bad' TO 'poor'; ", "'good', 'poor'"),
    ),
    _lost("cascade", "DROP TYPE mood CASCADE;", "mood", "DROP VIEW totals;"),
)
