"""Whether rows of a relation may be read now: nobody changes it, its role has the right, and sees every row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checks.base import CannotRun
from checks.targetdb.asking import UNLOCKED, short

if TYPE_CHECKING:
    from checks.targetdb.session import Session

# For a row or a few of a relation: seconds after which one gives up.
LOOK_SECONDS = 2.0

# The size function opens the relation, so that is asked where nobody holds or awaits ACCESS EXCLUSIVE.
_RELATION = f"""
SELECT format('%%I.%%I', n.nspname, c.relname) AS quoted, c.relkind::text AS kind, c.oid::regclass::text AS name,
       CASE WHEN c.relkind IN ('r', 'm') THEN pg_relation_size(c.oid) END AS bytes,
       quote_ident(current_user) AS role, row_security_active(c.oid) AS hidden,
       has_any_column_privilege(c.oid, 'SELECT') AS open,
       (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attname = ANY (%s) AND NOT has_column_privilege(c.oid, a.attnum, 'SELECT'))
         AS closed
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = %s::oid AND {UNLOCKED}
"""


@dataclass(frozen=True)
class Readable:
    """A relation that may be read: as it can be typed, its `relkind`, its bytes (None but for tables)."""

    quoted: str
    kind: str
    bytes: int | None


def readable(session: Session, oid: int, name: str, columns: Sequence[str] = ()) -> Readable:
    """The relation, `name` for people; `columns` are those that will be read, none: any.

    Raises CannotRun where a change holds or awaits it, its rows are elsewhere, hidden, or the role may not read them;
    where it has 0 bytes there is nothing to read, and no right is asked for.
    """
    row = session.row(_RELATION, [list(columns), oid])
    if row is None:
        raise CannotRun(f"{short(name)} is locked by a running change", "try again when the migration has finished")
    if row.bytes == 0:
        return Readable(row.quoted, row.kind, 0)
    if row.kind == "f":
        raise CannotRun(f"{short(name)} is on another server", "ask there")
    if row.closed or not row.open:
        some = f" ({row.closed})" if row.closed else ""
        raise CannotRun(f"its role may not read {short(name)}", f"GRANT SELECT{some} ON {row.quoted} TO {row.role}")
    if row.hidden:
        raise CannotRun(f"row security hides rows of {short(name)} from its role", "ask as a role that sees all rows")
    return Readable(row.quoted, row.kind, row.bytes)
