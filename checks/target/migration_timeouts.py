"""migration-timeouts: the role of the migrations gives up on a lock before everybody queues behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from checks.base import Check, Finding, Need, Result
from checks.contexts import TargetContext
from checks.measures import duration
from checks.target.migration_role import migration_role
from checks.targetdb.asking import number_option
from checks.verdict import judged

# What a login of the role gets, the strongest last: all roles, this database, the role, the role here.
_SETTINGS = """
SELECT s.setconfig AS config FROM pg_db_role_setting s
WHERE (s.setrole = 0 OR s.setrole = (SELECT oid FROM pg_roles WHERE rolname = %s))
  AND (s.setdatabase = 0 OR s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()))
ORDER BY s.setrole <> 0, s.setdatabase <> 0
"""
_UNITS = {"": 0.001, "ms": 0.001, "us": 0.000001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_VALUE = re.compile(r"\s*([0-9.]+)\s*(us|ms|s|min|h|d|)\s*")


def run(context: TargetContext) -> Result:
    """A warning without a lock_timeout of at most 10 s (`seconds`), or without one for idle transactions."""
    limit = number_option(context, "seconds", 10)
    role = migration_role(context)
    settings: dict[str, str] = {}
    for row in context.rows(_SETTINGS, [role]):
        settings |= dict(part.partition("=")[::2] for part in row.config)
    lock = _seconds(settings, "lock_timeout")
    idle = _seconds(settings, "idle_in_transaction_session_timeout")
    shown = f"role {role}: lock_timeout {_shown(lock)}, idle_in_transaction_session_timeout {_shown(idle)}"
    return judged(_findings(role, lock, idle, limit), shown, shown)


def _findings(role: str, lock: float, idle: float, limit: float) -> Iterator[Finding]:
    if not 0 < lock <= limit:
        message = f"a migration waits {'for ever' if not lock else duration(lock)} for a lock, and everybody behind it"
        yield Finding(message, role, hint=f"ALTER ROLE {role} SET lock_timeout = '5s', and let the runner try again")
    if not idle:
        hint = f"ALTER ROLE {role} SET idle_in_transaction_session_timeout = '60s'"
        yield Finding("a runner that hangs keeps its locks for ever", role, hint=hint)


def _seconds(settings: Mapping[str, str], name: str) -> float:
    found = _VALUE.fullmatch(settings.get(name, "0"))
    return float(found[1]) * _UNITS[found[2]] if found else 0.0


def _shown(seconds: float) -> str:
    return duration(seconds) if seconds else "not set"


CHECK = Check(
    id="migration-timeouts",
    title="Migrations give up on a lock in time",
    needs=Need.TARGET,
    run=run,
    decides="Passes when the role of the migrations (`role`, else the owner of the history table) has a lock_timeout "
    "of at most 10 s (`seconds`) and an idle_in_transaction_session_timeout, by ALTER ROLE or ALTER DATABASE. What "
    "the files or the runner set themselves is not seen.",
    cost="Two catalog queries; wait for no lock.",
    fix="ALTER ROLE … SET lock_timeout = '5s'.",
    also=("migrations",),
)
