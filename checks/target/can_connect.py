"""can-connect: the target answers, and is one that migrations can be run on."""

from __future__ import annotations

import time

from checks.base import Check, Finding, Need, Result, failed, passed, warning
from checks.contexts import TargetContext
from checks.measures import duration
from checks.targetdb.conninfo import CannotConnect

_WHO = """
SELECT pg_is_in_recovery() AS standby, current_setting('server_version') AS version,
       (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser, current_database() AS database
"""


def run(context: TargetContext) -> Result:
    """Failed where nothing answers or a standby does; a warning for a superuser login."""
    started = time.monotonic()
    try:
        with context.session() as session:
            row = session.row(_WHO)
    except CannotConnect as refusal:
        if refusal.reason == "address":
            raise
        return failed(refusal.sentence, [Finding(refusal.sentence, context.name, severity="error")], refusal.hint)
    took = duration(time.monotonic() - started)
    kind = "standby" if row.standby else "primary"
    shown = f"connected to {row.database} in {took}, {kind}, PostgreSQL {row.version.split()[0]}"
    if row.standby:
        message = "a standby takes no migration"
        hint = "set the address of the primary, or target_session_attrs=read-write"
        return failed(f"{shown}: {message}", [Finding(message, context.name, severity="error")], hint)
    if row.superuser:
        message = "the login of the checks is a superuser: only its good will keeps it read-only"
        hint = "CREATE ROLE gonogo LOGIN PASSWORD '…'; GRANT pg_monitor TO gonogo"
        return warning(f"{shown}; superuser", [Finding(message, context.name, hint=hint)], hint)
    return passed(shown)


CHECK = Check(
    id="can-connect",
    title="The database can be reached",
    needs=Need.TARGET,
    run=run,
    decides="Passes when a login that is no superuser connects within 5 s and reaches a primary.",
    cost="One connection and one query.",
    fix="The hint says whether host, password, pg_hba.conf or the number of connections is the matter.",
)
