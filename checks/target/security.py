"""TLS, and the rules that roles, functions and settings can be held to from the catalog."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checks.base import Finding, Result, target_check
from checks.contexts import TargetContext
from checks.findings import judged
from checks.options import list_option
from checks.targetdb.asking import USER_SCHEMA, short

if TYPE_CHECKING:
    from checks.targetdb.session import Session


_TLS = """
SELECT current_setting('ssl') AS ssl, current_setting('ssl_min_protocol_version') AS minimum,
       count(*) FILTER (WHERE a.client_addr IS NOT NULL AND NOT a.client_addr <<= '127.0.0.0/8'
                        AND a.client_addr <> '::1') AS remote,
       count(*) FILTER (WHERE NOT s.ssl AND a.client_addr IS NOT NULL AND NOT a.client_addr <<= '127.0.0.0/8'
                        AND a.client_addr <> '::1') AS plain
FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)
"""
_MEND = "ssl = on with ssl_cert_file and ssl_key_file; or is TLS ended by a proxy before it?"


@target_check(
    title="Connections are encrypted",
    decides="Passes when ssl is on, from TLS 1.2 on, and every session from another machine uses it; fails for one "
    "that does not.",
    cost="One statistics query; waits for no lock.",
    fix="Turn ssl on, and write hostssl instead of host in pg_hba.conf.",
)
def tls(context: TargetContext) -> Result:
    row = context.rows(_TLS)[0]
    shown = f"ssl {row.ssl}, at least {row.minimum}, {row.plain} of {row.remote} remote sessions without TLS"
    return judged(_tls_findings(row), shown, shown)


def _tls_findings(row: Any) -> Iterator[Finding]:
    if row.plain:
        hint = "hostssl in pg_hba.conf refuses them" if row.ssl == "on" else _MEND
        message = f"{row.plain} of {row.remote} remote sessions are not encrypted"
        yield Finding(message, "sessions", hint=hint, severity="error")
    elif row.ssl != "on":
        yield Finding("TLS is off on the server, though nobody connects from elsewhere now", "ssl", hint=_MEND)
    elif row.minimum in ("TLSv1", "TLSv1.1", ""):
        hint = "ssl_min_protocol_version = 'TLSv1.2'"
        yield Finding(f"TLS from {row.minimum or 'any version'} on is accepted", "ssl_min_protocol_version", hint=hint)


_MINE = "NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '{}'::regclass AND d.objid = {}.oid AND d.deptype = 'e')"


@dataclass(frozen=True)
class Rule:
    """`query` gives rows with a `name`, which breaks the rule; `allowed_if` says whether the role may ask.

    `{typed}` in a hint is the name as it is typed, `typed` of the row where that is another.
    """

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
        "SELECT rolname::text AS name, quote_ident(rolname) AS typed FROM pg_roles"
        " WHERE rolcanlogin AND rolsuper AND oid <> 10 ORDER BY 1",
        "{name} is a superuser who can log in",
        "ALTER ROLE {typed} NOSUPERUSER; -- or NOLOGIN",
        "error",
    ),
    Rule(
        "strong-roles",
        "no other login bypasses row security or makes roles",
        "SELECT rolname::text AS name, quote_ident(rolname) AS typed FROM pg_roles WHERE rolcanlogin AND NOT rolsuper"
        " AND (rolbypassrls OR rolcreaterole) ORDER BY 1",
        "{name} may bypass row security or make roles",
        "ALTER ROLE {typed} NOBYPASSRLS NOCREATEROLE",
    ),
    Rule(
        "open-schemas",
        "nobody may create in a schema just by being there",
        "SELECT nspname::text AS name, quote_ident(nspname) AS typed FROM pg_namespace n,"
        " LATERAL aclexplode(coalesce(nspacl, acldefault('n', nspowner))) a"
        " WHERE a.grantee = 0 AND a.privilege_type = 'CREATE' ORDER BY 1",
        "everybody may create in schema {name}",
        "REVOKE CREATE ON SCHEMA {typed} FROM PUBLIC",
        "error",
    ),
    Rule(
        "public-tables",
        "no table is open to PUBLIC",
        f"SELECT DISTINCT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        f" CROSS JOIN LATERAL aclexplode(c.relacl) a WHERE a.grantee = 0 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
        f" AND {USER_SCHEMA} AND {_MINE.format('pg_class', 'c')} ORDER BY 1",
        "{name} is open to PUBLIC",
        "REVOKE ALL ON {typed} FROM PUBLIC",
    ),
    Rule(
        "definer-functions",
        "SECURITY DEFINER functions have a safe search_path",
        "SELECT p.oid::regprocedure::text AS name,"
        " format('%s SET search_path = %I, pg_temp', p.oid::regprocedure, n.nspname) AS typed"
        " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        f" WHERE p.prosecdef AND {USER_SCHEMA} AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS s"
        " WHERE s IN ('search_path=\"\"', 'search_path=') OR s ~ '^search_path=(.*,\\s*)?\"?pg_temp\"?$')"
        f" AND {_MINE.format('pg_proc', 'p')} ORDER BY 1",
        "{name} is SECURITY DEFINER without a safe search_path",
        "ALTER ROUTINE {typed}; -- with every schema that its body needs",
    ),
    Rule(
        "password-hash",
        "new passwords are kept as SCRAM",
        "SELECT current_setting('password_encryption') AS name"
        " WHERE current_setting('password_encryption') <> 'scram-sha-256'",
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
        "ALTER TABLE {typed} ENABLE ROW LEVEL SECURITY",
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


@target_check(
    title="Security rules of the server",
    decides="Holds the server to these rules: " + "; ".join(rule.title for rule in RULES) + ". "
    '`allow = ["name"]` accepts what is meant to be so. Which rules a team needs is its policy.',
    cost="One catalog query a rule; wait for no lock.",
    fix="The hint of each finding is what to type.",
)
def security_hardening(context: TargetContext) -> Result:
    allowed = list_option(context.inputs.options, context.check_id, "allow")
    with context.session() as session:
        may_ask = [rule for rule in RULES if not rule.allowed_if or session.value(rule.allowed_if)]
        asked = [(rule, list(_rule_findings(session, rule, allowed))) for rule in may_ask]
    holding = sum(not found for _, found in asked)
    shown = f"{holding} of {len(asked)} hardening rules hold"
    unasked = [rule.id for rule in RULES if rule not in may_ask]
    shown += f" ({', '.join(unasked)} not asked: needs a grant)" if unasked else ""
    return judged([finding for _, found in asked for finding in found], shown, shown)


def _rule_findings(session: Session, rule: Rule, allowed: tuple[str, ...]) -> Iterator[Finding]:
    for row in session.rows(rule.query):
        if row.name not in allowed:
            name, hint = short(row.name), rule.hint.format(typed=getattr(row, "typed", row.name))
            yield Finding(rule.message.format(name=name), name, hint=hint, severity=rule.severity)
