"""The same migrations as teams keep them with five tools: names, folders, marks, transactions, case of identifiers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from checks.base import MigrationSet
from checks.migrations import read_pairs
from tests.checks.clean_sets.growth import grow
from tests.checks.clean_sets.steps import Growth, Step

_PAIRS = Iterator[tuple[str, str]]
_FIRST = datetime(2024, 1, 8, 9, 30)


def _times(steps: Sequence[Step]) -> Iterator[tuple[str, Step]]:
    for number, step in enumerate(steps):
        yield f"{_FIRST + timedelta(days=5 * number, minutes=37 * number):%Y%m%d%H%M%S}", step


def _sqlx(steps: Sequence[Step], _: Growth) -> _PAIRS:
    """By time, up only, with a word at the top of most."""
    for time, step in _times(steps):
        yield f"{time}_{step.words}.sql", f"{_alone(step, '-- no-transaction')}{_said(step)}{step.up}\n"


def _sqlx_reversible(steps: Sequence[Step], _: Growth) -> _PAIRS:
    """By number, with a way back for each."""
    for number, step in enumerate(steps, 1):
        head = _alone(step, "-- no-transaction")
        yield f"{number:05d}_{step.words}.up.sql", f"{head}-- {step.why}\n\n{step.up}\n"
        yield f"{number:05d}_{step.words}.down.sql", f"{head}{step.down}\n"


def _golang_migrate(steps: Sequence[Step], _: Growth) -> _PAIRS:
    """Pairs, with BEGIN and COMMIT of their own around what has several statements."""
    for number, step in enumerate(steps, 1):
        for way, sql in (("up", step.up), ("down", step.down)):
            whole = f"BEGIN;\n{sql}\nCOMMIT;" if sql.count(";") > 1 and not step.alone else sql
            yield f"{number:06d}_{step.words}.{way}.sql", f"{whole}\n"


def _flyway(steps: Sequence[Step], growth: Growth) -> _PAIRS:
    """A folder a release, versions such as 3.2, and one repeatable with the views of today."""
    for number, step in enumerate(steps):
        release, part = number // 8 + 1, number % 8
        version = f"{release}.{part}" if part else str(release)
        yield f"release_{release}/V{version}__{step.words}.sql", f"{_said(step)}{step.up}\n"
    table = growth.tables[0].name
    yield "views/R__newest.sql", f"CREATE OR REPLACE VIEW newest AS SELECT id FROM {table} ORDER BY id DESC LIMIT 10;\n"


def _goose(steps: Sequence[Step], _: Growth) -> _PAIRS:
    """Up and Down in one file; what holds semicolons in a body between StatementBegin and StatementEnd."""
    for number, step in enumerate(steps, 1):
        parts = (f"-- +goose {way}\n{_begun(sql)}\n" for way, sql in (("Up", step.up), ("Down", step.down)))
        yield f"{number:05d}_{step.words}.sql", _alone(step, "-- +goose NO TRANSACTION") + "\n".join(parts)


def _begun(sql: str) -> str:
    return f"-- +goose StatementBegin\n{sql}\n-- +goose StatementEnd" if "$$" in sql else sql


def _prisma(steps: Sequence[Step], growth: Growth) -> _PAIRS:
    """A folder a migration, everything in the case of the program, and Prisma's own headings."""
    for time, step in _times(steps):
        heading = {
            "CREATE TABLE": "-- CreateTable\n",
            "ALTER TABLE": "-- AlterTable\n",
            "CREATE TYPE": "-- CreateEnum\n",
        }
        head = next((said for words, said in heading.items() if step.up.startswith(words)), "")
        yield f"{time}_{step.words}/migration.sql", f"{head}{_in_case(step.up, growth)}\n"


def _alone(step: Step, mark: str) -> str:
    return f"{mark}\n" if step.alone else ""


def _said(step: Step) -> str:
    """Two in three files say what they are for."""
    return f"-- {step.why}\n" if len(step.words) % 3 else ""


_WORD = re.compile(r"'(?:[^']|'')*'|--[^\n]*|\b[a-z]\w*\b")


def _in_case(sql: str, growth: Growth) -> str:
    """`order_items` as "OrderItems", `placed_at` as "placedAt", `orders_placed_at_idx` as "Orders_placedAt_idx"."""
    tables = sorted(("audit_log", *(table.name for table in growth.tables)), key=len, reverse=True)

    def cased(match: re.Match[str]) -> str:
        word = match.group()
        if word.startswith("'") and word.endswith("_seq'"):
            return f"'{_quoted(_pascal(word[1:-1]))}'"
        if word in growth.columns:
            return _quoted(word.split("_")[0] + _pascal("_".join(word.split("_")[1:]))) if "_" in word else word
        if word not in growth.names:
            return word
        table = next((name for name in tables if word.startswith(f"{name}_")), "")
        kind = word.rpartition("_")[2]
        if table and kind in ("idx", "key", "fkey"):
            middle = word[len(table) + 1 : -len(kind) - 1].split("_")
            return _quoted(f"{_pascal(table)}_{middle[0]}{_pascal('_'.join(middle[1:]))}_{kind}")
        return _quoted(_pascal(word))

    return _WORD.sub(cased, sql)


def _pascal(words: str) -> str:
    return "".join(word.capitalize() for word in words.split("_"))


def _quoted(name: str) -> str:
    return f'"{name}"'


@dataclass(frozen=True)
class CleanSet:
    """An application's migrations in the habit of one tool."""

    tool: str
    application: str
    files: int
    write: Callable[[Sequence[Step], Growth], _PAIRS]

    def __str__(self) -> str:
        return f"{self.tool} {self.application}"

    def read(self) -> MigrationSet:
        """As `gonogo check files --tool TOOL` reads them."""
        pairs = self.write(*grow(self.application, self.files))
        return read_pairs([(name, text.encode()) for name, text in pairs], self.tool)


def last_ten_pending(files: MigrationSet) -> MigrationSet:
    return replace(files, applied_through=files.ups[-11].version)


SETS = (
    CleanSet("sqlx", "shop", 70, _sqlx),
    CleanSet("sqlx", "billing", 45, _sqlx_reversible),
    CleanSet("golang-migrate", "freight", 45, _golang_migrate),
    CleanSet("flyway", "clinic", 70, _flyway),
    CleanSet("goose", "billing", 60, _goose),
    CleanSet("prisma", "forum", 70, _prisma),
)
