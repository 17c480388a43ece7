"""What gives more rights than meant, and its twin that does not."""

from __future__ import annotations

from checks.base import Status
from tests.checks.files.file_case import Case

_WARNING = Status.WARNING
_BODY = "\nLANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;"


def _secret(rule: str, broken: str, name: str, twin: str, line: int = 1, refused: bool | None = False) -> Case:
    return Case("passwords", rule, (broken,), (name, "00002_b.sql", line), (twin,), refused=refused)


def _role(rule: str, broken: str, twin: str, status: Status = Status.FAILED) -> Case:
    return Case("superuser-roles", rule, (f"\n{broken}",), ("app_one", "00002_b.sql", 2), (twin,), status)


def _public(rule: str, broken: str, name: str, twin: str, status: Status = Status.FAILED) -> Case:
    return Case("public-grants", rule, (f"\n{broken}",), (name, "00002_b.sql", 2), (twin,), status)


def _definer(rule: str, broken: str, twin: str) -> Case:
    place = ("f()", "00002_b.sql", 2)
    return Case("definer-search-path", rule, (f"\n{broken}",), place, (twin,))


def _outside(rule: str, broken: str, name: str, twin: str, line: int = 2, refused: bool | None = False) -> Case:
    return Case("copy-program", rule, (f"\n{broken}",), (name, "00002_b.sql", line), (twin,), refused=refused)


_DEFINER = "CREATE FUNCTION f() RETURNS int SECURITY DEFINER"

SECURITY: tuple[Case, ...] = (
    _secret(
        "role", "CREATE ROLE app_one LOGIN PASSWORD 'geheim42';", "app_one", "CREATE ROLE app_two LOGIN PASSWORD NULL;"
    ),
    _secret(
        "alter",
        "CREATE ROLE app_one;\nALTER ROLE app_one\n  PASSWORD 'geheim42';",
        "app_one",
        "CREATE ROLE app_two;\nALTER ROLE app_two NOINHERIT;",
        3,
    ),
    _secret(
        "hash",
        "CREATE ROLE app_one PASSWORD 'md5c3f2aa8de0a15fa8ba1efc4b6fae0e52';",
        "app_one",
        "CREATE TABLE logins (password text NOT NULL CHECK (password <> ''));",
    ),
    _secret(
        "url",
        "SELECT 'postgres://app:geheim42@db/shop';",
        "connection string",
        "SELECT 'postgres://app@db/shop';",
    ),
    _secret(
        "comment", "-- psql postgres://app:geheim42@db/shop\nSELECT 1;", "connection string", "-- psql $DSN\nSELECT 1;"
    ),
    _secret(
        "conninfo",
        "SELECT 1,\n  'host=db user=app password=geheim42';",
        "connection string",
        "SELECT id FROM users WHERE email = 'host=db user=app';",
        2,
    ),
    _secret(
        "body",
        "DO $$\nBEGIN\n  EXECUTE 'CREATE ROLE app_one PASSWORD ''geheim42''';\nEND $$;",
        "app_one",
        "DO $$ BEGIN PERFORM format('ALTER ROLE %I PASSWORD %L', 'app_two', NULL); END $$;",
        3,
    ),
    _role("superuser", "CREATE ROLE app_one SUPERUSER;", "CREATE ROLE app_two NOSUPERUSER;"),
    _role("bypassrls", "CREATE ROLE app_one;ALTER ROLE app_one BYPASSRLS;", "CREATE ROLE app_two NOBYPASSRLS;"),
    _role("replication", "CREATE ROLE app_one REPLICATION;", "CREATE ROLE app_two LOGIN;"),
    _role("createrole", "CREATE ROLE app_one CREATEROLE;", "CREATE ROLE app_two CREATEDB;", _WARNING),
    _role(
        "membership",
        "CREATE ROLE app_one;GRANT pg_execute_server_program TO app_one;",
        "CREATE ROLE app_two;GRANT pg_read_all_stats TO app_two;",
    ),
    _public("all", "GRANT ALL ON orders TO PUBLIC;", "orders", "REVOKE ALL ON orders FROM PUBLIC;"),
    _public(
        "schema",
        "GRANT INSERT, SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC;",
        "all tables in schema public",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO pg_monitor;",
    ),
    _public("read", "GRANT SELECT ON users TO PUBLIC;", "users", "GRANT SELECT ON users TO pg_monitor;", _WARNING),
    _public(
        "default",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT UPDATE ON TABLES TO PUBLIC;",
        "all tables to come",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT UPDATE ON TABLES TO pg_monitor;",
    ),
    _definer("none", _DEFINER + _BODY, f"{_DEFINER} SET search_path = pg_catalog, pg_temp{_BODY}"),
    _definer("not last", f"{_DEFINER} SET search_path = public{_BODY}", f"{_DEFINER} SET search_path = ''{_BODY}"),
    _definer(
        "the session's", f"{_DEFINER} SET search_path FROM CURRENT{_BODY}", f"CREATE FUNCTION f() RETURNS int{_BODY}"
    ),
    _definer(
        "reset later",
        f"{_DEFINER} SET search_path = pg_temp{_BODY}\nALTER FUNCTION f() RESET search_path;",
        f"{_DEFINER}{_BODY}\nALTER FUNCTION f() SET search_path = public, pg_temp;",
    ),
    _outside("program", "COPY orders TO PROGRAM 'cat > /dev/null';", "orders", "INSERT INTO orders (id) VALUES (1);"),
    _outside("file", "COPY orders TO '/dev/null';", "orders", "CREATE TABLE copies AS TABLE orders;"),
    _outside(
        "function", "SELECT\n  pg_read_file('PG_VERSION');", "pg_read_file()", "SELECT pg_size_pretty(1::bigint);", 3
    ),
    _outside("large object", "SELECT lo_import('/dev/null');", "lo_import()", "SELECT lo_create(0);"),
    _outside(
        "body",
        "DO $$\nBEGIN\n  COPY orders TO PROGRAM 'cat > /dev/null';\nEND $$;",
        "DO block",
        "DO $$ BEGIN PERFORM 1; END $$;",
        4,
    ),
    _outside(
        "untrusted language",
        "CREATE FUNCTION f() RETURNS void LANGUAGE plpython3u AS 'pass';",
        "f()",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';",
        refused=None,
    ),
)
