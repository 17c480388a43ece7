"""What checks that ask a database share: conditions in SQL, names as people say them, options as numbers, go."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from checks.base import CannotRun
from checks.contexts import TargetContext
from checks.options import numeric_option

if TYPE_CHECKING:
    from checks.targetdb.session import Session

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
    return numeric_option(context.inputs.options, context.check_id, key, default)


def short(name: object) -> str:
    """`public.orders` as people say it: `orders`."""
    return str(name).removeprefix("public.")


def moment(text: str) -> datetime:
    """An ISO time; UTC where it names no zone."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def since_go(context: TargetContext) -> datetime:
    """The moment of go. Raises CannotRun before it."""
    if not context.inputs.since:
        raise CannotRun("there is no go yet to count from", "ask again after go")
    return moment(context.inputs.since)
