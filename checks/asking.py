"""What target checks share: conditions in SQL, options as numbers, sizes and times in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from checks.base import CannotRun, Finding, Result, failed, passed, warning
from checks.options import option

if TYPE_CHECKING:
    from checks.contexts import TargetContext
    from checks.postgres import Session

# n is pg_namespace: what people made.
USER_SCHEMA = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'"
# c is pg_class: nobody holds or awaits ACCESS EXCLUSIVE, so that a function that opens it will not wait.
UNLOCKED = """NOT EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'relation' AND l.relation = c.oid
  AND l.mode = 'AccessExclusiveLock' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))
"""
_BUSY = """
SELECT c.oid::regclass::text AS name, l.pid, l.granted FROM pg_locks l
JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
JOIN pg_class c ON c.oid = l.relation AND c.relpersistence <> 't' AND c.relnamespace::regnamespace::text !~ '^pg_'
WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.pid <> pg_backend_pid()
ORDER BY NOT l.granted, 1 LIMIT 1
"""
_UNITS = ("B", "kB", "MB", "GB", "TB")


def refuse_busy(session: Session, name: str) -> None:
    """Raises CannotRun while another session holds or awaits ACCESS EXCLUSIVE on what people made.

    For checks that have to open relations: so they neither wait nor stand in a queue.
    """
    busy = session.row(_BUSY)
    if busy is not None:
        what = "holds" if busy.granted else "waits for"
        sentence = f"{name} is busy: pid {busy.pid} {what} ACCESS EXCLUSIVE on {short(busy.name)}"
        raise CannotRun(sentence, "ask again when the migration has finished")


def number_option(context: TargetContext, key: str, default: float) -> float:
    """A number of `[checks.ID]`. Raises CannotRun for anything else."""
    value = option(context.inputs.options, context.check_id, key)
    if value is None:
        return default
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    raise CannotRun(f"[checks.{context.check_id}] {key} is no number", f"{key} = {default:g}")


def size(number: float) -> str:
    """`41 GB`, `3.2 MB`, with 1024 to the step."""
    value, unit = abs(float(number)), 0
    while value >= 1024 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    sign = "-" if number < 0 else ""
    return f"{sign}{value:.0f} {_UNITS[unit]}" if value >= 10 or not unit else f"{sign}{value:.1f} {_UNITS[unit]}"


def span(seconds: float) -> str:
    """`40 s`, `14 m`, `5 h`, `12 d`."""
    for limit, step, unit in ((90, 1, "s"), (5400, 60, "m"), (172800, 3600, "h")):
        if seconds < limit:
            return f"{seconds / step:.0f} {unit}"
    return f"{seconds / 86400:.0f} d"


def short(name: object) -> str:
    """`public.orders` as people say it: `orders`."""
    return str(name).removeprefix("public.")


def percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "0 %"


def moment(text: str) -> datetime:
    """An ISO time; UTC where it names no zone."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def since_go(context: TargetContext) -> datetime:
    """The moment of go. Raises CannotRun before it."""
    if not context.inputs.since:
        raise CannotRun("there is no go yet to count from", "ask again after go")
    return moment(context.inputs.since)


def judged(findings: Iterable[Finding], good: str, shown: str = "") -> Result:
    """Failed with an error among the findings, a warning with any, else passed with `good`.

    `shown` are the numbers that stand before the first finding.
    """
    found = sorted(findings, key=lambda finding: finding.severity != "error")
    if not found:
        return passed(good)
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    ending = failed if found[0].severity == "error" else warning
    return ending(f"{shown}{': ' if shown else ''}{found[0].message}{more}", found, found[0].hint)
