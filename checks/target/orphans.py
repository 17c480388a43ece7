"""Rows whose foreign key finds no parent, counted where a team asks for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checks.base import ERROR, CannotRun, Finding, Result, counted, evidence, passed, target_check
from checks.contexts import TargetContext
from checks.findings import judged
from checks.options import list_option
from checks.target.queries import plan_of
from checks.targetdb.asking import USER_SCHEMA, number_option, short
from checks.targetdb.rows import readable

if TYPE_CHECKING:
    from checks.targetdb.session import Session

# Operators as the constraint has them, parent on the left. Rows of inheriting tables are under no foreign key.
_KEYS = f"""
SELECT k.conname::text AS name, k.conrelid::regclass::text AS child, k.confrelid::regclass::text AS parent,
       c.relname::text AS bare, n.nspname || '.' || c.relname AS dotted, k.convalidated AS validated,
       k.confmatchtype = 'f' AS is_full, coalesce(to_jsonb(k) ->> 'conenforced', 'true') = 'true' AS enforced,
       coalesce(to_jsonb(k) ->> 'conperiod', 'false') = 'true' AS has_period,
       k.conrelid::bigint AS child_oid, k.confrelid::bigint AS parent_oid,
       EXISTS (SELECT FROM pg_trigger t WHERE t.tgconstraint = k.oid AND t.tgenabled = 'D') AS is_off,
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(num, at)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num ORDER BY u.at) AS columns,
       ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u(num, at)
             JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num ORDER BY u.at) AS targets,
       ARRAY(SELECT format('p.%I OPERATOR(%I.%s) c.%I', f.attname, m.nspname, o.oprname, a.attname)
             FROM unnest(k.conkey, k.confkey, k.conpfeqop) u(num, target, operator)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num
             JOIN pg_attribute f ON f.attrelid = k.confrelid AND f.attnum = u.target
             JOIN pg_operator o ON o.oid = u.operator JOIN pg_namespace m ON m.oid = o.oprnamespace) AS equal,
       ARRAY(SELECT format('c.%I IS NOT NULL', a.attname) FROM unnest(k.conkey) AS num
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = num) AS filled
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 AND {USER_SCHEMA} ORDER BY 2, 1
"""
_SHOWN = 20
# One query may take 15 s more, and a check has 30.
_ALL_SECONDS = 14.0


@dataclass(frozen=True)
class _Counted:
    """A foreign key (row of _KEYS), how many rows miss their parent, and of how much: percent, 100 for all."""

    key: Any
    count: int
    limit: int
    percent: float
    query: str

    @property
    def shown(self) -> str:
        some = f" in a sample of {self.percent:.2g} %" if self.percent < 100 else ""
        return f"{self.key.name} on {short(self.key.child)}: no row without its row of {short(self.key.parent)}{some}"

    @property
    def finding(self) -> Finding:
        key, child = self.key, short(self.key.child)
        many = f"more than {self.limit}" if self.count > self.limit else f"{self.count}"
        some = f" of a sample of {self.percent:.2g} %" if self.percent < 100 else ""
        has = "row of {} has" if self.count == 1 else "rows of {} have"
        message = f"{many} {has.format(child)} no row of {short(key.parent)} ({key.name}{_state(key)}){some}"
        return Finding(message, child, hint=f"SELECT c.* {self.query} LIMIT {_SHOWN}", severity=ERROR)


def _state(key: Any) -> str:
    """Why rows may be without a parent, where the catalog knows."""
    if not key.enforced:
        return ", NOT ENFORCED"
    return ", its triggers disabled" if key.is_off else "" if key.validated else ", NOT VALID"


@target_check(
    title="No row has lost its parent",
    decides="For the foreign keys of `tables`, a list of tables or of constraints by name: fails for rows whose parent "
    "is not there, as NOT VALID, NOT ENFORCED and triggers that are or were disabled let them in. Counts up to 1,000 "
    "(`limit`); evidence where only a sample was read.",
    cost="Reads rows: one query a foreign key, EXPLAIN first; READ ONLY, 15 s at most. What costs more than `max_cost` "
    "(100,000) is sampled, or not asked. Not run on what a change holds or awaits.",
    fix="Give the rows a parent, or delete them; then VALIDATE CONSTRAINT.",
    option="tables",
)
def foreign_key_orphans(context: TargetContext) -> Result:
    keys = list(_wanted(context))
    limit, cap = max(1, int(number_option(context, "limit", 1000))), number_option(context, "max_cost", 100_000)
    done: list[_Counted] = []
    doubts: list[CannotRun] = []
    give_up = time.monotonic() + _ALL_SECONDS
    for key in keys:
        try:
            done.append(_count(context, key, limit, cap, give_up))
        except CannotRun as doubt:
            doubts.append(doubt)
    if not done:
        raise doubts[0]
    unread = f"{counted(len(doubts), 'foreign key')} not counted: {doubts[0].sentence}" if doubts else ""
    shown = "; ".join([*(one.shown for one in done if not one.count), *([unread] if unread else [])])
    is_whole = not doubts and all(one.percent == 100 for one in done)
    good = passed(shown) if is_whole else evidence(shown, hint=doubts[0].hint if doubts else "")
    return judged([one.finding for one in done if one.count], good, unread)


def _wanted(context: TargetContext) -> Iterator[Any]:
    """The foreign keys that the settings name. Raises CannotRun for a name that fits none."""
    rows, names = context.rows(_KEYS), list_option(context.inputs.options, context.check_id, "tables")
    for name in names:
        if not any(name in _names(row) for row in rows):
            hint = f"mend tables under [checks.{context.check_id}]"
            raise CannotRun(f"{context.name} has no foreign key of {name}", hint)
    return (row for row in rows if _names(row) & set(names))


def _names(row: Any) -> set[str]:
    return {row.name, row.bare, row.dotted, row.child, short(row.child)}


def _count(context: TargetContext, key: Any, limit: int, cap: float, give_up: float) -> _Counted:
    if time.monotonic() > give_up:
        raise CannotRun(f"not done after {_ALL_SECONDS:.0f} s", "name fewer tables")
    if key.has_period:
        raise CannotRun(f"{key.name} is a key over PERIOD", "look by hand")
    with context.session(statement_timeout=15.0) as session:
        child = readable(session, key.child_oid, key.child, key.columns)
        if child.bytes == 0:
            return _Counted(key, 0, limit, 100.0, "")
        parent = readable(session, key.parent_oid, key.parent, key.targets)
        percent, query = 100.0, _query(key, _from(child), _from(parent))
        if (cost := _cost(session, query)) > cap:
            percent = max(50 * cap / cost, 0.01)
            query = _query(key, _from(child), _from(parent), f" TABLESAMPLE SYSTEM ({percent:.4f})")
            if (sampled := _cost(session, query)) > cap:
                sentence = f"counting {key.name} would cost {cost:.0f}, a sample of it {sampled:.0f}, above max_cost"
                raise CannotRun(f"{sentence} {cap:g}", f"raise max_cost under [checks.{context.check_id}]")
        count = session.value(f"SELECT count(*) FROM (SELECT {query} LIMIT {limit + 1}) AS o")
    return _Counted(key, count, limit, percent, query)


def _from(relation: Any) -> str:
    return relation.quoted if relation.kind == "p" else f"ONLY {relation.quoted}"


def _query(key: Any, child: str, parent: str, sample: str = "") -> str:
    """FROM and WHERE; MATCH FULL wants a parent where some columns are filled, MATCH SIMPLE where all are."""
    filled = (" OR " if key.is_full else " AND ").join(key.filled)
    equal = " AND ".join(key.equal)
    return f"FROM {child} c{sample} WHERE ({filled}) AND NOT EXISTS (SELECT FROM {parent} p WHERE {equal})"


def _cost(session: Session, query: str) -> float:
    cost = float(plan_of(session, f"SELECT {query}")["Total Cost"])
    session.rolls_back = False  # the query is our own, and a ROLLBACK would count among those of the application
    return cost
