"""Rows that the chains hold: each row that an export shows is linked as it is stored, before its unit commits.

A book says which row it wrote; the row is read again when it is linked, so that the chain holds what is stored. What
`bot.core.verify` compares with the entries is read here too.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.verify import canonical
from bot.storage.sqlite import Book, every, one

Row = Mapping[str, Any]
LONGEST = 1000
"""Characters of a column's JSON; what is longer is linked by its sha-256."""


@dataclass(frozen=True)
class Shown:
    """A table as the chain has it: what is selected, which columns find a row of a deployment, which are JSON.

    `long` are columns that machines fill, and as long as they like.
    """

    select: str
    key: tuple[str, ...] = ("id",)
    json: tuple[str, ...] = ()
    long: tuple[str, ...] = ()


SHOWN: Mapping[str, Shown] = {
    "deployment": Shown(
        "SELECT id AS deployment_id, id, team, project, number, environment, kind, revision, state, result,"
        " first_version, last_version, fingerprint, source_commit, history, window_start, window_end,"
        " estimate_minutes, starter, owner, started_at, parked_at, asked_at, go_asked_at, go_asked_by, go_at,"
        " completed_at, closed_at, completion, lifted, title FROM deployment",
        json=("history", "completion"),
        long=("history",),
    ),
    "deployer": Shown("SELECT deployment_id, user_id, how, at FROM deployer", key=("user_id",)),
    "file": Shown(
        "SELECT deployment_id, position, version, name, sha, is_down FROM deployment_file", key=("position",)
    ),
    "decision": Shown(
        "SELECT deployment_id, id, item, kind, who, for_whom, reason, seen, verdict, carried_from, at, entered_at"
        " FROM decision",
        json=("seen",),
        long=("seen",),
    ),
    "assignment": Shown(
        "SELECT deployment_id, id, item, section, person, role, who, at, entered_at, ended_at, ended_by, ended_why"
        " FROM assignment"
    ),
    "added_line": Shown("SELECT deployment_id, id, section, label, required, who, at FROM added_line"),
    "sign_off": Shown(
        "SELECT deployment_id, id, role, subject, decision, who, on_behalf_of, reason, carried_from, at, entered_at,"
        " withdrawn_at, stale_at, cleared_at, cleared_by, ended_why FROM sign_off"
    ),
    "check": Shown(
        "SELECT deployment_id, id, check_id, status, summary, hint, findings, took_ms, inputs_hash, fingerprint, at"
        " FROM check_result",
        json=("findings",),
        long=("summary", "hint", "findings"),
    ),
    "hold": Shown(
        "SELECT deployment_id, id, who, reason, finding, next_statement, at, exit, ended_by, ended_at FROM hold",
        long=("finding", "next_statement"),
    ),
    "break_glass": Shown(
        "SELECT deployment_id, who, reason, skipped, at, review_due, reviewed_by, reviewed_at FROM break_glass",
        key=(),
    ),
    "notice": Shown("SELECT deployment_id, id, state, audience, at, delivered_at, permalink FROM notice"),
    "acknowledgement": Shown(
        "SELECT deployment_id, notice_id, who, acknowledgement.at FROM acknowledgement"
        " JOIN notice ON notice.id = notice_id",
        key=("notice_id", "who"),
    ),
}


class Ledger:
    """The rows that one unit of work wrote, until they are linked."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._written: dict[str, dict[tuple[str, tuple[Any, ...]], None]] = {}

    def wrote(self, table: str, deployment_id: str, *key: Any) -> None:
        """Remember a row that was added, changed or taken out; `key` as `SHOWN` has it."""
        self._written.setdefault(deployment_id, {})[table, key] = None

    def wrote_all(self, deployment_id: str) -> None:
        """Every row that there is of a deployment."""
        for table, shown in SHOWN.items():
            for row in rows_of(self._connection, table, deployment_id):
                self.wrote(table, deployment_id, *(row[name] for name in shown.key))

    def take(self, chain: str) -> list[dict[str, object]]:
        """What an entry of that chain holds under `rows`: each written row as it is now, or what took it out."""
        taken = [one for one in self._written if self._chain(one) == chain]
        return [
            _linked(self._connection, table, deployment_id, key)
            for deployment_id in taken
            for table, key in self._written.pop(deployment_id)
        ]

    def chains(self) -> list[str]:
        """Those that still wait for rows."""
        return [self._chain(deployment_id) for deployment_id in self._written]

    def _chain(self, deployment_id: str) -> str:
        sql = "SELECT team || '/' || project || '/' || number AS chain FROM deployment WHERE id = ?"
        found = one(self._connection, sql, (deployment_id,))
        return "" if found is None else str(found["chain"])


class KeptBook(Book):
    """A book whose rows an export shows: what it writes, it tells the ledger."""

    def __init__(self, connection: sqlite3.Connection, ledger: Ledger) -> None:
        super().__init__(connection)
        self._ledger = ledger


def rows_of(connection: sqlite3.Connection, table: str, deployment_id: str) -> list[Row]:
    """All rows of a deployment, by their key; JSON columns as what they hold."""
    shown = SHOWN[table]
    order = f"ORDER BY {', '.join(shown.key)}" if shown.key else ""
    sql = f"SELECT * FROM ({shown.select}) WHERE deployment_id = ? {order}"
    return list(every(connection, lambda row: _plain(shown, row), sql, (deployment_id,)))


def _linked(connection: sqlite3.Connection, table: str, deployment_id: str, key: tuple[Any, ...]) -> dict[str, object]:
    shown = SHOWN[table]
    where = "".join(f" AND {name} = ?" for name in shown.key)
    found = one(connection, f"SELECT * FROM ({shown.select}) WHERE deployment_id = ?{where}", (deployment_id, *key))
    if found is None:
        return {"table": table, "gone": dict(zip(shown.key, key, strict=True))}
    plain = _plain(shown, found)
    return {"table": table, "row": {**plain, **{name: _short(plain[name]) for name in shown.long}}}


def _plain(shown: Shown, row: sqlite3.Row) -> Row:
    found = dict(row)
    del found["deployment_id"]
    return found | {name: json.loads(found[name]) for name in shown.json if found[name]}


def _short(value: Any) -> Any:
    text = canonical(value)
    return value if len(text) <= LONGEST else {"sha256": hashlib.sha256(text.encode()).hexdigest()}
