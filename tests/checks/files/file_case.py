"""One rule of a files check: a broken set that it finds, with its place, and a correct twin that it lets pass."""

from __future__ import annotations

from dataclasses import dataclass

from checks.base import Status

SHOP = """CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, nickname text, mood mood NOT NULL DEFAULT 'good');
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, total bigint, note varchar(10));
CREATE INDEX orders_total_idx ON orders (total);
CREATE VIEW totals AS SELECT sum(total) AS total FROM orders;
CREATE MATERIALIZED VIEW daily AS SELECT count(*) AS n FROM orders;
CREATE TABLE events (day date NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');"""


@dataclass(frozen=True)
class Case:
    """`broken` and `twin` are texts of files after `before`, which the target has already.

    `place` is object, file and line of the first finding. `refused`: whether PostgreSQL itself refuses the broken set
    (run as the tool does); None where that says nothing. The twin always has to apply, unless `applies` is False.
    """

    check: str
    rule: str
    broken: tuple[str, ...]
    place: tuple[str, str, int | None]
    twin: tuple[str, ...]
    status: Status = Status.FAILED
    before: tuple[str, ...] = (SHOP,)
    tool: str = "sqlx"
    refused: bool | None = False
    applies: bool = True

    def __str__(self) -> str:
        return f"{self.check} {self.rule}"


def online(rule: str, broken: str, table: str, twin: str, status: Status = Status.FAILED, line: int = 2) -> Case:
    """A statement on a table of the shop that the target has; the finding is on the second line of the second file."""
    first = "SET lock_timeout = '5s'; -- A change of what is in use."
    place = (table, "00002_b.sql", line)
    return Case("online-safety", rule, (f"{first}\n{broken}",), place, (f"{first}\n{twin}",), status)
