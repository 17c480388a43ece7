"""The rules of security-hardening: each a query whose rows are what breaks it."""

from __future__ import annotations

from dataclasses import dataclass

from checks.targetdb.asking import USER_SCHEMA

_MINE = "NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '{}'::regclass AND d.objid = {}.oid AND d.deptype = 'e')"


@dataclass(frozen=True)
class Rule:
    """`query` gives rows with a `name`, which breaks the rule; `allowed_if` says whether the role may ask."""

    id: str
    title: str
    query: str
    message: str
    hint: str
    severity: str = "warning"
    allowed_if: str = ""


RULES = (
    Rule(
        "superusers",
        "no superuser can log in but the first",
        "SELECT rolname::text AS name FROM pg_roles WHERE rolcanlogin AND rolsuper AND oid <> 10 ORDER BY 1",
        "{name} is a superuser who can log in",
        "ALTER ROLE … NOSUPERUSER, or NOLOGIN",
        "error",
    ),
    Rule(
        "strong-roles",
        "no other login bypasses row security or makes roles",
        "SELECT rolname::text AS name FROM pg_roles WHERE rolcanlogin AND NOT rolsuper AND (rolbypassrls OR "
        "rolcreaterole)"
        " ORDER BY 1",
        "{name} may bypass row security or make roles",
        "ALTER ROLE … NOBYPASSRLS NOCREATEROLE",
    ),
    Rule(
        "open-schemas",
        "nobody may create in a schema just by being there",
        "SELECT nspname::text AS name FROM pg_namespace n, LATERAL aclexplode(coalesce(nspacl, acldefault('n', "
        "nspowner))) a"
        " WHERE a.grantee = 0 AND a.privilege_type = 'CREATE' ORDER BY 1",
        "everybody may create in schema {name}",
        "REVOKE CREATE ON SCHEMA … FROM PUBLIC",
        "error",
    ),
    Rule(
        "public-tables",
        "no table is open to PUBLIC",
        f"SELECT DISTINCT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        f" CROSS JOIN LATERAL aclexplode(c.relacl) a WHERE a.grantee = 0 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
        f" AND {USER_SCHEMA} AND {_MINE.format('pg_class', 'c')} ORDER BY 1",
        "{name} is open to PUBLIC",
        "REVOKE ALL ON … FROM PUBLIC",
    ),
    Rule(
        "definer-functions",
        "SECURITY DEFINER functions have a safe search_path",
        f"SELECT p.oid::regprocedure::text AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        f" WHERE p.prosecdef AND {USER_SCHEMA} AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS s"
        " WHERE s IN ('search_path=\"\"', 'search_path=') OR s ~ '^search_path=(.*,\\s*)?\"?pg_temp\"?$')"
        f" AND {_MINE.format('pg_proc', 'p')} ORDER BY 1",
        "{name} is SECURITY DEFINER without a safe search_path",
        "ALTER FUNCTION … SET search_path = schema, pg_temp",
    ),
    Rule(
        "password-hash",
        "new passwords are kept as SCRAM",
        "SELECT current_setting('password_encryption') AS name WHERE current_setting('password_encryption') <> "
        "'scram-sha-256'",
        "new passwords are kept as {name}",
        "password_encryption = 'scram-sha-256', then set passwords anew",
    ),
    Rule(
        "tls",
        "TLS is on",
        "SELECT 'ssl' AS name WHERE current_setting('ssl') <> 'on'",
        "{name} is off on the server",
        "ssl = on",
    ),
    Rule(
        "connections-logged",
        "connections are logged",
        "SELECT 'log_connections' AS name WHERE current_setting('log_connections') IN ('off', '')",
        "{name} is off",
        "log_connections = on",
    ),
    Rule(
        "row-security",
        "row security without a policy is not left behind",
        f"SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        f" WHERE NOT c.relrowsecurity AND {USER_SCHEMA} AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)"
        " ORDER BY 1",
        "{name} has policies, but row security is off",
        "ALTER TABLE … ENABLE ROW LEVEL SECURITY",
        "error",
    ),
    Rule(
        "host-rules",
        "pg_hba.conf has no trust, password or md5",
        "SELECT DISTINCT auth_method AS name FROM pg_hba_file_rules"
        " WHERE auth_method IN ('trust', 'password', 'md5') AND type <> 'local' ORDER BY 1",
        "pg_hba.conf admits logins by {name}",
        "write scram-sha-256 instead",
        "error",
        "SELECT has_table_privilege('pg_hba_file_rules', 'SELECT')"
        " AND has_function_privilege('pg_hba_file_rules()', 'EXECUTE')",
    ),
)
