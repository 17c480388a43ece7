"""tls: the server speaks TLS, and no session from afar does without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checks.base import Check, Finding, Need, Result
from checks.contexts import TargetContext
from checks.verdict import judged

_TLS = """
SELECT current_setting('ssl') AS ssl, current_setting('ssl_min_protocol_version') AS minimum,
       count(*) FILTER (WHERE a.client_addr IS NOT NULL AND NOT a.client_addr <<= '127.0.0.0/8'
                        AND a.client_addr <> '::1') AS remote,
       count(*) FILTER (WHERE NOT s.ssl AND a.client_addr IS NOT NULL AND NOT a.client_addr <<= '127.0.0.0/8'
                        AND a.client_addr <> '::1') AS plain
FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)
"""
_MEND = "ssl = on with ssl_cert_file and ssl_key_file; or is TLS ended by a proxy before it?"


def run(context: TargetContext) -> Result:
    """Failed for remote sessions without TLS; a warning where it is off and nobody comes from elsewhere."""
    row = context.rows(_TLS)[0]
    shown = f"ssl {row.ssl}, at least {row.minimum}, {row.plain} of {row.remote} remote sessions without TLS"
    return judged(_findings(row), shown, shown)


def _findings(row: Any) -> Iterator[Finding]:
    if row.plain:
        hint = "hostssl in pg_hba.conf refuses them" if row.ssl == "on" else _MEND
        message = f"{row.plain} of {row.remote} remote sessions are not encrypted"
        yield Finding(message, "sessions", hint=hint, severity="error")
    elif row.ssl != "on":
        yield Finding("TLS is off on the server, though nobody connects from elsewhere now", "ssl", hint=_MEND)
    elif row.minimum in ("TLSv1", "TLSv1.1", ""):
        hint = "ssl_min_protocol_version = 'TLSv1.2'"
        yield Finding(f"TLS from {row.minimum or 'any version'} on is accepted", "ssl_min_protocol_version", hint=hint)


CHECK = Check(
    id="tls",
    title="Connections are encrypted",
    needs=Need.TARGET,
    run=run,
    decides="Passes when ssl is on, from TLS 1.2 on, and every session from another machine uses it; fails for one "
    "that does not.",
    cost="One statistics query; waits for no lock.",
    fix="Turn ssl on, and write hostssl instead of host in pg_hba.conf.",
)
