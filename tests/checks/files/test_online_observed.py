"""Every rule of online-safety against real servers: where it speaks, the lock, scan, rewrite or failure is observed.

On PostgreSQL 15 and 18; at the twin it is silent, and nothing is observed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import psycopg
import pytest

from checks.base import NOTE, MigrationFile, MigrationSet, Result
from checks.contexts import FilesContext
from checks.files.online_rules import LATER, RULES, RULES_OFF
from checks.files.online_safety import judge, read
from checks.files.squawk import Report, running
from checks.risk.facts import CHANGES, StatementRisk
from checks.risk.observer import observed_of, risks_of, seen_after
from checks.scratchdb.apply import AppliedStatement, apply_files
from checks.scratchdb.server import Server
from checks.sql.statements import Statement, split
from checks.sql.transactions import cannot_be_in_transaction
from tests.checks.files.observed_cases import PAIRS, WAREHOUSE, Pair
from tests.postgres import TestDatabase, make_database

BEFORE = MigrationFile("00001", "00001_warehouse.sql", WAREHOUSE.encode())
OPTIONS: Mapping[str, object] = {"online-safety": {"lock_timeout": "set by the runner"}}
ABROAD = "Europe/Berlin"


def _file(text: str) -> MigrationFile:
    return MigrationFile("00002", "00002_change.sql", f"{text};".encode())


@dataclass(frozen=True)
class Seen:
    """What a server did with a case: its statements, an SQLSTATE, whether what worked before still works."""

    log: tuple[AppliedStatement, ...]
    error: str = ""
    probe_fails: bool = False
    is_rewritten: bool = False

    @property
    def risks(self) -> tuple[StatementRisk, ...]:
        return risks_of(self.log, {"00002_change.sql"})

    @property
    def is_heavy(self) -> bool:
        """Somebody waits for work, rows are all changed, or something fails."""
        works = any(r.waits or any(work == CHANGES for work, _ in r.work) for r in self.risks)
        return works or bool(self.error) or self.probe_fails or self.is_rewritten

    def shows(self, rule: str) -> bool:
        """What the rule claims."""
        if rule == "adding-required-field":
            return self.error == "23502"
        if RULES[rule].claims == LATER if rule in RULES else False:
            return self.probe_fails
        return self.is_heavy or (rule in LOCKS and any(risk.blocking for risk in self.risks))


LOCKS = ("lock-table", "require-concurrent-index-deletion", "require-concurrent-partition-detach")


class Warehouse:
    """A database with the warehouse; what a case does is rolled back, or is about the attic."""

    def __init__(self, database: TestDatabase) -> None:
        self.database = database
        self.connection = psycopg.connect(database.admin, autocommit=True, options=f"-c timezone={ABROAD}")
        applied = apply_files(self.connection, [BEFORE], "sqlx", seen_after)
        assert applied.error is None, applied.error
        self.before = applied.statements[-1:]  # of one transaction: all that it made is seen after the last
        self.notices: list[str] = []
        self.connection.add_notice_handler(lambda diag: self.notices.append(diag.message_primary or ""))
        self.connection.execute("CREATE PUBLICATION everything FOR ALL TABLES")

    def run(self, text: str, probe: str) -> Seen:
        statements = split(_file(text))
        if any(map(cannot_be_in_transaction, statements)):
            return self._outside(text)
        log = list(self.before)
        self.connection.execute("BEGIN")
        try:
            for statement in statements:
                self.notices.clear()
                self.connection.execute(statement.text.encode())
                log.append(AppliedStatement(statement, tuple(self.notices), seen_after(self.connection, statement)))
            return Seen(tuple(log), probe_fails=bool(probe) and self._fails(probe))
        except psycopg.Error as fault:
            return Seen(tuple(log), fault.sqlstate or "?")
        finally:
            self.connection.execute("ROLLBACK")

    def _outside(self, text: str) -> Seen:
        """The server commits it, and its locks are gone: a table that is rewritten lies in another file."""
        lies = "SELECT pg_relation_filenode('attic')"
        before = self.connection.execute(lies).fetchone()
        self.connection.execute(text.encode())
        after = self.connection.execute(lies).fetchone()
        self.connection.execute(
            "DROP INDEX IF EXISTS attic_v_idx1; CREATE INDEX IF NOT EXISTS attic_v_idx ON attic (v)"
        )
        return Seen((), is_rewritten=before != after)

    def _fails(self, probe: str) -> bool:
        try:
            self.connection.execute(probe.encode())
        except psycopg.Error:
            return True
        return False


def _cases() -> list[str]:
    return [text for pair in PAIRS for text in (pair.broken, pair.twin)]


@cache
def _reports() -> Sequence[tuple[Report, ...]]:
    """squawk's of each case, from one run."""
    files = [replace(_file(text), name=f"{number}.sql") for number, text in enumerate(_cases())]
    with running(files, RULES_OFF, "15.0") as reports:
        found = reports()
    return [tuple(report for report in found if report.file is file) for file in files]


@cache
def _said(text: str) -> frozenset[str]:
    """The rules that the files alone break, whatever the server."""
    return frozenset(_rules(_judged(text)))


def _judged(text: str, log: Sequence[AppliedStatement] | None = None) -> Result:
    """By the files alone, or with what a server was seen to do."""
    file = _file(text)
    files = MigrationSet((BEFORE, file), "sqlx", "00001")
    context = FilesContext(files, OPTIONS, _statements=_told(), observe=lambda: observed_of(log or (), {file.name}))
    reports = [replace(report, file=file) for report in _reports()[_cases().index(text)]]
    return judge(context, read(context, ()), reports)


def _told() -> dict[MigrationFile, tuple[Statement, ...]]:
    """The warehouse, parsed once for all."""
    return {BEFORE: _parsed(BEFORE)}


_parsed = cache(split)


def _rules(result: Result) -> set[str]:
    return {f.message.rpartition("(")[2].rstrip(")") for f in result.findings if f.severity != NOTE}


@pytest.fixture(scope="module", params=[18, pytest.param(15, marks=pytest.mark.postgres15)])
def warehouse(request: pytest.FixtureRequest) -> Iterator[tuple[int, Warehouse]]:
    server: Server = request.getfixturevalue("postgres" if request.param == 18 else "postgres15")
    with make_database(server) as database:
        made = Warehouse(database)
        yield request.param, made
        made.connection.close()


def _faults(pair: Pair, warehouse: Warehouse) -> Iterator[tuple[str, str]]:
    """(missed, false or unseen; the case with what was said)."""
    broken, twin = (warehouse.run(text, pair.probe) for text in (pair.broken, pair.twin))
    said = _said(pair.broken)
    if pair.rule not in said:
        yield "missed", f"{pair.rule}: {pair.broken}: {said}"
    if not broken.shows(pair.rule):
        yield "unseen", f"{pair.rule}: {pair.broken}: {broken.error}"
    if said := _said(pair.twin):
        yield "false", f"{pair.twin}: {said}"
    if twin.is_heavy:
        yield "heavy twin", f"{pair.twin}: {twin.error or [risk.work for risk in twin.risks]}"
    if broken.log and not broken.error and not _rules(_judged(pair.broken, broken.log)):
        yield "dropped", f"{pair.broken}"
    if twin.log and (beside := _rules(_judged(pair.twin, twin.log))):
        yield "false beside scratch", f"{pair.twin}: {beside}"


def test_what_online_safety_says_is_what_a_server_does(warehouse: tuple[int, Warehouse]) -> None:
    version, made = warehouse
    pairs = [pair for pair in PAIRS if pair.since <= version]
    faults = [fault for pair in pairs for fault in _faults(pair, made)]
    missed, false = (sum(kind == name for kind, _ in faults) for name in ("missed", "false"))
    print(f"online-safety: {len(pairs) - missed} of {len(pairs)} found, {false} of {len(pairs)} false, on {version}")
    assert not faults, "\n".join(map(": ".join, faults))
    assert len(pairs) >= 150


WAITS = (
    "ALTER TABLE users ADD z int",
    "DROP TABLE named",
    "TRUNCATE users",
    "ALTER TABLE users RENAME CONSTRAINT users_pkey TO k",
    "ALTER TABLE regions ATTACH PARTITION north FOR VALUES IN ('n', 'nw')",
    "CREATE POLICY p ON users",
    "ALTER TABLE users ENABLE ROW LEVEL SECURITY",
)
LETS_GO = ("ALTER TABLE users ALTER v SET STATISTICS 10", "COMMENT ON TABLE users IS 'who'", "SELECT 1")
GUARDS = ("SET LOCAL lock_timeout = '20ms'", "SET lock_timeout = 20", "SELECT set_config('lock_timeout', '20ms', true)")


def _waits_until(made: Warehouse, text: str) -> str:
    """The SQLSTATE that ends it while somebody else reads: 55P03 by its own lock_timeout, 57014 by ours, "" at once."""
    readers = "SELECT 1 FROM users, named, north LIMIT 1"
    with psycopg.connect(made.database.admin) as reader, made.connection.transaction(force_rollback=True):
        reader.execute(readers)
        made.connection.execute("SET LOCAL statement_timeout = 60")
        try:
            made.connection.execute(text.encode())
        except psycopg.Error as fault:
            return fault.sqlstate or "?"
    return ""


def test_who_waits_for_a_lock_without_a_lock_timeout_is_told_so(warehouse: tuple[int, Warehouse]) -> None:
    made = warehouse[1]
    for text in WAITS:
        assert (_waits_until(made, text), _timeout(text)) == ("57014", True), text
        for guard in GUARDS:
            assert (_waits_until(made, f"{guard}; {text}"), _timeout(f"{guard};\n{text}")) == ("55P03", False), guard
    for text in LETS_GO:
        assert (_waits_until(made, text), _timeout(text)) == ("", False), text


def _timeout(text: str) -> bool:
    """Whether online-safety misses a lock_timeout."""
    files = MigrationSet((BEFORE, _file(text)), "sqlx", "00001")
    return "lock-timeout" in {
        complaint.name for complaint in read(FilesContext(files, _statements=_told()), ()).complaints
    }


def test_every_rule_has_a_pair() -> None:
    assert set(RULES) - {pair.rule for pair in PAIRS} == {"lock-timeout"}
